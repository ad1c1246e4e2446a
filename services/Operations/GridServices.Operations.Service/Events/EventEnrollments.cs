using GridServices.Operations.Service.Storage;
using NodaTime;

namespace GridServices.Operations.Service.Events;

/// <summary>Which enrollment an event of a VEN or client is for, and what it nominated.</summary>
internal sealed class EventEnrollments(EnrollmentStore enrollments, NominationStore nominations)
{
    internal async Task<IReadOnlyCollection<EventEnrollment>> OfAsync(string tenant, SourceSnapshot snapshot, CancellationToken ct)
    {
        var found = new List<EventEnrollment>();
        foreach (var siteId in snapshot.Told.SelectMany(t => t.Sites).Distinct(StringComparer.Ordinal))
        {
            var enrollment = (await enrollments.OfSiteAsync(tenant, siteId, ct)).Where(e => IsBy(e, snapshot)).OrderBy(e => Rank(e.State)).FirstOrDefault();
            if (enrollment is not null)
            {
                var nominated = await NominatedAsync(enrollment, snapshot.Told.Select(t => t.From).Where(f => f is not null).Min(), ct);
                found.Add(new EventEnrollment(siteId, enrollment.Id, enrollment.Template.Code, nominated?.Kw, nominated?.FirmServiceLevelKw));
            }
        }

        return found;
    }

    /// <summary>The nomination whose period the event is in: its month, else its year; a draft or a rejected one counts for nothing.</summary>
    private async Task<Nomination?> NominatedAsync(Enrollment enrollment, Instant? from, CancellationToken ct)
    {
        var standing = (await nominations.OfEnrollmentAsync(enrollment.Tenant, enrollment.Id, ct)).Where(n => n.State is NominationState.Submitted or NominationState.Accepted).ToList();
        if (from is not { } start)
        {
            return standing.LastOrDefault();
        }

        var (year, month) = (start.InUtc().Year, start.InUtc().Month);
        return standing.FirstOrDefault(n => n.DeliveryPeriod == $"{year:D4}-{month:D2}") ?? standing.FirstOrDefault(n => n.DeliveryPeriod.StartsWith($"{year:D4}", StringComparison.Ordinal)) ?? standing.LastOrDefault();
    }

    private static bool IsBy(Enrollment enrollment, SourceSnapshot snapshot) => snapshot.Origin == EventOrigin.OpenAdr
        ? enrollment.Identity.VenKey == snapshot.Through
        : enrollment.Identity.ClientKey == snapshot.Through;

    private static int Rank(EnrollmentState state) => state switch
    {
        EnrollmentState.Active => 0,
        EnrollmentState.Testing or EnrollmentState.Suspended => 1,
        EnrollmentState.Provisioning or EnrollmentState.Ending => 2,
        _ => 3,
    };
}
