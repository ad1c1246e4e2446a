using System.Xml.Linq;
using GridServices.Contracts;
using GridServices.Ieee2030Dot5.Messages;
using GridServices.Wire;
using static GridServices.Ieee2030Dot5.Codec.Sep2Out;

namespace GridServices.Ieee2030Dot5.Codec;

/// <summary>What all events have in common.</summary>
internal static class EventXml
{
    private const int MaxRandom = 3600;

    public static EventStatus ReadStatus(ReceivedElement e, LenientReader aside)
    {
        var current = e.Req("currentStatus");
        return new()
        {
            CurrentStatus = current.Number<byte>(ErrorClass.SemanticStatus) is <= (byte)EventState.Completed and var state
                ? (EventState)state
                : throw current.Refuse(ErrorClass.SemanticStatus, $"{SafeText.Quote(current.Text)} is not the status of an event"),
            DateTime = aside.Read("dateTime", () => e.Opt("dateTime").TimeOrNull()) ?? 0,
            PotentiallySuperseded = aside.Read("potentiallySuperseded", () => e.Opt("potentiallySuperseded").Flag()) ?? false,
            PotentiallySupersededTime = aside.Read("potentiallySupersededTime", () => e.Opt("potentiallySupersededTime").TimeOrNull()),
            Reason = aside.Read("reason", () => e.Opt("reason").TextOrNull()),
        };
    }

    public static XElement Write(EventStatus s) =>
        El("EventStatus",
            El("currentStatus", (int)s.CurrentStatus),
            El("dateTime", s.DateTime),
            El("potentiallySuperseded", s.PotentiallySuperseded),
            Opt("potentiallySupersededTime", s.PotentiallySupersededTime),
            Opt("reason", s.Reason));

    /// <summary>The interval of an event; one without length is a mistake, not an event that is over at once.</summary>
    public static DateTimeInterval ReadInterval(ReceivedElement e) =>
        e.Interval() is { DurationSeconds: > 0 } interval ? interval : throw e.Refuse(ErrorClass.SemanticDuration, "the event lasts 0 s");

    /// <summary>The schema's range of one hour either way.</summary>
    public static int? ReadRandom(ReceivedElement? e) =>
        e is null ? null
        : e.Number<int>(ErrorClass.SemanticRandom) is >= -MaxRandom and <= MaxRandom and var value ? value
        : throw e.Refuse(ErrorClass.SemanticRandom, $"{SafeText.Quote(e.Text)} is not within an hour either way");
}
