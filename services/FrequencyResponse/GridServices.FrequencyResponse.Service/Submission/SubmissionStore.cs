using System.Text.Json;
using Dapper;
using GridServices.Contracts;
using GridServices.FrequencyResponse.Service.Publishing;
using GridServices.FrequencyResponse.Service.Registry;
using GridServices.Hosting;
using NodaTime;

namespace GridServices.FrequencyResponse.Service.Submission;

/// <summary>Submissions on disk.</summary>
internal sealed class SubmissionStore(Store store)
{
    private const int MostAtOnce = 500;

    /// <summary>What began longer ago than this and was never tried is left alone: it was decided before anything was submitted.</summary>
    private static readonly Duration Known = Duration.FromHours(1);

    /// <summary>Decided periods that are to be tried, or given up, now; the earliest first.</summary>
    public async Task<IReadOnlyList<DueSubmission>> DueAsync(string tenant, Instant now, CancellationToken ct)
    {
        var rows = await store.ReadAsync(
            db => db.QueryAsync<Row>(
                """
                SELECT p.contract_id AS Id, p.record AS Plan, s.record AS Record FROM decided_plans p
                LEFT JOIN submissions s ON s.tenant = p.tenant AND s.contract_id = p.contract_id AND s.starts_at = p.starts_at
                WHERE p.tenant = @tenant AND p.starts_at > @since AND (s.contract_id IS NULL OR s.next_at <= @now)
                ORDER BY p.starts_at, p.contract_id LIMIT @MostAtOnce
                """,
                new { tenant, since = now - Known, now, MostAtOnce }),
            ct);
        return
        [
            .. rows.Select(r => (r.Id, Plan: Read<PlannedPeriod>(r.Plan), r.Record))
                .Select(r => new DueSubmission(new EntryId(tenant, r.Id), r.Plan, r.Record is { } record ? Read<PlanSubmission>(record) : PlanSubmission.Begin(r.Plan))),
        ];
    }

    /// <summary>Of the periods of a contract that begin in [from, until), in order.</summary>
    public async Task<IReadOnlyList<PlanSubmission>> FindAsync(EntryId contract, Instant from, Instant until, CancellationToken ct)
    {
        var rows = await store.ReadAsync(
            db => db.QueryAsync<string>(
                "SELECT record FROM submissions WHERE tenant = @Tenant AND contract_id = @Key AND starts_at >= @from AND starts_at < @until ORDER BY starts_at",
                new { contract.Tenant, contract.Key, from, until }),
            ct);
        return [.. rows.Select(Read<PlanSubmission>)];
    }

    public Task SaveAsync(EntryId contract, PlanSubmission submission, CancellationToken ct) => store.WriteAsync(
        tx => tx.Connection!.ExecuteAsync(
            """
            INSERT INTO submissions (tenant, contract_id, starts_at, record, next_at) VALUES (@Tenant, @Key, @From, @record, @NextAt)
            ON CONFLICT (tenant, contract_id, starts_at) DO UPDATE SET record = excluded.record, next_at = excluded.next_at
            """,
            new { contract.Tenant, contract.Key, submission.From, record = JsonSerializer.Serialize(submission, ContractJson.Options), submission.NextAt },
            tx),
        ct);

    private static T Read<T>(string record) => JsonSerializer.Deserialize<T>(record, ContractJson.Options)!;

    private sealed class Row
    {
        public string Id { get; set; } = string.Empty;
        public string Plan { get; set; } = string.Empty;
        public string? Record { get; set; }
    }
}

/// <summary>A decided period that is to be submitted.</summary>
internal sealed record DueSubmission(EntryId Contract, PlannedPeriod Plan, PlanSubmission Submission);
