using System.Collections.Immutable;
using GridServices.Contracts;
using GridServices.OpenAdr.Configuration;
using GridServices.OpenAdr.Messages;
using GridServices.OpenAdr.Session;
using GridServices.Wire;
using NodaTime;

namespace GridServices.OpenAdr.Events;

/// <summary>What a changed configuration makes of events that were taken under an earlier one.</summary>
/// <remarks>
/// <code>
///   PUT ─▶ not understood any more: alarm, optOut owed ─▶ the VTN has it ─▶ limits end
///          └── limits stay as they were last read ───────────────────────┘
///   PUT ─▶ understood again: the policy decides anew, and the VTN is told
/// </code>
/// What a person takes away from the VEN itself goes at once: a site, a target that means it, a stream. Nothing is left there that could be limited by it.
/// What a limit is a share of, a site's reference, is meaning: it stays with the event.
/// </remarks>
public static class EventMeaning
{
    /// <summary>What a configuration would do to events in force, a line each; empty: nothing.</summary>
    /// <param name="config">To be put in force.</param>
    /// <param name="previous">In force.</param>
    /// <param name="state">Of the VEN.</param>
    /// <param name="now">The time.</param>
    public static IReadOnlyList<string> BrokenBy(VenConfig config, VenConfig previous, VenState state, Instant now)
    {
        ArgumentNullException.ThrowIfNull(config);
        ArgumentNullException.ThrowIfNull(state);
        var live = state.Registration is null ? [] : state.Events.Where(e => IsLive(e, now)).ToList();
        return config.NeedsNewRegistration(previous)
            ? [.. live.Select(e => $"/vtnUrl: event '{SafeText.Short(e.Id)}' ({e.PhaseAt(now)}) ends here: another VTN, venName or venId is another registration")]
            : [.. live.Select(e => (Event: e, Fault: Fault(config, previous, state, e))).Where(x => x.Fault is not null)
                .Select(x => $"/programs: event '{SafeText.Short(x.Event.Id)}' ({x.Event.PhaseAt(now)}) is not understood any more: {SafeText.Clause(x.Fault!.Text)}; {Consequence(x.Event)}")];
    }

    /// <summary>Judges all events anew.</summary>
    internal static void ReevaluateAll(StepContext context, VenConfig previous)
    {
        if (context.State.Registration is null)
        {
            return;
        }

        foreach (var held in context.State.Events.Where(e => IsLive(e, context.Now)).ToList())
        {
            switch (held.Lost, Fault(context.Config, previous, context.State, held))
            {
                case (null, { } fault):
                    SetLost(context, previous, held, fault);
                    break;
                case ({ } lost, { } fault) when lost.Why != fault.Text:
                    Replace(context, held with { Lost = lost with { Why = fault.Text } });
                    break;
                case ({ }, null):
                    ClearLost(context, held);
                    break;
            }
        }
    }

    /// <summary>The limits of what is not understood any more end once the VTN knows.</summary>
    internal static void EndLostLimits(StepContext context)
    {
        if (context.State.Events.Any(e => e.Lost?.Still is not null))
        {
            context.State.Events.Where(e => e.Lost?.Still is not null && IsTold(context.State, e)).ToList().ForEach(e => Replace(context, e with { Lost = e.Lost! with { Still = null } }));
        }
    }

    /// <summary>Why a person can't opt in; null: nothing speaks against it.</summary>
    internal static string? FindOptInObstacle(HeldEvent held, OptType opt) => opt == OptType.OptIn && held.Lost is { } lost
        ? $"The VEN's configuration does not understand the event any more ({SafeText.Clause(lost.Why)}): change it first."
        : null;

    private static bool IsLive(HeldEvent held, Instant now) => held.CancelledAt is null && held.PhaseAt(now) != EventPhase.Completed;

    private static EventFault? Fault(VenConfig config, VenConfig previous, VenState state, HeldEvent held) =>
        EventRules.Meaning(config, state.Registration!, held.Event)

        // The quirk lives with signals that nobody asked for, not with one that was carried out until now.
        ?? (UnderstoodBefore(previous, state, held).Except(EventRules.Understood(config, state.Registration!, held.Event), StringComparer.Ordinal).FirstOrDefault() is { } signalId
            ? EventFault.Create(ErrorClass.UnsupportedSignal, $"signal '{SafeText.Short(signalId)}' is not understood")
            : null);

    // Of a lost event the configuration before is no measure: it may be the one that lost it.
    private static IEnumerable<string> UnderstoodBefore(VenConfig previous, VenState state, HeldEvent held) =>
        held.Lost?.Understood ?? (IEnumerable<string>)EventRules.Understood(previous, state.Registration!, held.Event);

