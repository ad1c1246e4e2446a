using GridServices.Contracts;
using GridServices.Hosting.Hub;
using GridServices.Ieee2030Dot5.Devices;
using GridServices.Ieee2030Dot5.Service.Driver;
using NodaTime;

namespace GridServices.Ieee2030Dot5.Service.Hub;

/// <summary>How well the server behind each live stream is heard.</summary>
internal sealed class ClientUpstream(HubLink hub, ClientHost host) : IUpstreamHealth
{
    public bool IsReady => host.IsLoaded;

    public IEnumerable<UpstreamStream> Streams(Instant now)
    {
        foreach (var client in host.Views.Where(c => c.Id.Tenant == hub.Tenant))
        {
            // What is wrong with one EndDevice says nothing about the streams of the others.
            var live = client.State.Devices.Values.SelectMany(d => LiveKeys(d).Select(key => (Key: key, d.SiteId, Health: UpstreamRule.Classify(client, d.Lfdi, now))));
            foreach (var stream in live.GroupBy(s => (s.Key, s.Health), s => s.SiteId))
            {
                yield return new UpstreamStream
                {
                    Stream = new StreamId("ieee2030-5", stream.Key.Key),
                    Sites = [.. stream.Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal)],
                    Status = stream.Key.Health.Status,
                    Since = stream.Key.Health.Status == UpstreamStatus.Lost ? UpstreamRule.LostBeforeStart(client) ?? now : now,
                    Detail = stream.Key.Health.Detail,
                };
            }
        }
    }

    private static IEnumerable<string> LiveKeys(DeviceState device) =>
        device.Schedule.Published.Concat(device.LoadControl.Schedule.Published).Where(p => p.Live).Select(p => p.Key).Concat(device.Prices.Published.Where(p => p.Live).Select(p => p.Key));
}
