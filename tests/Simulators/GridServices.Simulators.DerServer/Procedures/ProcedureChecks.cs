using System.Globalization;
using System.Xml.Linq;
using GridServices.Simulators.DerServer.Incoming;
using GridServices.Simulators.DerServer.Model;
using NodaTime;

namespace GridServices.Simulators.DerServer.Procedures;

/// <summary>What a procedure asks of the client. Each check says in words what is missing; null = it holds.</summary>
internal sealed class ProcedureChecks(SimulatedUtility utility, ProcedureActions actions)
{
    private static readonly Dictionary<string, (int Uom, bool IsSite)> Kinds = new(StringComparer.Ordinal)
    {
        ["readings-site-active-power"] = (38, true),
        ["readings-site-reactive-power"] = (63, true),
        ["readings-der-active-power"] = (38, false),
        ["readings-der-reactive-power"] = (63, false),
        ["readings-der-stored-energy"] = (72, false),
    };

    private IEnumerable<SimDevice> Devices => utility.Devices.Where(d => d.Number > 0);

    public string? Complaint(ProcedurePart check, Instant since) => check.Type switch
    {
        "end-device-contents" => EndDevice(check),
        "end-device-count" => Count("devices", Devices.Count(), check),
        "der-capability-contents" => Der("dercap", check),
        "der-settings-contents" => Der("derg", check),
        "der-status-contents" => Der("ders", check),
        "response-contents" => Responses(check),
        "subscription-contents" => utility.Subscriptions.Any(s => string.Equals(s.Resource, check.Text("subscribed_resource"), StringComparison.Ordinal))
            ? null : $"nobody subscribed to {check.Text("subscribed_resource")}",
        "all-notifications-transmitted" => utility.Notified.FirstOrDefault(n => n.Status is < 200 or > 299) is { Uri: not null } bad
            ? $"the notification of {bad.Resource} to {bad.Uri} ended with {bad.Status}" : null,
        "readings-voltage" => Count("voltage readings", utility.Readings.Count(r => r.Uom == 29 && r.At >= since), check),
        "resource-requests" => Count(string.Join(" and ", check.Texts("resources")), utility.Log.Requests().Count(r => r.At >= since && check.Texts("resources").Any(n => Shows(r, n))), check),
        "all-polls-at-correct-time" => Polls(check, since),
        var type when Kinds.TryGetValue(type, out var kind) =>
            Count(type, utility.Readings.Count(r => r.At >= since && r.Uom == kind.Uom && r.RoleFlags == (kind.IsSite ? 0x03 : 0x49)), check),
        var type => throw new SimException($"The simulator has no check {type}."),
    };

    private string? EndDevice(ProcedurePart check)
    {
        if (Devices.FirstOrDefault() is not { } d)
        {
            return "no device is registered";
        }

        return check.Flag("has_connection_point_id") && d.ConnectionPointId is null ? "the device has no connection point yet"
            : check.Text("deviceCategory_anyset") is { } bits && ((d.DeviceCategory ?? 0) & Hex(bits)) == 0 ? $"deviceCategory has none of {bits}"
            : null;
    }

    private string? Responses(ProcedurePart check)
    {
        var status = check.Number("status");
        if (check.Flag("all"))
        {
            var missing = utility.Programs.SelectMany(p => p.Controls).FirstOrDefault(c => !Answers(c, status).Any());
            return missing is null ? null : $"control {missing.MRid} never got response {status}";
        }

        var subject = check.Text("subject_tag") is { } tag ? actions.Control(tag) : null;
        var found = subject is null ? utility.Responses.Where(r => r.Status == status) : Answers(subject, status);
        if (check.Flag("latest"))
        {
            found = utility.Responses is [.., var last] && found.Contains(last) ? found : [];
        }

        return found.Any() ? null : $"no response {status}{(subject is null ? "" : $" to {check.Text("subject_tag")}")}";
    }

    private IEnumerable<SimResponse> Answers(SimControl control, int? status) =>
        utility.Responses.Where(r => r.Status == status && string.Equals(r.Subject, control.MRid, StringComparison.OrdinalIgnoreCase));

    private string? Der(string kind, ProcedurePart check)
    {
        var resource = Devices.Select(d => d.Put(kind)).FirstOrDefault(r => r is not null);
        return resource is null
            ? $"no {kind} was put"
            : check.Parameters.Select(p => Field(resource, p.Key, p.Value!.ToString())).FirstOrDefault(c => c is not null);
    }

