using System.Globalization;
using System.Text.Json;
using NodaTime;

namespace GridServices.Local.Feed;

/// <summary>From <c>GET /v1/clients</c> and <c>…/controls</c> of IEEE 2030.5.</summary>
internal static class DerChanges
{
    private const string Source = "ieee2030-5";
    private static readonly Dictionary<string, string> Limits = new(StringComparer.Ordinal)
    {
        ["impLimW"] = "import",
        ["expLimW"] = "export",
        ["genLimW"] = "generation",
        ["loadLimW"] = "load",
    };

    public static IEnumerable<Change> Read(JsonElement client, IEnumerable<JsonElement> controls, Instant now)
    {
        var owner = $"client {client.Text("clientKey")}";
        return controls.Select(control => Control(control, owner, now)).Prepend(Client(client, owner));
    }

    private static Change Client(JsonElement client, string owner)
    {
        var condition = client.GetProperty("condition");
        var (status, detail) = (condition.Text("status"), condition.Text("detail"));
        return new Change(Source, Words.Sites(client), owner, $"{owner}: the line is {status}{(detail.Length > 0 ? $": {detail}" : string.Empty)}; SFDI {condition.Text("sfdi")}")
        {
            Owner = owner,
            Sameness = status + Words.WithoutDigits(detail),
            Weight = status == "ok" ? ChangeWeight.Normal : ChangeWeight.Alarm,
        };
    }

    private static Change Control(JsonElement control, string owner, Instant now)
    {
        var status = control.Text("status");
        var settings = string.Join(", ", control.Items("settings").Select(Setting));
        return new Change(Source, control.Text("siteId"), $"control {control.Text("mRid")}", $"control {Words.ShortenMRid(control.Text("mRid"))}: {status}, {Words.Span(control, now)}: {settings}")
        {
            Owner = owner,
            IsOver = status is not ("scheduled" or "active"),
        };
    }

    private static string Setting(JsonElement setting) =>
        Limits.TryGetValue(setting.Text("mode"), out var name) && decimal.TryParse(setting.Text("amount"), CultureInfo.InvariantCulture, out var watts)
            ? $"{name} ≤ {Words.Kw(watts)}"
            : $"{setting.Text("mode")} {setting.Text("amount")}";
}
