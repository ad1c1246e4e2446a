using System.Data.Common;
using System.Text.Json;
using GridServices.Contracts;
using GridServices.Hosting.Clustering;
using GridServices.Hosting.Refusals;

namespace GridServices.UtilityClients.Engine;

/// <summary>The host as a cluster sees it: it runs here what the placement gives to this node.</summary>
public partial class EngineHost<TView, TConfig, TState, TInput, TKind> : IPlacedWork
{
    private static readonly TimeSpan AskAgain = TimeSpan.FromSeconds(1);

    public string Title => protocol.Words.Title;

    public IReadOnlyCollection<PlacedKey> RunningKeys => [.. _running.Keys.Select(ToPlacedKey)];

    public async Task<IReadOnlyList<PlacedKey>> KeysAsync(PlacedKey? only, CancellationToken ct) =>
        [.. (await protocol.KeysAsync(only is { } key ? ToEngineId(key) : null, ct)).Select(ToPlacedKey)];

    public async Task<IReadOnlyList<(string Site, PlacedKey Key)>> GetKeysForSitesAsync(string tenant, IReadOnlyCollection<string> sites, CancellationToken ct) =>
        [.. (await EngineIndex.FindBySitesAsync(dependencies.Store, tenant, sites, ct)).SelectMany(site => site.Select(id => (site.Key, ToPlacedKey(id))))];

    public Task<long> NextFenceAsync(DbTransaction tx, PlacedKey key) => EngineFence.NextAsync(tx, ToEngineId(key));

    public Task StartAsync(PlacedKey key, long fence, CancellationToken ct) => StartEngineAsync(ToEngineId(key), fence, ct);

    public async Task StopAsync(PlacedKey key)
    {
        try
        {
            await StopEngineAsync(ToEngineId(key));
        }
        catch (EngineFencedException)
        {
            // It runs elsewhere: what waited here is that one's to say.
        }
    }

    public bool Runs(PlacedKey key) => _running.ContainsKey(ToEngineId(key));

    public bool IsUnreadable(PlacedKey key) => protocol.IsUnreadable(ToEngineId(key));

    public async Task<bool> ApplyFeedbackAsync(PlacedKey key, ReadOnlyMemory<byte> items)
    {
        var batch = JsonSerializer.Deserialize<IReadOnlyList<FeedbackItem>>(items.Span, ContractJson.Options) ?? [];
        if (!TryGet(ToEngineId(key), out var loop) || loop.IsFenced)
        {
            return false;
        }

        NoteReceipts(loop, batch);
        var readings = batch.Where(item => item.Reading is not null).Select(item => new SiteReading(item.SiteId, item.Reading!)).ToList();
        if (readings.Count > 0 && protocol.NeedsReadings(loop.View.Config))
        {
            // Stored before the reader of the feedback goes on: nobody reads it again should this node die.
            return await IsAppliedAsync(loop, protocol.Readings(readings)) && await IsStoredAsync(loop);
        }

        return true;
    }

    /// <returns>False where another node runs the engine by now.</returns>
    private async Task<bool> IsStoredAsync(EngineLoop<TView, TConfig, TState, TInput, TKind> loop)
    {
        try
        {
            if (await loop.TakeUnsavedAsync(CancellationToken.None) is { } unsaved)
            {
                await UnsavedChanges.WriteAsync(dependencies.Store, [unsaved], dependencies.Clock.GetCurrentInstant(), CancellationToken.None);
            }
        }
        catch (Exception ended) when (ended is EngineFencedException or ObjectDisposedException)
        {
            // The engine was stopped for a move meanwhile, or overtaken.
            return false;
        }

        return !loop.IsFenced;
    }

    public void Settled() => Loaded(Words.Name, _running.Count);

    /// <summary>What site controllers said of what an engine publishes.</summary>
    protected virtual void NoteReceipts(EngineLoop<TView, TConfig, TState, TInput, TKind> loop, IReadOnlyList<FeedbackItem> batch)
    {
    }

    /// <summary>Configurations that were stored before the cluster was set up are claimed like all others.</summary>
    private Task RebuildIndexAsync(CancellationToken ct) => dependencies.Store.WriteAsync(tx => EngineIndex.RebuildAsync(tx, protocol), ct);

    /// <summary>The number of a new engine. One that another node has stored meanwhile keeps its own, and goes on.</summary>
    /// <exception cref="ProblemException">It is stored and runs elsewhere, or will in a moment.</exception>
    private async Task<long?> AllocateFenceAsync(EngineId id, CancellationToken ct)
    {
        if (dependencies.Placements is not { } placements)
        {
            return null;
        }

        // What is stored and can't be read is replaced, unless its number has been taken since then: it is that one's now, whatever was read here.
        var seen = await dependencies.Store.ReadAsync(db => EngineFence.HighestAsync(db, id), ct);
        if ((await protocol.LoadAsync(id, ct)).Count == 0 && await placements.TryTakeNewAsync(this, ToPlacedKey(id), IsStoredAsync, ct) is { } taken)
        {
            return taken.Fence;
        }

        async Task<bool> IsStoredAsync(DbTransaction tx) =>
            (await protocol.ConfigsAsync(tx, id)).Count > 0 && (!protocol.IsUnreadable(id) || await EngineFence.HighestAsync(tx.Connection!, id, tx) != seen);

        throw new ProblemException(ErrorClass.Unavailable, $"The {Words.Name} '{id.Key}' is being started on a node of the cluster; try again.") { RetryAfter = AskAgain };
    }

    /// <summary>Ends with the loop; one that was started elsewhere is no engine of this node any more.</summary>
    private async Task DriveAsync(EngineLoop<TView, TConfig, TState, TInput, TKind> loop, TimeSpan startAfter, CancellationToken ct)
    {
        await loop.RunAsync(startAfter, ct);
        if (loop.IsFenced && _running.TryGetValue(loop.Id, out var running) && running.Loop == loop && _running.TryRemove(KeyValuePair.Create(loop.Id, running)))
        {
            Reindex();
            running.Dispose();
        }
    }

    private static PlacedKey ToPlacedKey(EngineId id) => new(id.Tenant, id.Key);

    private static EngineId ToEngineId(PlacedKey key) => new(key.Tenant, key.Key);
}
