using Dapper;
using GridServices.Contracts;
using GridServices.Hosting;
using GridServices.Operations.Enrollments;
using GridServices.Operations.Opt;
using GridServices.Operations.Service.Protection;
using NodaTime;
using NodaTime.Text;

namespace GridServices.Operations.Service.Storage;

/// <summary>Enrollments.</summary>
internal sealed class EnrollmentStore(Store store, ColumnProtector protector) : EntityStore<Enrollment>("enrollments", store, protector)
{
    internal override string Kind => "enrollment";

    protected override IReadOnlyList<Column<Enrollment>> Columns { get; } =
    [
        new("site_id", e => e.SiteId), new("program", e => e.Template.Code), new("state", e => EnumNames<EnrollmentState>.GetName(e.State)),
        new("attention", e => e.Attention || e.Drifted ? "true" : "false"),
        new("period_from", e => LocalDatePattern.Iso.Format(e.Period.From)), new("period_until", e => e.Period.Until is { } last ? LocalDatePattern.Iso.Format(last) : null),
        new("ven_key", e => e.Identity.VenKey), new("client_key", e => e.Identity.ClientKey), new("certificate_id", e => e.Identity.CertificateId),
        new("due_at", e => e.RequiredActions.Where(a => a.Due is not null).Select(a => a.Due).Min(), null),
    ];

    internal override string? FindSiteId(Enrollment entity) => entity.SiteId;

    internal Task<IReadOnlyList<Enrollment>> ListBySiteAsync(string tenant, string siteId, CancellationToken ct = default) =>
        WhereAsync(tenant, "site_id = @siteId ORDER BY id", new { siteId }, ct);

    internal Task<IReadOnlyList<Enrollment>> ListBySiteAsync(System.Data.Common.DbTransaction tx, string tenant, string siteId) =>
        WhereAsync(tx.Connection!, tx, tenant, "site_id = @siteId ORDER BY id", new { siteId });

    internal Task<IReadOnlyList<Enrollment>> ListBySitesAsync(string tenant, IEnumerable<string> siteIds, CancellationToken ct = default) => InAsync(tenant, "site_id", siteIds, ct);

    /// <summary>The enrollment with all that share its site, VEN or client.</summary>
    internal Task<IReadOnlyList<Enrollment>> ListGroupAsync(string tenant, Enrollment enrollment, CancellationToken ct = default) => WhereAsync(
        tenant, "(site_id = @SiteId OR ven_key = @VenKey OR client_key = @ClientKey) ORDER BY id", new { enrollment.SiteId, enrollment.Identity.VenKey, enrollment.Identity.ClientKey }, ct);

    /// <summary>Those of some 2030.5 clients.</summary>
    internal Task<IReadOnlyList<Enrollment>> ListByClientsAsync(string tenant, IEnumerable<string> clientKeys, CancellationToken ct = default) => InAsync(tenant, "client_key", clientKeys, ct);

    /// <summary>Those whose identity is this certificate.</summary>
    internal Task<IReadOnlyList<Enrollment>> ListByCertificateAsync(System.Data.Common.DbTransaction tx, string tenant, string certificateId) =>
        WhereAsync(tx.Connection!, tx, tenant, "certificate_id = @certificateId ORDER BY id", new { certificateId });

    /// <summary>Those of which something is due before an instant, the nearest first; who was refused, or has left, owes nothing. Sites null: of all.</summary>
    internal Task<IReadOnlyList<Enrollment>> ListDueAsync(string tenant, Instant before, IReadOnlySet<string>? sites, int most, CancellationToken ct = default)
    {
        var parameters = new DynamicParameters(new { before, most = (long)most });
        var ofSites = sites is null ? string.Empty : $" AND {BuildSiteCondition(sites, parameters)}";
        return WhereAsync(tenant, $"due_at < @before AND state NOT IN ('ended', 'withdrawn', 'rejected'){ofSites} ORDER BY due_at, id LIMIT @most", parameters, ct);
    }

    /// <summary>Those in one of the states, after an id.</summary>
    internal Task<IReadOnlyList<Enrollment>> ListByStatesAsync(string tenant, IReadOnlyCollection<EnrollmentState> states, string after, int most, CancellationToken ct = default) => WhereAsync(
        tenant, $"id > @after AND state IN ({string.Join(", ", states.Select(s => $"'{EnumNames<EnrollmentState>.GetName(s)}'"))}) ORDER BY id LIMIT @most", new { after, most = (long)most }, ct);
}

/// <summary>Nominations.</summary>
internal sealed class NominationStore(Store store, ColumnProtector protector) : EntityStore<Nomination>("nominations", store, protector)
{
    internal override string Kind => "nomination";

