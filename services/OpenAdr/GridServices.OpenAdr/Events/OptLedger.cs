using GridServices.Contracts;
using GridServices.OpenAdr.Messages;
using GridServices.OpenAdr.Session;
using GridServices.Wire;

namespace GridServices.OpenAdr.Events;

/// <summary>The VEN's own opts: wanted, told to the VTN, replaced, cancelled, forgotten.</summary>
/// <remarks>
/// <code>
///   wanted ──▶ waiting ──oadrCreatedOpt──▶ held ──cancelled──▶ cancelling ──oadrCanceledOpt──▶ gone
///                 │  ▲                      │
///              refused └──new registration──┘
/// </code>
/// </remarks>
internal static class OptLedger
{
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

        if (opt.FindCancelObstacle(context.State) is { } why)
        {
            context.Warn(NoteKind.OptRefused, ErrorClass.Conflict, why, opt.Request.EventId);
            return;
        }

        var isUnknownThere = context.State.Registration is null || opt.StatusIn(context.State) == OptStatus.Refused;
        foreach (var gone in context.State.Opts.Where(o => o == opt || o.ReplacedBy == opt.OptId).ToList())
        {
            RemovePending(context, gone);
            Replace(context, gone, isUnknownThere ? null : gone with { CancelledAt = context.Now, ReplacedBy = null });
        }

        context.Inform(NoteKind.OptCancelled, $"{OptText.Describe(opt)} is cancelled by {SafeText.Short(input.Actor ?? input.By ?? "a person")}.", opt.Request.EventId);
        OptSchedules.ReevaluateAll(context);
    }

    /// <summary>The VTN took an oadrCreateOpt.</summary>
    public static void Created(StepContext context, PendingRequest.CreateOpt item)
    {
        context.Complete(item);
        if (context.State.Opts.FirstOrDefault(o => o.OptId == item.OptId) is { HeldAt: null } opt)
        {
            Replace(context, opt, opt with { HeldAt = context.Now, Refusal = null });
            context.Inform(NoteKind.OptHeld, $"The VTN took {OptText.Describe(opt)}.", opt.Request.EventId);

            // Not before: until the VTN has the later one, the earlier one is what it knows.
            context.State.Opts.Where(o => o.ReplacedBy == opt.OptId || OptText.IsReplacedBy(context.State, o, opt)).ToList().ForEach(o => Drop(context, o));
        }
    }

    /// <summary>The VTN does not want it, in these words.</summary>
    public static void Refused(StepContext context, PendingRequest.CreateOpt item, EiResponse response)
    {
        if (context.State.Opts.FirstOrDefault(o => o.OptId == item.OptId) is { } opt)
        {
            Replace(context, opt, opt with { Refusal = ReplyHandler.Describe(response) });
        }

        // The one before it is in force again, and takes over what it was to replace itself.
        var replaced = context.State.Opts.Where(o => o.ReplacedBy == item.OptId).ToList();
        replaced.ForEach(o => Replace(context, o, o with { ReplacedBy = o == replaced[^1] ? null : replaced[^1].OptId }));
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

    private static void Add(StepContext context, VenOpt wanted)
    {
        var opt = wanted;
        if (context.State.Events.FirstOrDefault(e => e.Id == wanted.Request.EventId) is { } held)
        {
            opt = wanted with { Event = PendingOpts.CreateOptEvent(context, held) };
        }

        // OpenADR 2.0b rule 203: for the same targets a schedule takes the place of the one before; optIn and optOut are apart.
        context.State = context.State with
        {
            Opts = [.. context.State.Opts.Select(o => OptText.Replaces(opt, o) ? o with { ReplacedBy = opt.OptId } : o), opt],
        };
        context.State.Opts.Where(o => o.ReplacedBy == opt.OptId).ToList().ForEach(o => RemovePending(context, o));

        // Of an event the last word alone is told, where the VTN has not taken the ones before.
        context.State.Opts.Where(o => o.HeldAt is null && OptText.IsReplacedBy(context.State, o, opt)).ToList().ForEach(o => Drop(context, o));
        context.Inform(NoteKind.OptCreated, $"{OptText.Describe(opt)} by {SafeText.Short(opt.Choice.Actor ?? opt.Choice.By ?? "a person")}.", opt.Request.EventId);
        if (!opt.IsSchedule && OptSites.MeansAll(context.Config, opt))
        {
            EventOpt.Qualify(context, opt);
        }

        OptSchedules.ReevaluateAll(context);
    }

    /// <summary>Forgets an opt and what is owed about it.</summary>
    public static void Drop(StepContext context, VenOpt opt)
    {
        RemovePending(context, opt);
        Replace(context, opt, null);
    }

    /// <summary>What is owed about the opt is not to be said any more.</summary>
    public static void RemovePending(StepContext context, VenOpt opt)
    {
        if (opt.FindPending(context.State) is { } owed)
        {
            context.Complete(owed);
        }
    }

    /// <summary>Puts <paramref name="other"/> in the place of <paramref name="opt"/>; null: nothing.</summary>
    public static void Replace(StepContext context, VenOpt opt, VenOpt? other)
    {
        if (opt != other)
        {
            var opts = context.State.Opts.SelectMany(o => o.OptId != opt.OptId ? [o] : other is null ? Array.Empty<VenOpt>() : [other]);
            context.State = context.State with { Opts = opts.ToValueList() };
        }
    }
}
