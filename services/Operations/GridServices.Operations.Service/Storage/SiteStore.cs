using System.Data.Common;
using Dapper;
using GridServices.Hosting.Storage;
using GridServices.Operations.Access;
using GridServices.Operations.Registry;
using GridServices.Operations.Service.Protection;
using GridServices.Wire;

namespace GridServices.Operations.Service.Storage;

/// <summary>Sites.</summary>
internal sealed class SiteStore(Store store, ColumnProtector protector) : EntityStore<Site>("sites", store, protector)
{
    internal override string Kind => "site";

    protected override IReadOnlyList<Column<Site>> Columns { get; } =
    [
        new("site_id", s => s.SiteId), new("customer_id", s => s.CustomerId), new("name", s => s.Name, ColumnFilter.Contains),
        new("country", s => s.Address.Country), new("time_zone", s => s.TimeZone), new("tags", s => $" {string.Join(' ', s.Tags)} ", ColumnFilter.Word),
    ];

    internal override string? FindSiteId(Site entity) => entity.SiteId;

    /// <summary>The site with this id at the hub.</summary>
    internal async Task<Site?> FindBySiteIdAsync(string tenant, string siteId, CancellationToken ct = default) =>
        (await WhereAsync(tenant, "site_id = @siteId", new { siteId }, ct)).SingleOrDefault();

    internal async Task<Site?> FindBySiteIdAsync(DbTransaction tx, string tenant, string siteId) =>
        (await WhereAsync(tx.Connection!, tx, tenant, "site_id = @siteId", new { siteId })).SingleOrDefault();

    internal Task<IReadOnlyList<Site>> ListAsync(DbTransaction tx, string tenant) => WhereAsync(tx.Connection!, tx, tenant, "1 = 1", null);

    /// <summary>The hub ids of the sites that a filter shows; null = all.</summary>
    internal async Task<IReadOnlySet<string>?> ShownAsync(string tenant, SiteFilter filter, CancellationToken ct = default) => filter.Everything ? null
        : filter.IsNothing ? new HashSet<string>(StringComparer.Ordinal)
        : (await PlacesAsync(tenant, "1 = 1", new DynamicParameters(), ct)).Where(s => filter.Shows(s.Target)).Select(s => s.SiteId).ToHashSet(StringComparer.Ordinal);

    /// <summary>Where sites are and whose, by their ids at the hub; what is no site here is left out.</summary>
    internal async Task<IReadOnlyDictionary<string, SitePlace>> PlacesAsync(string tenant, IEnumerable<string> siteIds, CancellationToken ct = default)
    {
        var found = new Dictionary<string, SitePlace>(StringComparer.Ordinal);
        foreach (var some in siteIds.Distinct(StringComparer.Ordinal).Chunk(SqlNames.AtOnce))
        {
            var parameters = new DynamicParameters();
            foreach (var place in await PlacesAsync(tenant, $"site_id IN ({SqlNames.Add(parameters, "v", some)})", parameters, ct))
            {
                found[place.SiteId] = place;
            }
        }

        return found;
    }

    /// <summary>The names of the customers of all sites, by the sites' ids at the hub.</summary>
    internal async Task<IReadOnlyDictionary<string, string>> CustomerNamesAsync(string tenant, CancellationToken ct = default) => (await Store.ReadAsync(
        db => db.QueryAsync<(string SiteId, string Name)>(
            "SELECT sites.site_id, customers.name FROM sites JOIN customers ON customers.tenant = sites.tenant AND customers.id = sites.customer_id WHERE sites.tenant = @tenant", new { tenant }),
        ct)).ToDictionary(s => s.SiteId, s => s.Name, StringComparer.Ordinal);

    /// <summary>From the columns alone: ten thousand bodies would be read for three members of each.</summary>
    private Task<IReadOnlyList<SitePlace>> PlacesAsync(string tenant, string where, DynamicParameters parameters, CancellationToken ct)
    {
        parameters.Add("tenant", tenant);
        return Store.ReadAsync<IReadOnlyList<SitePlace>>(
            async db => [.. (await db.QueryAsync<(string SiteId, string CustomerId, string Tags, string TimeZone)>($"SELECT site_id, customer_id, tags, time_zone FROM sites WHERE tenant = @tenant AND {where}", parameters))
                .Select(s => new SitePlace(s.SiteId, s.CustomerId, s.Tags.Split(' ', StringSplitOptions.RemoveEmptyEntries).ToValueList(), s.TimeZone))],
            ct);
    }
}
