using System.Runtime.InteropServices;
using GridServices.Ieee2030Dot5.Messages;
using GridServices.Wire;
using NodaTime;

namespace GridServices.Ieee2030Dot5.Events;

/// <summary>A half-open span of time.</summary>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct Span(Instant From, Instant Until);

/// <summary>When each control has each of its modes to itself.</summary>
internal sealed class ControlIntervals
{
    private static readonly IReadOnlyList<Span> Never = [];
    private readonly Dictionary<(string MRid, ControlMode Mode), IReadOnlyList<Span>> spans = [];

    public IReadOnlyList<Span> this[HeldControl held, ControlMode mode]
    {
        get => spans.GetValueOrDefault((held.MRid, mode), Never);
        set => spans[(held.MRid, mode)] = value;
    }
}

/// <summary>Supersede, mode by mode.</summary>
/// <remarks>
/// Strongest first, each control takes what the stronger ones leave of its time. 2018: the first moment in which a stronger one holds the mode ends
/// it for good. 2023: it goes on when the stronger one is over.
/// <code>
///   stronger          ├────┤
///   weaker        ├────────────────┤
///   2018          ├───┤
///   2023          ├───┤    ├───────┤
/// </code>
/// </remarks>
internal static class Supersession
{
    public static ControlIntervals Compute(ValueList<HeldControl> controls, ResponseEdition edition)
    {
        var lives = new ControlIntervals();
        var strongestFirst = controls.Where(c => c.From() < c.Over()).Order(ControlPrecedence.Order).ToList();
        foreach (var mode in controls.SelectMany(c => c.Content.Settings.Select(s => s.Mode)).Distinct())
        {
            // Limits of a program of unknown rank hold beside those of the others; of set-points it has the weakest.
            foreach (var among in strongestFirst.Where(c => c.Content.Setting(mode) is not null).GroupBy(c => FindScope(c.ProgramKey, c.IsRanked, mode)))
            {
                Share(lives, among, mode, edition);
            }
        }

        return lives;
    }

    /// <summary>The program whose mode supersedes and is superseded among its own controls alone; null: by rank among all.</summary>
    public static string? FindScope(string programKey, bool isRanked, ControlMode mode) => isRanked || !ModeSetting.Limits(mode) ? null : programKey;

    /// <summary>The timeline that a control's mode is part of.</summary>
    public static string? FindScope(HeldControl held, ControlMode mode) =>
        held.IsUnreplaced && ModeSetting.Limits(mode) ? $"{held.ProgramKey}\n{held.MRid}" : FindScope(held.ProgramKey, held.IsRanked, mode);

    /// <summary>The controls after one was removed with its program: what it alone had superseded acts again, in both editions.</summary>
    public static IReadOnlyList<HeldControl> Reopen(IReadOnlyList<HeldControl> controls, ResponseEdition edition, Instant now)
    {
        var opened = controls.Select(c => c is { Closed: not null, Ending: null } && c.End > now && c.Told.Contains(ResponseStatus.Superseded) ? c with { Closed = null } : c).ToList();
        var lives = Compute(opened.ToValueList(), edition);
        return [.. opened.Zip(controls, (open, closed) => open.Content.Settings.Any(s => lives[open, s.Mode].Any(l => l.Until > now)) ? open : closed)];
    }

    private static void Share(ControlIntervals lives, IEnumerable<HeldControl> strongestFirst, ControlMode mode, ResponseEdition edition)
    {
        // What a removed control had taken it gives back; what another had is gone for good in the 2018 edition.
        var (taken, kept) = (new List<Span>(), new List<Span>());
        foreach (var held in strongestFirst)
        {
            var own = Duplicates.Windows(held, mode).SelectMany(w => Own(taken, kept, w, edition)).ToList();
            if (held.IsUnreplaced)
            {
                // Beside what holds, and of nothing that others have; a set-point beside another would be a second order.
                lives[held, mode] = ModeSetting.Limits(mode) ? own : [];
                continue;
            }

            lives[held, mode] = own;
            own.ForEach(s => InsertInOrder(taken, s));
            if (held.Ending is not { Kind: EndingKind.Removed })
            {
                own.ForEach(s => InsertInOrder(kept, s));
            }
        }
    }

    private static IEnumerable<Span> Own(List<Span> taken, List<Span> kept, Span window, ResponseEdition edition) => edition == ResponseEdition.Ieee2023
        ? Free(taken, window)
        : Free(kept, window).Take(1).Where(s => s.From == window.From).SelectMany(s => Free(taken, s));

    private static List<Span> Free(List<Span> taken, Span wanted)
    {
        var free = new List<Span>();
        var from = wanted.From;
        for (var i = FirstAfter(taken, wanted.From); i < taken.Count && taken[i].From < wanted.Until; i++)
        {
            if (from < taken[i].From)
            {
                free.Add(new Span(from, taken[i].From));
            }

            from = taken[i].Until;
        }

        if (from < wanted.Until)
        {
            free.Add(new Span(from, wanted.Until));
        }

        return free;
    }

    private static void InsertInOrder(List<Span> taken, Span span) => taken.Insert(FirstAfter(taken, span.From), span);

    // Taken spans are disjoint and ascend: the first that isn't over at the instant.
    private static int FirstAfter(List<Span> taken, Instant instant)
    {
        var (low, high) = (0, taken.Count);
        while (low < high)
        {
            var middle = (low + high) / 2;
            (low, high) = taken[middle].Until <= instant ? (middle + 1, high) : (low, middle);
        }

        return low;
    }
}
