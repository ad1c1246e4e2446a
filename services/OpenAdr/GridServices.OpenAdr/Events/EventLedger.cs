using GridServices.Contracts;
using GridServices.OpenAdr.Codec;
using GridServices.OpenAdr.Messages;
using GridServices.OpenAdr.Session;
using GridServices.Wire;
using NodaTime;

namespace GridServices.OpenAdr.Events;

/// <summary>The events held, and what each oadrDistributeEvent does to them.</summary>
internal static class EventLedger
{
    /// <summary>Ended events are remembered so long that a VTN which still lists them gets the same answer as before.</summary>
    private static readonly Duration Remembered = Duration.FromDays(7);

    /// <param name="context">The step.</param>
    /// <param name="message">All that the VTN has.</param>
    /// <param name="sha256">Of the raw message.</param>
    /// <param name="isAsked">True: it answers a request for the events, so even a VTN that never implies a cancellation tells them all.</param>
    /// <returns>The eventIDs that are listed, refused ones too; null: not the VTN's list, or an event of it has no legible eventID.</returns>
    public static IReadOnlySet<string>? Receive(StepContext context, OadrDistributeEvent message, string sha256, bool isAsked = false)
    {
        var registration = context.State.Registration!;
        // OpenADR 2.0b rules 21, 512: the payload is somebody else's unless the vtnID is exactly ours; rule 35: then no eventResponses.
        if (message.VtnId != registration.VtnId)
        {
            context.PollProblem = $"events of vtnID '{SafeText.Short(message.VtnId)}', while registered with '{registration.VtnId}'";
            context.Enqueue(new PendingRequest.AnswerEvents(new EiResponse(OadrCodes.InvalidId, "Another vtnID than that of the registration.", message.RequestId), []));
            context.Warn(NoteKind.MessageRefused, ErrorClass.AuthzVtnid, $"Events of vtnID '{SafeText.Short(message.VtnId)}' refused: registered with '{registration.VtnId}'.");
            return null;
        }

        var answers = new List<EventResponse>(message.Events.Count);
        var listed = new HashSet<string>(StringComparer.Ordinal);
        var twice = FindDuplicates(message);
        var room = new EventCapacity(context, message, twice);
        EventVerdict? nameless = null;

        // OpenADR 2.0b rules 19, 62: every event is processed for itself; a bad one doesn't spoil the others.
        foreach (var item in message.Events)
        {
            var before = context.State.Events;
            var (id, modification, required, verdict) = item.Value is { } received
                ? Apply(context, EventBudget.Trim(received), message.RequestId, sha256, twice, room)
                : CancelledIllegibly(context, item.Unreadable!, twice) ?? Refuse(context, item.Unreadable!);
            if (id is null)
            {
                nameless ??= verdict;
                continue;
            }

            listed.Add(id);
            if (verdict.Code == OadrCodes.Ok)
            {
                // A modification may move the event to another program: it was told of both.
                Resync.OnEventReceived(context, before.FirstOrDefault(e => e.Id == id)?.Event.Descriptor.MarketContext);
                Resync.OnEventReceived(context, item.Value?.Descriptor.MarketContext);
            }

            // OpenADR 2.0b rules 12, 62: "never" gets no answer, whatever became of it; "always" gets one each time, even if nothing changed.
            if (required == ResponseRequired.Always)
            {
                answers.Add(verdict.Answer(message.RequestId, id, modification));
            }
        }

        ImplyCancellations(context, listed, complete: nameless is null, isEmpty: message.Events.Count == 0);
        if (nameless is null && (isAsked || !context.Config.Quirks.NeverImplyCancel))
        {
            Resync.Listed(context);
        }

        if (answers.Count > 0)
        {
            // OpenADR 2.0b rules 12, 42, 43: one message; each response echoes the requestID of the distribution, the eiResponse leaves it empty.
            context.Enqueue(new PendingRequest.AnswerEvents(EiResponse.Ok(string.Empty), answers.ToValueList()));
        }

        // OpenADR 2.0b rule 35: what can't be answered by name is answered as an error of the payload, where nothing else is to be said.
        else if (nameless is not null)
        {
            context.Enqueue(new PendingRequest.AnswerEvents(new EiResponse(nameless.Code, nameless.Description, message.RequestId), []));
        }

        return nameless is null ? listed : null;
    }

