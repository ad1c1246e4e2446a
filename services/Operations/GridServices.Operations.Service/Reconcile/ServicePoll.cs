using System.Collections.Concurrent;
using System.Collections.Frozen;
using System.Text.Json;
using GridServices.Contracts;
using GridServices.Operations.Service.Clients;
using GridServices.Operations.Service.Storage;
using NodaTime;
using NodaTime.Text;

namespace GridServices.Operations.Service.Reconcile;

/// <summary>Asks the services what they hold, list by list, and keeps the answers in <see cref="Observations"/>. What can't be read whole changes nothing.</summary>
internal sealed class ServicePoll(ServiceCalls calls, IOpenAdrApi openAdr, IIeee2030Dot5Api ieee, IEnvelopeHubApi hub, Observations observations, ChangeFeed feed, IClock clock)
{
    private const int DevicesPerPass = 50;
    private readonly ConcurrentDictionary<(string Tenant, string ClientKey), Instant> _lookedAt = new();

    /// <summary>One look at every service; they are asked at the same time, and one that is away does not hold up the others.</summary>
    internal Task PollAsync(string tenant, CancellationToken ct) => Task.WhenAll(VensAsync(tenant, ct), ClientsAsync(tenant, ct), SitesAsync(tenant, ct));

    private async Task VensAsync(string tenant, CancellationToken ct)
    {
        var reply = await calls.ListAsync(ServiceName.OpenAdr, tenant, (token, after) => openAdr.ListVensAsync(token, after, ServiceCalls.PageSize, ct), ServiceCalls.Page, ct);
        if (!reply.IsDone)
        {
            return;
        }

        var (view, now) = (observations.GetView(tenant), clock.GetCurrentInstant());
        var listed = new HashSet<string>(StringComparer.Ordinal);
        foreach (var item in reply.Value!)
        {
            var key = item.GetProperty("venKey").GetString()!;
            listed.Add(key);
            var before = view.Vens.GetValueOrDefault(key);
            var seen = ReadVen(item, before, now);
            view.Vens[key] = seen;
            Publish(tenant, "ven", key, before?.State != seen.State || before.Status != seen.Status);
        }

        foreach (var gone in view.Vens.Keys.Where(k => !listed.Contains(k)))
        {
            Publish(tenant, "ven", gone, view.Vens.TryRemove(gone, out _));
        }

        view.VensAt = now;
    }

    private static VenSeen ReadVen(JsonElement item, VenSeen? before, Instant now)
    {
        var state = item.GetProperty("state").GetString()!;
        var condition = item.GetProperty("condition");
        return new VenSeen(
            state, Text(item, "venId"), item.GetProperty("vtnUrl").GetString()!, condition.GetProperty("status").GetString()!, Text(condition, "problem"), At(condition, "lastHeardAt"),
            before?.State == state ? before.Since : At(condition, "lastHeardAt") ?? now);
    }

    private async Task ClientsAsync(string tenant, CancellationToken ct)
    {
        var reply = await calls.ListAsync(ServiceName.Ieee2030Dot5, tenant, (token, after) => ieee.ListClientsAsync(token, after, ServiceCalls.PageSize, ct), ServiceCalls.Page, ct);
        if (!reply.IsDone)
        {
            return;
        }

        var (view, now) = (observations.GetView(tenant), clock.GetCurrentInstant());
        var listed = reply.Value!.ToDictionary(item => item.GetProperty("clientKey").GetString()!, StringComparer.Ordinal);
        foreach (var (key, item) in listed)
        {
            var condition = item.GetProperty("condition");
            var before = view.Clients.GetValueOrDefault(key);
            view.Clients[key] = new ClientSeen(
                item.GetProperty("serverUrl").GetString()!, condition.GetProperty("status").GetString()!, Text(condition, "detail"), At(condition, "lastHeardAt"),
                before?.Devices ?? FrozenDictionary<string, EndDeviceSeen>.Empty);
            Publish(tenant, "client", key, before?.Status != view.Clients[key].Status);
        }

        foreach (var gone in view.Clients.Keys.Where(k => !listed.ContainsKey(k)))
        {
            Publish(tenant, "client", gone, view.Clients.TryRemove(gone, out _));
        }

        view.ClientsAt = now;
        await DevicesAsync(tenant, view, now, ct);
    }

