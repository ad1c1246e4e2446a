using System.Data.Common;
using System.Text.Json;
using Dapper;
using GridServices.Contracts;
using GridServices.FrequencyResponse.Performance;
using GridServices.FrequencyResponse.Service.Recording;
using GridServices.FrequencyResponse.Service.Registry;
using GridServices.Hosting.Storage;
using NodaTime;

namespace GridServices.FrequencyResponse.Service.Storage;

/// <summary>Settlement periods on disk.</summary>
internal sealed class PeriodStore(Store store)
{
    /// <summary>Periods that begin in [from, until), in order.</summary>
    public async Task<IReadOnlyList<SettledPeriod>> FindAsync(EntryId contract, Instant from, Instant until, CancellationToken ct)
    {
        var rows = await store.ReadAsync(
            db => db.QueryAsync<string>(
                "SELECT record FROM periods WHERE tenant = @Tenant AND contract_id = @Key AND starts_at >= @from AND starts_at < @until ORDER BY starts_at",
                new { contract.Tenant, contract.Key, from, until }),
            ct);
        return [.. rows.Select(Read)];
    }

    /// <summary>The latest period of each contract.</summary>
    public async Task<IReadOnlyDictionary<EntryId, SettledPeriod>> LatestAsync(CancellationToken ct)
    {
        var rows = await store.ReadAsync(
            db => db.QueryAsync<Row>(
                """
                SELECT p.tenant AS Tenant, p.contract_id AS Id, p.record AS Record, p.score AS Score FROM periods p
                WHERE p.starts_at = (SELECT MAX(q.starts_at) FROM periods q WHERE q.tenant = p.tenant AND q.contract_id = p.contract_id)
                """),
            ct);
        return rows.ToDictionary(r => new EntryId(r.Tenant, r.Id), r => Read(r.Record) is var period && r.Score is { } score
            ? period with { Score = JsonSerializer.Deserialize<PeriodScore>(score, ContractJson.Options) }

            // From before scores were stored: what the period had lost by then stays lost.
            : period with { Score = new PeriodScore { LeastFactor = period.ProcuredSeconds > 0 ? period.Factor : null } });
    }

    public static Task SaveAsync(DbTransaction tx, EntryId contract, SettledPeriod period) => tx.Connection!.ExecuteAsync(
        """
        INSERT INTO periods (tenant, contract_id, starts_at, closed, record, score) VALUES (@Tenant, @Key, @From, @closed, @record, @score)
        ON CONFLICT (tenant, contract_id, starts_at) DO UPDATE SET closed = excluded.closed, record = excluded.record, score = excluded.score
        """,
        new
        {
            contract.Tenant,
            contract.Key,
            period.From,
            closed = period.Closed ? 1 : 0,
            record = JsonSerializer.Serialize(period, ContractJson.Options),
            score = JsonSerializer.Serialize(period.Score, ContractJson.Options),
        },
        tx);

    private static SettledPeriod Read(string record) => JsonSerializer.Deserialize<SettledPeriod>(record, ContractJson.Options)!;

    private sealed class Row
    {
        public string Tenant { get; set; } = string.Empty;
        public string Id { get; set; } = string.Empty;
        public string Record { get; set; } = string.Empty;
        public string? Score { get; set; }
    }
}
