using GridServices.Contracts;
using GridServices.OpenAdr.Messages;
using GridServices.OpenAdr.Registration;
using GridServices.Wire;
using NodaTime;

namespace GridServices.OpenAdr.Events;

/// <summary>Taking part or not: by the program's policy, or by a person afterwards.</summary>
internal static class EventOpt
{
    private const int MostKept = 512;

    /// <summary>A choice about an event without end is kept so long once the event is gone.</summary>
    private static readonly Duration KeptWithoutEnd = Duration.FromDays(7);

    public static OptType ByPolicy(OptPolicy policy) => policy == OptPolicy.Auto ? OptType.OptIn : OptType.OptOut;

    /// <summary>A person's choice; takes the event's limits away or puts them in force at once, and tells the VTN.</summary>
    public static void Choose(Turn turn, VenInput.OptChosen input)
    {
        var (eventId, opt) = (input.EventId, input.Opt);
        var held = turn.State.Events.FirstOrDefault(e => e.Id == eventId);
        if (held is null || turn.State.Registration is null || held.PhaseAt(turn.Now) == EventPhase.Completed)
        {
            turn.Warn(NoteKind.EventOpted, ErrorClass.UnknownId, "There is no such event that is still to come or running.", Printable.Line(eventId));
            return;
        }

        if (!IsAllowed(turn.Config, held.Event, opt))
        {
            turn.Warn(NoteKind.EventOpted, ErrorClass.Conflict, "The program's optPolicy is never: change it first.", eventId);
            return;
        }

        var same = held.Opt == opt && held.OptByPerson && (held.Choice?.By, held.Choice?.Reason, held.Choice?.Actor) == (input.By, input.Reason, input.Actor);
        if (same)
        {
            return;
        }

        var chosen = held with { Opt = opt, OptByPerson = true, Choice = new PersonalChoice(turn.Now, input.By, input.Reason, input.Actor) };
        turn.State = turn.State with { Events = turn.State.Events.Select(e => e.Id == eventId ? chosen : e).ToValueList() };
        turn.Inform(NoteKind.EventOpted, $"{InWords(opt, chosen.Choice)}.", eventId);

        // OpenADR 2.0b rule 206: a later oadrCreatedEvent may change the opt, unless the event was last sent with "never".
        if (held.Opt != opt && held.Event.ResponseRequired == ResponseRequired.Always)
        {
            var answer = EventVerdict.Of(chosen).Answer(held.RequestId, eventId, held.Event.Descriptor.ModificationNumber);
            turn.Owe(new Owed.AnswerEvents(EiResponse.Ok(string.Empty), [answer]));
        }
    }

    /// <summary>The event goes before its time: a person's choice about it stays.</summary>
    public static void Keep(Turn turn, HeldEvent held)
    {
        if (held.OptByPerson && held.NaturalEnd() is var end && !(end <= turn.Now))
        {
            Note(turn, Kept(turn, held, end ?? turn.Now + KeptWithoutEnd));
        }
    }

    /// <summary>A person's choice about this event ends here; it is told.</summary>
    public static void Drop(Turn turn, HeldEvent held, string why)
    {
        if (held.OptByPerson)
        {
            Drop(turn, Kept(turn, held, turn.Now + KeptWithoutEnd), why);
        }
    }

    /// <summary>A new event with the choice that a person made about it earlier; or with the program's policy.</summary>
    public static HeldEvent Decide(Turn turn, HeldEvent fresh, OptPolicy policy)
    {
        var byPolicy = fresh with { Opt = ByPolicy(policy) };
        if (turn.State.Choices.FirstOrDefault(c => c.EventId == fresh.Id && c.DroppedAt is null) is not { } kept)
        {
            return byPolicy;
        }

        var why = WhyDropped(turn, kept, fresh);
        if (why is not null)
        {
            Drop(turn, kept, why);
            return byPolicy;
        }

        turn.State = turn.State with { Choices = turn.State.Choices.Where(c => c != kept).ToValueList() };
        turn.Inform(NoteKind.EventOpted, $"{InWords(kept.Opt, kept.Choice)}; the event is listed again, and the choice holds.", fresh.Id);
        return fresh with { Opt = kept.Opt, OptByPerson = true, Choice = kept.Choice };
    }

