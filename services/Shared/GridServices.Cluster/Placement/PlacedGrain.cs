using GridServices.Contracts;
using GridServices.Hosting.Clustering;
using GridServices.Hosting.Hub;
using GridServices.Hosting.Storage;

namespace GridServices.Cluster.Placement;

/// <summary>
/// Runs a key of the work on the node where it is activated. Orleans may activate it twice for a moment while nodes fail: the one that took its number
/// later goes on, and every commit of the other is refused.
/// </summary>
[KeyPlacement]
[KeepAlive]
internal sealed class PlacedGrain(IPlacedWork work, LocalHearing hearing, Placements placements, TakeOvers takeOvers, LiveNodes nodes, TimeProvider time) : Grain, IPlacedGrain
{
    private readonly PendingReadings _readings = new(time);

    private PlacedKey Key => PlacedKey.Parse(this.GetPrimaryKeyString());

    public override async Task OnActivateAsync(CancellationToken cancellationToken)
    {
        if (nodes.Leaves)
        {
            throw new StoreUnavailableException($"This node ends: {work.Title} {Key} is started on another one.");
        }

        // One that was made here by a request runs already, under a number of its own.
        if (!work.Runs(Key))
        {
            var taken = await placements.AcquireAsync(work, Key, cancellationToken);
            await work.StartAsync(Key, taken.Fence, cancellationToken);
            takeOvers.Add(taken);
        }
    }

    public override async Task OnDeactivateAsync(DeactivationReason reason, CancellationToken cancellationToken)
    {
        var ran = work.Runs(Key);
        await work.StopAsync(Key);
        if (ran)
        {
            await placements.ReleaseAsync(Key);
        }
    }

    public Task<bool> EnsureAsync()
    {
        var runs = work.Runs(Key);
        if (!runs)
        {
            // Deleted, or started elsewhere: the next call activates it where it belongs.
            DeactivateOnIdle();
        }

        return Task.FromResult(runs);
    }

    public Task MoveAsync()
    {
        if (!nodes.IsMine(Key.ToString()))
        {
            DeactivateOnIdle();
        }

        return Task.CompletedTask;
    }

    public Task<string?> WhyUnheardAsync(string tenant, string siteId, string service, string stream) =>
        Task.FromResult(hearing.Of.WhyUnheard(new SpokenStream(tenant, siteId, new StreamId(service, stream), IsFresh: false)));

    /// <summary>One that can't be read misses what comes meanwhile, as it does without a cluster: it must not hold up the feedback of all others.</summary>
    public Task TakeFeedbackAsync(byte[] items) => _readings.ApplyAsync(items, TakeAsync, $"{work.Title} {Key}");

    private async Task TakeAsync(byte[] items)
    {
        if (!await work.ApplyFeedbackAsync(Key, items) && !(work.IsUnreadable(Key) && await placements.IsMineAsync(Key)))
        {
            DeactivateOnIdle();
            throw new StoreUnavailableException($"{work.Title} {Key} is being started on another node; the readings come again.");
        }
    }
}
