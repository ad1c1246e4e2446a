using System.Collections.Concurrent;
using System.ComponentModel;
using GridServices.Contracts;
using GridServices.Hosting.Jobs;
using Hangfire;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace GridServices.Hosting;

/// <summary>What Hangfire calls: runs a recurring job by its name.</summary>
public sealed partial class JobRunner(IServiceProvider services, JobFailures failures, ILogger<JobRunner> logger)
{
    private readonly ConcurrentDictionary<string, SemaphoreSlim> _running = new(StringComparer.Ordinal);

    /// <summary>One run; where the last one is still going on, none. The next turn of the plan is the retry.</summary>
    [DisplayName("{0}")]
    [AutomaticRetry(Attempts = 0, OnAttemptsExceeded = AttemptsExceededAction.Fail)]
    public async Task RunAsync(string name, CancellationToken ct)
    {
        if (services.GetServices<RecurringJob>().FirstOrDefault(job => string.Equals(job.Name, name, StringComparison.Ordinal)) is not { } known)
        {
            // A plan of an earlier version, kept in PostgreSQL.
            LogUnknown(logger, name);
            return;
        }

        var one = _running.GetOrAdd(name, _ => new SemaphoreSlim(1, 1));
        if (!await one.WaitAsync(TimeSpan.Zero, ct))
        {
            return;
        }

        try
        {
            await ((IRecurringJob)services.GetRequiredService(known.Job)).RunAsync(ct);
            failures.Forget(name);
        }
        catch (Exception fault) when (fault is not OperationCanceledException)
        {
            var reason = SafeText.Line(fault.Message);
            failures.Note(name, reason);
            LogFailed(logger, name, reason);
            throw;
        }
        finally
        {
            one.Release();
        }
    }

    [LoggerMessage(EventIds.JobRunnerUnknown, LogLevel.Warning, "There is no job {Name} in this version; remove it at /jobs")]
    private static partial void LogUnknown(ILogger logger, string name);

    [LoggerMessage(EventIds.JobRunnerFailed, LogLevel.Warning, "Job {Name} failed and runs again by its plan: {Reason}")]
    private static partial void LogFailed(ILogger logger, string name, string reason);
}
