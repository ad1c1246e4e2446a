using GridServices.Contracts;
using GridServices.OpenAdr.Messages;
using GridServices.OpenAdr.Session;
using GridServices.Wire;
using NodaTime;

namespace GridServices.OpenAdr.Events;

/// <summary>The VEN's own opts: wanted, told to the VTN, replaced, cancelled, forgotten.</summary>
/// <remarks>
/// <code>
///   wanted ──▶ waiting ──oadrCreatedOpt──▶ held ──cancelled──▶ cancelling ──oadrCanceledOpt──▶ gone
///                 │  ▲                      │
///              refused └──new registration──┘
/// </code>
/// What is owed follows from where each opt stands, so no registration that ends takes one along.
/// </remarks>
internal static class OptLedger
{
    /// <summary>As long as ended events.</summary>
    private static readonly Duration Remembered = Duration.FromDays(7);

    /// <summary>Somebody wants an opt.</summary>
    public static void Create(StepContext context, VenInput.OptWanted input)
    {
        if (context.State.Opts.Any(o => o.OptId == input.OptId))
        {
            return;
        }

        if (OptRules.Check(context.Config, context.State, input.Request, context.Now) is [var fault, ..])
        {
            context.Warn(NoteKind.OptRefused, fault.Class, $"An opt is not taken: {fault.Pointer} {SafeText.Clause(fault.Detail)}.", input.Request.EventId);
            return;
        }

        Add(context, new VenOpt
        {
            OptId = input.OptId,
            Request = input.Request,
            Choice = new PersonalChoice(context.Now, input.By, input.Reason, input.Actor),
            RequestSha256 = input.RequestSha256,
        });
    }

    /// <summary>A choice about an event whose opt, or that of one of its resources, oadrCreateOpt has told.</summary>
    public static void Choose(StepContext context, HeldEvent held, VenInput.OptChosen input) => Add(context, new VenOpt
    {
        OptId = $"opt-{SeededRandom.Uuid7(context.Now, context.Random.Draw(), 0):N}",
        Request = new OptRequest
        {
            EventId = held.Id,
            OptType = input.Opt,
            OptReason = input.Opt == OptType.OptIn ? OptReasons.Participating : OptReasons.NotParticipating,
        },
        Choice = new PersonalChoice(context.Now, input.By, input.Reason, input.Actor),
    });

    /// <summary>An opt is to go.</summary>
    public static void Cancel(StepContext context, VenInput.OptWithdrawn input)
    {
        if (context.State.Opts.FirstOrDefault(o => o.OptId == input.OptId) is not { CancelledAt: null } opt)
        {
            return;
        }

        if (WhyNotCancelled(context.State, opt) is { } why)
        {
            context.Warn(NoteKind.OptRefused, ErrorClass.Conflict, why, opt.Request.EventId);
            return;
        }

        var isUnknownThere = context.State.Registration is null || opt.StatusIn(context.State) == OptStatus.Refused;
        foreach (var gone in context.State.Opts.Where(o => o == opt || o.ReplacedBy == opt.OptId).ToList())
        {
            Unowe(context, gone);
            Put(context, gone, isUnknownThere ? null : gone with { CancelledAt = context.Now, ReplacedBy = null });
        }

        context.Inform(NoteKind.OptCancelled, $"{OptText.Of(opt)} is cancelled by {SafeText.Short(input.Actor ?? input.By ?? "a person")}.", opt.Request.EventId);
        OptSchedules.Redecide(context);
    }

    /// <summary>OpenADR 2.0b rule 211: what was said about an event is never cancelled by oadrCancelOpt. Null: the opt may be cancelled.</summary>
    public static string? WhyNotCancelled(VenState state, VenOpt opt) => opt.IsSchedule || opt.StatusIn(state) == OptStatus.Refused
        ? null
        : "An opt about an event can't be cancelled (OpenADR 2.0b rule 211): make another one about it that says the opposite.";

    /// <summary>The VTN took an oadrCreateOpt.</summary>
    public static void Created(StepContext context, PendingRequest.CreateOpt item)
    {
        context.Complete(item);
        if (context.State.Opts.FirstOrDefault(o => o.OptId == item.OptId) is { HeldAt: null } opt)
        {
            Put(context, opt, opt with { HeldAt = context.Now, Refusal = null });
            context.Inform(NoteKind.OptHeld, $"The VTN took {OptText.Of(opt)}.", opt.Request.EventId);

            // Not before: until the VTN has the later one, the earlier one is what it knows.
            context.State.Opts.Where(o => o.ReplacedBy == opt.OptId || OptText.SaysNothingAfter(context.State, o, opt)).ToList().ForEach(o => Drop(context, o));
        }
    }

    /// <summary>The VTN does not want it, in these words.</summary>
    public static void Refused(StepContext context, PendingRequest.CreateOpt item, EiResponse response)
    {
        foreach (var opt in context.State.Opts.Where(o => o.OptId == item.OptId || o.ReplacedBy == item.OptId).ToList())
        {
            Put(context, opt, opt.OptId == item.OptId ? opt with { Refusal = ReplyHandler.Describe(response) } : opt with { ReplacedBy = null });
        }
    }

    /// <summary>The VTN took an oadrCancelOpt, or never knew the opt.</summary>
    public static void Cancelled(StepContext context, PendingRequest.CancelOpt item)
    {
        context.Complete(item);
        context.State = context.State with { Opts = context.State.Opts.Where(o => o.OptId != item.OptId).ToValueList() };
    }

