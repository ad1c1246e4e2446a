using GridServices.Contracts;
using GridServices.OpenAdr.Codec;
using GridServices.OpenAdr.Configuration;
using GridServices.OpenAdr.Messages;
using GridServices.OpenAdr.Session;
using GridServices.Wire;
using NodaTime;

namespace GridServices.OpenAdr.Events;

/// <summary>Taking part or not: by the program's policy, or by a person afterwards.</summary>
internal static class EventOpt
{
    private const int MostKept = 512;

    /// <summary>A choice about an event without end is kept so long once the event is gone.</summary>
    private static readonly Duration KeptWithoutEnd = Duration.FromDays(7);

    /// <summary>A person's choice; takes the event's limits away or puts them in force at once, and tells the VTN.</summary>
    public static void Choose(StepContext context, VenInput.OptChosen input)
    {
        var (eventId, opt) = (input.EventId, input.Opt);
        var held = context.State.Events.FirstOrDefault(e => e.Id == eventId);
        if (held is null || context.State.Registration is null || held.PhaseAt(context.Now) == EventPhase.Completed)
        {
            context.Warn(NoteKind.EventOpted, ErrorClass.UnknownId, "There is no such event that is still to come or running.", SafeText.Short(eventId));
            return;
        }

        if (!IsAllowed(context.Config, held.Event, opt))
        {
            context.Warn(NoteKind.EventOpted, ErrorClass.Conflict, "The program's optPolicy is never: change it first.", eventId);
            return;
        }

        if (EventMeaning.FindOptInObstacle(held, opt) is { } why)
        {
            context.Warn(NoteKind.EventOpted, ErrorClass.Conflict, why, eventId);
            return;
        }

        var same = held.Opt == opt && held.OptByPerson && (held.Choice?.By, held.Choice?.Reason, held.Choice?.Actor) == (input.By, input.Reason, input.Actor);
        var said = context.State.Opts.LastOrDefault(o => o.Request.EventId == eventId);
        if (same && (said is null || (OptSites.MeansAll(context.Config, said) && said.Request.OptType == opt)))
        {
            return;
        }

        // OpenADR 2.0b rule 206: what oadrCreateOpt has said of the event or a resource of it, oadrCreateOpt alone may change.
        if (said is not null && held.CancelledAt is null && held.Event.ResponseRequired == ResponseRequired.Always)
        {
            OptLedger.Choose(context, held, input);
            return;
        }

        OptLedger.DropAbout(context, eventId);
        var chosen = held with { Opt = opt, OptByPerson = true, ScheduledReason = null, Lost = held.Lost is { } lost ? lost with { Still = null } : null, Choice = new PersonalChoice(context.Now, input.By, input.Reason, input.Actor) };
        context.State = context.State with { Events = context.State.Events.Select(e => e.Id == eventId ? chosen : e).ToValueList() };
        context.Inform(NoteKind.EventOpted, $"{Describe(opt, chosen.Choice)}.", eventId);

        EnqueueAnswer(context, held, chosen);
    }

    /// <summary>OpenADR 2.0b rule 206: a later oadrCreatedEvent may change the opt, unless the event was last sent with "never"; rule 36: a cancelled one is not mentioned again.</summary>
    public static void EnqueueAnswer(StepContext context, HeldEvent before, HeldEvent held)
    {
        if (before.Opt != held.Opt && held.CancelledAt is null && held.Event.ResponseRequired == ResponseRequired.Always)
        {
            var answer = EventVerdict.From(held).Answer(held.RequestId, held.Id, held.Event.Descriptor.ModificationNumber);
            context.Enqueue(new PendingRequest.AnswerEvents(EiResponse.Ok(string.Empty), [answer]));
        }
    }

    /// <summary>An oadrCreateOpt about the event as a whole is its opt from now on; an oadrCreatedEvent that is still owed must not say otherwise (rule 206).</summary>
    public static void Qualify(StepContext context, VenOpt opt)
    {
        var (eventId, type) = (opt.Request.EventId, opt.Request.OptType);
        EventResponse Agreeing(EventResponse r) => r.QualifiedEventId.EventId == eventId && r.Code == OadrCodes.Ok ? r with { OptType = type } : r;
        context.State = context.State with
        {
            Events = context.State.Events.Select(e => e.Id == eventId
                ? e with { Opt = type, OptByPerson = true, Choice = opt.Choice with { Reason = opt.Choice.Reason ?? opt.Request.OptReason }, ScheduledReason = null }
                : e).ToValueList(),
            Owed = context.State.Owed.Select(o => o is PendingRequest.AnswerEvents answer
                ? answer with { Responses = answer.Responses.Select(Agreeing).ToValueList() }
                : o).ToValueList(),
        };
    }

    /// <summary>The event goes before its time: a person's choice about it stays.</summary>
    public static void RetainChoice(StepContext context, HeldEvent held)
    {
        if (held.OptByPerson && held.NaturalEnd() is var end && !(end <= context.Now))
        {
            Note(context, CreateChoice(context, held, end ?? context.Now + KeptWithoutEnd));
        }
    }

    /// <summary>A person's choice about this event ends here; it is told.</summary>
    public static void Drop(StepContext context, HeldEvent held, string why)
    {
        if (held.OptByPerson)
        {
            Drop(context, CreateChoice(context, held, context.Now + KeptWithoutEnd), why);
        }
    }

