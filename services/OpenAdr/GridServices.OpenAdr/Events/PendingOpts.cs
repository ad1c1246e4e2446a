using GridServices.OpenAdr.Messages;
using GridServices.OpenAdr.Session;
using GridServices.Wire;
using NodaTime;

namespace GridServices.OpenAdr.Events;

/// <summary>What is owed about opts follows from where each stands, so no registration that ends takes one along.</summary>
internal static class PendingOpts
{
    /// <summary>As long as ended events.</summary>
    private static readonly Duration Remembered = Duration.FromDays(7);

    /// <summary>A registration ended or begins: nobody knows any opt, and what was to be replaced is.</summary>
    public static void Reset(StepContext context)
    {
        if (context.State.Opts.Count > 0)
        {
            var opts = context.State.Opts.Where(o => o.ReplacedBy is null).Select(o => o with { HeldAt = null, Refusal = null });
            context.State = context.State with { Opts = opts.ToValueList() };
        }
    }

    /// <summary>Brings opts up to the events they are about, and owes what is to be said.</summary>
    public static void Update(StepContext context)
    {
        foreach (var opt in context.State.Opts.Where(o => !o.IsSchedule))
        {
            Follow(context, opt);
        }

        if (context.State.Registration is not null)
        {
            context.State.Opts.Where(o => NeedsSending(context, o) && o.FindPending(context.State) is null).ToList().ForEach(o => context.Enqueue(
                o.CancelledAt is null ? new PendingRequest.CreateOpt(o.OptId) : new PendingRequest.CancelOpt(o.OptId)));
        }
    }

    /// <summary>Forgets opts whose time is over.</summary>
    public static void Prune(StepContext context)
    {
        foreach (var opt in context.State.Opts.Where(o => o.End + (o.CancelledAt is null ? Remembered : Duration.Zero) <= context.Now).ToList())
        {
            OptLedger.Drop(context, opt);
        }
    }

    /// <summary>The event as an opt about it is told it.</summary>
    public static OptEvent CreateOptEvent(StepContext context, HeldEvent held) => new(
        held.EarlierVtnId ?? context.State.Registration?.VtnId ?? string.Empty,
        held.Event.Descriptor.ModificationNumber,
        held.Event.ActivePeriod.Start,
        held.NaturalEnd());

    // A qualification waits until the VTN has listed its event in this registration, and as long as the event wants no answer.
    private static bool NeedsSending(StepContext context, VenOpt opt) =>
        opt.CancelledAt is not null
        || (opt.HeldAt is null && opt.Refusal is null && opt.ReplacedBy is null && !(opt.End <= context.Now)
            && (opt.IsSchedule || context.State.Events.Any(e =>
                e.Id == opt.Request.EventId && e.EarlierVtnId is null && e.CancelledAt is null && e.Event.ResponseRequired == ResponseRequired.Always)));

    private static void Follow(StepContext context, VenOpt opt)
    {
        // An event without end that goes has its end now.
        if (context.State.Events.FirstOrDefault(e => e.Id == opt.Request.EventId) is not { } held)
        {
            OptLedger.Replace(context, opt, opt with { Event = opt.Event! with { Until = opt.Event.Until ?? context.Now } });
            return;
        }

        if (CreateOptEvent(context, held) is var now && now == opt.Event)
        {
            return;
        }

        var isTheSame = now.VtnId == opt.Event!.VtnId && (now.Start == opt.Event.Start || now.ModificationNumber > opt.Event.ModificationNumber);
        if (!isTheSame)
        {
            OptLedger.Drop(context, opt);
            context.Alarm(NoteKind.EventOptDropped, null, $"{OptText.Describe(opt)} holds no longer: another event has this eventID now. Choose again if it is meant to.", held.Id);
            return;
        }

        // Interpretation: a modification is told the opt anew under its optID (OpenADR 2.0b rule 204 allows that), for the VTN may ask for a new answer.
        var isModified = now.ModificationNumber != opt.Event.ModificationNumber;
        if (isModified)
        {
            OptLedger.RemovePending(context, opt);
        }

        OptLedger.Replace(context, opt, isModified ? opt with { Event = now, HeldAt = null, Refusal = null } : opt with { Event = now });
    }
}