    /// <summary>Drops events whose cancellation took effect and those that ended long ago.</summary>
    public static void Prune(StepContext context)
    {
        var now = context.Now;
        if (context.State.Events.Any(e => IsOver(e, now)))
        {
            context.State.Events.Where(e => IsOver(e, now)).ToList().ForEach(e => EventOpt.RetainChoice(context, e));
            context.State = context.State with { Events = context.State.Events.Where(e => !IsOver(e, now)).ToValueList() };
        }

        if (context.State.Refused.Any(r => r.At + Remembered <= now))
        {
            context.State = context.State with { Refused = context.State.Refused.Where(r => r.At + Remembered > now).ToValueList() };
        }

        EventOpt.Prune(context);
    }

    private static bool IsOver(HeldEvent held, Instant now) =>
        held.CancelledAt is { } cancelled ? cancelled <= now : held.End() is { } end && end + Remembered <= now;

    private static HashSet<string> FindDuplicates(OadrDistributeEvent message)
    {
        var once = new HashSet<string>(StringComparer.Ordinal);
        return message.Events.Select(e => e.Value?.Descriptor.EventId ?? e.Unreadable?.EventId).OfType<string>()
            .Where(id => !once.Add(id)).ToHashSet(StringComparer.Ordinal);
    }

    // OpenADR 2.0b rules 36, 59: a cancellation says all that it needs by status, eventID and number, whatever else of the event can't be read.
    private static Outcome? CancelledIllegibly(StepContext context, UnreadableEvent unreadable, HashSet<string> twice)
    {
        if (unreadable is not { Status: EventStatus.Cancelled, EventId: { } eventId, ModificationNumber: { } number } || twice.Contains(eventId)
            || context.State.Events.FirstOrDefault(e => e.Id == eventId) is not { } held || EventHistory.IsOutdated(held, number))
        {
            return null;
        }

        context.Warn(NoteKind.EventCancelled, unreadable.Refusal.Class, $"The cancellation counts, though the event can't be read: {SafeText.Clause(unreadable.Refusal.ToString())}.", eventId);
        return new Outcome(eventId, number, unreadable.ResponseRequired ?? held.Event.ResponseRequired, Confirm(context, held, number));
    }

    private static Outcome Refuse(StepContext context, UnreadableEvent unreadable) =>
        new(unreadable.EventId, unreadable.ModificationNumber ?? 0, unreadable.ResponseRequired ?? ResponseRequired.Always, RefusedEvents.Refuse(context, unreadable));

    private static Outcome Apply(StepContext context, OadrEvent received, string requestId, string sha256, HashSet<string> twice, EventCapacity capacity)
    {
        var descriptor = received.Descriptor;
        var held = context.State.Events.FirstOrDefault(e => e.Id == descriptor.EventId);
        var verdict = twice.Contains(descriptor.EventId)
            ? RefusedEvents.Refuse(context, received, EventFault.Create(ErrorClass.DuplicateId, "the payload holds this eventID twice; none of the two is taken"))
            : descriptor.Status == EventStatus.Cancelled ? Cancelled(context, held, received)
            : held is null ? New(context, received, requestId, sha256, capacity)
            : EventHistory.IsAnother(held, received, context.Now) ? Reused(context, held, received, requestId, sha256, capacity)
            : EventHistory.IsOutdated(held, received) ? Outdated(context, held, received)
            : EventHistory.IsRepeated(held, received, context.State.Registration!.VtnId) ? Repeated(context, held, received, requestId)
            : Modified(context, held, received, requestId, sha256, capacity);
        return new Outcome(descriptor.EventId, descriptor.ModificationNumber, received.ResponseRequired, verdict);
    }

