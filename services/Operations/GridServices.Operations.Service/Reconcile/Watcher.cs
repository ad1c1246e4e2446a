using GridServices.Operations.Service.Clients;
using GridServices.Operations.Service.Events;
using GridServices.Operations.Service.Money;
using GridServices.Operations.Service.Readiness;

namespace GridServices.Operations.Service.Reconcile;

/// <summary>Every few seconds: what the services hold, the events of utilities, and whether what was chosen holds. A change at a service is seen within five seconds.</summary>
internal sealed partial class Watcher(
    ServiceTokens tokens, ServiceAvailability availability, ServicePoll poll, EventCollector collector, OptScheduleReconciler schedules, OptReconciler opt, TestLimits tests, EnrollmentWatch enrollments, BillRunWatch runs, WatchOptions options, TimeProvider time, ILogger<Watcher> logger) : BackgroundService
{
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        await availability.LoadAsync(stoppingToken);
        while (!stoppingToken.IsCancellationRequested)
        {
            var began = time.GetTimestamp();
            foreach (var tenant in tokens.Tenants)
            {
                await PassAsync(tenant, stoppingToken);
            }

            // Of the time, at most half goes into looking.
            var pause = TimeSpan.FromTicks(Math.Max(options.Every.Ticks, time.GetElapsedTime(began).Ticks));
            await Task.Delay(pause, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>One look for one tenant. A fault in one part is told, and keeps nothing from the other parts.</summary>
    internal async Task PassAsync(string tenant, CancellationToken ct)
    {
        try
        {
            var faults = new RunFaults(ct);
            await faults.IsolateAsync("what the services hold", () => poll.PollAsync(tenant, ct));
            await faults.IsolateAsync("events", () => collector.CollectAsync(tenant, ct));
            await faults.IsolateAsync("opt schedules", () => schedules.ReconcileAsync(tenant, ct));
            await faults.IsolateAsync("opts", () => opt.ReconcileAsync(tenant, ct));
            await faults.IsolateAsync("test limits", () => tests.CheckAsync(tenant, ct));
            await faults.IsolateAsync("enrollments", () => enrollments.CheckAsync(tenant, ct));
            await faults.IsolateAsync("billing runs", () => runs.CheckAsync(tenant, ct));
            faults.ThrowIfAny();
        }
        catch (Exception fault) when (fault is not OutOfMemoryException && !ct.IsCancellationRequested)
        {
            LogFailed(logger, tenant, fault);
        }
        catch (OperationCanceledException) when (ct.IsCancellationRequested)
        {
            // The service stops.
        }
    }

    [LoggerMessage(EventIds.WatcherFailed, LogLevel.Error, "A look at the services for tenant {Tenant} failed; it is tried again")]
    private static partial void LogFailed(ILogger logger, string tenant, Exception fault);
}