    protected override IReadOnlyList<Column<Nomination>> Columns { get; } =
    [
        new("enrollment_id", n => n.EnrollmentId), new("delivery_period", n => n.DeliveryPeriod), new("state", n => EnumNames<NominationState>.GetName(n.State)),
        new("deadline", n => n.Deadline, null),
    ];

    protected override string SitesSql => "enrollment_id IN (SELECT id FROM enrollments WHERE enrollments.tenant = @tenant AND site_id IN ({0}))";

    internal Task<IReadOnlyList<Nomination>> ListByEnrollmentAsync(string tenant, string enrollmentId, CancellationToken ct = default) =>
        WhereAsync(tenant, "enrollment_id = @enrollmentId ORDER BY delivery_period", new { enrollmentId }, ct);

    internal Task<IReadOnlyList<Nomination>> ListByEnrollmentAsync(System.Data.Common.DbTransaction tx, string tenant, string enrollmentId) =>
        WhereAsync(tx.Connection!, tx, tenant, "enrollment_id = @enrollmentId ORDER BY delivery_period", new { enrollmentId });

    internal Task<IReadOnlyList<Nomination>> ListByEnrollmentsAsync(string tenant, IEnumerable<string> enrollmentIds, CancellationToken ct = default) =>
        InAsync(tenant, "enrollment_id", enrollmentIds, ct);

    /// <summary>Drafts whose deadline is before an instant, the nearest first.</summary>
    internal Task<IReadOnlyList<Nomination>> ListDueDraftsAsync(string tenant, Instant before, int most, CancellationToken ct = default) =>
        WhereAsync(tenant, "state = 'draft' AND deadline < @before ORDER BY deadline, id LIMIT @most", new { before, most = (long)most }, ct);
}

/// <summary>Certificates: what they say, never their keys.</summary>
internal sealed class CertificateStore(Store store, ColumnProtector protector) : EntityStore<Certificate>("certificates", store, protector)
{
    internal override string Kind => "certificate";

    protected override IReadOnlyList<Column<Certificate>> Columns { get; } =
    [
        new("kind", c => EnumNames<CertificateKind>.GetName(c.Kind)), new("state", c => EnumNames<CertificateState>.GetName(c.State)), new("lfdi", c => c.Lfdi), new("not_after", c => c.NotAfter, null),
    ];

    protected override string? SitesSql => null;

    /// <summary>Without what is read anew for each answer.</summary>
    internal override Certificate WithoutSealed(Certificate entity) => entity with { UsedBy = [], UseCount = 0, VenKeys = [], ClientKeys = [] };

    /// <summary>A page in the order in which somebody has to act: requests without an answer, then by the end, those that never end last; cursors are offsets.</summary>
    internal async Task<IReadOnlyList<Certificate>> ListMostUrgentAsync(string tenant, CertificateState? state, int skip, int most, CancellationToken ct = default) => await WhereAsync(
        tenant,
        $"{(state is null ? "1 = 1" : "state = @state")} ORDER BY CASE WHEN state IN ('csrMade', 'sent') THEN 0 WHEN not_after IS NULL THEN 2 ELSE 1 END, not_after, id LIMIT @most OFFSET @skip",
        new { state = state is { } only ? EnumNames<CertificateState>.GetName(only) : null, most = (long)most, skip = (long)skip },
        ct);

    /// <summary>Those that end before an instant, the nearest first.</summary>
    internal Task<IReadOnlyList<Certificate>> ListExpiringAsync(string tenant, Instant before, int most = int.MaxValue, CancellationToken ct = default) =>
        WhereAsync(tenant, "not_after < @before ORDER BY not_after LIMIT @most", new { before, most = (long)most }, ct);
}

/// <summary>Opt plans.</summary>
internal sealed class OptPlanStore(Store store, ColumnProtector protector) : EntityStore<OptPlan>("opt_plans", store, protector)
{
    internal override string Kind => "optPlan";

    protected override IReadOnlyList<Column<OptPlan>> Columns { get; } =
        [new("site_id", p => p.SiteId), new("enrollment_id", p => p.EnrollmentId), new("from_at", p => p.From, null), new("until_at", p => p.Until, null)];

    protected override string SitesSql => "(site_id IN ({0}) OR enrollment_id IN (SELECT id FROM enrollments WHERE enrollments.tenant = @tenant AND site_id IN ({0})))";

    internal override string? FindSiteId(OptPlan entity) => entity.SiteId;

    /// <summary>Those that touch [from, until) and those still to come.</summary>
    internal Task<IReadOnlyList<OptPlan>> ListEndingAfterAsync(string tenant, Instant at, CancellationToken ct = default) =>
        WhereAsync(tenant, "until_at > @at ORDER BY from_at, id", new { at }, ct);
}