    /// <summary>A new event with the choice that a person made about it earlier; or with the program's policy.</summary>
    public static HeldEvent Decide(StepContext context, HeldEvent fresh, OptPolicy policy)
    {
        OptSchedules.WarnPartlyCovered(context, fresh);
        var byPolicy = OptSchedules.Decide(context, fresh, policy);
        if (context.State.Choices.FirstOrDefault(c => c.EventId == fresh.Id && c.DroppedAt is null) is not { } kept)
        {
            return byPolicy;
        }

        var why = FindDropReason(context, kept, fresh);
        if (why is not null)
        {
            Drop(context, kept, why);
            return byPolicy;
        }

        context.State = context.State with { Choices = context.State.Choices.Where(c => c != kept).ToValueList() };
        context.Inform(NoteKind.EventOpted, $"{Describe(kept.Opt, kept.Choice)}; the event is listed again, and the choice holds.", fresh.Id);
        return fresh with { Opt = kept.Opt, OptByPerson = true, Choice = kept.Choice };
    }

    /// <summary>A modification with the choice that a person made about the event; or, where nobody did or it holds no longer, with the policy.</summary>
    public static HeldEvent Carry(StepContext context, HeldEvent held, HeldEvent modified, OptPolicy policy)
    {
        OptSchedules.WarnPartlyCovered(context, modified);
        var byPolicy = OptSchedules.Decide(context, modified, policy);
        if (!held.OptByPerson)
        {
            return byPolicy;
        }

        var kept = CreateChoice(context, held, context.Now + KeptWithoutEnd);
        if (FindDropReason(context, kept, modified) is { } why)
        {
            Drop(context, kept, why);
            return byPolicy;
        }

        return modified with { Opt = held.Opt, OptByPerson = true, Choice = held.Choice };
    }

    /// <summary>Forgets choices about events whose time is over.</summary>
    public static void Prune(StepContext context)
    {
        if (context.State.Choices.Any(c => c.Until <= context.Now))
        {
            context.State = context.State with { Choices = context.State.Choices.Where(c => c.Until > context.Now).ToValueList() };
        }

        PendingOpts.Prune(context);
    }

    /// <summary>The choices kept, as a sentence to append; empty where there are none.</summary>
    public static string DescribeKept(VenState state)
    {
        var kept = state.Choices.Where(c => c.DroppedAt is null).Select(c => SafeText.Short(c.EventId)).ToList();
        return kept.Count == 0 ? string.Empty : $" Choices of people are kept for {string.Join(", ", kept.Take(10))}.";
    }

    private static string? FindDropReason(StepContext context, KeptChoice kept, HeldEvent fresh) =>
        kept.VtnId != context.State.Registration!.VtnId ? "the event is another VTN's"
        : !IsTheSame(kept, fresh) ? "another event has this eventID now"
        : !IsAllowed(context.Config, fresh.Event, kept.Opt) ? "the program's optPolicy is never"
        : null;

    // A VTN that starts anew may count modifications from 0 again: then the same start says that it is the same event.
    private static bool IsTheSame(KeptChoice kept, HeldEvent fresh) =>
        fresh.Event.ActivePeriod.Start == kept.Start || fresh.Event.Descriptor.ModificationNumber > kept.ModificationNumber;

    public static bool IsAllowed(VenConfig config, OadrEvent received, OptType opt) =>
        opt != OptType.OptIn || Programs.For(config, received.Descriptor.MarketContext) is not { OptPolicy: OptPolicy.Never };

    private static KeptChoice CreateChoice(StepContext context, HeldEvent held, Instant until) => new()
    {
        EventId = held.Id,
        VtnId = held.EarlierVtnId ?? context.State.Registration?.VtnId ?? string.Empty,
        ModificationNumber = held.Event.Descriptor.ModificationNumber,
        Start = held.Event.ActivePeriod.Start,
        Until = until,
        Opt = held.Opt,
        Choice = held.Choice,
    };

    private static void Drop(StepContext context, KeptChoice kept, string why)
    {
        Note(context, kept with { DroppedAt = context.Now, DroppedWhy = why });
        AlarmDropped(context, kept, why);
    }

    private static void AlarmDropped(StepContext context, KeptChoice kept, string why) =>
        context.Alarm(NoteKind.EventOptDropped, null, $"{Describe(kept.Opt, kept.Choice)}, but that holds no longer: {why}. Choose again if it is meant to.", kept.EventId);

    private static void Note(StepContext context, KeptChoice choice)
    {
        var others = context.State.Choices.Where(c => c.EventId != choice.EventId).ToList();

        // What holds no longer was told of already, so it goes first.
        var tooMany = others.OrderBy(c => c.DroppedAt is null).Take(others.Count + 1 - MostKept).ToList();
        context.State = context.State with { Choices = [.. others.Except(tooMany), choice] };
        foreach (var lost in tooMany.Where(c => c.DroppedAt is null))
        {
            AlarmDropped(context, lost, $"no more than {MostKept} choices about events that are gone are kept");
        }
    }

    private static string Describe(OptType opt, PersonalChoice? choice)
    {
        var who = (choice?.Actor ?? choice?.By) is { Length: > 0 } by ? $"{SafeText.Short(by)} (a person)" : "A person";
        var why = choice?.Reason is { Length: > 0 } reason ? $" ({SafeText.Clause(SafeText.Short(reason))})" : string.Empty;
        return $"{who} opted {(opt == OptType.OptIn ? "in" : "out")}{why}";
    }
}
