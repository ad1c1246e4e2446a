using GridServices.Contracts;
using GridServices.Hosting;
using GridServices.Ieee2030Dot5.Service.Driver;
using NodaTime;

namespace GridServices.Ieee2030Dot5.Service.Hub;

/// <summary>How well the server behind each live stream is heard.</summary>
internal sealed class ClientUpstream(HubLink hub, ClientFleet fleet) : IUpstreamHealth
{
    public bool IsReady => fleet.IsLoaded;

    public IEnumerable<UpstreamStream> Streams(Instant now)
    {
        foreach (var client in fleet.Views.Where(c => c.Id.Tenant == hub.Tenant))
        {
            var (status, detail) = UpstreamRule.Of(client, now);
            var live = client.State.Devices.Values.SelectMany(d => d.Schedule.Published.Where(p => p.Live).Select(p => (p.Key, d.SiteId)));
            foreach (var stream in live.GroupBy(s => s.Key, s => s.SiteId, StringComparer.Ordinal))
            {
                yield return new UpstreamStream
                {
                    Stream = new StreamId("ieee2030-5", stream.Key),
                    Sites = [.. stream.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)],
                    Status = status,
                    Since = now,
                    Detail = detail,
                };
            }
        }
    }
}