    private string? Field(XElement resource, string name, string wanted)
    {
        var (element, bits) = name.Split('_') switch { [var n, "set"] => (n, Hex(wanted)), [var n, ['b', 'i', 't', .. var bit]] => (n, 1u << int.Parse(bit, CultureInfo.InvariantCulture)), _ => (name, 0u) };
        var child = resource.Elements().FirstOrDefault(e => string.Equals(e.Name.LocalName, element, StringComparison.Ordinal));
        if (child is null)
        {
            return $"{resource.Name.LocalName} has no {element}";
        }

        var text = (child.Elements().FirstOrDefault(e => e.Name.LocalName == "value") ?? child).Value.Trim();
        if (bits != 0)
        {
            var isSet = (Hex(text) & bits) == bits;
            var shall = !string.Equals(wanted, "False", StringComparison.OrdinalIgnoreCase);
            return isSet == shall ? null : $"{element} is {text}";
        }

        return string.Equals(wanted, "true", StringComparison.OrdinalIgnoreCase) ? null
            : wanted.StartsWith("$(this", StringComparison.Ordinal) ? Comparison(child, wanted)
            : Number(text) == Number(wanted) ? null : $"{element} is {text}, not {wanted}";
    }

    /// <summary><c>$(this &lt;= rtgMaxW)</c>.</summary>
    private string? Comparison(XElement child, string expression)
    {
        var parts = expression[2..^1].Split(' ', StringSplitOptions.RemoveEmptyEntries);
        var other = decimal.TryParse(parts[2], NumberStyles.Float, CultureInfo.InvariantCulture, out var plain)
            ? plain
            : Devices.Select(d => d.Put("dercap")?.Elements().FirstOrDefault(e => e.Name.LocalName == parts[2])).OfType<XElement>().Select(Value).FirstOrDefault();
        var own = Value(child);
        var holds = parts[1] switch { "<=" => own <= other, ">=" => own >= other, ">" => own > other, "<" => own < other, _ => own == other };
        return holds ? null : $"{child.Name.LocalName} is {own}, wanted {expression}";
    }

    private static decimal Value(XElement e) =>
        e.Elements().FirstOrDefault(c => c.Name.LocalName == "displacement") is { } displacement
            ? Posted.Amount(new XElement("x", new XElement("value", displacement.Value), new XElement("multiplier", e.Elements().First(c => c.Name.LocalName == "multiplier").Value)))!.Value
            : Posted.Amount(e)!.Value;

    /// <summary>A gap of at most 1.5 rates, at most one miss in five rates, at most six polls in three rates.</summary>
    private string? Polls(ProcedurePart check, Instant since)
    {
        var rate = Duration.FromSeconds(check.Number("poll_interval_seconds") ?? 60);
        foreach (var endpoint in check.Texts("endpoints"))
        {
            var times = utility.Log.Requests().Where(r => IsFirstPage(r, endpoint, since)).Select(r => r.At).Append(utility.Now).ToList();
            if (Irregularity(times, since, rate) is { } complaint)
            {
                return $"{endpoint}: {complaint}";
            }
        }

        return null;
    }

    // A read of a resource by the address at which this utility keeps it; further pages are reads too.
    private static bool Shows(RequestRecord r, string resource) => r.Method is "GET" && r.Status is 200 or 304 && (resource, r.Path.Trim('/').Split('/')) switch
    {
        ("TariffProfileList", ["edev", _, "tp"] or ["edev", _, "fsa", _, "tp"]) or ("TariffProfile", ["edev", _, "tp", _]) => true,
        ("RateComponentList", ["edev", _, "tp", _, "rc"]) or ("RateComponent", ["edev", _, "tp", _, "rc", _]) => true,
        ("CombinedTimeTariffIntervalList", ["edev", _, "tp", _, "ctti"]) => true,
        ("TimeTariffIntervalList", ["edev", _, "tp", _, "rc", _, "tti"]) or ("TimeTariffInterval", ["edev", _, "tp", _, "rc", _, "tti", _]) => true,
        _ => false,
    };

    // Further pages of one poll are not polls of their own.
    private static bool IsFirstPage(RequestRecord r, string endpoint, Instant since) =>
        r.At >= since && r.Method is "GET" && string.Equals(r.Path, endpoint, StringComparison.Ordinal) && Resources.Paging.Parse(r.Query).Start == 0;

    private static string? Irregularity(List<Instant> times, Instant since, Duration rate)
    {
        var (last, lastMiss) = (since, Instant.MinValue);
        foreach (var at in times)
        {
            if (at - last > rate * 1.5)
            {
                if (at - lastMiss < rate * 5)
                {
                    return $"polls were missed twice within five rates, the last before {at}";
                }

                lastMiss = at;
            }

            last = at;
        }

        for (var i = 0; i + 6 < times.Count - 1; i++)
        {
            if (times[i + 6] - times[i] < rate * 3)
            {
                return $"more than six polls in three rates from {times[i]}";
            }
        }

        return null;
    }

    private static string? Count(string what, int count, ProcedurePart check) =>
        count < (check.Number("minimum_count") ?? 1) || count > (check.Number("maximum_count") ?? int.MaxValue) ? $"{count} {what}" : null;

    private static uint Hex(string text) => uint.TryParse(text, NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out var bits) ? bits : 0;

    private static decimal? Number(string text) => decimal.TryParse(text, NumberStyles.Float, CultureInfo.InvariantCulture, out var number) ? number : null;
}
