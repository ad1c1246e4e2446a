using GridServices.Contracts;
using GridServices.Hosting.Storage;
using GridServices.Operations.Enrollments;
using GridServices.Operations.Service.Protection;
using NodaTime;

namespace GridServices.Operations.Service.Storage;

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
