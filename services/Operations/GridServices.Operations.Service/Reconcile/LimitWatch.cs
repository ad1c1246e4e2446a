using GridServices.Operations.Service.Clients;
using GridServices.Operations.Service.Compliance;

namespace GridServices.Operations.Service.Reconcile;

/// <summary>Looks at the limits of sites in events on a loop of its own: a look speaks for 30 s only, and waits for no other work of a tenant.</summary>
internal sealed partial class LimitWatch(ServiceTokens tokens, LimitRecorder limits, WatchOptions options, TimeProvider time, ILogger<LimitWatch> logger) : BackgroundService
{
    protected override Task ExecuteAsync(CancellationToken stoppingToken) => Task.Run(() => LoopAsync(stoppingToken), stoppingToken);

    private async Task LoopAsync(CancellationToken ct)
    {
        while (!ct.IsCancellationRequested)
        {
            await Task.WhenAll(tokens.Tenants.Select(tenant => CheckAsync(tenant, ct)));
            await Task.Delay(options.Every, time, ct).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task CheckAsync(string tenant, CancellationToken ct)
    {
        try
        {
            await limits.CheckAsync(tenant, ct);
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

    [LoggerMessage(EventIds.LimitWatchFailed, LogLevel.Error, "The limits of tenant {Tenant} could not be looked at; what holds meanwhile is not known, and it is tried again")]
    private static partial void LogFailed(ILogger logger, string tenant, Exception fault);
}
