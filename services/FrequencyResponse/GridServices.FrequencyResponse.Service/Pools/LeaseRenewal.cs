using GridServices.Contracts;
using GridServices.FrequencyResponse.Safety;
using GridServices.FrequencyResponse.Service.Storage;
using GridServices.Hosting.Storage;

namespace GridServices.FrequencyResponse.Service.Pools;

/// <summary>
/// Keeps the right to command: one process per tenant and database. Without it nothing is sent; whoever takes over has a higher token,
/// so that a late datagram of the one before is known as such by its receiver.
/// </summary>
internal sealed partial class LeaseRenewal(LeaseStore leases, PoolHost host, TimeProvider time, ILogger<LeaseRenewal> log) : BackgroundService
{
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(1);
    private readonly string _holder = Guid.NewGuid().ToString("N");

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            await RenewAsync(stoppingToken);
            foreach (var tenant in host.Tenants.ToList())
            {
                await RenewLeaseAsync(tenant, stoppingToken);
            }

            await host.MaintainAsync();
            await Task.Delay(Every, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        // First we stop, then another may begin.
        foreach (var tenant in host.Tenants.ToList())
        {
            host.Grant(tenant, WriterLease.None);
        }

        try
        {
            await leases.ReleaseAsync(_holder);
        }
        catch (StoreUnavailableException)
        {
            // It runs out by itself.
        }
    }

    /// <summary>A tenant, or a contract, that another process has taken in is ours to take over, too.</summary>
    private async Task RenewAsync(CancellationToken ct)
    {
        try
        {
            await host.RenewAsync(ct);
        }
        catch (StoreUnavailableException)
        {
            // What is known stands; the lease below tells of it.
        }
        catch (OperationCanceledException)
        {
            // The service stops.
        }
        catch (Exception fault) when (fault is not OutOfMemoryException)
        {
            // Without this loop the right to command runs out, and with it every response.
            LogFailed(log, fault);
        }
    }

    private async Task RenewLeaseAsync(string tenant, CancellationToken ct)
    {
        // Counted from before the question: our own clock must never say yes longer than the database does.
        var until = host.NowNanos + (LeaseStore.Length.ToInt64Nanoseconds() * 8 / 10);
        var held = host.GetLease(tenant);
        try
        {
            var token = await leases.TryAcquireAsync(tenant, _holder, ct);
            await host.OnLeaseRequestedAsync(tenant, token is not null, ct);
            host.Grant(tenant, token is { } granted ? new WriterLease(granted, until) : WriterLease.None);
            if (token is { } now && now != held.Token)
            {
                LogGranted(log, tenant, now);
            }
        }
        catch (StoreUnavailableException e)
        {
            LogUnknown(log, tenant, SafeText.Line(e.Message));
        }
        catch (OperationCanceledException)
        {
            // The service stops.
        }
        catch (Exception fault) when (fault is not OutOfMemoryException)
        {
            LogFailed(log, fault);
        }
    }

    [LoggerMessage(EventIds.LeaseRenewalGranted, LogLevel.Information, "This process commands the assets of tenant {Tenant}, token {Token}")]
    private static partial void LogGranted(ILogger logger, string tenant, long token);

    [LoggerMessage(EventIds.LeaseRenewalUnknown, LogLevel.Warning, "The right to command tenant {Tenant} can't be renewed and runs out: {Reason}")]
    private static partial void LogUnknown(ILogger logger, string tenant, string reason);

    [LoggerMessage(EventIds.LeaseRenewalFailed, LogLevel.Error, "What another process changed, or the right to command, can't be followed now; it is tried again each second")]
    private static partial void LogFailed(ILogger logger, Exception fault);
}
