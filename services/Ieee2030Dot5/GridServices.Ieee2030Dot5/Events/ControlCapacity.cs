using GridServices.Contracts;
using GridServices.Ieee2030Dot5.Messages;
using GridServices.Wire;
using NodaTime;

namespace GridServices.Ieee2030Dot5.Events;

/// <summary>
/// How many controls are held: of those to come or running the ones that act soonest, so that no limit is missing when its time has come; of those that
/// are over the last ones, and what they superseded. What had to wait is taken up when there is room.
/// </summary>
internal static class ControlCapacity
{
    /// <summary>To come or running.</summary>
    public const int MostLive = 4_096;

    /// <summary>Held in all: nothing new is taken of who cancels what it sends before its end, again and again.</summary>
    public const int MostHeld = 4 * MostLive;

    private const int MostOver = 1_024;
    private const int OverAtOnce = 256;

    /// <summary>The controls that stay.</summary>
    /// <param name="context">The look that is taken.</param>
    /// <param name="controls">All that would be held; those held before stand first.</param>
    /// <param name="before">mRIDs of those held before.</param>
    public static IReadOnlyList<HeldControl> Fit(EvaluationContext context, IReadOnlyList<HeldControl> controls, IReadOnlySet<string> before)
    {
        var over = controls.Count(c => c.Over() <= context.Now);
        var kept = controls.Count - over > MostLive ? Soonest(context, controls, before) : controls;
        return over > MostOver + OverAtOnce ? WithoutOldest(context, kept) : kept;
    }

    private static List<HeldControl> Soonest(EvaluationContext context, IReadOnlyList<HeldControl> controls, IReadOnlySet<string> before)
    {
        var lives = Supersession.Compute(controls.ToValueList(), context.Config.Edition);
        var waiting = controls.Where(c => c.Over() > context.Now)
            .Select(c => (Control: c, From: ActsFrom(lives, c, context.Now)))
            .OrderBy(c => Turn(c.Control, c.From, context.Now)).ThenBy(c => c.From).ThenBy(c => c.Control.Content.Settings.Any(s => s.IsLimit) ? 0 : 1)
            .ThenBy(c => before.Contains(c.Control.MRid) ? 0 : 1).ThenBy(c => c.Control.MRid, StringComparer.OrdinalIgnoreCase)
            .Skip(MostLive).ToList();
        foreach (var (held, from) in waiting)
        {
            Defer(context, held, before.Contains(held.MRid));
            if (from > context.Now && from < Instant.MaxValue)
            {
                context.LookAgain(from);
            }
        }

        var gone = waiting.Select(c => c.Control.MRid).ToHashSet(StringComparer.OrdinalIgnoreCase);
        List<HeldControl> kept = [.. controls.Where(c => !gone.Contains(c.MRid))];
        context.LookAgain(kept.Where(c => c.Over() > context.Now).Min(c => c.Over()));
        return kept;
    }

    // What acts now comes first, whatever it is; then what would be lost, as the server lists it no more.
    private static int Turn(HeldControl held, Instant from, Instant now) => from <= now ? 0 : held.Listed ? 2 : 1;

    private static Instant ActsFrom(ControlIntervals lives, HeldControl held, Instant now) => held.Content.Settings
        .SelectMany(s => lives[held, s.Mode]).Where(s => s.Until > now).Select(s => Instant.Max(s.From, now)).DefaultIfEmpty(Instant.MaxValue).Min();

    // One that was answered before says no more than that; one that is new hears that it can't be taken yet.
    private static void Defer(EvaluationContext context, HeldControl held, bool wasHeld)
    {
        context.Remark(NoteLevel.Alarm, ErrorClass.LimitCount, held.ProgramKey,
            $"More than {MostLive} controls are to come or running; of program {SafeText.Quote(held.ProgramKey, 80)} those that act latest wait until there is room. Send fewer at a time.");
        var isLimit = held.Content.Settings.Any(s => s.IsLimit);
        var status = wasHeld ? (byte)ResponseStatus.Received : (byte)ResponseStatus.Invalid;
        if (context.Remarks.Add(new Remark(held.MRid, ErrorClass.LimitCount, status)) && !wasHeld && isLimit && context.Config.SendRejections)
        {
            context.Respond(held.MRid, ResponseStatus.Invalid, held.Content.ReplyTo, held.Content.ResponseRequired, context.Now, null);
        }
    }

    // Of what is over its name is enough, unless what still runs would be free again without it.
    private static IReadOnlyList<HeldControl> WithoutOldest(EvaluationContext context, IReadOnlyList<HeldControl> controls)
    {
        var now = context.Now;
        var lives = Supersession.Compute(controls.ToValueList(), context.Config.Edition);
        var needed = context.Config.Edition == ResponseEdition.Ieee2018 ? Superseders(controls, lives, now) : [];
        var old = controls.Where(c => c.Over() <= now && IsPast(c, now) && !needed.Contains(c.MRid)).OrderByDescending(c => c.End).Skip(MostOver).ToList();
        var gone = old.Select(c => c.MRid).ToHashSet(StringComparer.OrdinalIgnoreCase);
        List<HeldControl> kept = [.. controls.Where(c => !gone.Contains(c.MRid))];
        var after = Supersession.Compute(kept.ToValueList(), context.Config.Edition);
        if (kept.Exists(c => c.Over() > now && !c.Content.Settings.All(s => Ahead(lives[c, s.Mode], now).SequenceEqual(Ahead(after[c, s.Mode], now)))))
        {
            return controls;
        }

        foreach (var held in old)
        {
            // Listed again it is known to be over, and is not answered a second time.
            _ = context.Remarks.Add(new Remark(held.MRid, ErrorClass.SemanticExpired, (byte)held.Told.LastOrDefault(ResponseStatus.Completed)));
        }

        return kept;
    }

    private static bool IsPast(HeldControl held, Instant now) => held.End <= now && held.Content.EndS() <= now.ToUnixTimeSeconds();

    // 2018: the first that a running control gave way to has ended it for good, mode by mode.
    private static HashSet<string> Superseders(IReadOnlyList<HeldControl> controls, ControlIntervals lives, Instant now)
    {
        var byMode = controls.Where(c => c.Over() <= now).SelectMany(c => c.Content.Settings.SelectMany(s => lives[c, s.Mode].Select(l => (s.Mode, Span: l, Control: c))))
            .ToLookup(o => o.Mode);
        var needed = new HashSet<string>(StringComparer.OrdinalIgnoreCase);
        foreach (var running in controls.Where(c => c.Over() > now && c.From() < now))
        {
            foreach (var mode in running.Content.Settings.Select(s => s.Mode))
            {
                var first = byMode[mode].Where(o => o.Span.Until > running.From() && o.Span.From < now && ControlPrecedence.Order.Compare(o.Control, running) < 0)
                    .OrderBy(o => o.Span.From).Select(o => o.Control.MRid).FirstOrDefault();
                _ = first is not null && needed.Add(first);
            }
        }

        return needed;
    }

    private static IEnumerable<Span> Ahead(IEnumerable<Span> spans, Instant now) => spans.Where(s => s.Until > now).Select(s => s with { From = Instant.Max(s.From, now) });
}
