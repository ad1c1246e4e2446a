using System.Runtime.InteropServices;
using GridServices.Wire;
using NodaTime;

namespace GridServices.Ieee2030Dot5.Events;

/// <summary>A half-open span of time.</summary>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct Span(Instant From, Instant Until);

/// <summary>When each control has each of its modes to itself.</summary>
internal sealed class Lives
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
    public static Lives Of(ValueList<HeldControl> controls, ResponseEdition edition)
    {
        var lives = new Lives();
        var strongestFirst = controls.Where(c => c.From() < c.Over()).Order(Standing.Order).ToList();
        foreach (var mode in controls.SelectMany(c => c.Content.Settings.Select(s => s.Mode)).Distinct())
        {
            var taken = new List<Span>();
            foreach (var held in strongestFirst.Where(c => c.Content.Setting(mode) is not null))
            {
                var own = Duplicates.Windows(held, mode).SelectMany(w => Own(Free(taken, w), w, edition)).ToList();
                lives[held, mode] = own;
                own.ForEach(s => Take(taken, s));
            }
        }

        return lives;
    }

    private static IEnumerable<Span> Own(List<Span> free, Span window, ResponseEdition edition) =>
        edition == ResponseEdition.Ieee2023 ? free : free.Take(1).Where(s => s.From == window.From);

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

    private static void Take(List<Span> taken, Span span) => taken.Insert(FirstAfter(taken, span.From), span);

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