    private static void SetLost(StepContext context, VenConfig previous, HeldEvent held, EventFault fault)
    {
        var opts = new SiteOpts(previous, context.State);
        var wasIn = opts.IsInAnywhere(held);
        var still = wasIn && Programs.For(previous, held.Event.Descriptor.MarketContext) is { } program
            ? new CarriedOn(program, opts.IsUniform(held) ? [] : previous.AllSites().Where(s => opts.At(held, s) == OptType.OptOut).Select(s => s.SiteId).ToValueList())
            {
                References = References(previous, context.State, held),
            }
            : null;
        var understood = EventRules.Understood(previous, context.State.Registration!, held.Event).Order(StringComparer.Ordinal).ToValueList();
        var lost = held with { Lost = new LostMeaning(fault.Text, still) { Understood = understood } };
        if (!wasIn)
        {
            Replace(context, lost);
            return;
        }

        context.Alarm(NoteKind.EventRefused, fault.Class, $"The changed configuration does not understand the event any more: {SafeText.Clause(fault.Text)}; {Consequence(held)}.", held.Id);
        RefusedEvents.Add(context, RefusedEvents.CreateRefusal(context, held.Event, fault));

        // OpenADR 2.0b rule 206: what oadrCreateOpt has said of the event or a resource of it, oadrCreateOpt alone may change.
        if (context.State.Opts.Any(o => o.Request.EventId == held.Id) && held.Event.ResponseRequired == ResponseRequired.Always)
        {
            Replace(context, lost);
            OptLedger.Choose(context, lost, new VenInput.OptChosen(held.Id, OptType.OptOut, fault.Text, "the changed configuration"));
            return;
        }

        if (held is { OptByPerson: true, Opt: OptType.OptIn })
        {
            EventOpt.Drop(context, held, "the changed configuration does not understand the event");
        }

        lost = held.Opt == OptType.OptOut ? lost : lost with { Opt = OptType.OptOut, OptByPerson = false, Choice = null, ScheduledReason = null };
        Replace(context, lost);
        EventOpt.EnqueueAnswer(context, held, lost);
    }

    // Kept only where a signal may be a share of it: thousands of sites cost no state otherwise.
    private static ImmutableSortedDictionary<string, long>? References(VenConfig previous, VenState state, HeldEvent held)
    {
        if (!held.Event.Signals.Any(s => s.SignalName is SignalNames.LoadControl or SignalNames.LoadDispatch))
        {
            return null;
        }

        var meant = EventSites.Select(previous, state.Registration, held.Event).ToHashSet(StringComparer.Ordinal);
        return previous.AllSites().Where(s => s.ReferenceW is not null && meant.Contains(s.SiteId)).ToImmutableSortedDictionary(s => s.SiteId, s => s.ReferenceW!.Value);
    }

    private static void ClearLost(StepContext context, HeldEvent held)
    {
        var again = held with { Lost = null };
        if (!held.OptByPerson)
        {
            again = OptSchedules.Decide(context, again, Programs.For(context.Config, held.Event.Descriptor.MarketContext)!.OptPolicy);
        }

        Replace(context, again);
        RefusedEvents.Remove(context, held.Id);
        context.Inform(NoteKind.EventOpted, $"The configuration understands the event again; {(again.Opt == OptType.OptIn ? "it is carried out" : "it stays opted out")}.", held.Id);
        EventOpt.EnqueueAnswer(context, held, again);
    }

    // An event that wants no answer can't be opted out of at the VTN: it goes on to its end, unless a person opts out here.
    private static bool IsTold(VenState state, HeldEvent held) =>
        held.Event.ResponseRequired == ResponseRequired.Always
        && !state.Owed.Any(o => o is PendingRequest.AnswerEvents { Responses: var said } && said.Any(r => r.QualifiedEventId.EventId == held.Id))
        && !state.Opts.Any(o => o.Request.EventId == held.Id && o is { HeldAt: null, ReplacedBy: null })

        // Of another registration: the list to come is answered first.
        && (held.EarlierVtnId is null || state.Refused.Any(r => r.EventId == held.Id));

    private static string Consequence(HeldEvent held) => held.Event.ResponseRequired == ResponseRequired.Always
        ? "the VTN is told optOut, and the limits stay as they are until it has that"
        : "the VTN wants no answer to it, so the limits stay as they are until it ends or a person opts out";

    private static void Replace(StepContext context, HeldEvent held) =>
        context.State = context.State with { Events = context.State.Events.Select(e => e.Id == held.Id ? held : e).ToValueList() };
}
