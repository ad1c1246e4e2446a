using System.Data.Common;
using GridServices.Contracts;
using GridServices.Hosting.Storage;
using GridServices.Operations.Registry;
using GridServices.Operations.Service.Protection;

namespace GridServices.Operations.Service.Storage;

/// <summary>Meter points; identifiers and account numbers are encrypted, and found by a keyed hash.</summary>
internal sealed class MeterPointStore(Store store, ColumnProtector protector) : EntityStore<MeterPoint>("meter_points", store, protector)
{
    internal override string Kind => "meterPoint";

    protected override IReadOnlyList<Column<MeterPoint>> Columns =>
    [
        new("site_id", m => m.SiteId), new("kind", m => EnumNames<MeterKind>.GetName(m.Kind)), new("scheme", m => EnumNames<IdentifierScheme>.GetName(m.Scheme)),
        new("identifier_index", m => Protector.ComputeIndex(m.Tenant, m.Identifier), null), new("meter_no", m => m.MeterNo),
    ];

    protected override IReadOnlyList<SealedColumn<MeterPoint>> Sealed { get; } = [new("identifier_sealed", m => m.Identifier), new("account_no_sealed", m => m.AccountNo)];

    internal override string? FindSiteId(MeterPoint entity) => entity.SiteId;

    internal override MeterPoint WithoutSealed(MeterPoint entity) => entity with { Identifier = string.Empty, AccountNo = null };

    protected override MeterPoint WithSealed(MeterPoint entity, Func<string, string?> opened) =>
        entity with { Identifier = opened("identifier_sealed") ?? string.Empty, AccountNo = opened("account_no_sealed") };

    internal Task<IReadOnlyList<MeterPoint>> ListBySiteAsync(string tenant, string siteId, CancellationToken ct = default) =>
        WhereAsync(tenant, "site_id = @siteId ORDER BY id", new { siteId }, ct);

    internal Task<IReadOnlyList<MeterPoint>> ListBySiteAsync(DbTransaction tx, string tenant, string siteId) =>
        WhereAsync(tx.Connection!, tx, tenant, "site_id = @siteId ORDER BY id", new { siteId });

    internal Task<IReadOnlyList<MeterPoint>> ListBySitesAsync(string tenant, IEnumerable<string> siteIds, CancellationToken ct = default) => InAsync(tenant, "site_id", siteIds, ct);

    internal Task<MeterPoint?> FindByIdentifierAsync(string tenant, IdentifierScheme scheme, string identifier, CancellationToken ct = default) =>
        Store.ReadAsync(db => FindByIdentifierAsync(db, null, tenant, scheme, identifier), ct);

    internal Task<MeterPoint?> FindByIdentifierAsync(DbTransaction tx, string tenant, IdentifierScheme scheme, string identifier) =>
        FindByIdentifierAsync(tx.Connection!, tx, tenant, scheme, identifier);

    private async Task<MeterPoint?> FindByIdentifierAsync(DbConnection db, DbTransaction? tx, string tenant, IdentifierScheme scheme, string identifier) => (await WhereAsync(
        db, tx, tenant, "scheme = @scheme AND identifier_index = @index", new { scheme = EnumNames<IdentifierScheme>.GetName(scheme), index = Protector.ComputeIndex(tenant, identifier) })).SingleOrDefault();
}