    /// <summary>A modification with the choice that a person made about the event; or, where nobody did or it holds no longer, with the policy.</summary>
    public static HeldEvent Carry(Turn turn, HeldEvent held, HeldEvent modified, OptPolicy policy)
    {
        var byPolicy = modified with { Opt = ByPolicy(policy) };
        if (!held.OptByPerson)
        {
            return byPolicy;
        }

        var kept = Kept(turn, held, turn.Now + KeptWithoutEnd);
        if (WhyDropped(turn, kept, modified) is { } why)
        {
            Drop(turn, kept, why);
            return byPolicy;
        }

        return modified with { Opt = held.Opt, OptByPerson = true, Choice = held.Choice };
    }

    /// <summary>Forgets choices about events whose time is over.</summary>
    public static void Forget(Turn turn)
    {
        if (turn.State.Choices.Any(c => c.Until <= turn.Now))
        {
            turn.State = turn.State with { Choices = turn.State.Choices.Where(c => c.Until > turn.Now).ToValueList() };
        }
    }

    /// <summary>The choices kept, as a sentence to append; empty where there are none.</summary>
    public static string KeptInWords(VenState state)
    {
        var kept = state.Choices.Where(c => c.DroppedAt is null).Select(c => Printable.Line(c.EventId)).ToList();
        return kept.Count == 0 ? string.Empty : $" Choices of people are kept for {string.Join(", ", kept.Take(10))}.";
    }

    private static string? WhyDropped(Turn turn, KeptChoice kept, HeldEvent fresh) =>
        kept.VtnId != turn.State.Registration!.VtnId ? "the event is another VTN's"
        : !IsTheSame(kept, fresh) ? "another event has this eventID now"
        : !IsAllowed(turn.Config, fresh.Event, kept.Opt) ? "the program's optPolicy is never"
        : null;

    // A VTN that starts anew may count modifications from 0 again: then the same start says that it is the same event.
    private static bool IsTheSame(KeptChoice kept, HeldEvent fresh) =>
        fresh.Event.ActivePeriod.Start == kept.Start || fresh.Event.Descriptor.ModificationNumber > kept.ModificationNumber;

    private static bool IsAllowed(VenConfig config, OadrEvent received, OptType opt) =>
        opt != OptType.OptIn || Programs.For(config, received.Descriptor.MarketContext) is not { OptPolicy: OptPolicy.Never };

    private static KeptChoice Kept(Turn turn, HeldEvent held, Instant until) => new()
    {
        EventId = held.Id,
        VtnId = held.EarlierVtnId ?? turn.State.Registration?.VtnId ?? string.Empty,
        ModificationNumber = held.Event.Descriptor.ModificationNumber,
        Start = held.Event.ActivePeriod.Start,
        Until = until,
        Opt = held.Opt,
        Choice = held.Choice,
    };

    private static void Drop(Turn turn, KeptChoice kept, string why)
    {
        Note(turn, kept with { DroppedAt = turn.Now, DroppedWhy = why });
        turn.Alarm(NoteKind.EventOptDropped, null, $"{InWords(kept.Opt, kept.Choice)}, but that holds no longer: {why}. Choose again if it is meant to.", kept.EventId);
    }

    private static void Note(Turn turn, KeptChoice choice)
    {
        var others = turn.State.Choices.Where(c => c.EventId != choice.EventId).ToList();
        turn.State = turn.State with { Choices = [.. others.Skip(Math.Max(0, others.Count + 1 - MostKept)), choice] };
    }

    private static string InWords(OptType opt, PersonalChoice? choice)
    {
        var who = (choice?.Actor ?? choice?.By) is { Length: > 0 } by ? $"{Printable.Line(by)} (a person)" : "A person";
        var why = choice?.Reason is { Length: > 0 } reason ? $" ({Printable.Clause(Printable.Line(reason))})" : string.Empty;
        return $"{who} opted {(opt == OptType.OptIn ? "in" : "out")}{why}";
    }
}
