using System.Globalization;
using System.Text.Json.Nodes;
using System.Xml.Linq;
using GridServices.Simulators.Vtn.Messages;

namespace GridServices.Simulators.Vtn;

/// <summary>An opt as a VEN made it.</summary>
/// <param name="OptId">The VEN's name of it.</param>
/// <param name="OptType">optIn or optOut.</param>
/// <param name="OptReason">One of the standard's words.</param>
/// <param name="EventId">The event qualified; null: a schedule.</param>
/// <param name="Modification">The event's modification that is meant.</param>
/// <param name="MarketContext">Of a schedule, where it has one.</param>
/// <param name="ResourceIds">The resources meant; none: all.</param>
/// <param name="Periods">Of a schedule: start and duration of each period, as written.</param>
internal sealed record OptRecord(
    string OptId, string? OptType, string? OptReason, string? EventId, long? Modification, string? MarketContext,
    IReadOnlyList<string> ResourceIds, IReadOnlyList<(string Start, string Duration)> Periods)
{
    public static OptRecord Read(XElement message) => new(
        message.Text(Ns.Ei + "optID") ?? "",
        message.Text(Ns.Ei + "optType"),
        message.Text(Ns.Ei + "optReason"),
        message.Find(Ns.Ei + "eventID"),
        long.TryParse(message.Find(Ns.Ei + "modificationNumber"), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null,
        message.Text(Ns.Emix + "marketContext"),
        [.. message.Element(Ns.Ei + "eiTarget")?.Elements(Ns.Ei + "resourceID").Select(e => e.Value.Trim()) ?? []],
        [.. message.Descendants(Ns.Xcal + "available").Select(a => (a.Find(Ns.Xcal + "date-time") ?? "", a.Find(Ns.Xcal + "duration") ?? ""))]);

    /// <summary>Rule 203: the same kind of schedule for the same program and targets is replaced by a later one; so is what was said of an event and its targets.</summary>
    public bool IsReplacedBy(OptRecord later) =>
        EventId == later.EventId && (EventId is not null || OptType == later.OptType) && MarketContext == later.MarketContext
        && ResourceIds.ToHashSet(StringComparer.Ordinal).SetEquals(later.ResourceIds);

    public JsonObject Show(string venId) => new()
    {
        ["venId"] = venId,
        ["optId"] = OptId,
        ["optType"] = OptType,
        ["optReason"] = OptReason,
        ["eventId"] = EventId,
        ["modification"] = Modification,
        ["marketContext"] = MarketContext,
        ["resourceIds"] = new JsonArray([.. ResourceIds.Select(r => JsonValue.Create(r))]),
        ["periods"] = new JsonArray([.. Periods.Select(p => new JsonObject { ["start"] = p.Start, ["duration"] = p.Duration })]),
    };
}
