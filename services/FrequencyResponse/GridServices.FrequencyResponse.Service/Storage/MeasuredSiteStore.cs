using Dapper;
using GridServices.FrequencyResponse.Service.Registry;
using GridServices.Hosting.Storage;
using NodaTime;

namespace GridServices.FrequencyResponse.Service.Storage;

/// <summary>Sites whose net power was measured once, so that after a restart a silent meter is not taken for none.</summary>
internal sealed class MeasuredSiteStore(Store store, IClock clock)
{
    public async Task<IReadOnlyList<EntryId>> LoadAsync(string tenant, CancellationToken ct) =>
        [.. (await store.ReadAsync(db => db.QueryAsync<string>("SELECT site_id FROM measured_sites WHERE tenant = @tenant", new { tenant }), ct)).Select(site => new EntryId(tenant, site))];

    public Task SaveAsync(IReadOnlyCollection<EntryId> sites, CancellationToken ct)
    {
        var now = clock.GetCurrentInstant();
        return store.WriteAsync(
            tx => tx.Connection!.ExecuteAsync(
                "INSERT INTO measured_sites (tenant, site_id, measured_at) VALUES (@Tenant, @Key, @now) ON CONFLICT (tenant, site_id) DO NOTHING",
                sites.Select(s => new { s.Tenant, s.Key, now }),
                tx),
            ct);
    }

    public Task DeleteAsync(EntryId site, CancellationToken ct) =>
        store.WriteAsync(tx => tx.Connection!.ExecuteAsync("DELETE FROM measured_sites WHERE tenant = @Tenant AND site_id = @Key", new { site.Tenant, site.Key }, tx), ct);
}
