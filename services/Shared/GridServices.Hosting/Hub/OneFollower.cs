using GridServices.Hosting.Clustering;
using GridServices.Hosting.Storage;

namespace GridServices.Hosting.Hub;

/// <summary>In a cluster one node follows the hub's feedback at a time, for all of them; elsewhere this process does.</summary>
internal sealed class OneFollower(Store store, ClusterNode node)
{
    private static readonly TimeSpan LookAgain = TimeSpan.FromSeconds(1);

    /// <summary>Follows while this node is the one, begun anew each time that it becomes it.</summary>
    /// <param name="follow">Until it is cancelled.</param>
    /// <param name="over">Called in a cluster when the turn is over: from then on how far the feedback is read is another node's to say.</param>
    /// <param name="ct">The service ends.</param>
    public async Task RunAsync(Func<CancellationToken, Task> follow, Action over, CancellationToken ct)
    {
        if (!node.IsOn)
        {
            await follow(ct);
            return;
        }

        while (!ct.IsCancellationRequested)
        {
            try
            {
                await using var turn = await store.TryLockAsync("feedback", ct);
                await (turn is null ? Task.CompletedTask : FollowAsync(turn, follow, over, ct));
            }
            catch (OperationCanceledException) when (ct.IsCancellationRequested)
            {
                return;
            }
            catch (Exception away) when (away is not OutOfMemoryException)
            {
                // Nobody follows while the store is away, refuses its sessions or breaks them, as whatever that shows: nothing could be stored.
            }

            await PauseAsync(ct);
        }
    }

    private static async Task FollowAsync(StoreLock storeLock, Func<CancellationToken, Task> follow, Action over, CancellationToken ct)
    {
        using var ending = CancellationTokenSource.CreateLinkedTokenSource(ct);
        var following = follow(ending.Token);
        try
        {
            while (!following.IsCompleted && !ct.IsCancellationRequested && await storeLock.IsHeldAsync(ct))
            {
                await PauseAsync(ct);
            }
        }
        finally
        {
            await ending.CancelAsync();
            await following.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            over();
        }

        await following;
    }

    // In real time, as the database's is.
    private static async Task PauseAsync(CancellationToken ct) => await Task.Delay(LookAgain, TimeProvider.System, ct).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
}
