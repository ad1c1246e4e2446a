using System.Data.Common;
using GridServices.Hosting;
using GridServices.Hosting.Storage;
using NodaTime;

namespace GridServices.Tariffs.Service.Runs;

/// <summary>
/// Works on the jobs of billing runs, some at a time:
/// <code>
///   claim (lease) ─▶ calculate, several at once ─▶ results of the batch: one commit ─▶ claim …
/// </code>
/// Killed anywhere, a job is either waiting, leased (and resumed) or done with its bill: it is never billed twice and never lost.
/// </summary>
internal sealed partial class BillingRunner(Store store, MeterBilling billing, IClock clock, TimeProvider time, ILogger<BillingRunner> log) : BackgroundService
{
    private const int AtOnce = 32;
    private const int MostTries = 3;
    private static readonly Duration Lease = Duration.FromMinutes(1);
    private static readonly TimeSpan Idle = TimeSpan.FromMilliseconds(500);
    private static readonly int Workers = Math.Max(1, Environment.ProcessorCount / 2);
    private readonly string owner = Guid.NewGuid().ToString("N");
    private readonly SemaphoreSlim wake = new(0, 1);

    /// <summary>There is something to do.</summary>
    public void Wake()
    {
        try
        {
            wake.Release();
        }
        catch (SemaphoreFullException)
        {
            // Already awake.
        }
    }

    public override void Dispose()
    {
        wake.Dispose();
        base.Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        var failing = false;
        var tookOver = store.Dialect != Dialect.Sqlite;
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                if (!tookOver)
                {
                    // One process owns the file: whoever held jobs is dead.
                    await store.WriteAsync(RunStore.TakeOverAsync, stoppingToken);
                    tookOver = true;
                }

                var worked = await WorkAsync(stoppingToken);
                failing = false;
                if (worked)
                {
                    continue;
                }
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (StoreUnavailableException e)
            {
                LogStoreAway(e.Message);
            }
            catch (Exception e) when (e is not OutOfMemoryException)
            {
                // Unforeseen ones too: the loop must not end for what one row holds, and the service with it.
                if (!failing)
                {
                    LogRoundFailed(e);
                }

                failing = true;
            }

            // Who waits no more must leave the queue: the next wake would be his.
            using var over = CancellationTokenSource.CreateLinkedTokenSource(stoppingToken);
            await Task.WhenAny(wake.WaitAsync(over.Token), Task.Delay(Idle, time, over.Token));
            await over.CancelAsync();
        }
    }

    private async Task<bool> WorkAsync(CancellationToken ct)
    {
        var now = clock.GetCurrentInstant();
        var jobs = await store.WriteAsync(tx => RunStore.ClaimAsync(tx, owner, store.Dialect, AtOnce, now, now + Lease), ct);
        if (jobs.Count == 0)
        {
            return false;
        }

        CrashPoint.Hit("run.claimed");
        var results = new JobResult[jobs.Count];
        await Parallel.ForAsync(0, jobs.Count, new ParallelOptions { MaxDegreeOfParallelism = Workers, CancellationToken = ct }, async (i, token) => results[i] = await CalculateAsync(jobs[i], token));
        try
        {
            await SaveAsync(results, ct);
        }
        catch (DbException e)
        {
            LogRoundFailed(e);
            await SaveSinglyAsync(results, ct);
        }

        CrashPoint.Hit("run.after-commit");
        return true;
    }

    /// <summary>What the store refuses of one meter must not keep the others' bills from being stored.</summary>
    private async Task SaveSinglyAsync(IEnumerable<JobResult> results, CancellationToken ct)
    {
        foreach (var result in results)
        {
            try
            {
                await SaveAsync([result], ct);
            }
            catch (DbException e)
            {
                LogFailed(e, result.Job.RunId, result.Job.MeterId);
                await SaveAsync([CreateFailure(result.Job, "the store refuses the bill; the service's log tells more")], ct);
            }
        }
    }

    private Task SaveAsync(IReadOnlyList<JobResult> results, CancellationToken ct) => store.WriteAsync(
        async tx =>
        {
            var done = clock.GetCurrentInstant();
            foreach (var result in results)
            {
                await RunStore.SaveAsync(tx, owner, result, done);
            }

            await RunStore.CloseAsync(tx, done);
            CrashPoint.Hit("run.before-commit");
        },
        ct);

    private static JobResult CreateFailure(JobRow job, string problem) => new(job, job.Tries + 1 < MostTries ? RunStore.Waiting : RunStore.Failed) { Problem = problem };

    /// <summary>A job that fails for a reason of ours waits for another try; the third failure is its result.</summary>
    private async Task<JobResult> CalculateAsync(JobRow job, CancellationToken ct)
    {
        try
        {
            return await billing.CalculateAsync(job, ct);
        }
        catch (Exception e) when (e is not OperationCanceledException and not StoreUnavailableException)
        {
            LogFailed(e, job.RunId, job.MeterId);
            return CreateFailure(job, "the service failed on this meter; its log tells more");
        }
    }

    [LoggerMessage(EventId = EventIds.BillingRunnerStoreAway, Level = LogLevel.Warning, Message = "Billing runs wait for the store: {Reason}")]
    private partial void LogStoreAway(string reason);

    [LoggerMessage(EventId = EventIds.BillingRunnerRoundFailed, Level = LogLevel.Error, Message = "A round of billing runs failed; it is tried again")]
    private partial void LogRoundFailed(Exception e);

    [LoggerMessage(EventId = EventIds.BillingRunnerFailed, Level = LogLevel.Error, Message = "Billing run {RunId}: meter {MeterId} failed")]
    private partial void LogFailed(Exception e, string runId, string meterId);
}
