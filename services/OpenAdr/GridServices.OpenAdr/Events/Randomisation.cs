using GridServices.OpenAdr.Messages;
using NodaTime;

namespace GridServices.OpenAdr.Events;

/// <summary>Offsets in whole seconds, drawn once and stored.</summary>
internal static class Randomisation
{
    /// <summary>OpenADR 2.0b rule 30: U[0, startafter], both ends included.</summary>
    public static long Draw(OadrEvent received, SeededRandom random) => random.DrawUpTo(WindowS(received));

    /// <summary>OpenADR 2.0b rule 30: a modification keeps the offset unless it changes startafter itself.</summary>
    public static long DrawModified(HeldEvent held, OadrEvent modified, SeededRandom random) =>
        WindowS(held.Event) == WindowS(modified) ? held.OffsetS : Draw(modified, random);

    /// <summary>
    /// OpenADR 2.0b rule 65: an active event with startafter ends, when cancelled, after U[0, startafter]; any other ends at once (null).
    /// </summary>
    public static Instant? CancelledEnd(HeldEvent held, Instant now, SeededRandom random)
    {
        var window = WindowS(held.Event);
        if (window == 0 || held.PhaseAt(now) != EventPhase.Active)
        {
            return null;
        }

        return held.CancelledAt ?? now + Duration.FromSeconds(random.DrawUpTo(window));
    }

    private static long WindowS(OadrEvent received) => (long)(received.ActivePeriod.StartAfter?.ToDuration().TotalSeconds ?? 0);
}
