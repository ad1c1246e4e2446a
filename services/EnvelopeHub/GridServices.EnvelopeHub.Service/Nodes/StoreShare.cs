using GridServices.Hosting;
using GridServices.Hosting.Storage;

namespace GridServices.EnvelopeHub.Service.Nodes;

/// <summary>
/// Several instances write to the store together: as long as one of them lives, an instance without cluster mode, which would write alone and follow nobody,
/// waits as a stand-by. Before everything else that writes.
/// </summary>
internal sealed partial class StoreShare(Store store, CommitNotices notices, TimeProvider time, IHostApplicationLifetime lifetime, ILogger<StoreShare> logger) : BackgroundService
{
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(1);
    private StoreLock? _hold;

    /// <exception cref="StartException">An instance without cluster mode works on the store.</exception>
    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        if (notices.IsShared)
        {
            _hold = await store.TryShareAsync(cancellationToken) ?? throw new StartException(
                $"Another process works on {store.Place} alone, without Cluster:PostgreSql. Stop it, or start it with Cluster:PostgreSql as well.");
        }

        await base.StartAsync(cancellationToken);
    }

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        if (_hold is { } hold)
        {
            await hold.DisposeAsync();
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (_hold is not null && !stoppingToken.IsCancellationRequested)
        {
            await Task.Delay(Every, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            if (!stoppingToken.IsCancellationRequested && !await _hold.IsHeldAsync(CancellationToken.None) && !await TryAgainAsync(_hold))
            {
                LogLost(logger, store.Place);
                lifetime.StopApplication();
                return;
            }
        }
    }

    // Its session is gone, and the right with it.
    private async Task<bool> TryAgainAsync(StoreLock lost)
    {
        try
        {
            if (await store.TryShareAsync(CancellationToken.None) is not { } again)
            {
                return false;
            }

            _hold = again;
            await lost.DisposeAsync();
        }
        catch (StoreUnavailableException)
        {
            // Nobody can take it meanwhile either; what can't be looked at is told by others.
        }

        return true;
    }

    [LoggerMessage(EventIds.StoreShareLost, LogLevel.Critical,
        "A process without Cluster:PostgreSql has taken {Place} for itself while the database was away: this instance ends. "
        + "Stop that process, or start it with Cluster:PostgreSql")]
    private static partial void LogLost(ILogger logger, string place);
}
