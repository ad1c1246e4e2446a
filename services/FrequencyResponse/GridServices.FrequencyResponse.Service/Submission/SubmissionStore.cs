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

    /// <summary>What began longer ago than this and was never tried is left alone where nothing before it was tried either: it was decided before anything was submitted.</summary>
    private static readonly Duration Known = Duration.FromHours(1);

    /// <summary>What began after something that was tried was owed, too: so far back it is told that nobody got it.</summary>
    private static readonly Duration Owed = Duration.FromDays(7);

    /// <summary>Decided periods that are to be tried, or given up, now; the earliest first.</summary>
    public async Task<IReadOnlyList<DueSubmission>> DueAsync(string tenant, Instant now, CancellationToken ct)
    {
        var rows = await store.ReadAsync(
            db => db.QueryAsync<Row>(
                """
                SELECT p.contract_id AS Id, p.starts_at AS StartsAt, p.record AS Plan, s.record AS Record, s.document AS Document FROM submissions s
                JOIN decided_plans p ON s.tenant = p.tenant AND s.contract_id = p.contract_id AND s.starts_at = p.starts_at
                WHERE s.tenant = @tenant AND s.next_at <= @now
                UNION ALL
                SELECT p.contract_id, p.starts_at, p.record, NULL, NULL FROM decided_plans p
                WHERE p.tenant = @tenant AND p.starts_at > @owed
                  AND (p.starts_at > @since OR p.starts_at > (SELECT MIN(f.starts_at) FROM submissions f WHERE f.tenant = @tenant))
                  AND NOT EXISTS (SELECT 1 FROM submissions s WHERE s.tenant = p.tenant AND s.contract_id = p.contract_id AND s.starts_at = p.starts_at)
                ORDER BY StartsAt, Id LIMIT @MostAtOnce
                """,
                new { tenant, since = now - Known, owed = now - Owed, now, MostAtOnce }),
            ct);
        return
        [
            .. rows.Select(r => (r.Id, Plan: Read<PlannedPeriod>(r.Plan), r.Record, r.Document))
                .Select(r => new DueSubmission(new EntryId(tenant, r.Id), r.Plan, r.Record is { } record ? Read<PlanSubmission>(record) : PlanSubmission.Begin(r.Plan), r.Document)),
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

    /// <param name="contract">Whose plan.</param>
    /// <param name="submission">As it stands.</param>
    /// <param name="document">What is sent; null: what was kept before stays.</param>
    /// <param name="ct">Given up only before it is stored.</param>
    public Task SaveAsync(EntryId contract, PlanSubmission submission, string? document, CancellationToken ct) => store.WriteAsync(
        tx => tx.Connection!.ExecuteAsync(
            """
            INSERT INTO submissions (tenant, contract_id, starts_at, record, next_at, document) VALUES (@Tenant, @Key, @From, @record, @NextAt, @document)
            ON CONFLICT (tenant, contract_id, starts_at) DO UPDATE SET record = excluded.record, next_at = excluded.next_at,
              document = COALESCE(submissions.document, excluded.document)
            """,
            new { contract.Tenant, contract.Key, submission.From, record = JsonSerializer.Serialize(submission, ContractJson.Options), submission.NextAt, document },
            tx),
        ct);

    private static T Read<T>(string record) => JsonSerializer.Deserialize<T>(record, ContractJson.Options)!;

    private sealed class Row
    {
        public string Id { get; set; } = string.Empty;
        public string Plan { get; set; } = string.Empty;
        public string? Record { get; set; }
        public string? Document { get; set; }
    }
}

/// <summary>A decided period that is to be submitted.</summary>
/// <param name="Contract">Whose.</param>
/// <param name="Plan">As it was decided.</param>
/// <param name="Submission">How it stands.</param>
/// <param name="Document">What was sent at the first try; null: it was not tried.</param>
internal sealed record DueSubmission(EntryId Contract, PlannedPeriod Plan, PlanSubmission Submission, string? Document);
