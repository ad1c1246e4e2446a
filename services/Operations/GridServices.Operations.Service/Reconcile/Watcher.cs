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
        var isLoaded = false;
        while (!stoppingToken.IsCancellationRequested)
        {
            var began = time.GetTimestamp();
            isLoaded = isLoaded || await TryLoadAsync(stoppingToken);

            // Since when a service is away must be known before it is looked at, or it would count from now.
            foreach (var tenant in isLoaded ? tokens.Tenants : [])
            {
                await PassAsync(tenant, stoppingToken);
            }

            // Of the time, at most half goes into looking.
            var pause = TimeSpan.FromTicks(Math.Max(options.Every.Ticks, time.GetElapsedTime(began).Ticks));
            await Task.Delay(pause, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task<bool> TryLoadAsync(CancellationToken ct)
    {
        try
        {
            await availability.LoadAsync(ct);
            return true;
        }
        catch (Exception fault) when (fault is not OutOfMemoryException && !ct.IsCancellationRequested)
        {
            LogNotLoaded(logger, fault);
        }
        catch (Exception) when (ct.IsCancellationRequested)
        {
            // The service stops.
        }

        return false;
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
        catch (Exception) when (ct.IsCancellationRequested)
        {
            // The service stops.
        }
    }

    [LoggerMessage(EventIds.WatcherNotLoaded, LogLevel.Error, "Since when services are away can't be read; nothing is looked at until it is, and it is tried again")]
    private static partial void LogNotLoaded(ILogger logger, Exception fault);

    [LoggerMessage(EventIds.WatcherFailed, LogLevel.Error, "A look at the services for tenant {Tenant} failed; it is tried again")]
    private static partial void LogFailed(ILogger logger, string tenant, Exception fault);
}
