using System.Data.Common;
using Dapper;
using GridServices.Hosting.Storage;
using GridServices.Tariffs.Requests;
using NodaTime;

namespace GridServices.Tariffs.Service.Runs;

/// <summary>Billing runs and their jobs on disk.</summary>
internal static class RunStore
{
    public const string Waiting = "waiting";
    public const string Running = "running";
    public const string Done = "done";
    public const string Failed = "failed";
    public const string Cancelled = "cancelled";

    /// <summary>Stores a run with a job for each meter; the number of jobs.</summary>
    public static async Task<int> CreateAsync(DbTransaction tx, string tenant, string runId, BillingRunRequest request, Instant now)
    {
        await tx.Connection!.ExecuteAsync(
            "INSERT INTO billing_runs (tenant, run_id, request, state, created_at) VALUES (@tenant, @runId, @request, @Running, @now)",
            new { tenant, runId, request = request.Write(), Running, now },
            tx);
        const string Insert =
            """
            INSERT INTO billing_jobs (tenant, run_id, meter_id, state, tries)
            SELECT tenant, @runId, meter_id, @Waiting, 0 FROM meters WHERE tenant = @tenant
            """;
        if (request.Meters.IsEmpty)
        {
            return request.SiteId is { } siteId
                ? await tx.Connection!.ExecuteAsync($"{Insert} AND site_id = @siteId", new { tenant, runId, Waiting, siteId }, tx)
                : await tx.Connection!.ExecuteAsync(Insert, new { tenant, runId, Waiting }, tx);
        }

        var count = 0;
        foreach (var meterId in request.Meters)
        {
            count += await tx.Connection!.ExecuteAsync($"{Insert} AND meter_id = @meterId", new { tenant, runId, Waiting, meterId }, tx);
        }

        return count;
    }

    /// <summary>Jobs to work on until the lease ends, oldest runs first; those of a dead worker too.</summary>
    public static async Task<IReadOnlyList<JobRow>> ClaimAsync(DbTransaction tx, string owner, Dialect dialect, int most, Instant now, Instant leaseUntil)
    {
        var jobs = (await tx.Connection!.QueryAsync<JobRow>(
            $"""
            SELECT j.tenant AS Tenant, j.run_id AS RunId, j.meter_id AS MeterId, j.tries AS Tries, r.request AS Request
            FROM billing_jobs j JOIN billing_runs r ON r.tenant = j.tenant AND r.run_id = j.run_id
            WHERE j.state = @Waiting OR (j.state = @Running AND j.lease_until < @now)
            ORDER BY j.run_id, j.meter_id LIMIT @most {(dialect == Dialect.PostgreSql ? "FOR UPDATE OF j SKIP LOCKED" : string.Empty)}
            """,
            new { Waiting, Running, now, most },
            tx)).ToArray();
        foreach (var job in jobs)
        {
            await tx.Connection!.ExecuteAsync(
                "UPDATE billing_jobs SET state = @Running, owner = @owner, lease_until = @leaseUntil, tries = tries + 1 WHERE tenant = @Tenant AND run_id = @RunId AND meter_id = @MeterId",
                new { Running, owner, leaseUntil, job.Tenant, job.RunId, job.MeterId },
                tx);
        }

        return jobs;
    }

    /// <summary>What other workers of this store held: only where the store has one process.</summary>
    public static Task<int> TakeOverAsync(DbTransaction tx) =>
        tx.Connection!.ExecuteAsync("UPDATE billing_jobs SET state = @Waiting, owner = NULL, lease_until = NULL WHERE state = @Running", new { Waiting, Running }, tx);

    /// <summary>Stores a result, unless the job was cancelled or taken over meanwhile.</summary>
    public static Task SaveAsync(DbTransaction tx, string owner, JobResult result, Instant now) => tx.Connection!.ExecuteAsync(
        """
        UPDATE billing_jobs SET state = @State, owner = NULL, lease_until = NULL, problem = @Problem, currency = @Currency, total = @Total, payable = @Payable, delta = @Delta,
          provisional = @Provisional, data_hash = @DataHash, bill = @Bill, finished_at = @now
        WHERE tenant = @Tenant AND run_id = @RunId AND meter_id = @MeterId AND state = @Running AND owner = @owner
        """,
        new
        {
            result.State,
            result.Problem,
            result.Currency,
            result.Total,
            result.Payable,
            result.Delta,
            result.Provisional,
            result.DataHash,
            result.Bill,
            now,
            result.Job.Tenant,
            result.Job.RunId,
            result.Job.MeterId,
            Running,
            owner,
        },
        tx);

    public static Task CloseAsync(DbTransaction tx, Instant now) => tx.Connection!.ExecuteAsync(
        """
        UPDATE billing_runs SET state = @Done, finished_at = @now WHERE state = @Running
          AND NOT EXISTS (SELECT 1 FROM billing_jobs j WHERE j.tenant = billing_runs.tenant AND j.run_id = billing_runs.run_id AND j.state IN (@Waiting, @Running))
        """,
        new { Done, now, Running, Waiting },
        tx);

