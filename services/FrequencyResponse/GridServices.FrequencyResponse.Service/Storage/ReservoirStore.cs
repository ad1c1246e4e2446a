using System.Data.Common;
using System.Text.Json;
using Dapper;
using GridServices.Contracts;
using GridServices.FrequencyResponse.Energy;
using GridServices.FrequencyResponse.Service.Registry;
using GridServices.Hosting.Storage;
using NodaTime;

namespace GridServices.FrequencyResponse.Service.Storage;

/// <summary>Where limited reservoirs stand: a deadline that runs outlives the process.</summary>
internal sealed class ReservoirStore(Store store, ILogger<ReservoirStore> log)
{
    /// <summary>By contract; one that can't be read is left out, and its reservoir begins anew.</summary>
    public async Task<IReadOnlyDictionary<EntryId, ReservoirDuty>> LoadAsync(CancellationToken ct)
    {
        var rows = await store.ReadAsync(db => db.QueryAsync<Row>("SELECT tenant AS Tenant, contract_id AS Id, record AS Record FROM reservoirs"), ct);
        var duties = new Dictionary<EntryId, ReservoirDuty>();
        foreach (var row in rows)
        {
            var what = $"where the reservoir of contract {row.Id} of tenant {row.Tenant} stood; a deadline to restore it that ran is lost, look after it by hand";
            if (StoredRow.Read(() => JsonSerializer.Deserialize<ReservoirDuty>(row.Record, ContractJson.Options), what, log) is { } duty)
            {
                duties[new EntryId(row.Tenant, row.Id)] = duty;
            }
        }

        return duties;
    }

    public static Task SaveAsync(DbTransaction tx, EntryId contract, ReservoirDuty duty, Instant now) => tx.Connection!.ExecuteAsync(
        """
        INSERT INTO reservoirs (tenant, contract_id, record, updated_at) VALUES (@Tenant, @Key, @record, @now)
        ON CONFLICT (tenant, contract_id) DO UPDATE SET record = excluded.record, updated_at = excluded.updated_at
        """,
        new { contract.Tenant, contract.Key, record = JsonSerializer.Serialize(duty, ContractJson.Options), now },
        tx);

    /// <summary>With its contract.</summary>
    public static Task EndAsync(DbTransaction tx, EntryId contract) =>
        tx.Connection!.ExecuteAsync("DELETE FROM reservoirs WHERE tenant = @Tenant AND contract_id = @Key", new { contract.Tenant, contract.Key }, tx);

    private sealed class Row
    {
        public string Tenant { get; set; } = string.Empty;
        public string Id { get; set; } = string.Empty;
        public string Record { get; set; } = string.Empty;
    }
}
