using GridServices.Contracts;
using GridServices.Wire;

namespace GridServices.OpenAdr.Events;

/// <summary>Events of an earlier registration that the VTN, asked for its events, does not list any more and does not cancel either.</summary>
internal static class UnlistedEvents
{
    /// <summary>The VTN has told its events after a registration: what an earlier one brought and it does not list any more, nobody but a person ends; they are told, once.</summary>
    /// <param name="context">After its events were taken in.</param>
    /// <param name="listed">The eventIDs that it told, those refused here too.</param>
    public static void Note(StepContext context, IReadOnlySet<string> listed)
    {
        // Listed, though what it says of the event is refused here: the VTN knows it, and can cancel it.
        if (context.State.Events.Any(e => e.UnlistedSince is not null && listed.Contains(e.Id)))
        {
            context.State = context.State with { Events = context.State.Events.Select(e => listed.Contains(e.Id) ? e with { UnlistedSince = null } : e).ToValueList() };
        }

        foreach (var held in context.State.Events.Where(e => e is { EarlierVtnId: not null, UnlistedSince: null, CancelledAt: null } && !listed.Contains(e.Id) && e.PhaseAt(context.Now) != EventPhase.Completed).ToList())
        {
            context.State = context.State with { Events = context.State.Events.Select(e => e.Id == held.Id ? held with { UnlistedSince = context.Now } : e).ToValueList() };
            context.Alarm(
                NoteKind.EventReceived,
                ErrorClass.LastKnownGood,
                $"The event is of an earlier registration, and the VTN does not list it any more: its limits stay {(held.End() is { } end ? $"until {end}" : "for good, since it has no end")}. Ask the VTN's operator, or opt out.",
                held.Id);
        }
    }
}
