using GridServices.Operations.Enrollments;
using GridServices.Operations.Programs;
using GridServices.Operations.Provisioning;
using GridServices.Operations.Service.Enrollments;
using GridServices.Operations.Service.Storage;
using NodaTime;

namespace GridServices.Operations.Service.Provisioning;

/// <summary>Gathers what the documents of an enrollment, and of those that share them, are made of.</summary>
internal sealed class ProvisionSources(EnrollmentStore enrollments, EnrollmentFactsReader facts, ServiceDocumentStore documents, OperationsStore operations, IClock clock)
{
    private const string Clients = "/v1/clients/";

    /// <returns>The enrollments that share the site, VEN or client; and what is wanted of them, clients with all of their sites.</returns>
    internal async Task<(IReadOnlyList<Enrollment> Group, ProvisioningOutcome Outcome)> ComputeWantedAsync(Enrollment enrollment, CancellationToken ct)
    {
        var group = await enrollments.ListGroupAsync(enrollment.Tenant, enrollment, ct);
        var sources = new List<ProvisionSource>();
        foreach (var member in group)
        {
            var known = await operations.Store.SnapshotAsync(tx => facts.ReadAsync(tx, member), ct);
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

        foreach (var member in await OtherSitesAsync(enrollment.Tenant, group, ct))
        {
            var known = await operations.Store.SnapshotAsync(tx => facts.ReadAsync(tx, member), ct);
            if (known.Site is { } site && known.Template.Protocol == ProgramProtocol.Ieee2030Dot5)
            {
                // As a device of its client: what it has at other services is its own affair.
                sources.Add(new ProvisionSource { Enrollment = member, Template = known.Template, Site = site, Assets = known.Assets, Certificate = known.Certificate });
            }
        }

        foreach (var member in await OtherSitesOfVensAsync(enrollment.Tenant, group, sources, ct))
        {
            var known = await operations.Store.SnapshotAsync(tx => facts.ReadAsync(tx, member), ct);
            if (known.Site is { } site && known.Template.Protocol == ProgramProtocol.OpenAdr20b)
            {
                // A VEN is of one site: this is a fault, and what another site has there is not written over.
                sources.Add(new ProvisionSource { Enrollment = member, Template = known.Template with { FrequencyService = null }, Site = site, Certificate = known.Certificate });
            }
        }

        var zone = sources.Find(s => s.Enrollment.Id == enrollment.Id)?.Template.TimeZone ?? "Etc/UTC";
        return (group, WantedDocuments.Create(sources, clock.GetCurrentInstant().InZone(DateTimeZoneProviders.Tzdb[zone]).Date));
    }

    /// <summary>Of VENs that a member of the group wants beside the one of interest.</summary>
    private async Task<IReadOnlyList<Enrollment>> OtherSitesOfVensAsync(string tenant, IReadOnlyList<Enrollment> group, List<ProvisionSource> sources, CancellationToken ct)
    {
        var keys = sources.Where(s => s.IsProvisioned && s.Template.Protocol == ProgramProtocol.OpenAdr20b).Select(s => s.VenKey).ToHashSet(StringComparer.Ordinal);
        return [.. (await enrollments.ListByVensAsync(tenant, keys, ct)).Where(e => ProvisionSource.IsProvisionedIn(e.State) && group.All(member => member.Id != e.Id))];
    }

    /// <summary>Of clients that the group is in, or was: without its other sites a client would be written as if it had none, or be deleted.</summary>
    private async Task<IReadOnlyList<Enrollment>> OtherSitesAsync(string tenant, IReadOnlyList<Enrollment> group, CancellationToken ct)
    {
        var keys = group.Where(e => ProvisionSource.IsProvisionedIn(e.State)).Select(e => e.Identity.ClientKey).OfType<string>().ToHashSet(StringComparer.Ordinal);
        foreach (var member in group)
        {
            keys.UnionWith((await documents.ListByEnrollmentAsync(tenant, member.Id, ct)).Where(d => d.Path.StartsWith(Clients, StringComparison.Ordinal)).Select(d => Uri.UnescapeDataString(d.Path[Clients.Length..])));
        }

        return [.. (await enrollments.ListByClientsAsync(tenant, keys, ct)).Where(e => group.All(member => member.Id != e.Id))];
    }
}
