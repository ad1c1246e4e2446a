using GridServices.Hosting.Storage;
using GridServices.Operations.Opt;
using GridServices.Operations.Service.Protection;
using NodaTime;

namespace GridServices.Operations.Service.Storage;

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
