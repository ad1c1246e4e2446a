using GridServices.Ieee2030Dot5.Messages;
using GridServices.Wire;
using NodaTime;

namespace GridServices.Ieee2030Dot5.Events;

/// <summary>Which responses have fallen due: each status of a control once, received first, in order.</summary>
internal static class ResponseLifecycle
{
    public static void Advance(EvaluationContext context, ControlIntervals lives)
    {
        var due = new List<(HeldControl Held, Instant At, byte Status)>();
        context.Controls = Each(context.Controls, held => Advance(context, lives, held, due));
        foreach (var (held, at, status) in due.OrderBy(d => d.At).ThenBy(d => Rank(d.Status)))
        {
            context.Respond(held.MRid, status, held.Content.ReplyTo, held.Content.ResponseRequired, at, held.Over(), OptOuts.HasSeconds(status) ? OptOuts.Seconds(held) : null);
        }
    }

    /// <summary>True once nothing more can be said of the control.</summary>
    public static bool IsTold(HeldControl held, ResponseEdition edition) =>
        held.Told.Contains(ResponseStatus.Completed) || held.Told.Contains(ResponseStatus.Cancelled) || held.Told.Any(OptOuts.HasSeconds)
        || (held.Told.Contains(ResponseStatus.Superseded) && (edition == ResponseEdition.Ieee2018 || held.Ending is { Kind: EndingKind.Superseded }));

    private static HeldControl Advance(EvaluationContext context, ControlIntervals lives, HeldControl held, List<(HeldControl, Instant, byte)> due)
    {
        // CSIP-AUS P-02: what was taken away with its program is not answered any more.
        if (held.Ending is { Kind: EndingKind.Removed } || held.IsInherited)
        {
            return held;
        }

        var told = held;
        var turns = held.OptOuts.Count == 0 ? Turns(held, lives) : Turns(held, lives).Concat(OptOuts.Turns(held)).OrderBy(t => t.At);
        foreach (var (at, status) in turns.TakeWhile(t => t.At <= context.Now))
        {
            if (!IsTold(told, context.Config.Edition) && !told.Told.Contains(status))
            {
                told = told with { Told = [.. told.Told, status] };
                told = IsTold(told, context.Config.Edition) ? told with { Closed = at } : told;
                due.Add((held, at, status));
            }
        }

        return told;
    }

    /// <summary>All that will ever be said of the control, as it looks now, in order of time.</summary>
    private static IEnumerable<(Instant At, byte Status)> Turns(HeldControl held, ControlIntervals lives)
    {
        yield return (held.ReceivedAt, ResponseStatus.Received);
        var over = held.Over();
        var runs = held.From() < over ? Runs(held, lives) : [];
        var from = held.From();
        var started = false;
        foreach (var run in runs)
        {
            if (from < run.From)
            {
                yield return (from, ResponseStatus.Superseded);
            }

            // 2023: 14 when it goes on; a control of which only some modes are overridden has started all the same (CSIP-AUS GEN-10).
            foreach (var followed in OptOuts.Without(held, run).Take(1))
            {
                yield return (followed.From, started ? ResponseStatus.Resumed : ResponseStatus.Started);
                started = true;
            }

            from = run.Until;
        }

        if (from < over)
        {
            // 7 only when nothing of it remains.
            yield return (from, ResponseStatus.Superseded);
        }

        if (held.Ending is { } ending && ending.At <= held.End)
        {
            yield return (ending.At, ending.Kind == EndingKind.Superseded ? ResponseStatus.Superseded : ResponseStatus.Cancelled);
        }
        else if (from == over)
        {
            yield return (held.End, held.OptOuts.Count == 0 ? ResponseStatus.Completed : OptOuts.Completion(held));
        }
    }

    /// <summary>When at least one of its modes is its own; one without modes runs from start to end and does nothing.</summary>
    private static List<Span> Runs(HeldControl held, ControlIntervals lives)
    {
        if (held.Content.Settings.Count == 0)
        {
            return [new Span(held.From(), held.Over())];
        }

        var runs = new List<Span>();
        foreach (var span in held.Content.Settings.SelectMany(s => lives[held, s.Mode]).Concat(Duplicates.Gaps(held)).OrderBy(s => s.From))
        {
            if (runs.Count > 0 && span.From <= runs[^1].Until)
            {
                runs[^1] = runs[^1] with { Until = Instant.Max(runs[^1].Until, span.Until) };
            }
            else
            {
                runs.Add(span);
            }
        }

        return runs;
    }

    // What ends at an instant is told before what begins at it; received before both.
    private static int Rank(byte status) => status switch
    {
        ResponseStatus.Received => 0,
        ResponseStatus.Started or ResponseStatus.Resumed => 2,
        _ => 1,
    };

    private static ValueList<HeldControl> Each(ValueList<HeldControl> controls, Func<HeldControl, HeldControl> change)
    {
        var changed = controls.Select(change).ToList();
        return changed.Zip(controls).All(p => ReferenceEquals(p.First, p.Second)) ? controls : changed.ToValueList();
    }
}
