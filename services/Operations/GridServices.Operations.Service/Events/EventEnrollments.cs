using GridServices.Operations.Enrollments;
using GridServices.Operations.Events;
using GridServices.Operations.Programs;
using GridServices.Operations.Service.Programs;
using GridServices.Operations.Service.Storage;
using GridServices.Wire;

namespace GridServices.Operations.Service.Events;

/// <summary>The enrollments that events of VENs and clients may be for, with what they nominated.</summary>
internal sealed class EventEnrollments(EnrollmentStore enrollments, NominationStore nominations, ProgramStore programs)
{
    private const int NotInForce = 3;

    /// <summary>By the VEN's or client's key; all that the snapshots name is read at once. Those of a site are in the order of how likely they are meant.</summary>
    internal async Task<ILookup<string, EventEnrollment>> ReadAsync(string tenant, IReadOnlyList<SourceSnapshot> snapshots, CancellationToken ct)
    {
        var bySite = (await enrollments.ListBySitesAsync(tenant, snapshots.SelectMany(s => s.Told).SelectMany(t => t.Sites), ct)).ToLookup(e => e.SiteId, StringComparer.Ordinal);
        var meant = snapshots.SelectMany(snapshot => snapshot.Told.SelectMany(t => t.Sites).Distinct(StringComparer.Ordinal)
            .SelectMany(site => bySite[site].Where(e => IsBy(e, snapshot)).OrderBy(e => Rank(e.State)).ThenBy(e => e.Id, StringComparer.Ordinal))
            .Select(e => (snapshot.Through, Enrollment: e))).ToList();
        var nominated = (await nominations.ListByEnrollmentsAsync(tenant, meant.Select(m => m.Enrollment.Id), ct)).ToLookup(n => n.EnrollmentId, StringComparer.Ordinal);
        var templates = new Dictionary<TemplateRef, ProgramTemplate?>();
        foreach (var template in meant.Select(m => m.Enrollment.Template).Distinct())
        {
            templates[template] = await programs.FindAsync(tenant, template.Code, template.Version, ct);
        }

        return meant.ToLookup(m => m.Through, m => Create(m.Enrollment, templates[m.Enrollment.Template], nominated[m.Enrollment.Id]), StringComparer.Ordinal);
    }

    private static EventEnrollment Create(Enrollment enrollment, ProgramTemplate? template, IEnumerable<Nomination> nominations) => new(enrollment.SiteId, enrollment.Id, enrollment.Template.Code)
    {
        MarketContext = enrollment.Identity.MarketContext,
        IsInForce = Rank(enrollment.State) < NotInForce,
        Template = template,
        Nominations = nominations.ToValueList(),
    };

    private static bool IsBy(Enrollment enrollment, SourceSnapshot snapshot) => snapshot.Origin == EventOrigin.OpenAdr
        ? enrollment.Identity.VenKey == snapshot.Through
        : enrollment.Identity.ClientKey == snapshot.Through;

    private static int Rank(EnrollmentState state) => state switch
    {
        EnrollmentState.Active => 0,
        EnrollmentState.Testing or EnrollmentState.Suspended => 1,
        EnrollmentState.Provisioning or EnrollmentState.Ending => 2,
        _ => NotInForce,
    };
}
