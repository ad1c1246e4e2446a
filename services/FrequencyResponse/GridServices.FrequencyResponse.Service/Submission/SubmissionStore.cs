using System.Data.Common;
using System.Text.Json;
using Dapper;
using GridServices.Contracts;
using GridServices.FrequencyResponse.Service.Publishing;
using GridServices.FrequencyResponse.Service.Registry;
using GridServices.Hosting.Storage;
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
    public async Task<DueSubmissions> DueAsync(string tenant, Instant now, CancellationToken ct)
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
        return Read(tenant, rows);
    }

    /// <summary>Decided periods whose gate passed or came near, or which began, in [since, now), however they stand, and those under way whose gate is near.</summary>
    public async Task<DueSubmissions> PassedAsync(string tenant, Instant since, Instant now, CancellationToken ct)
    {
        var rows = await store.ReadAsync(
            db => db.QueryAsync<Row>(
                """
                SELECT p.contract_id AS Id, p.starts_at AS StartsAt, p.record AS Plan, s.record AS Record, s.document AS Document FROM decided_plans p
                LEFT JOIN submissions s ON s.tenant = p.tenant AND s.contract_id = p.contract_id AND s.starts_at = p.starts_at
                WHERE p.tenant = @tenant AND ((p.starts_at >= @since AND p.starts_at < @now) OR (p.starts_at >= @gateSince AND p.starts_at < @gateNow)
                  OR (p.starts_at >= @lastSince AND p.starts_at < @lastNow) OR (p.starts_at >= @warnSince AND p.starts_at < @warnNow)
                  OR (p.starts_at >= @gateNow AND p.starts_at < @warnNow AND s.next_at <= @now))
                """,
                new
                {
                    tenant,
                    since,
                    now,
                    gateSince = since + PlanSubmission.Gate,
                    gateNow = now + PlanSubmission.Gate,
                    lastSince = since + PlanSubmission.Gate + PlanSubmission.Last,
                    lastNow = now + PlanSubmission.Gate + PlanSubmission.Last,
                    warnSince = since + PlanSubmission.Gate + PlanSubmission.Warning,
                    warnNow = now + PlanSubmission.Gate + PlanSubmission.Warning,
                }),
            ct);
        return Read(tenant, rows);
    }

    /// <summary>One row that can't be read leaves the others alone.</summary>
    private static DueSubmissions Read(string tenant, IEnumerable<Row> rows)
    {
        var (due, unread) = (new List<DueSubmission>(), new List<UnreadSubmission>());
        foreach (var row in rows)
        {
            var contract = new EntryId(tenant, row.Id);
            try
            {
                var plan = Read<PlannedPeriod>(row.Plan);
                due.Add(new DueSubmission(contract, plan, row.Record is { } record ? Read<PlanSubmission>(record) : PlanSubmission.Begin(plan), row.Document) { Stored = row.Record });
            }
            catch (Exception fault) when (fault is JsonException or FormatException or ArgumentException or NotSupportedException)
            {
                unread.Add(new UnreadSubmission(contract, Instant.FromUnixTimeTicks(row.StartsAt), SafeText.Line(fault.Message), row.Record is not null));
            }
        }

        return new DueSubmissions(due, unread);
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
    /// <param name="ct">Given up only before it is stored.</param>
    public Task SaveAsync(EntryId contract, PlanSubmission submission, CancellationToken ct) => store.WriteAsync(tx => SaveAsync(tx, contract, submission), ct);

    private static Task<int> SaveAsync(DbTransaction tx, EntryId contract, PlanSubmission submission) => tx.Connection!.ExecuteAsync(
        """
        INSERT INTO submissions (tenant, contract_id, starts_at, record, next_at) VALUES (@Tenant, @Key, @From, @record, @NextAt)
        ON CONFLICT (tenant, contract_id, starts_at) DO UPDATE SET record = excluded.record, next_at = excluded.next_at
        """,
        Record(contract, submission),
        tx);

    /// <summary>Keeps what a try came to; once it is known that the plan was taken, nothing else is noted of it, whoever else tried it meanwhile.</summary>
    /// <param name="contract">Whose plan.</param>
    /// <param name="submission">After the try.</param>
    /// <param name="ct">Given up only before it is stored.</param>
    /// <returns>As it stands now.</returns>
    public Task<PlanSubmission> NoteAsync(EntryId contract, PlanSubmission submission, CancellationToken ct) => store.WriteAsync(
        async tx =>
        {
            var held = await tx.Connection!.QuerySingleOrDefaultAsync<string>(
                "SELECT record FROM submissions WHERE tenant = @Tenant AND contract_id = @Key AND starts_at = @From", new { contract.Tenant, contract.Key, submission.From }, tx);
            if (held is not null && TryRead(held) is { SubmittedAt: not null } taken)
            {
                return taken;
            }

            await SaveAsync(tx, contract, submission);
            return submission;
        },
        ct);

    /// <summary>How the submissions of periods that begin in [from, until] stand; what can't be read is not among them.</summary>
    public async Task<IReadOnlyDictionary<(EntryId Contract, Instant From), PlanSubmission>> StandingAsync(string tenant, Instant from, Instant until, CancellationToken ct)
    {
        var rows = await store.ReadAsync(
            db => db.QueryAsync<Row>(
                "SELECT contract_id AS Id, starts_at AS StartsAt, record AS Record FROM submissions WHERE tenant = @tenant AND starts_at >= @from AND starts_at <= @until",
                new { tenant, from, until }),
            ct);
        return rows.Select(r => (Contract: new EntryId(tenant, r.Id), Submission: TryRead(r.Record!))).Where(r => r.Submission is not null)
            .ToDictionary(r => (r.Contract, r.Submission!.From), r => r.Submission!);
    }

    /// <summary>Notes what the clock says of a submission, or that a try goes out, unless somebody noted anything of it meanwhile.</summary>
    /// <param name="due">As it was read.</param>
    /// <param name="submission">As it stands.</param>
    /// <param name="ct">Given up only before it is stored.</param>
    /// <param name="document">What goes out; what was kept of a try before stands.</param>
    /// <returns>False: somebody did.</returns>
    public async Task<bool> MarkAsync(DueSubmission due, PlanSubmission submission, CancellationToken ct, string? document = null) => await store.WriteAsync(
        tx => tx.Connection!.ExecuteAsync(
            due.Stored is null
                ? """
                  INSERT INTO submissions (tenant, contract_id, starts_at, record, next_at, document) VALUES (@Tenant, @Key, @From, @record, @NextAt, @document)
                  ON CONFLICT (tenant, contract_id, starts_at) DO NOTHING
                  """
                : """
                  UPDATE submissions SET record = @record, next_at = @NextAt, document = COALESCE(document, @document)
                  WHERE tenant = @Tenant AND contract_id = @Key AND starts_at = @From AND record = @before
                  """,
            Record(due.Contract, submission, document, due.Stored),
            tx),
        ct) == 1;

    private static object Record(EntryId contract, PlanSubmission submission, string? document = null, string? before = null) =>
        new { contract.Tenant, contract.Key, submission.From, record = JsonSerializer.Serialize(submission, ContractJson.Options), submission.NextAt, document, before };

    /// <exception cref="JsonException">It is no such record.</exception>
    private static T Read<T>(string record) => JsonSerializer.Deserialize<T>(record, ContractJson.Options) ?? throw new JsonException("the record is empty");

    /// <summary>Null: it can't be read.</summary>
    private static PlanSubmission? TryRead(string record)
    {
        try
        {
            return Read<PlanSubmission>(record);
        }
        catch (Exception fault) when (fault is JsonException or FormatException or ArgumentException or NotSupportedException)
        {
            return null;
        }
    }

    private sealed class Row
    {
        public string Id { get; set; } = string.Empty;
        public long StartsAt { get; set; }
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
internal sealed record DueSubmission(EntryId Contract, PlannedPeriod Plan, PlanSubmission Submission, string? Document)
{
    /// <summary>What is stored of the submission, as it is there; null: nothing.</summary>
    public string? Stored { get; init; }
}

/// <summary>What was found due.</summary>
/// <param name="Due">Can be tried, or told.</param>
/// <param name="Unread">Can't be read: nobody gets it unless somebody submits it by hand.</param>
internal sealed record DueSubmissions(IReadOnlyList<DueSubmission> Due, IReadOnlyList<UnreadSubmission> Unread);

/// <summary>A decided period whose plan, or what is stored of its submission, can't be read.</summary>
/// <param name="Contract">Whose.</param>
/// <param name="From">Begin of the period.</param>
/// <param name="Problem">Why not.</param>
/// <param name="IsNoted">Something was noted of its submission: it may have been taken.</param>
internal sealed record UnreadSubmission(EntryId Contract, Instant From, string Problem, bool IsNoted);
