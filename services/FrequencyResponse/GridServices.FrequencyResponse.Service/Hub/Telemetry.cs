using GridServices.Contracts;
using GridServices.FrequencyResponse.Service.Pools;
using GridServices.FrequencyResponse.Service.Registry;
using GridServices.Hosting.Hub;

namespace GridServices.FrequencyResponse.Service.Hub;

/// <summary>Readings of sites and assets: state of charge, headroom, net power. Only the newest counts, so that nothing of them is stored but that a site was measured.</summary>
internal sealed class Telemetry(HubLink hub, ReadingCache cache, PoolHost host, MeasuredSites measured) : IFeedbackHandler
{
    public async Task HandleAsync(IReadOnlyList<FeedbackItem> batch, CancellationToken ct)
    {
        var sites = new HashSet<string>(StringComparer.Ordinal);
        foreach (var item in batch)
        {
            if (item.Reading is { } reading)
            {
                cache.Add(hub.Tenant, item.SiteId, reading);
                sites.Add(item.SiteId);
            }
        }

        host.Refresh(p => p.Spec.Id.Tenant == hub.Tenant && sites.Contains(p.Spec.SiteId));
        await measured.SaveAsync(sites.Select(s => new EntryId(hub.Tenant, s)), ct);
    }
}
