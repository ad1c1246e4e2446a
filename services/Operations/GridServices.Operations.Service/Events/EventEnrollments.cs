using GridServices.Operations.Service.Storage;
using NodaTime;

namespace GridServices.Operations.Service.Events;

/// <summary>Which enrollment an event of a VEN or client is for, and what it nominated.</summary>
internal sealed class EventEnrollments(EnrollmentStore enrollments, NominationStore nominations)
{
    /// <summary>By the VEN's or client's key; all that the snapshots name is read at once.</summary>
    internal async Task<ILookup<string, EventEnrollment>> OfAsync(string tenant, IReadOnlyList<SourceSnapshot> snapshots, CancellationToken ct)
    {
        var bySite = (await enrollments.OfSitesAsync(tenant, snapshots.SelectMany(s => s.Told).SelectMany(t => t.Sites), ct)).ToLookup(e => e.SiteId, StringComparer.Ordinal);
        var chosen = snapshots.SelectMany(snapshot => snapshot.Told.SelectMany(t => t.Sites).Distinct(StringComparer.Ordinal)
            .Select(site => bySite[site].Where(e => IsBy(e, snapshot)).OrderBy(e => Rank(e.State)).ThenBy(e => e.Id, StringComparer.Ordinal).FirstOrDefault()).OfType<Enrollment>()
            .Select(e => (Snapshot: snapshot, Enrollment: e))).ToList();
        var nominated = (await nominations.OfEnrollmentsAsync(tenant, chosen.Select(c => c.Enrollment.Id), ct)).ToLookup(n => n.EnrollmentId, StringComparer.Ordinal);
        return chosen.ToLookup(c => c.Snapshot.Through, c => Of(c.Enrollment, nominated[c.Enrollment.Id], c.Snapshot.Told.Select(t => t.From).Where(f => f is not null).Min()), StringComparer.Ordinal);
    }

    private static EventEnrollment Of(Enrollment enrollment, IEnumerable<Nomination> nominations, Instant? from)
    {
        var nominated = NominatedFor(nominations.OrderBy(n => n.DeliveryPeriod, StringComparer.Ordinal), from);
        return new EventEnrollment(enrollment.SiteId, enrollment.Id, enrollment.Template.Code, nominated?.Kw, nominated?.FirmServiceLevelKw);
    }

    /// <summary>The nomination whose period the event is in: its month, else its year; a draft or a rejected one counts for nothing.</summary>
    private static Nomination? NominatedFor(IEnumerable<Nomination> nominations, Instant? from)
    {
        var standing = nominations.Where(n => n.State is NominationState.Submitted or NominationState.Accepted).ToList();
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
