using System.Data.Common;
using GridServices.Contracts;
using GridServices.Hosting.Storage;
using GridServices.Operations.Registry;
using GridServices.Operations.Service.Protection;

namespace GridServices.Operations.Service.Storage;

/// <summary>Assets.</summary>
internal sealed class AssetStore(Store store, ColumnProtector protector) : EntityStore<Asset>("assets", store, protector)
{
    internal override string Kind => "asset";

    protected override IReadOnlyList<Column<Asset>> Columns { get; } = [new("site_id", a => a.SiteId), new("kind", a => EnumNames<AssetKind>.GetName(a.Kind))];

    internal override string? FindSiteId(Asset entity) => entity.SiteId;

    internal Task<IReadOnlyList<Asset>> ListBySiteAsync(string tenant, string siteId, CancellationToken ct = default) =>
        WhereAsync(tenant, "site_id = @siteId ORDER BY id", new { siteId }, ct);

    internal Task<IReadOnlyList<Asset>> ListBySiteAsync(DbTransaction tx, string tenant, string siteId) =>
        WhereAsync(tx.Connection!, tx, tenant, "site_id = @siteId ORDER BY id", new { siteId });
}
