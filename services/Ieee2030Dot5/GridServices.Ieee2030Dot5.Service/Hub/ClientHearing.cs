using GridServices.Hosting.Hub;
using GridServices.Ieee2030Dot5.Service.Driver;
using GridServices.Ieee2030Dot5.Session;

namespace GridServices.Ieee2030Dot5.Service.Hub;

/// <summary>
/// A stream is heard once the server's tree was read to the end for every EndDevice of its site since the start: the programs', or the grants or tariffs that it
/// rests on. What was stated since then goes out once what leads to its own program was read: an order of now must not wait for the rest.
/// </summary>
internal sealed class ClientHearing(ClientHost host) : IStreamHearing
{
    public string? WhyUnheard(SpokenStream stream)
    {
        if (!host.IsLoaded)
        {
            return "The clients are not loaded yet.";
        }

        var views = host.FindBySite(stream.Tenant, stream.SiteId).Select(l => l.View).ToList();
        var devices = views.SelectMany(v => v.State.Devices.Values.Where(d => !d.Retired && d.SiteId == stream.SiteId).Select(d => (Client: v, d.Lfdi))).ToList();
        if (views.Count == 0)
        {
            // What a person ended just now is known; what the store says of a client that is gone may be older than what the hub was told since.
            return stream.IsFresh ? null : "No client of this service speaks for the site any more: configure the client again, or strike this with DELETE /v1/outbox/{id}.";
        }

        var own = stream.IsFresh ? devices.Where(d => TreeReading.Publishes(d.Client.State.Devices[d.Lfdi], stream.Stream.Key)).ToList() : [];
        devices = own.Count > 0 ? own : devices;
        return devices.Count == 0 ? $"Client '{views[0].Id.Key}' has found no EndDevice for the site since this service began." : devices.Select(d => WhyUnheard(d.Client, d.Lfdi, stream)).FirstOrDefault(why => why is not null);
    }

    private static string? WhyUnheard(ClientView client, string lfdi, SpokenStream stream)
    {
        // Before the first answer the readings shown may be those of the process before.
        var unread = client.HeardAt is null ? client.Problem ?? "the server has not answered yet" : TreeReading.FindUnreadReason(client.Engine, client.State, lfdi, stream.Stream.Key, stream.IsFresh) is { } what ? $"{what} is to be read" : null;
        return unread is null ? null : $"Client '{client.Id.Key}' has not read its server's tree to the end since this service began ({unread}); once it has, this goes on by itself.";
    }
}
