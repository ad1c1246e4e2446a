using System.Data.Common;
using System.Text.Json;
using Dapper;
using GridServices.Contracts;
using GridServices.FrequencyResponse.Service.Publishing;
using GridServices.FrequencyResponse.Service.Registry;
using GridServices.Hosting.Storage;
using NodaTime;

namespace GridServices.FrequencyResponse.Service.Storage;

/// <summary>Plans that were decided: written once, never again.</summary>
internal sealed class PlanStore(Store store)
{
    /// <summary>Decided periods that begin in [from, until), in order.</summary>
    public async Task<IReadOnlyList<PlannedPeriod>> FindAsync(EntryId contract, Instant from, Instant until, CancellationToken ct)
    {
        var rows = await store.ReadAsync(
            db => db.QueryAsync<string>(
                "SELECT record FROM decided_plans WHERE tenant = @Tenant AND contract_id = @Key AND starts_at >= @from AND starts_at < @until ORDER BY starts_at",
                new { contract.Tenant, contract.Key, from, until }),
            ct);
        return [.. rows.Select(r => JsonSerializer.Deserialize<PlannedPeriod>(r, ContractJson.Options)!)];
    }

    /// <summary>Begins of the periods that are decided from an instant on, of every contract.</summary>
    public async Task<ILookup<EntryId, Instant>> DecidedAsync(Instant from, CancellationToken ct)
    {
        var rows = await store.ReadAsync(
            db => db.QueryAsync<Row>("SELECT tenant AS Tenant, contract_id AS Id, starts_at AS StartsAt FROM decided_plans WHERE starts_at >= @from", new { from }), ct);
        return rows.ToLookup(r => new EntryId(r.Tenant, r.Id), r => Instant.FromUnixTimeTicks(r.StartsAt));
    }

    /// <summary>Decides; what was decided before stands.</summary>
    public static Task DecideAsync(DbTransaction tx, EntryId contract, PlannedPeriod period) => tx.Connection!.ExecuteAsync(
        """
        INSERT INTO decided_plans (tenant, contract_id, starts_at, record, decided_at) VALUES (@Tenant, @Key, @From, @record, @DecidedAt)
        ON CONFLICT (tenant, contract_id, starts_at) DO NOTHING
        """,
        new { contract.Tenant, contract.Key, period.From, record = JsonSerializer.Serialize(period, ContractJson.Options), DecidedAt = period.DecidedAt!.Value },
        tx);

    private sealed class Row
    {
        public string Tenant { get; set; } = string.Empty;
        public string Id { get; set; } = string.Empty;
        public long StartsAt { get; set; }
    }
}
