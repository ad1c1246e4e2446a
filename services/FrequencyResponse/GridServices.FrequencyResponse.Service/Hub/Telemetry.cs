using GridServices.Contracts;
using GridServices.FrequencyResponse.Service.Pools;
using GridServices.Hosting;

namespace GridServices.FrequencyResponse.Service.Hub;

/// <summary>Readings of sites and assets: state of charge, headroom, net power. Only the newest counts, so that nothing of them is stored.</summary>
internal sealed class Telemetry(HubLink hub, AssetBook book, PoolHost fleet) : IFeedbackHandler
{
    public Task HandleAsync(IReadOnlyList<FeedbackItem> batch, CancellationToken ct)
    {
        var sites = new HashSet<string>(StringComparer.Ordinal);
        foreach (var item in batch)
        {
            if (item.Reading is { } reading)
            {
                book.Take(hub.Tenant, item.SiteId, reading);
                sites.Add(item.SiteId);
            }
        }

        fleet.Refresh(p => p.Spec.Id.Tenant == hub.Tenant && sites.Contains(p.Spec.SiteId));
        return Task.CompletedTask;
    }
}
