using GridServices.OpenAdr.Configuration;
using GridServices.OpenAdr.Messages;
using GridServices.Wire;
using NodaTime;

namespace GridServices.OpenAdr.Events;

/// <summary>Events within a scheduled opt-out: out by default, unless a person chose about the event.</summary>
/// <remarks>
/// <code>
///   schedule   ├────────────┤        ├──────┤
///   e1             ├───┤                           wholly within: opted out, with the schedule's reason
///   e2                   ├──────┤                  partly: the program's policy decides, and a note says so
/// </code>
/// A schedule for some classes of devices opts the site out of nothing: the VTN is told, and the limits hold for the rest of the site.
/// An event counts with its whole startafter window: whatever is drawn, it is within. Only programs that opt in by themselves (auto) are asked.
/// </remarks>
internal static class OptSchedules
{
    /// <summary>The event with what the policy says about it, schedules considered.</summary>
    public static HeldEvent Decide(StepContext context, HeldEvent held, OptPolicy policy)
    {
        if (policy != OptPolicy.Auto)
        {
            return held with { Opt = OptType.OptOut, ScheduledReason = null };
        }

        var sites = context.Config.AllSites().Where(s => Targeting.Site(context.Config, context.State.Registration, s, held.Event.Target));
        var opts = SelectCovering(context.Config, context.State, held).ToList();
        var all = opts.Find(o => OptSites.MeansAll(context.Config, o))
            ?? (opts.Count > 0 && sites.All(s => opts.Exists(o => OptSites.Means(context.Config, o, s))) ? opts[0] : null);
        return held with { Opt = all is null ? OptType.OptIn : OptType.OptOut, ScheduledReason = all?.Request.OptReason };
    }

    /// <summary>Says that a schedule meets a part of the event only.</summary>
    public static void WarnPartlyCovered(StepContext context, HeldEvent held)
    {
        foreach (var opt in context.State.Opts.Where(o => Concerns(context.Config, o, held) && Overlaps(o, held) && !Contains(o, held)))
        {
            context.Warn(NoteKind.EventOpted, null, $"{OptText.Describe(opt)} meets a part of the event only: the program's policy decides about it.", held.Id);
        }
    }

    /// <summary>Schedules changed: events that nobody chose about follow, and the VTN is told.</summary>
    public static void ReevaluateAll(StepContext context)
    {
        foreach (var held in context.State.Events.Where(e => IsOpen(context, e)).ToList())
        {
            if (Programs.For(context.Config, held.Event.Descriptor.MarketContext) is { OptPolicy: OptPolicy.Auto } program && Decide(context, held, program.OptPolicy) is var decided && decided != held)
            {
                context.State = context.State with { Events = context.State.Events.Select(e => e.Id == held.Id ? decided : e).ToValueList() };
                EventOpt.EnqueueAnswer(context, held, decided);
            }
        }
    }

    /// <summary>The scheduled opt-outs that the event lies wholly in.</summary>
    public static IEnumerable<VenOpt> SelectCovering(VenConfig config, VenState state, HeldEvent held) =>
        state.Opts.Where(o => Concerns(config, o, held) && Contains(o, held));

    // OpenADR 2.0b rule 206: what oadrCreateOpt has qualified no oadrCreatedEvent changes.
    private static bool IsOpen(StepContext context, HeldEvent held) =>
        !held.OptByPerson && held.Lost is null && held.CancelledAt is null && held.PhaseAt(context.Now) != EventPhase.Completed && !context.State.Opts.Any(o => o.Request.EventId == held.Id);

    private static bool Concerns(VenConfig config, VenOpt opt, HeldEvent held) =>
        opt is { IsSchedule: true, CancelledAt: null, ReplacedBy: null } && opt.Request is { OptType: OptType.OptOut, DeviceClasses.Count: 0 }
        && (opt.Request.MarketContext is not { } context || MarketContexts.Normal(context) == MarketContexts.Normal(held.Event.Descriptor.MarketContext));

    // Periods that meet or overlap are one.
    private static bool Contains(VenOpt opt, HeldEvent held)
    {
        var (at, end) = GetSpan(held);
        foreach (var period in opt.Request.Periods.OrderBy(p => p.Start))
        {
            if (period.Start > at)
            {
                return false;
            }

            if (period.End is not { } until || until >= end)
            {
                return true;
            }

            at = Instant.Max(at, until);
        }

        return false;
    }

    private static bool Overlaps(VenOpt opt, HeldEvent held)
    {
        var (start, end) = GetSpan(held);
        return opt.Request.Periods.Any(p => p.Start < end && !(p.End <= start));
    }

    private static (Instant Start, Instant End) GetSpan(HeldEvent held)
    {
        var (start, period) = (held.Event.ActivePeriod.Start, held.Event.ActivePeriod);
        var length = period.Duration.ToDuration();
        return (start, length == Duration.Zero ? Instant.MaxValue : start + length + (period.StartAfter?.ToDuration() ?? Duration.Zero));
    }
}