    /// <summary>End devices are asked client by client: those not known yet first, then the ones looked at longest ago.</summary>
    private async Task DevicesAsync(string tenant, Observations.TenantView view, Instant now, CancellationToken ct)
    {
        var next = view.Clients.OrderBy(c => c.Value.Devices.Count > 0 && c.Value.Devices.Values.All(d => d.Presence == "listed")).ThenBy(c => _lookedAt.GetValueOrDefault((tenant, c.Key), Instant.MinValue)).Take(DevicesPerPass);
        foreach (var (key, client) in next.ToList())
        {
            var reply = await calls.CallAsync(ServiceName.Ieee2030Dot5, tenant, token => ieee.ListEndDevicesAsync(token, key, ct), ct);
            _lookedAt[(tenant, key)] = now;
            if (!reply.IsDone)
            {
                continue;
            }

            var devices = ServiceCalls.Page(reply.Value!).Items.ToFrozenDictionary(d => d.GetProperty("siteId").GetString()!, d => ReadDevice(d, client, now), StringComparer.Ordinal);
            var isChanged = devices.Any(d => !client.Devices.TryGetValue(d.Key, out var was) || was != d.Value) || devices.Count != client.Devices.Count;
            view.Clients[key] = client with { Devices = devices };
            Publish(tenant, "client", key, isChanged);
        }
    }

    private static EndDeviceSeen ReadDevice(JsonElement device, ClientSeen client, Instant now)
    {
        var (presence, pin) = (device.GetProperty("presence").GetString()!, device.GetProperty("pin").GetString()!);
        var before = client.Devices.GetValueOrDefault(device.GetProperty("siteId").GetString()!);
        return new EndDeviceSeen(presence, device.GetProperty("lfdi").GetString()!, pin, before?.Presence == presence && before.Pin == pin ? before.Since : now);
    }

    private async Task SitesAsync(string tenant, CancellationToken ct)
    {
        var reply = await calls.ListAsync(ServiceName.EnvelopeHub, tenant, (token, after) => hub.ListSitesAsync(token, after, ServiceCalls.PageSize, ct), ServiceCalls.Page, ct);
        if (!reply.IsDone)
        {
            return;
        }

        var (view, now) = (observations.GetView(tenant), clock.GetCurrentInstant());
        var listed = new HashSet<string>(StringComparer.Ordinal);
        foreach (var item in reply.Value!)
        {
            var siteId = item.GetProperty("siteId").GetString()!;
            listed.Add(siteId);
            var before = view.Sites.GetValueOrDefault(siteId);
            var subscribers = item.GetProperty("subscribers").GetInt32();
            var minutes = before?.Minutes ?? new MinuteShare();
            minutes.Add(now, At(item, "lastReadingAt"));
            view.Sites[siteId] = new SiteSeen(subscribers, subscribers > 0 ? before?.ConnectedSince ?? now : null, At(item, "lastReadingAt"), At(item, "lastReceiptAt"), minutes)
            {
                LastChangeAt = At(item, "lastChangeAt"),
                NetPowerW = item.TryGetProperty("netPowerW", out var power) ? power.GetInt64() : null,
                NetPowerAt = At(item, "netPowerAt"),

                // A hub that has started since has not seen it yet: where it was seen last has not changed by that.
                Controller = item.TryGetProperty("controller", out var sighting) ? sighting.Deserialize<ControllerSighting>(ContractJson.Options) : before?.Controller,
            };
            Publish(tenant, "controller", siteId, before is null || before.Subscribers > 0 != subscribers > 0, siteId);
        }

        // A hub that no longer lists a site, as after the loss of its store, says nothing of it: what it said before is no longer so.
        foreach (var gone in view.Sites.Keys.Where(k => !listed.Contains(k)))
        {
            Publish(tenant, "controller", gone, view.Sites.TryRemove(gone, out _), gone);
        }

        view.SitesAt = now;
    }

    private void Publish(string tenant, string kind, string id, bool isChanged, string? siteId = null)
    {
        if (isChanged)
        {
            feed.Publish([new EntityChange(tenant, kind, id, "observed", siteId)]);
        }
    }

    private static string? Text(JsonElement item, string name) => item.TryGetProperty(name, out var value) ? value.GetString() : null;

    private static Instant? At(JsonElement item, string name) =>
        Text(item, name) is { } text && InstantPattern.ExtendedIso.Parse(text) is { Success: true, Value: var at } ? at : null;
}
