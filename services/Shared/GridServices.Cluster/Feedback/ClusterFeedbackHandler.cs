using System.Text.Json;
using GridServices.Cluster.Placement;
using GridServices.Contracts;
using GridServices.Hosting.Clustering;
using GridServices.Hosting.Hub;
using GridServices.Hosting.Storage;

namespace GridServices.Cluster.Feedback;

/// <summary>
/// Takes the hub's feedback, which one node reads, to the nodes that run what it is for:
/// <code>
/// batch ─▶ keys of its sites, from the store ─▶ after the earlier batches: each key's grain ─▶ applied and stored there ─▶ the batch counts as applied
/// </code>
/// Each call is one try. A batch that fails comes again as the same list, so that its place in the queues is its own.
/// </summary>
internal sealed class ClusterFeedbackHandler(HubOptions hub, IPlacedWork work, IGrainFactory grains) : IFeedbackHandler, IDisposable
{
    private readonly Lock _gate = new();
    private readonly SemaphoreSlim _look = new(1, 1);
    private (CancellationToken Of, KeyQueues Queues) _turn = (CancellationToken.None, new KeyQueues());

    public async Task HandleAsync(IReadOnlyList<FeedbackItem> batch, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(batch);
        try
        {
            await SpreadAsync(batch, ct);
        }
        catch (Exception fault) when (fault is not (OutOfMemoryException or StoreUnavailableException) && !ct.IsCancellationRequested)
        {
            // As a whole again, never in halves: its places in the queues are its own.
            throw new StoreUnavailableException($"Readings can't be handed on to the nodes now: {SafeText.Line(fault.Message)}", fault);
        }
    }

    private async Task SpreadAsync(IReadOnlyList<FeedbackItem> batch, CancellationToken ct)
    {
        var (keys, places) = await QueueAsync(batch, ct);
        await Task.WhenAll(keys.GroupBy(pair => pair.Key, pair => pair.Site).Where(group => !places[group.Key].IsDone).Select(async group =>
        {
            var sites = group.ToHashSet(StringComparer.Ordinal);
            await AttemptAsync(
                places[group.Key],
                () => ApplyAsync(group.Key, JsonSerializer.SerializeToUtf8Bytes(batch.Where(item => sites.Contains(item.SiteId)).ToList(), ContractJson.Options)),
                _ => true,
                ct);
            places[group.Key].Complete();
        }));
    }

    public void Dispose() => _look.Dispose();

    private static async Task AttemptAsync(KeyQueues.Place place, Func<Task> attempt, Func<Exception, bool> counts, CancellationToken ct)
    {
        await place.Turn.WaitAsync(ct);
        try
        {
            await attempt();
        }
        catch (Exception fault) when (fault is not OutOfMemoryException)
        {
            if (counts(fault))
            {
                place.Failed();
            }

            throw;
        }
    }

    /// <summary>One after the other, so that batches queue as they came, whichever look-up fails.</summary>
    private async Task<(IReadOnlyList<(string Site, PlacedKey Key)> Keys, IReadOnlyDictionary<PlacedKey, KeyQueues.Place> Places)> QueueAsync(IReadOnlyList<FeedbackItem> batch, CancellationToken ct)
    {
        var queues = GetQueues(ct);
        var arrival = queues.Arrive(batch);
        IReadOnlyList<(string Site, PlacedKey Key)> keys = [];

        // While the store is away no other one would get further.
        await AttemptAsync(arrival, async () => keys = await LookUpAsync(batch, ct), fault => fault is not StoreUnavailableException, ct);
        var places = queues.ClaimPlaces(batch, keys.Select(pair => pair.Key).ToHashSet());
        arrival.Complete();
        return (keys, places);
    }

    private KeyQueues GetQueues(CancellationToken ct)
    {
        lock (_gate)
        {
            ct.ThrowIfCancellationRequested();
            if (_turn.Of != ct)
            {
                // Begun anew: what was under way is read again, in batches of its own.
                _turn = (ct, new KeyQueues());
            }

            return _turn.Queues;
        }
    }

    private async Task<IReadOnlyList<(string Site, PlacedKey Key)>> LookUpAsync(IReadOnlyList<FeedbackItem> batch, CancellationToken ct)
    {
        await _look.WaitAsync(ct);
        try
        {
            return await work.GetKeysForSitesAsync(hub.Tenant, [.. batch.Select(item => item.SiteId).Distinct(StringComparer.Ordinal)], ct);
        }
        finally
        {
            _look.Release();
        }
    }

    private async Task ApplyAsync(PlacedKey key, byte[] items)
    {
        try
        {
            if (!work.Runs(key) || !await work.ApplyFeedbackAsync(key, items))
            {
                await grains.GetGrain<IPlacedGrain>(key.ToString()).TakeFeedbackAsync(items);
            }
        }
        catch (Exception away) when (away is not (OutOfMemoryException or StoreUnavailableException))
        {
            throw new StoreUnavailableException($"{work.Title} {key} does not take its readings now: {SafeText.Line(away.Message)}", away);
        }
    }
}
