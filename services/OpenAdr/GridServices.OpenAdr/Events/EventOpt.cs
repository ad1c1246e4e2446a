using GridServices.Contracts;
using GridServices.OpenAdr.Messages;
using GridServices.OpenAdr.Registration;
using GridServices.Wire;

namespace GridServices.OpenAdr.Events;

/// <summary>Taking part or not: by the program's policy, or by a person afterwards.</summary>
internal static class EventOpt
{
    public static OptType ByPolicy(OptPolicy policy) => policy == OptPolicy.Auto ? OptType.OptIn : OptType.OptOut;

    /// <summary>A person's choice; takes the event's limits away or puts them in force at once, and tells the VTN.</summary>
    public static void Choose(Turn turn, string eventId, OptType opt)
    {
        var held = turn.State.Events.FirstOrDefault(e => e.Id == eventId);
        if (held is null || turn.State.Registration is null || held.PhaseAt(turn.Now) == EventPhase.Completed)
        {
            turn.Warn(NoteKind.EventOpted, ErrorClass.UnknownId, "There is no such event that is still to come or running.", Printable.Line(eventId));
            return;
        }

        if (opt == OptType.OptIn && Programs.For(turn.Config, held.Event.Descriptor.MarketContext) is { OptPolicy: OptPolicy.Never })
        {
            turn.Warn(NoteKind.EventOpted, ErrorClass.Conflict, "The program's optPolicy is never: change it first.", eventId);
            return;
        }

        var chosen = held with { Opt = opt, OptByPerson = true };
        if (chosen == held)
        {
            return;
        }

        turn.State = turn.State with { Events = turn.State.Events.Select(e => e.Id == eventId ? chosen : e).ToValueList() };
        turn.Inform(NoteKind.EventOpted, opt == OptType.OptIn ? "A person opted in." : "A person opted out.", eventId);

        // OpenADR 2.0b rule 206: a later oadrCreatedEvent may change the opt, unless the event was last sent with "never".
        if (held.Opt != opt && held.Event.ResponseRequired == ResponseRequired.Always)
        {
            var answer = EventVerdict.Of(chosen).Answer(held.RequestId, eventId, held.Event.Descriptor.ModificationNumber);
            turn.Owe(new Owed.AnswerEvents(EiResponse.Ok(string.Empty), [answer]));
        }
    }
}
