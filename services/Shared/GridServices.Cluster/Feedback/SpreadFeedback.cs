using System.Text.Json;
using GridServices.Cluster.Placement;
using GridServices.Contracts;
using GridServices.Hosting;
using GridServices.Hosting.Clustering;

namespace GridServices.Cluster.Feedback;

/// <summary>
/// Takes the hub's feedback, which one node reads, to the nodes that run what it is for:
/// <code>
/// batch ─▶ keys of its sites, from the store ─▶ each key's grain ─▶ applied and stored there ─▶ the batch counts as applied
/// </code>
/// </summary>
internal sealed class SpreadFeedback(HubOptions hub, IPlacedWork work, IGrainFactory grains) : IFeedbackHandler
{
    public async Task HandleAsync(IReadOnlyList<FeedbackItem> batch, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(batch);
        var keys = await work.KeysOfSitesAsync(hub.Tenant, [.. batch.Select(item => item.SiteId).Distinct(StringComparer.Ordinal)], ct);
        await Task.WhenAll(keys.GroupBy(pair => pair.Key, pair => pair.Site).Select(group =>
        {
            var sites = group.ToHashSet(StringComparer.Ordinal);
            return TakeAsync(group.Key, JsonSerializer.SerializeToUtf8Bytes(batch.Where(item => sites.Contains(item.SiteId)).ToList(), ContractJson.Options));
        }));
    }

    private async Task TakeAsync(PlacedKey key, byte[] items)
    {
        try
        {
            if (!work.Runs(key) || !await work.TakeFeedbackAsync(key, items))
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
