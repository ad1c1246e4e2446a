using System.Collections.Concurrent;
using GridServices.Cluster.Nodes;
using GridServices.Contracts;
using GridServices.Hosting.Clustering;

namespace GridServices.Cluster.Placement;

/// <summary>
/// Sees each second that every stored key that is this node's runs here, and that what is another node's goes there. Each node looks after its own keys, so
/// that the cost does not grow with nodes × keys.
/// </summary>
internal sealed partial class PlacementReconciler(
    IPlacedWork work, IGrainFactory grains, Placements placements, LiveNodes nodes, TakeOvers takeOvers, ClusterMetrics metrics, TimeProvider time, ILogger<PlacementReconciler> log) : BackgroundService
{
    private const int AtOnce = 32;

    /// <summary>At the end most keys only wait, up to two seconds, for a reply of their utility: in turn that would take longer than the stop may.</summary>
    private const int EndingAtOnce = 10_000;

    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);

    /// <summary>Running work moves only once the nodes have been the same for so long: one that comes and goes at once moves nothing.</summary>
    private static readonly TimeSpan Settling = TimeSpan.FromSeconds(5);

    /// <summary>What was started and does not run (its rows can't be read, say) is tried again after this.</summary>
    private static readonly TimeSpan TryAgain = TimeSpan.FromSeconds(30);

    private readonly SemaphoreSlim _releases = new(AtOnce);
    private readonly ConcurrentDictionary<PlacedKey, long> _tried = new();
    private readonly HashSet<PlacedKey> _held = [];
    private bool _settled;

    /// <summary>Hands over what runs here before this node leaves: those that go on take over from nobody.</summary>
    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        nodes.Leave();
        await EachAsync([.. work.RunningKeys], key => TryReleaseAsync(key, cancellationToken), cancellationToken, EndingAtOnce);
    }

    public override void Dispose()
    {
        base.Dispose();
        _releases.Dispose();
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        metrics.Watch(() => nodes.Now().Count);
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await ReconcileAsync(stoppingToken);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }
            catch (Exception fault) when (fault is not OutOfMemoryException)
            {
                // Without it nothing is ever taken over: it never gives up.
                LogFailed(SafeText.Line(fault.Message));
            }

            await Task.Delay(Interval, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task ReconcileAsync(CancellationToken ct)
    {
        // A request may have made it here: its grain comes after it.
        await EachAsync(work.RunningKeys.Where(key => nodes.IsMine(key.ToString()) && _held.Add(key)).ToList(), key => TryAsync(key, move: false), ct);
        _held.RemoveWhere(key => !work.Runs(key));
        var stored = await work.KeysAsync(null, ct);
        foreach (var gone in _tried.Keys.Except(stored))
        {
            _tried.TryRemove(gone, out _);
        }

        var missing = stored.Where(key => !work.Runs(key) && nodes.IsMine(key.ToString()) && MayTry(key)).ToList();
        var unstarted = 0;
        await EachAsync(
            missing,
            async key =>
            {
                if (!await TryAsync(key, move: false))
                {
                    Interlocked.Increment(ref unstarted);
                }
            },
            ct);
        if (nodes.Unchanged >= Settling)
        {
            await EachAsync(work.RunningKeys.Where(key => !nodes.IsMine(key.ToString())).ToList(), key => TryAsync(key, move: true), ct);
        }

        await takeOvers.ReportAsync(ct);
        if (!_settled && unstarted == 0 && nodes.Now().Contains(nodes.Me))
        {
            _settled = true;
            work.Settled();
        }
    }

    private async Task TryReleaseAsync(PlacedKey key, CancellationToken ct)
    {
        try
        {
            await work.StopAsync(key);
            await ReleaseAsync(key, ct);
        }
        catch (Exception away) when (away is not OutOfMemoryException)
        {
            LogUnstarted(work.Title, key, SafeText.Line(away.Message));
        }
    }

    private async Task ReleaseAsync(PlacedKey key, CancellationToken ct)
    {
        // Once the stop has lasted too long nobody waits for it: others take over all the same.
        await _releases.WaitAsync(ct);
        try
        {
            await placements.ReleaseAsync(key);
        }
        finally
        {
            _releases.Release();
        }
    }

    private bool MayTry(PlacedKey key) => !_tried.TryGetValue(key, out var at) || (time.GetElapsedTime(at) >= TryAgain && _tried.TryRemove(key, out _));

    private async Task<bool> TryAsync(PlacedKey key, bool move)
    {
        try
        {
            var grain = grains.GetGrain<IPlacedGrain>(key.ToString());
            if (move)
            {
                await grain.MoveAsync();
            }

            if (!await grain.EnsureAsync() && !await grain.EnsureAsync())
            {
                _tried[key] = time.GetTimestamp();
            }

            if (move && work.Runs(key) && !nodes.IsMine(key.ToString()))
            {
                // A request had made it here, and no grain held it: it runs there by now.
                await work.StopAsync(key);
            }

            return true;
        }
        catch (Exception fault) when (fault is not OutOfMemoryException)
        {
            LogUnstarted(work.Title, key, SafeText.Line(fault.Message));
            return false;
        }
    }

    private static Task EachAsync(IReadOnlyList<PlacedKey> keys, Func<PlacedKey, Task> each, CancellationToken ct, int atOnce = AtOnce) =>
        Parallel.ForEachAsync(keys, new ParallelOptions { MaxDegreeOfParallelism = atOnce, CancellationToken = ct }, async (key, _) => await each(key));

    [LoggerMessage(EventIds.KeeperFailed, LogLevel.Warning, "What this node is to run could not be looked at, it is again in a second: {Reason}")]
    private partial void LogFailed(string reason);

    [LoggerMessage(EventIds.KeeperUnstarted, LogLevel.Warning, "{Title} {Key} could not be started or handed over, it is tried again in a second: {Reason}")]
    private partial void LogUnstarted(string title, PlacedKey key, string reason);
}
