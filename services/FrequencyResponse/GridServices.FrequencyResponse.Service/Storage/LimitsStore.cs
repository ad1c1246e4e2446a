using System.Text.Json;
using Dapper;
using GridServices.Contracts;
using GridServices.FrequencyResponse.Service.Hub;
using GridServices.FrequencyResponse.Service.Registry;
using GridServices.Hosting.Storage;
using NodaTime;

namespace GridServices.FrequencyResponse.Service.Storage;

/// <summary>What others stated for a site last, so that it holds over a restart while the hub is away.</summary>
internal sealed class LimitsStore(Store store, IClock clock, ILogger<LimitsStore> log)
{
    /// <summary>By site. One whose row can't be read is left out, as one that was never heard: nothing is imported or exported there until the hub says what holds.</summary>
    public async Task<IReadOnlyDictionary<EntryId, HeldLimits>> LoadAsync(string tenant, CancellationToken ct)
    {
        var rows = await store.ReadAsync(db => db.QueryAsync<Row>("SELECT site_id AS Site, held AS Held FROM site_limits WHERE tenant = @tenant", new { tenant }), ct);
        var limits = new Dictionary<EntryId, HeldLimits>();
        foreach (var row in rows)
        {
            if (StoredRow.Read(() => ReadWhole(row.Held), $"the limits of site {row.Site}; nothing is imported or exported for a response there until the hub states them", log) is { } held)
            {
                limits[new EntryId(tenant, row.Site)] = held;
            }
        }

        return limits;
    }

    /// <summary>With all that follows from it: what can't be followed can't be read.</summary>
    private static HeldLimits? ReadWhole(string json)
    {
        var held = JsonSerializer.Deserialize<HeldLimits>(json, ContractJson.Options);
        return held?.Followed().All(e => e.Segments is not null) is true ? held : null;
    }

    public Task SaveAsync(EntryId site, HeldLimits held, CancellationToken ct)
    {
        var (json, now) = (JsonSerializer.Serialize(held, ContractJson.Options), clock.GetCurrentInstant());
        return store.WriteAsync(
            tx => tx.Connection!.ExecuteAsync(
                """
                INSERT INTO site_limits (tenant, site_id, held, updated_at) VALUES (@Tenant, @Key, @json, @now)
                ON CONFLICT (tenant, site_id) DO UPDATE SET held = excluded.held, updated_at = excluded.updated_at
                """,
                new { site.Tenant, site.Key, json, now },
                tx),
            ct);
    }

    private sealed class Row
    {
        public string Site { get; set; } = string.Empty;
        public string Held { get; set; } = string.Empty;
    }
}
