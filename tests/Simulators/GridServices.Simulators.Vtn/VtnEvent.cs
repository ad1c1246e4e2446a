using System.Text.Json.Nodes;
using System.Xml.Linq;
using GridServices.Simulators.Vtn.Messages;
using NodaTime;

namespace GridServices.Simulators.Vtn;

/// <summary>An event of the VTN: defined by a person, or a real payload's own element. Guarded by the VTN's lock.</summary>
internal sealed class VtnEvent
{
    public required string EventId { get; init; }
    public required Instant CreatedAt { get; init; }
    public string? VenId { get; init; }

    /// <summary>The definition as JSON, so that a modification is a merge patch; its start is absolute. Null for a replayed event.</summary>
    public JsonObject? Json { get; set; }

    public EventDefinition? Definition { get; set; }

    /// <summary>The oadrEvent of a real payload; null for a defined event.</summary>
    public XElement? Replayed { get; init; }

    public long Modification { get; set; }
    public Instant ChangedAt { get; set; }
    public bool Cancelled { get; set; }

    /// <summary>VENs that were told of the cancellation and need not hear of it again (rule 36).</summary>
    public HashSet<string> CancelAcknowledged { get; } = new(StringComparer.Ordinal);

    /// <summary>VENs that were told once that the event is over (<see cref="Habit.CompletedOnce"/>).</summary>
    public HashSet<string> CompletedTold { get; } = new(StringComparer.Ordinal);

    /// <summary>When each VEN was first told of the present modification.</summary>
    public Dictionary<string, Instant> FirstTold { get; } = new(StringComparer.Ordinal);

    public bool ResponseNever => string.Equals(
        Definition?.ResponseRequired ?? Replayed?.Text(Ns.Oadr + "oadrResponseRequired"), "never", StringComparison.Ordinal);

    public Instant Start => Definition is { } d ? IsoText.ParseStart(d.Start, CreatedAt) : EventReplay.FindStart(Replayed!) ?? CreatedAt;

    public bool IsFor(string venId) => VenId is null || string.Equals(VenId, venId, StringComparison.Ordinal);

    /// <summary>far → near (dtstart − rampUp) → active → completed (rule 13); completed only after the random window too (rule 66).</summary>
    public string Status(Instant now)
    {
        var duration = Definition?.TotalDuration ?? FindPeriod(Ns.Xcal + "duration") ?? Duration.Zero;
        var window = (Definition is { } d ? d.StartAfter : Replayed!.Find(Ns.Xcal + "startafter")) is { } text ? IsoText.ParseDuration(text) : Duration.Zero;
        var rampUp = Definition is { } e ? (e.RampUp is null ? Duration.Zero : IsoText.ParseDuration(e.RampUp)) : FindPeriod(Ns.Ei + "x-eiRampUp") ?? Duration.Zero;
        return Cancelled ? "cancelled"
            : duration > Duration.Zero && now >= Start + duration + window ? "completed"
            : now >= Start ? "active"
            : rampUp > Duration.Zero && now >= Start - rampUp ? "near"
            : "far";
    }

    public XElement ToXml(string venId, Instant now)
    {
        if (Definition is { } definition)
        {
            return EventMessages.OadrEvent(definition, EventId, Modification, Start, CreatedAt, Status(now), venId);
        }

        var copy = new XElement(Replayed!);
        copy.Descendants(Ns.Ei + "eventStatus").First().Value = Status(now);
        copy.Descendants(Ns.Ei + "modificationNumber").First().Value = Modification.ToString(System.Globalization.CultureInfo.InvariantCulture);
        return copy;
    }

    private Duration? FindPeriod(XName name) =>
        Replayed?.Descendants(Ns.Xcal + "properties").FirstOrDefault()?.Element(name)?.Value.Trim() is { Length: > 0 } text ? IsoText.ParseDuration(text) : null;
}