    /// <summary>The event wants no answer any more, and a choice about it holds here alone.</summary>
    public static void DropAbout(StepContext context, string eventId) =>
        context.State.Opts.Where(o => o.Request.EventId == eventId).ToList().ForEach(o => Drop(context, o));

    /// <summary>A registration ended or begins: nobody knows any opt, and what was to be replaced is.</summary>
    public static void Untold(StepContext context)
    {
        if (context.State.Opts.Count > 0)
        {
            var opts = context.State.Opts.Where(o => o.ReplacedBy is null).Select(o => o with { HeldAt = null, Refusal = null });
            context.State = context.State with { Opts = opts.ToValueList() };
        }
    }

    /// <summary>Brings opts up to the events they are about, and owes what is to be said.</summary>
    public static void Settle(StepContext context)
    {
        foreach (var opt in context.State.Opts.Where(o => !o.IsSchedule))
        {
            Follow(context, opt);
        }

        if (context.State.Registration is not null)
        {
            context.State.Opts.Where(o => IsToBeSaid(context, o) && o.OwedIn(context.State) is null).ToList().ForEach(o => context.Enqueue(
                o.CancelledAt is null ? new PendingRequest.CreateOpt(o.OptId) : new PendingRequest.CancelOpt(o.OptId)));
        }
    }

    /// <summary>Forgets opts whose time is over.</summary>
    public static void Forget(StepContext context)
    {
        foreach (var opt in context.State.Opts.Where(o => o.End + (o.CancelledAt is null ? Remembered : Duration.Zero) <= context.Now).ToList())
        {
            Drop(context, opt);
        }
    }

    private static void Add(StepContext context, VenOpt wanted)
    {
        var opt = wanted;
        if (context.State.Events.FirstOrDefault(e => e.Id == wanted.Request.EventId) is { } held)
        {
            opt = wanted with { Event = EventOf(context, held) };
        }

        // OpenADR 2.0b rule 203: for the same targets a schedule takes the place of the one before; optIn and optOut are apart.
        context.State = context.State with
        {
            Opts = [.. context.State.Opts.Select(o => OptText.Replaces(opt, o) ? o with { ReplacedBy = opt.OptId } : o), opt],
        };
        context.State.Opts.Where(o => o.ReplacedBy == opt.OptId).ToList().ForEach(o => Unowe(context, o));
        context.Inform(NoteKind.OptCreated, $"{OptText.Of(opt)} by {SafeText.Short(opt.Choice.Actor ?? opt.Choice.By ?? "a person")}.", opt.Request.EventId);
        if (!opt.IsSchedule && OptSites.MeansAll(context.Config, opt))
        {
            EventOpt.Qualify(context, opt);
        }

        OptSchedules.Redecide(context);
    }

    // A qualification waits until the VTN has listed its event in this registration, and as long as the event wants no answer.
    private static bool IsToBeSaid(StepContext context, VenOpt opt) =>
        opt.CancelledAt is not null
        || (opt.HeldAt is null && opt.Refusal is null && opt.ReplacedBy is null && !(opt.End <= context.Now)
            && (opt.IsSchedule || context.State.Events.Any(e =>
                e.Id == opt.Request.EventId && e.EarlierVtnId is null && e.CancelledAt is null && e.Event.ResponseRequired == ResponseRequired.Always)));

    private static void Follow(StepContext context, VenOpt opt)
    {
        // An event without end that goes has its end now.
        if (context.State.Events.FirstOrDefault(e => e.Id == opt.Request.EventId) is not { } held)
        {
            Put(context, opt, opt with { Event = opt.Event! with { Until = opt.Event.Until ?? context.Now } });
            return;
        }

        if (EventOf(context, held) is var now && now == opt.Event)
        {
            return;
        }

        var isTheSame = now.VtnId == opt.Event!.VtnId && (now.Start == opt.Event.Start || now.ModificationNumber > opt.Event.ModificationNumber);
        if (!isTheSame)
        {
            Drop(context, opt);
            context.Alarm(NoteKind.EventOptDropped, null, $"{OptText.Of(opt)} holds no longer: another event has this eventID now. Choose again if it is meant to.", held.Id);
            return;
        }

        // Interpretation: a modification is told the opt anew under its optID (OpenADR 2.0b rule 204 allows that), for the VTN may ask for a new answer.
        var isModified = now.ModificationNumber != opt.Event.ModificationNumber;
        if (isModified)
        {
            Unowe(context, opt);
        }

        Put(context, opt, isModified ? opt with { Event = now, HeldAt = null, Refusal = null } : opt with { Event = now });
    }

    private static OptEvent EventOf(StepContext context, HeldEvent held) => new(
        held.EarlierVtnId ?? context.State.Registration?.VtnId ?? string.Empty,
        held.Event.Descriptor.ModificationNumber,
        held.Event.ActivePeriod.Start,
        held.NaturalEnd());

    private static void Drop(StepContext context, VenOpt opt)
    {
        Unowe(context, opt);
        Put(context, opt, null);
    }

    private static void Unowe(StepContext context, VenOpt opt)
    {
        if (opt.OwedIn(context.State) is { } owed)
        {
            context.Complete(owed);
        }
    }

    private static void Put(StepContext context, VenOpt opt, VenOpt? other)
    {
        if (opt != other)
        {
            var opts = context.State.Opts.SelectMany(o => o.OptId != opt.OptId ? [o] : other is null ? Array.Empty<VenOpt>() : [other]);
            context.State = context.State with { Opts = opts.ToValueList() };
        }
    }
}
