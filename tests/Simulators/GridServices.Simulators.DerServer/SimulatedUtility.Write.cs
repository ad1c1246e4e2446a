using GridServices.Simulators.DerServer.Incoming;
using GridServices.Simulators.DerServer.Model;

namespace GridServices.Simulators.DerServer;

/// <summary>What clients send.</summary>
public sealed partial class SimulatedUtility
{
    private SimReply Write(SimRequest request, string[] path) => (request.Method, path) switch
    {
        ("POST", ["edev"]) => RegisterInBand(request),
        ("PUT", ["edev", var d, "cp"]) => PutConnectionPoint(request, GetDevice(request, d)),
        ("PUT", ["edev", var d, "der", var der, var kind]) => PutDer(request, GetDevice(request, d), der, kind),
        ("POST", ["edev", var d, "rsps", "site_control", "rsp"]) => TakeResponse(request, GetDevice(request, d), "DERControlResponse"),
        ("POST", ["edev", var d, "rsps", "price", "rsp"]) => TakeResponse(request, GetDevice(request, d), "PriceResponse"),
        ("POST", ["edev", var d, "rsps", "reservation", "rsp"]) => TakeResponse(request, GetDevice(request, d), "FlowReservationResponseResponse"),
        ("POST", ["edev", var d, "rsps", "load", "rsp"]) => TakeResponse(request, GetDevice(request, d), "DrResponse"),
        ("POST", ["edev", var d, "lsl"]) => TakeSheddable(request, GetDevice(request, d)),
        ("PUT", ["edev", var d, "lsl", var number]) => ChangeSheddable(request, GetDevice(request, d), Number(number)),
        ("POST", ["edev", var d, "frq"]) => Reserve(request, GetDevice(request, d)),
        ("PUT", ["edev", var d, "frq", var number]) => ChangeReservation(request, GetDevice(request, d), Number(number)),
        ("POST", ["edev", var d, "lel"]) => TakeLogEvent(request, GetDevice(request, d)),
        ("POST", ["edev", var d, "sub"]) => Subscribe(request, GetDevice(request, d)),
        ("DELETE", ["edev", var d, "sub", var sub]) => Unsubscribe(GetDevice(request, d), Number(sub)),
        ("POST", ["mup"]) => CreateMup(request),
        ("POST", ["mup", var mup]) => TakeReadings(request, GetMup(request, mup)),
        _ => throw new ProblemException(405, $"{request.Method} is not for this resource", reasonCode: 0),
    };

    private SimReply RegisterInBand(SimRequest request)
    {
        var posted = Posted.Read(request, xml, "EndDevice");
        var lfdi = posted.Optional("lFDI") ?? request.LFdi ?? throw new ProblemException(400, "EndDevice lacks lFDI");
        if (!AllowsInBand)
        {
            throw new ProblemException(403, "this utility registers out of band", reasonCode: 0);
        }

        if (!LFdiRules.IsLFdi(lfdi) || posted.Number("sFDI") != LFdiRules.SFdi(lfdi))
        {
            throw new ProblemException(400, $"lFDI {lfdi} and sFDI {posted.Optional("sFDI")} don't belong together");
        }

        posted.Number("changedTime");
        if (devices.Exists(d => d.Is(lfdi)))
        {
            throw new ProblemException(409, $"{lfdi} is registered already", reasonCode: 0);
        }

        var isSelf = request.LFdi is null || string.Equals(lfdi, request.LFdi, StringComparison.OrdinalIgnoreCase);
        var device = Add(lfdi, InBandPin is { } digits ? LFdiRules.Pin(digits) : null, isSelf ? null : request.LFdi, isInBand: true);
        device.DeviceCategory = posted.Optional("deviceCategory") is { } category ? Posted.Hex(category, "deviceCategory") : null;
        return Created($"/edev/{device.Number}");
    }

    private SimReply PutConnectionPoint(SimRequest request, SimDevice d)
    {
        if (!d.HasConnectionPoint || xml.Extension is null)
        {
            throw Missing();
        }

        d.ConnectionPointId = Posted.Read(request, xml, "ConnectionPoint").Text("connectionPointId") is { Length: <= 32 } id
            ? id
            : throw new ProblemException(400, "connectionPointId has more than 32 characters");
        d.Changed = Now;
        log.Write($"Device {d.Number} is connected at {d.ConnectionPointId}");
        return new SimReply(204);
    }

