using GridServices.Hosting.Auth;
using GridServices.Hosting.Clustering;
using GridServices.Hosting.Storage;
using GridServices.Hosting.Telemetry;
using GridServices.Hosting.Web;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Hosting;
using Microsoft.Extensions.Logging;

namespace GridServices.Hosting;

/// <summary>Before any other part starts: tokens read, store opened and up to date.</summary>
internal sealed partial class ServiceStart(
    TokenDirectory tokens, IssuerKeys keys, Store store, Standby standby, ServiceIdentity identity, StartPhase phase, IConfiguration configuration, ClusterNode node, ILogger<ServiceStart> logger)
    : IHostedLifecycleService, IAsyncDisposable
{
    private const int MoreTries = 3;
    private StoreLock? _share;

    public async Task StartingAsync(CancellationToken cancellationToken)
    {
        tokens.Open();
        await keys.OpenAsync(cancellationToken);
        await store.ReachAsync(cancellationToken);
        if (node.IsOn)
        {
            // Before the tables are brought up to date: an instance that works alone may still need them as they are.
            _share = await store.TryShareAsync(cancellationToken) ?? throw new StartException(ClusterNode.WorksAlone);
        }

        if (await TryOwnAsync(cancellationToken))
        {
            await store.MigrateAsync(cancellationToken);
            LogStore(logger, identity.Name, store.Place);
        }
        else
        {
            var owner = await store.OwnerAsync(cancellationToken);
            standby.Waits($"stand-by: {owner} works on the same store");
            LogStandby(logger, identity.Name, owner, store.Place);
        }

        foreach (var address in Listening.Addresses(configuration, identity).Where(Listening.IsExposed))
        {
            LogExposed(logger, address);
        }
    }

    /// <summary>A database that is slow for a moment ends no start; one that is away does, in its own words.</summary>
    private async Task<bool> TryOwnAsync(CancellationToken ct)
    {
        for (var left = MoreTries; ; left--)
        {
            try
            {
                return await store.TryOwnAsync(ct);
            }
            catch (StoreUnavailableException) when (left > 0)
            {
                await Task.Delay(TimeSpan.FromSeconds(1), TimeProvider.System, ct);
            }
        }
    }

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken)
    {
        phase.Started = true;
        return Task.CompletedTask;
    }

    public Task StoppingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    /// <summary>First everything has stopped, then a stand-by may begin.</summary>
    public async Task StoppedAsync(CancellationToken cancellationToken)
    {
        await DisposeAsync();
        await store.ReleaseAsync();
    }

    /// <summary>Also where a later part of the start failed.</summary>
    public ValueTask DisposeAsync() => Interlocked.Exchange(ref _share, null)?.DisposeAsync() ?? ValueTask.CompletedTask;

    [LoggerMessage(EventIds.ServiceStartExposed, LogLevel.Warning,
        "{Address} is reachable from other machines without TLS: tokens can be read on the way. Use https there, or keep to a network you trust")]
    private static partial void LogExposed(ILogger logger, string address);

    [LoggerMessage(EventIds.ServiceStartStandby, LogLevel.Warning, "{Service} is a stand-by: {Owner} works on {Place}. Requests are answered 503 here until that process ends, then this one takes over. If two were not meant to run, stop one of them, or give this one another Storage:Schema")]
    private static partial void LogStandby(ILogger logger, string service, string owner, string place);

    [LoggerMessage(EventIds.ServiceStartStore, LogLevel.Information, "{Service} stores in {Place}")]
    private static partial void LogStore(ILogger logger, string service, string place);
}