    // OpenADR 2.0b rule 56: an unknown eventID is a new event, whatever its modification number.
    private static EventVerdict New(StepContext context, OadrEvent received, string requestId, string sha256, EventCapacity capacity)
    {
        if (EventRules.Check(context.Config, context.State.Registration!, received) is { } fault)
        {
            return RefusedEvents.Refuse(context, received, fault);
        }

        var program = Programs.For(context.Config, received.Descriptor.MarketContext)!;
        var held = new HeldEvent
        {
            Event = received,
            RequestId = requestId,
            ReceivedAt = context.Now,
            Sha256 = sha256,
            OffsetS = Randomisation.Draw(received, context.Random),
            Opt = OptType.OptOut,
        };

        // Judged without the offset: the same late event must get the same answer however the dice fall.
        if ((held with { OffsetS = 0 }).PhaseAt(context.Now) == EventPhase.Completed)
        {
            return RefusedEvents.Refuse(context, received, EventFault.Create(ErrorClass.SemanticExpired, "the event was over when it came"));
        }

        if (capacity.Exceeded(received, inPlaceOf: null) is { } excess)
        {
            return RefusedEvents.Refuse(context, received, excess);
        }

        EventRemarks.Note(context, received);
        held = EventOpt.Decide(context, held, program.OptPolicy);
        context.State = context.State with { Events = [.. context.State.Events, held] };
        RefusedEvents.Remove(context, held.Id);
        context.Inform(NoteKind.EventReceived, $"Event received: {EventText.Describe(held)}.", held.Id);
        return EventVerdict.From(held);
    }

    // OpenADR 2.0b rule 56: the event of that name is over, so nobody knows this one; "200" to it without doing anything would be a lie.
    private static EventVerdict Reused(StepContext context, HeldEvent held, OadrEvent received, string requestId, string sha256, EventCapacity capacity)
    {
        var before = context.State.Events;
        context.State = context.State with { Events = before.Where(e => e.Id != held.Id).ToValueList() };
        var verdict = New(context, received, requestId, sha256, capacity);
        if (verdict.Code != OadrCodes.Ok)
        {
            context.State = context.State with { Events = before };
            return verdict;
        }

        context.Warn(NoteKind.EventReceived, ErrorClass.IdConflict, $"The VTN uses the eventID of an event that ended at {held.End()} for a new one; it is taken as new.", held.Id);
        EventOpt.Drop(context, held, "the event is over, and another one has its eventID now");
        return verdict;
    }

    // OpenADR 2.0b rule 58: a lower number is out of order in any state.
    private static EventVerdict Outdated(StepContext context, HeldEvent held, OadrEvent received) => RefusedEvents.Refuse(
        context,
        received,
        EventFault.Create(
            ErrorClass.SeqRegression,
            $"modification {held.Event.Descriptor.ModificationNumber} is held already" + (held.PhaseAt(context.Now) == EventPhase.Completed ? " and over; a new event needs an eventID of its own" : string.Empty)));

    // OpenADR 2.0b rules 57, 502: an unchanged event may come again and gets the same opt again.
    private static EventVerdict Repeated(StepContext context, HeldEvent held, OadrEvent received, string requestId)
    {
        if (!EventContent.AreEquivalent(held.Event, received))
        {
            context.Warn(NoteKind.EventUnchanged, ErrorClass.SeqConflict, "The VTN changed the event without raising its modification number; the change is not applied.", held.Id);
        }

        var kept = held.Event with { ResponseRequired = received.ResponseRequired };
        Replace(context, held, held with { RequestId = requestId, Event = kept == held.Event ? held.Event : kept, CancelledAt = null, EarlierVtnId = null, UnlistedSince = null });
        if (held.Lost is null)
        {
            RefusedEvents.Remove(context, held.Id);
        }

        return EventVerdict.From(held);
    }

