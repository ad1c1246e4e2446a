using System.Data.Common;
using System.Text.Json;
using Dapper;
using GridServices.Contracts;
using GridServices.FrequencyResponse.Service.Registry;
using GridServices.Hosting.Storage;
using NodaTime;

namespace GridServices.FrequencyResponse.Service.Storage;

/// <summary>Contracts, assets and sources on disk.</summary>
internal sealed class FrequencyStore(Store store, ILogger<FrequencyStore> log)
{
    /// <summary>All that is put. What can't be read is left out and costs what names it, nothing else.</summary>
    /// <param name="now">Outages that were over long before bear on nothing.</param>
    /// <param name="ct">To give up.</param>
    public Task<Entries> LoadAsync(Instant now, CancellationToken ct) => store.SnapshotAsync(
        async tx =>
        {
            var assets = await RowsAsync(tx, "SELECT tenant AS Tenant, asset_id AS Id, config AS Config FROM assets");
            var sources = await RowsAsync(tx, "SELECT tenant AS Tenant, source_id AS Id, config AS Config FROM sources");
            var contracts = await RowsAsync(tx, "SELECT tenant AS Tenant, contract_id AS Id, config AS Config FROM contracts ORDER BY created_at, contract_id");
            var legible = Read<ContractSettings>(contracts, "contract");
            return new Entries(
                Entries.None.Assets.AddRange(Read<AssetSettings>(assets, "asset")),
                Entries.None.Sources.AddRange(Read<SourceSettings>(sources, "source")),
                [.. legible.Select(p => new ContractEntry(p.Key, p.Value))])
            {
                Outages = Entries.None.Outages.AddRange(await OutageStore.LoadAsync(tx, now, log)),
                Illegible = [.. contracts.Select(r => new EntryId(r.Tenant, r.Id)).Except(legible.Select(p => p.Key))],
            };
        },
        ct);

    /// <summary>Another text once somebody has put or deleted something.</summary>
    public async Task<string> VersionAsync(CancellationToken ct) => string.Join(' ', await store.ReadAsync(
        db => db.QueryAsync<string>(
            """
            SELECT 'a' || CAST(COUNT(*) AS TEXT) || '/' || COALESCE(CAST(MAX(updated_at) AS TEXT), '') FROM assets
            UNION ALL SELECT 's' || CAST(COUNT(*) AS TEXT) || '/' || COALESCE(CAST(MAX(updated_at) AS TEXT), '') FROM sources
            UNION ALL SELECT 'c' || CAST(COUNT(*) AS TEXT) || '/' || COALESCE(CAST(MAX(updated_at) AS TEXT), '') FROM contracts
            UNION ALL SELECT 'o' || CAST(COUNT(*) AS TEXT) || '/' || COALESCE(CAST(MAX(updated_at) AS TEXT), '') FROM outages
            """),
        ct));

    public static Task SaveAsync(DbTransaction tx, EntryId id, AssetSettings asset, Instant now) => SaveAsync(tx, "assets", "asset_id", id, asset, now);

    public static Task SaveAsync(DbTransaction tx, EntryId id, SourceSettings source, Instant now) => SaveAsync(tx, "sources", "source_id", id, source, now);

    public static Task SaveAsync(DbTransaction tx, EntryId id, ContractSettings contract, Instant now) => SaveAsync(tx, "contracts", "contract_id", id, contract, now);

    public static Task DeleteAssetAsync(DbTransaction tx, EntryId id) =>
        tx.Connection!.ExecuteAsync("DELETE FROM assets WHERE tenant = @Tenant AND asset_id = @Key", new { id.Tenant, id.Key }, tx);

    public static Task DeleteSourceAsync(DbTransaction tx, EntryId id) =>
        tx.Connection!.ExecuteAsync("DELETE FROM sources WHERE tenant = @Tenant AND source_id = @Key", new { id.Tenant, id.Key }, tx);

    /// <summary>Ends it; what it was stays known, for its records.</summary>
    public static async Task DeleteContractAsync(DbTransaction tx, EntryId id, Instant now)
    {
        await tx.Connection!.ExecuteAsync(
            """
            INSERT INTO ended_contracts (tenant, contract_id, config, ended_at)
            SELECT tenant, contract_id, config, @now FROM contracts WHERE tenant = @Tenant AND contract_id = @Key
            ON CONFLICT (tenant, contract_id) DO UPDATE SET config = excluded.config, ended_at = excluded.ended_at
            """,
            new { id.Tenant, id.Key, now },
            tx);
        await tx.Connection!.ExecuteAsync("DELETE FROM contracts WHERE tenant = @Tenant AND contract_id = @Key", new { id.Tenant, id.Key }, tx);
    }

    /// <summary>A contract as it was when it ended; null where none of that name did.</summary>
    public async Task<ContractSettings?> EndedAsync(EntryId id, CancellationToken ct)
    {
        var found = await store.ReadAsync(
            db => db.QueryAsync<string>("SELECT config FROM ended_contracts WHERE tenant = @Tenant AND contract_id = @Key", new { id.Tenant, id.Key }), ct);
        return found.FirstOrDefault() is { } config ? JsonSerializer.Deserialize<ContractSettings>(config, ContractJson.Options) : null;
    }

    private static Task<int> SaveAsync<T>(DbTransaction tx, string table, string key, EntryId id, T config, Instant now) => tx.Connection!.ExecuteAsync(
        $"""
        INSERT INTO {table} (tenant, {key}, config, created_at, updated_at) VALUES (@Tenant, @Key, @config, @now, @now)
        ON CONFLICT (tenant, {key}) DO UPDATE SET config = excluded.config, updated_at = excluded.updated_at
        """,
        new { id.Tenant, id.Key, config = JsonSerializer.Serialize(config, ContractJson.Options), now },
        tx);

    private static Task<IEnumerable<Row>> RowsAsync(DbTransaction tx, string sql) => tx.Connection!.QueryAsync<Row>(sql, transaction: tx);

    private List<KeyValuePair<EntryId, T>> Read<T>(IEnumerable<Row> rows, string kind)
        where T : class
    {
        var found = new List<KeyValuePair<EntryId, T>>();
        foreach (var row in rows)
        {
            if (StoredRow.Read(() => JsonSerializer.Deserialize<T>(row.Config, ContractJson.Options), $"{kind} {row.Id} of tenant {row.Tenant}; put it again", log) is { } settings)
            {
                found.Add(KeyValuePair.Create(new EntryId(row.Tenant, row.Id), settings));
            }
        }

        return found;
    }

    private sealed class Row
    {
        public string Tenant { get; set; } = string.Empty;
        public string Id { get; set; } = string.Empty;
        public string Config { get; set; } = string.Empty;
    }
}
