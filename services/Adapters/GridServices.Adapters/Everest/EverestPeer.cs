using System.Globalization;
using System.Text;
using System.Text.Json;
using GridServices.Adapters.Lines;
using GridServices.Adapters.Messages;
using GridServices.Adapters.Schedules;
using NodaTime;
using NodaTime.Text;

namespace GridServices.Adapters.Everest;

/// <summary>
/// An EVerest charging station (or several behind one energy manager) through its API "external energy limits consumer", version 1, over MQTT.
/// Its first entry holds at once, its last for ever, and an entry without <c>total_power_W</c> is no limit.
/// </summary>
public sealed record EverestPeer
{
    /// <summary>Id of the API module in EVerest's configuration.</summary>
    public required string Module { get; init; }

    public string Prefix { get; init; } = "everest_api/1/external_energy_limits_consumer";

    /// <summary>The station's part of the site's limits, percent, where other peers keep them too.</summary>
    public int SharePercent { get; init; } = Share.Whole;

    public ScheduleRules Schedule { get; init; } = new();

    /// <summary>The limits are told again after this: EVerest keeps nothing over a restart.</summary>
    public Duration Every { get; init; } = Duration.FromSeconds(10);

    /// <summary>Under EVerest's own time-out (<c>cfg_communication_check_to_s</c>), which ends charging by its own rule when we are gone.</summary>
    public Duration CheckEvery { get; init; } = Duration.FromSeconds(2);

    /// <summary>All that is said.</summary>
    public IReadOnlyList<string> Topics => [LimitsTopic, CheckTopic];

    private string LimitsTopic => $"{Prefix}/{Module}/m2e/set_external_limits";

    private string CheckTopic => $"{Prefix}/{Module}/m2e/communication_check";

    /// <summary>What is to be told now.</summary>
    public IReadOnlyList<PeerMessage> Now(SiteView view, SiteRules rules)
    {
        ArgumentNullException.ThrowIfNull(rules);
        var import = Entries(view, Quantity.ConsumptionW, rules);
        var export = Entries(view, Quantity.ProductionW, rules);
        return
        [
            new(LimitsTopic, Json(import, export), IsRetained: false, Every) { Says = $"{Summarize(import)}|{Summarize(export)}" },
            new(CheckTopic, "true", IsRetained: false, CheckEvery),
        ];
    }

    /// <summary>What the station is left with when we go: the fail-safe limits at once, or less where more is known to be forbidden later.</summary>
    public IReadOnlyList<PeerMessage> GetShutdownMessages(SiteView view, SiteRules rules)
    {
        ArgumentNullException.ThrowIfNull(view);
        ArgumentNullException.ThrowIfNull(rules);
        return [new(LimitsTopic, Json(Last(view, Quantity.ConsumptionW, rules), Last(view, Quantity.ProductionW, rules)), IsRetained: false, Every)];
    }

    private IReadOnlyList<PeerEntry> Last(SiteView view, Quantity quantity, SiteRules rules)
    {
        var (watts, by) = PeerSchedule.GetShutdownLimit(LimitLine.From(view, quantity, rules), view.At, rules.GetFailsafe(quantity));
        return [new PeerEntry(view.At, Share.Compute(watts, SharePercent), by)];
    }

    private IReadOnlyList<PeerEntry> Entries(SiteView view, Quantity quantity, SiteRules rules) =>
        [.. PeerSchedule.Create(LimitLine.From(view, quantity, rules), view.At, Schedule, rules.GetFailsafe(quantity)).Select(e => e with { Watts = Share.Compute(e.Watts, SharePercent) })];

    // Without the ends, which move on with time.
    private static string Summarize(IReadOnlyList<PeerEntry> entries) => string.Join(
        ';', entries.Select((e, i) => $"{(i == 0 || i == entries.Count - 1 ? string.Empty : e.From.ToUnixTimeSeconds().ToString(CultureInfo.InvariantCulture))}:{e.Watts}:{e.By}"));

    private static string Json(IReadOnlyList<PeerEntry> import, IReadOnlyList<PeerEntry> export)
    {
        using var bytes = new MemoryStream();
        using (var json = new Utf8JsonWriter(bytes))
        {
            json.WriteStartObject();
            Write(json, "schedule_import", import);
            Write(json, "schedule_export", export);
            json.WriteStartArray("schedule_setpoints");
            json.WriteEndArray();
            json.WriteEndObject();
        }

        return Encoding.UTF8.GetString(bytes.ToArray());
    }

    private static void Write(Utf8JsonWriter json, string name, IReadOnlyList<PeerEntry> entries)
    {
        json.WriteStartArray(name);
        foreach (var entry in entries)
        {
            json.WriteStartObject();
            json.WriteString("timestamp", InstantPattern.ExtendedIso.Format(entry.From));
            json.WriteStartObject("limits_to_root");
            if (entry.Watts is { } watts)
            {
                json.WriteStartObject("total_power_W");
                json.WriteNumber("value", watts);
                json.WriteString("source", entry.By);
                json.WriteEndObject();
            }

            json.WriteEndObject();
            json.WriteStartObject("limits_to_leaves");
            json.WriteEndObject();
            json.WriteEndObject();
        }

        json.WriteEndArray();
    }
}
