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
    private readonly ConcurrentDictionary<string, JobTurn> _turns = new(StringComparer.Ordinal);

    /// <summary>One run; where the last one is still going on, that one runs once more. The next turn of the plan is the retry.</summary>
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

        var turn = _turns.GetOrAdd(name, _ => new JobTurn());
        if (!turn.TryBegin())
        {
            return;
        }

        try
        {
            do
            {
                await ((IRecurringJob)services.GetRequiredService(known.Job)).RunAsync(ct);
                failures.Remove(name);
            }
            while (turn.TryContinue());
        }
        catch (Exception fault) when (fault is not OperationCanceledException)
        {
            var reason = SafeText.Line(fault.Message);
            failures.Note(name, reason);
            LogFailed(logger, name, reason);
            turn.End();
            throw;
        }
        catch (OperationCanceledException)
        {
            turn.End();
            throw;
        }
    }

    [LoggerMessage(EventIds.JobRunnerUnknown, LogLevel.Warning, "There is no job {Name} in this version; remove it at /jobs")]
    private static partial void LogUnknown(ILogger logger, string name);

    [LoggerMessage(EventIds.JobRunnerFailed, LogLevel.Warning, "Job {Name} failed and runs again by its plan: {Reason}")]
    private static partial void LogFailed(ILogger logger, string name, string reason);
}