    private SimReply PutDer(SimRequest request, SimDevice d, string der, string kind)
    {
        var name = kind switch
        {
            "dercap" => "DERCapability",
            "derg" => "DERSettings",
            "ders" => "DERStatus",
            "dera" => "DERAvailability",
            _ => throw Missing(),
        };
        var posted = Posted.Read(request, xml, name);
        foreach (var needed in Needed(name))
        {
            posted.Text(needed);
        }

        var key = $"{GetDerNumber(d, der)}/{kind}";
        var isNew = !d.Der.ContainsKey(key);
        d.Der[key] = posted.Root;
        var words = DerText.Describe(posted);
        if (!d.Said.TryGetValue(key, out var before) || before != words)
        {
            d.Said[key] = words;
            log.Write($"Device {d.Number}: {words}");
        }

        return isNew ? new SimReply(201) { Location = $"/edev/{d.Number}/der/{key}" } : new SimReply(204);
    }

    private IEnumerable<string> Needed(string name) => name switch
    {
        "DERCapability" => xml.Extension is null ? ["modesSupported", "rtgMaxW", "type"] : ["modesSupported", "rtgMaxW", "type", "doeModesSupported"],
        "DERSettings" => ["setGradW", "setMaxW", "updatedTime"],
        _ => ["readingTime"],
    };

    private SimReply TakeResponse(SimRequest request, SimDevice d, string kind)
    {
        var posted = Posted.Read(request, xml, kind, "Response");
        var (lfdi, subject) = (posted.Text("endDeviceLFDI"), posted.MRid("subject"));
        if (!d.Is(lfdi))
        {
            throw new ProblemException(400, $"endDeviceLFDI {lfdi} is not device {d.Number}");
        }

        if (!issued.Contains(subject))
        {
            throw new ProblemException(400, $"there is no such event {subject}");
        }

        var status = (int)posted.Number("status");
        responses.Add(new SimResponse(Now, lfdi, subject, status, request.Path));
        log.Write($"Device {d.Number}: {DerText.Response(status)} ({subject[^12..]})");
        return Created($"{request.Path}/{responses.Count}");
    }

    private SimReply TakeLogEvent(SimRequest request, SimDevice d)
    {
        var logged = LogEvents.Read(Posted.Read(request, xml, "LogEvent"), d.Number, Now);
        if (d.LogEvents.Any(logged.IsSame))
        {
            throw new ProblemException(409, $"log event {logged.Id} was posted before", reasonCode: 0);
        }

        d.LogEvents.Enqueue(logged);
        log.Write($"Device {d.Number}: log event {logged.Meaning ?? $"{logged.Code} of enterprise {logged.Pen}"} ({logged.Details})");
        return Created($"/edev/{d.Number}/lel/{d.LogEvents.Count}");
    }

    private SimReply Subscribe(SimRequest request, SimDevice d)
    {
        var posted = Posted.Read(request, xml, "Subscription");
        var resource = posted.Text("subscribedResource");
        if (!resource.StartsWith('/') || !Uri.TryCreate(posted.Text("notificationURI"), UriKind.Absolute, out var target) || target.Scheme is not ("http" or "https"))
        {
            throw new ProblemException(400, "subscribedResource or notificationURI is no address");
        }

        var read = Read(new SimRequest("GET", resource) { LFdi = request.LFdi }, resource.Trim('/').Split('/'));
        if (read.Attribute("subscribable")?.Value is not ("1" or "3"))
        {
            throw new ProblemException(400, $"{resource} can't be subscribed to");
        }

        if (posted.Number("encoding") != 0 || posted.Text("level") is not ("+S1" or "-S1"))
        {
            throw new ProblemException(400, "encoding is 0 (XML) here, and level +S1 or -S1");
        }

        subscriptions.RemoveAll(s => s.Device == d.Number && string.Equals(s.Resource, resource, StringComparison.Ordinal));
        var subscription = new SimSubscription(++counter, d.Number, resource, target.AbsoluteUri, posted.Text("level"), posted.Number("limit"), request.LFdi, Now);
        subscriptions.Add(subscription);
        log.Write($"Device {d.Number} subscribes to {resource}");
        return Created($"/edev/{d.Number}/sub/{subscription.Number}");
    }

    private SimReply Unsubscribe(SimDevice d, int number) =>
        subscriptions.RemoveAll(s => s.Device == d.Number && s.Number == number) > 0 ? new SimReply(204) : throw Missing();

    private static SimReply Created(string location) => new(201) { Location = location };
}
