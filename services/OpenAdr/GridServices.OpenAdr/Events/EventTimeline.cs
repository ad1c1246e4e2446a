using NodaTime;

namespace GridServices.OpenAdr.Events;

/// <summary>Where an event stands, computed from its times; the VTN's own word counts only when it says cancelled (OpenADR 2.0b rules 66, 114, 115).</summary>
public enum EventPhase
{
    Far,
    Near,
    Active,
    Completed,
}

/// <summary>The times of a held event, with everything drawn: start, duration, tolerance and ramp-up are acted on (OpenADR 2.0b rules 31, 32).</summary>
/// <remarks>
/// <code>
///   dtstart - rampUp (+offset)   dtstart + offset           dtstart + offset + duration
///   ────────┼────────────────────────┼──────────────────────────────┼───────────▶ t
///    far    │         near           │  active                      │  completed
/// </code>
/// Starts are inclusive, ends exclusive (OpenADR 2.0b rule 18): an event that begins when another ends does not overlap it.
/// </remarks>
public static class EventTimeline
{
    /// <summary>OpenADR 2.0b rule 30: the start is delayed by the offset drawn, and the end with it.</summary>
    public static Instant Start(this HeldEvent held)
    {
        ArgumentNullException.ThrowIfNull(held);
        return held.Event.ActivePeriod.Start + Duration.FromSeconds(held.OffsetS);
    }

    /// <summary>Exclusive; null: open-ended (OpenADR 2.0b rule 47: duration zero), until cancelled.</summary>
    public static Instant? End(this HeldEvent held)
    {
        var natural = held.NaturalEnd();

        // OpenADR 2.0b rule 65: a cancelled event runs on to the end drawn for it, never beyond its own.
        return held.CancelledAt is { } cancelled && (natural is null || cancelled < natural) ? cancelled : natural;
    }

    /// <summary>The end without any cancellation, exclusive; null: open-ended.</summary>
    public static Instant? NaturalEnd(this HeldEvent held)
    {
        var length = GetLength(held);
        return length == Duration.Zero ? null : held.Start() + length;
    }

    public static EventPhase PhaseAt(this HeldEvent held, Instant now)
    {
        var start = held.Start();
        if (held.End() is { } end && end <= now)
        {
            return EventPhase.Completed;
        }

        if (start <= now)
        {
            return EventPhase.Active;
        }

        // OpenADR 2.0b rule 13: without a ramp-up an event goes from far to active at once; a negative one lies inside the event.
        var rampUp = held.Event.ActivePeriod.RampUp?.ToDuration() ?? Duration.Zero;
        return rampUp > Duration.Zero && start - rampUp <= now ? EventPhase.Near : EventPhase.Far;
    }

    private static Duration GetLength(HeldEvent held) => held.Event.ActivePeriod.Duration.ToDuration();
}
