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

    /// <summary>Of a site that is no more: they must not speak for one that gets its id.</summary>
    internal async Task DeleteAllAsync(AuditedTransaction transaction, string siteId)
    {
        foreach (var plan in await WhereAsync(transaction.Tx.Connection!, transaction.Tx, transaction.Actor.Tenant, "site_id = @siteId ORDER BY id", new { siteId }))
        {
            await transaction.DeleteAsync(this, plan, "the site was deleted");
        }
    }

    /// <summary>Those that touch [from, until) and those still to come.</summary>
    internal Task<IReadOnlyList<OptPlan>> ListEndingAfterAsync(string tenant, Instant at, CancellationToken ct = default) =>
        WhereAsync(tenant, "until_at > @at ORDER BY from_at, id", new { at }, ct);
}
