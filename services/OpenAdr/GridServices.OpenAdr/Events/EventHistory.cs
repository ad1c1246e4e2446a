using GridServices.OpenAdr.Messages;
using NodaTime;

namespace GridServices.OpenAdr.Events;

/// <summary>
/// What a modification number says of an event that is held. Numbers count within one registration: a VTN that registers the VEN anew may have
/// lost its events and count from 0 again, so the first thing that it says of an event then begins a new history, whatever its number.
/// </summary>
internal static class EventHistory
{
    /// <summary>OpenADR 2.0b rule 58: true for a number lower than the one held, within one registration.</summary>
    public static bool IsOutdated(HeldEvent held, OadrEvent received) => IsOutdated(held, GetNumber(received));

    /// <summary>The same of a number alone.</summary>
    public static bool IsOutdated(HeldEvent held, uint number) => held.EarlierVtnId is null && number < GetNumber(held.Event);

    /// <summary>True for the number held; of a history that may have begun anew only where the content is the same too.</summary>
    public static bool IsRepeated(HeldEvent held, OadrEvent received, string vtnId) =>
        GetNumber(received) == GetNumber(held.Event)
        && (held.EarlierVtnId is null || (held.EarlierVtnId == vtnId && EventContent.AreEquivalent(held.Event, received)));

    /// <summary>
    /// True where the event held is over and this is another one, still to come or running, under its name. Of the same start with another number
    /// it is the event held, prolonged.
    /// </summary>
    public static bool IsAnother(HeldEvent held, OadrEvent received, Instant now) =>
        held.PhaseAt(now) == EventPhase.Completed
        && !IsOutdated(held, received)
        && (GetNumber(received) == GetNumber(held.Event) || received.ActivePeriod.Start != held.Event.ActivePeriod.Start)
        && !EventContent.AreEquivalent(held.Event, received)
        && (held with { Event = received, OffsetS = 0, CancelledAt = null }).PhaseAt(now) != EventPhase.Completed;

    private static uint GetNumber(OadrEvent item) => item.Descriptor.ModificationNumber;
}
