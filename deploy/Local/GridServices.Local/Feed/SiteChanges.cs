using System.Globalization;
using System.Text.Json;

namespace GridServices.Local.Feed;

/// <summary>From the status page of the simulated site controller: what is allowed at the site, a line per quantity that changes.</summary>
internal static class SiteChanges
{
    private static readonly (string Member, string Name)[] Quantities =
    [
        ("importLimitW", "import"), ("exportLimitW", "export"), ("chargeLimitW", "charging"), ("dischargeLimitW", "discharging"),
        ("generationLimitW", "generation"), ("loadLimitW", "load"),
    ];

    public static IEnumerable<Change> Read(JsonElement status)
    {
        var site = status.Text("siteId");
        var limits = status.GetProperty("limits");
        return
        [
            Line(site, status),
            .. Quantities.Select(quantity => Quantity(site, quantity.Name, limits, quantity.Member)),
            Connection(site, limits),
            Setpoint(site, status),
            Deficit(site, status),
        ];
    }

    private static Change Line(string site, JsonElement status)
    {
        var phase = status.Text("phase");
        var why = string.Join("; ", status.Items("streams").Where(stream => stream.Text("phase") == phase).Select(stream => stream.Text("why")).Distinct());
        var text = phase switch
        {
            "init" => "no contact with the hub yet",
            "failsafe" => "FAIL-SAFE",
            "holding" => "the hub is silent, holding the schedule",
            _ => "follows the hub",
        };
        return new Change("controller", site, "site controller", phase != "controlled" && why.Length > 0 ? $"{text}: {why}" : text)
        {
            Sameness = text,
            Weight = phase is "failsafe" or "holding" ? ChangeWeight.Alarm : ChangeWeight.Normal,
        };
    }

    private static Change Quantity(string site, string name, JsonElement limits, string member)
    {
        if (!limits.TryGetProperty(member, out var bound) || bound.ValueKind != JsonValueKind.Object)
        {
            return Limit(site, name, $"{name} is not limited any more") with { IsOver = true };
        }

        var next = bound.TryGetProperty("next", out var other) && other.ValueKind == JsonValueKind.Object ? $" ({Stream(other)} allows {Words.About(Number(other, "value"))})" : string.Empty;
        var by = bound.GetProperty("boundBy");
        var value = $"{name} ≤ {Watts(bound, "value")}";
        return Limit(site, name, $"{value}{next} by {Stream(by)} ({by.Text("tier")})") with { Sameness = $"{value} {Stream(by)}" };
    }

    private static Change Connection(string site, JsonElement limits) => Refused(limits, "connect") || Refused(limits, "energize")
        ? Limit(site, "connection", "must be disconnected")
        : Limit(site, "connection", "may be connected again") with { IsOver = true };

    private static Change Setpoint(string site, JsonElement status)
    {
        if (!status.TryGetProperty("setpoint", out var setpoint) || setpoint.Text("targetW").Length == 0)
        {
            return Limit(site, "set-point", "no set-point any more") with { IsOver = true };
        }

        var missing = decimal.TryParse(setpoint.Text("shortfallW"), CultureInfo.InvariantCulture, out var shortfall) && shortfall > 0
            ? $", {Words.Kw(shortfall)} short of what was asked" : string.Empty;
        return Limit(site, "set-point", $"asked to draw {Watts(setpoint, "targetW")} by {Stream(setpoint.GetProperty("by"))}{missing}");
    }

    private static Change Deficit(string site, JsonElement status) => status.Text("deficitW") is not ("" or "0")
        ? new Change("controller", site, "load", "the load that can't be curtailed exceeds the limit") { Weight = ChangeWeight.Alarm }
        : new Change("controller", site, "load", "within the limit again") { IsOver = true };

    private static Change Limit(string site, string quantity, string text) =>
        new(Tally.LimitSource, site, $"{quantity} at {site}", text) { Owner = quantity };

    private static bool Refused(JsonElement limits, string member) => limits.TryGetProperty(member, out var bound) && bound.Text("value") == "False";

    private static string Stream(JsonElement stream) => $"{stream.Text("service")}/{Words.Shorten(stream.Text("key"))}";

    private static string Watts(JsonElement element, string member) => Words.Kw(Number(element, member));

    private static decimal Number(JsonElement element, string member) => decimal.Parse(element.Text(member), CultureInfo.InvariantCulture);
}
