using GridServices.Operations.Service.Enrollments;
using GridServices.Operations.Service.Storage;
using NodaTime;

namespace GridServices.Operations.Service.Provisioning;

/// <summary>Gathers what the documents of an enrollment, and of those that share them, are made of.</summary>
internal sealed class ProvisionSources(EnrollmentStore enrollments, EnrollmentFactsReader facts, OperationsStore operations, IClock clock)
{
    internal async Task<(IReadOnlyList<Enrollment> Group, ProvisioningOutcome Outcome)> WantedAsync(Enrollment enrollment, CancellationToken ct)
    {
        var group = await enrollments.GroupOfAsync(enrollment.Tenant, enrollment, ct);
        var sources = new List<ProvisionSource>();
        foreach (var member in group)
        {
            var known = await operations.Store.SnapshotAsync(tx => facts.OfAsync(tx, member), ct);
            if (known.Site is { } site)
            {
                sources.Add(new ProvisionSource
                {
                    Enrollment = member,
                    Template = known.Template,
                    Site = site,
                    MeterPoints = known.MeterPoints,
                    Assets = known.Assets,
                    Nominations = known.Nominations,
                    Certificate = known.Certificate,
                });
            }
        }

        var zone = sources.Find(s => s.Enrollment.Id == enrollment.Id)?.Template.TimeZone ?? "Etc/UTC";
        return (group, WantedDocuments.Create(sources, clock.GetCurrentInstant().InZone(DateTimeZoneProviders.Tzdb[zone]).Date));
    }
}