    public static async Task<bool> CancelAsync(DbTransaction tx, string tenant, string runId, Instant now)
    {
        await tx.Connection!.ExecuteAsync(
            "UPDATE billing_jobs SET state = @Cancelled, owner = NULL, lease_until = NULL WHERE tenant = @tenant AND run_id = @runId AND state IN (@Waiting, @Running)",
            new { Cancelled, tenant, runId, Waiting, Running },
            tx);
        return await tx.Connection!.ExecuteAsync(
            "UPDATE billing_runs SET state = @Cancelled, finished_at = @now WHERE tenant = @tenant AND run_id = @runId AND state = @Running", new { Cancelled, now, tenant, runId, Running }, tx) > 0;
    }

    public static async Task<RunRow?> FindAsync(DbConnection db, string tenant, string runId) => await db.QuerySingleOrDefaultAsync<RunRow>(
        $"{RunColumns} WHERE tenant = @tenant AND run_id = @runId", new { tenant, runId });

    /// <summary>The latest runs first; <paramref name="after"/> a run, where one is named.</summary>
    public static async Task<IReadOnlyList<RunRow>> ListAsync(DbConnection db, string tenant, string? after, int most) => [.. await db.QueryAsync<RunRow>(
        after is null
            ? $"{RunColumns} WHERE tenant = @tenant ORDER BY created_at DESC, run_id DESC LIMIT @most"
            : $"""
              {RunColumns} WHERE tenant = @tenant AND (created_at, run_id) < (SELECT created_at, run_id FROM billing_runs WHERE tenant = @tenant AND run_id = @after)
              ORDER BY created_at DESC, run_id DESC LIMIT @most
              """,
        new { tenant, after, most })];

    public static async Task<IReadOnlyDictionary<string, int>> CountsAsync(DbConnection db, string tenant, string runId) =>
        (await db.QueryAsync<CountRow>("SELECT state AS State, COUNT(*) AS Count FROM billing_jobs WHERE tenant = @tenant AND run_id = @runId GROUP BY state", new { tenant, runId }))
        .ToDictionary(c => c.State, c => (int)c.Count, StringComparer.Ordinal);

    /// <summary>Results by meter id, without the bills themselves.</summary>
    public static async Task<IReadOnlyList<ResultRow>> ResultsAsync(DbConnection db, string tenant, string runId, string after, int most) => [.. await db.QueryAsync<ResultRow>(
        """
        SELECT meter_id AS MeterId, state AS State, problem AS Problem, currency AS Currency, total AS Total, payable AS Payable, delta AS Delta, provisional AS Provisional,
               data_hash AS DataHash, finished_at AS FinishedAt
        FROM billing_jobs WHERE tenant = @tenant AND run_id = @runId AND meter_id > @after ORDER BY meter_id LIMIT @most
        """,
        new { tenant, runId, after, most })];

    public static async Task<byte[]?> BillAsync(DbConnection db, string tenant, string runId, string meterId) => await db.QuerySingleOrDefaultAsync<byte[]>(
        "SELECT bill FROM billing_jobs WHERE tenant = @tenant AND run_id = @runId AND meter_id = @meterId", new { tenant, runId, meterId });

    /// <summary>The last 120 bills of the job's meter in other runs, the latest calculated first.</summary>
    public static async Task<IReadOnlyList<byte[]>> ListEarlierBillsAsync(DbTransaction tx, JobRow job) => [.. await tx.Connection!.QueryAsync<byte[]>(
        """
        SELECT bill FROM billing_jobs
        WHERE tenant = @Tenant AND meter_id = @MeterId AND state = @Done AND bill IS NOT NULL
          AND run_id <> @RunId
        ORDER BY finished_at DESC, run_id DESC LIMIT 120
        """,
        new { job.Tenant, job.MeterId, job.RunId, Done },
        tx)];

    private const string RunColumns =
        "SELECT tenant AS Tenant, run_id AS RunId, request AS Request, state AS State, created_at AS CreatedAt, finished_at AS FinishedAt FROM billing_runs";

    private sealed class CountRow
    {
        public string State { get; set; } = string.Empty;
        public long Count { get; set; }
    }
}

/// <summary>A run as it is stored.</summary>
internal sealed class RunRow
{
    public string Tenant { get; set; } = string.Empty;
    public string RunId { get; set; } = string.Empty;
    public string Request { get; set; } = string.Empty;
    public string State { get; set; } = string.Empty;
    public Instant CreatedAt { get; set; }
    public Instant? FinishedAt { get; set; }
}

/// <summary>A claimed job.</summary>
internal sealed class JobRow
{
    public string Tenant { get; set; } = string.Empty;
    public string RunId { get; set; } = string.Empty;
    public string MeterId { get; set; } = string.Empty;
    public long Tries { get; set; }
    public string Request { get; set; } = string.Empty;
}

/// <summary>What became of a job.</summary>
internal sealed record JobResult(JobRow Job, string State)
{
    public string? Problem { get; init; }
    public string? Currency { get; init; }
    public string? Total { get; init; }
    public string? Payable { get; init; }
    public string? Delta { get; init; }
    public long? Provisional { get; init; }
    public string? DataHash { get; init; }
    public byte[]? Bill { get; init; }
}

/// <summary>A result as it is shown.</summary>
internal sealed class ResultRow
{
    public string MeterId { get; set; } = string.Empty;
    public string State { get; set; } = string.Empty;
    public string? Problem { get; set; }
    public string? Currency { get; set; }
    public string? Total { get; set; }
    public string? Payable { get; set; }
    public string? Delta { get; set; }
    public long? Provisional { get; set; }
    public string? DataHash { get; set; }
    public Instant? FinishedAt { get; set; }
}
