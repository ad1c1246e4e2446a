using GridServices.Contracts;
using Hangfire;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace GridServices.Hosting;

/// <summary>Runs the recurring jobs, from when the service has come up: its start does not wait for them.</summary>
internal sealed partial class JobServer(
    IEnumerable<RecurringJob> jobs, JobStore store, JobRunner runner, JobOptions options, ServiceIdentity identity, IHostApplicationLifetime lifetime, TimeProvider time, ILogger<JobServer> logger)
    : BackgroundService
{
    private static readonly TimeSpan Poll = TimeSpan.FromSeconds(15);
    private static readonly TimeSpan StopTime = TimeSpan.FromSeconds(3);
    // What a job does is a matter of minutes: a service that starts needs the processor for those who wait for it.
    private static readonly TimeSpan AfterStart = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan TryAgain = TimeSpan.FromSeconds(30);

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await StartedAsync(stoppingToken);
        await Task.Delay(AfterStart, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                using var server = Start();
                await Task.Delay(Timeout.InfiniteTimeSpan, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                server.SendStop();
                return;
            }
            catch (Exception fault) when (fault is not OutOfMemoryException)
            {
                // Without it nothing is ever trimmed or fetched again: it never gives up.
                LogAway(logger, SafeText.Line(fault.Message));
            }

            await Task.Delay(TryAgain, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private BackgroundJobServer Start()
    {
        var plan = new RecurringJobManager(store.Storage);
        foreach (var job in jobs)
        {
            plan.AddOrUpdate<JobRunner>(job.Name, run => run.RunAsync(job.Name, CancellationToken.None), job.Cron, new RecurringJobOptions { TimeZone = TimeZoneInfo.Utc });
            if (store.Asked.TryRemove(job.Name, out _) || job.RunsAtStart)
            {
                plan.TriggerJob(job.Name);
            }
        }

        return new BackgroundJobServer(
            new BackgroundJobServerOptions
            {
                ServerName = identity.Name,

                // No job runs beside itself: more workers than jobs would only wake and find nothing.
                WorkerCount = Math.Min(options.Workers, jobs.Count()),
                SchedulePollingInterval = Poll,
                ShutdownTimeout = StopTime,
                StopTimeout = StopTime,
                CancellationCheckInterval = Poll,
                Activator = new OneRunner(runner),
            },
            store.Storage);
    }

    private async Task StartedAsync(CancellationToken ct)
    {
        var started = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var on = lifetime.ApplicationStarted.Register(started.SetResult);
        await started.Task.WaitAsync(ct).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
    }

    private sealed class OneRunner(JobRunner runner) : JobActivator
    {
        public override object ActivateJob(Type jobType) => runner;
    }

    [LoggerMessage(EventIds.JobServerAway, LogLevel.Warning, "The recurring jobs can't be planned, they wait: {Reason}. If Jobs:PostgreSql is set, check that server")]
    private static partial void LogAway(ILogger logger, string reason);
}
