using System.Data.Common;
using System.Text.Json;
using Dapper;
using GridServices.Contracts;
using GridServices.FrequencyResponse.Service.Registry;
using GridServices.Hosting.Storage;
using GridServices.Wire;
using NodaTime;

namespace GridServices.FrequencyResponse.Service.Storage;

/// <summary>Declared outages on disk.</summary>
internal sealed class OutageStore(Store store)
{
    /// <summary>Settlement periods are closed long before.</summary>
    private static readonly Duration Bears = Duration.FromDays(60);
    private const int MostListed = 10_000;

    /// <summary>Every outage that a contract ever had, the latest ten thousand.</summary>
    public async Task<IReadOnlyList<Outage>> ListAsync(EntryId contract, CancellationToken ct)
    {
        var rows = await store.ReadAsync(
            db => db.QueryAsync<string>(
                "SELECT record FROM outages WHERE tenant = @Tenant AND contract_id = @Key ORDER BY until_at DESC LIMIT @MostListed",
                new { contract.Tenant, contract.Key, MostListed }),
            ct);
        return [.. rows.Select(Read)];
    }

    public async Task<Outage?> FindAsync(EntryId contract, string outage, CancellationToken ct)
    {
        var rows = await store.ReadAsync(
            db => db.QueryAsync<string>(
                "SELECT record FROM outages WHERE tenant = @Tenant AND contract_id = @Key AND outage_id = @outage", new { contract.Tenant, contract.Key, outage }),
            ct);
        return rows.Select(Read).FirstOrDefault();
    }

    /// <summary>Those that still bear on anything, by contract. One that can't be read is left out.</summary>
    internal static async Task<IEnumerable<KeyValuePair<EntryId, ValueList<Outage>>>> LoadAsync(DbTransaction tx, Instant now, ILogger log)
    {
        var rows = await tx.Connection!.QueryAsync<Row>(
            """
            SELECT o.tenant AS Tenant, o.contract_id AS Id, o.record AS Record FROM outages o
            JOIN contracts c ON c.tenant = o.tenant AND c.contract_id = o.contract_id
            WHERE o.until_at > @since ORDER BY o.outage_id
            """,
            new { since = now - Bears },
            tx);
        return [.. rows.GroupBy(r => new EntryId(r.Tenant, r.Id)).Select(g => KeyValuePair.Create(
            g.Key, g.Select(r => StoredRow.Read(() => Read(r.Record), $"an outage of contract {r.Id} of tenant {r.Tenant}; declare it again", log)).OfType<Outage>().ToValueList()))];
    }

    public static Task SaveAsync(DbTransaction tx, EntryId contract, Outage outage, Instant now) => tx.Connection!.ExecuteAsync(
        """
        INSERT INTO outages (tenant, contract_id, outage_id, record, until_at, updated_at) VALUES (@Tenant, @Key, @Id, @record, @Until, @now)
        ON CONFLICT (tenant, contract_id, outage_id) DO UPDATE SET record = excluded.record, until_at = excluded.until_at, updated_at = excluded.updated_at
        """,
        new { contract.Tenant, contract.Key, outage.Id, record = JsonSerializer.Serialize(outage, ContractJson.Options), outage.Until, now },
        tx);

    /// <summary>Ends what is not over: its contract is gone.</summary>
    public static async Task EndAsync(DbTransaction tx, EntryId contract, Instant now)
    {
        var rows = await tx.Connection!.QueryAsync<string>(
            "SELECT record FROM outages WHERE tenant = @Tenant AND contract_id = @Key AND until_at > @now", new { contract.Tenant, contract.Key, now }, tx);
        foreach (var outage in rows.Select(Read).Where(o => o.CancelledAt is null).ToList())
        {
            await SaveAsync(tx, contract, outage.EndedAt(now), now);
        }
    }

    private static Outage Read(string record) => JsonSerializer.Deserialize<Outage>(record, ContractJson.Options)!;

    private sealed class Row
    {
        public string Tenant { get; set; } = string.Empty;
        public string Id { get; set; } = string.Empty;
        public string Record { get; set; } = string.Empty;
    }
}