    // OpenADR 2.0b rule 57: a higher number replaces the event; so does any number of a new history.
    private static EventVerdict Modified(StepContext context, HeldEvent held, OadrEvent received, string requestId, string sha256, EventCapacity capacity)
    {
        if ((EventRules.Check(context.Config, context.State.Registration!, received) ?? capacity.Exceeded(received, held)) is { } fault)
        {
            // Interpretation: the last modification that could be understood stays in force; a mistake must not loosen a limit.
            return RefusedEvents.Refuse(context, received, fault);
        }

        EventRemarks.Note(context, received);
        var program = Programs.For(context.Config, received.Descriptor.MarketContext)!;
        var modified = new HeldEvent
        {
            Event = received,
            RequestId = requestId,
            ReceivedAt = context.Now,
            Sha256 = sha256,
            OffsetS = Randomisation.DrawModified(held, received, context.Random),
            Opt = OptType.OptOut,
        };
        modified = EventOpt.Carry(context, held, modified.Start() == held.Start() ? modified with { PresentLoads = held.PresentLoads } : modified, program.OptPolicy);
        Replace(context, held, modified);
        RefusedEvents.Remove(context, held.Id);
        context.Inform(NoteKind.EventModified, $"Event modified: {EventText.Describe(modified)}.", held.Id);
        return EventVerdict.From(modified);
    }

    private static EventVerdict Cancelled(StepContext context, HeldEvent? held, OadrEvent received)
    {
        if (held is null)
        {
            // OpenADR 2.0b rule 60: nothing to do, but answered.
            context.Inform(NoteKind.EventCancelled, "An event that is not held was cancelled; nothing to do.", received.Descriptor.EventId);
            return EventVerdict.Confirmed;
        }

        if (EventHistory.IsOutdated(held, received))
        {
            return Outdated(context, held, received);
        }

        return Confirm(context, held, received.Descriptor.ModificationNumber);
    }

    // OpenADR 2.0b rules 36, 59: cancelled and known: ended, and confirmed with optIn.
    private static EventVerdict Confirm(StepContext context, HeldEvent held, uint number)
    {
        var numbered = held.Event with { Descriptor = held.Event.Descriptor with { ModificationNumber = number } };
        End(context, held, held with { Event = numbered, EarlierVtnId = null, UnlistedSince = null }, "cancelled by the VTN");
        return EventVerdict.Confirmed;
    }

    // OpenADR 2.0b rules 50, 61: a payload lists every event there is, so one that isn't listed is cancelled.
    private static void ImplyCancellations(StepContext context, HashSet<string> listed, bool complete, bool isEmpty)
    {
        var missing = context.State.Events.Where(e => !listed.Contains(e.Id)).ToList();
        if (missing.Count == 0)
        {
            return;
        }

        foreach (var ended in missing.Where(e => e.PhaseAt(context.Now) == EventPhase.Completed))
        {
            Remove(context, ended);
        }

        var quirks = context.Config.Quirks;
        var running = missing.Where(e => e.PhaseAt(context.Now) != EventPhase.Completed && e.CancelledAt is null).ToList();
        if (running.Count == 0 || quirks.NeverImplyCancel || (isEmpty && quirks.EmptyPayloadCancelsNothing))
        {
            return;
        }

        if (!complete)
        {
            context.Warn(NoteKind.MessageRefused, ErrorClass.SemanticId, "The payload holds an event without a legible eventID: it might be any, so none that is missing is taken as cancelled.");
            return;
        }

        foreach (var held in running)
        {
            End(context, held, held, "no longer listed by the VTN (implied cancellation; quirk neverImplyCancel prevents it)");
        }
    }

    // OpenADR 2.0b rule 65: at once, or, while active with startafter, at an end drawn once.
    private static void End(StepContext context, HeldEvent held, HeldEvent numbered, string why)
    {
        if (Randomisation.CancelledEnd(held, context.Now, context.Random) is { } end)
        {
            Replace(context, held, numbered with { CancelledAt = end });
            context.Inform(NoteKind.EventCancelled, $"Event {why}; it ends at {end}.", held.Id);
            return;
        }

        EventOpt.RetainChoice(context, held);
        Remove(context, held);
        context.Inform(NoteKind.EventCancelled, $"Event {why}.", held.Id);
    }

    private static void Replace(StepContext context, HeldEvent held, HeldEvent other)
    {
        if (held != other)
        {
            context.State = context.State with { Events = context.State.Events.Select(e => e.Id == held.Id ? other : e).ToValueList() };
        }
    }

    private static void Remove(StepContext context, HeldEvent held) =>
        context.State = context.State with { Events = context.State.Events.Where(e => e.Id != held.Id).ToValueList() };

    private readonly record struct Outcome(string? Id, uint Modification, ResponseRequired Required, EventVerdict Verdict);
}
