using GridServices.Contracts;
using GridServices.Hosting.Storage;
using GridServices.Operations.Enrollments;
using GridServices.Operations.Service.Protection;
using NodaTime;

namespace GridServices.Operations.Service.Storage;

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
