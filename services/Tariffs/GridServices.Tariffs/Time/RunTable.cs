using System.Collections.Immutable;
using System.Runtime.InteropServices;
using NodaTime;

namespace GridServices.Tariffs.Time;

/// <summary>Consecutive intervals in one period of a schedule.</summary>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct Run(int Start, int Length, int Period)
{
    public int End => Start + Length;
}

/// <summary>The intervals of a series: when each starts.</summary>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct Grid(long StartSeconds, int StepSeconds, int Count)
{
    /// <summary>The first interval that starts at or after the moment.</summary>
    public int IndexAt(long seconds)
    {
        var distance = seconds - StartSeconds;
        var index = distance <= 0 ? 0 : (distance + StepSeconds - 1) / StepSeconds;
        return (int)Math.Min(index, Count);
    }

    public int IndexAt(Instant moment) => IndexAt(moment.ToUnixTimeSeconds());
}

/// <summary>
/// Which intervals lie in which period of a schedule, as runs; an interval belongs to the period in which it starts (<see cref="Edges"/> tell where a period changes inside one).
/// Wall clock slots are mapped offset by offset, so the hour lost in spring has no intervals and the hour repeated in autumn has them twice:
/// <code>
///   local   00:00 ── off ── 06:00 ── on ── 22:00 ── off ── 24:00
///   spring  |--- 5 h ---|           (02:00..03:00 does not exist)
///   autumn  |------ 7 h ------|     (02:00..03:00 comes twice)
/// </code>
/// </summary>
internal sealed class RunTable
{
    private readonly List<Run> runs = [];
    private readonly Grid grid;
    private readonly ImmutableArray<int> cuts;
    private int nextCut;
    private int? before;

    private RunTable(Grid grid, ImmutableArray<int> cuts)
    {
        this.grid = grid;
        Edges = new EdgeGrid(grid);
        this.cuts = cuts;
    }

    /// <summary>Where the period changes, against the intervals.</summary>
    public EdgeGrid Edges { get; }

    /// <summary>Runs in order; none crosses a cut.</summary>
    public ReadOnlySpan<Run> Runs => CollectionsMarshal.AsSpan(runs);

    public static RunTable Create(CompiledSchedule? schedule, DateTimeZone zone, Grid grid, ImmutableArray<int> cuts, ImmutableArray<CalledEvent> events)
    {
        var table = new RunTable(grid, cuts);
        if (schedule is null)
        {
            table.Add(0, grid.Count, 0);
            return table;
        }

        var called = schedule.Events.ToHashSet(StringComparer.Ordinal);
        table.Walk(schedule, zone, [.. events.Where(e => called.Contains(e.Kind)).OrderBy(e => e.From)]);
        return table;
    }

    /// <summary>The runs inside [from, until), which must be cuts.</summary>
    public ReadOnlySpan<Run> Between(int from, int until)
    {
        var all = Runs;
        var first = LowerBound(all, from);
        return all[first..LowerBound(all, until)];
    }

    /// <summary>The runs from the one that holds interval <paramref name="from"/>.</summary>
    public ReadOnlySpan<Run> From(int from)
    {
        var all = Runs;
        var first = LowerBound(all, from);
        return all[(first > 0 && all[first - 1].End > from ? first - 1 : first)..];
    }

    private static int LowerBound(ReadOnlySpan<Run> all, int index)
    {
        var (low, high) = (0, all.Length);
        while (low < high)
        {
            var middle = (low + high) / 2;
            (low, high) = all[middle].Start < index ? (middle + 1, high) : (low, middle);
        }

        return low;
    }

    private void Walk(CompiledSchedule schedule, DateTimeZone zone, ImmutableArray<CalledEvent> events)
    {
        var start = Instant.FromUnixTimeSeconds(grid.StartSeconds);
        var end = Instant.FromUnixTimeSeconds(grid.StartSeconds + (long)grid.StepSeconds * grid.Count);
        foreach (var stretch in zone.GetZoneIntervals(start, end))
        {
            var from = stretch.HasStart && stretch.Start > start ? stretch.Start : start;
            var until = stretch.HasEnd && stretch.End < end ? stretch.End : end;
            Stretch(schedule, from.ToUnixTimeSeconds(), until.ToUnixTimeSeconds(), stretch.WallOffset.Seconds, events);
        }
    }

    /// <summary>One stretch of constant offset: local seconds are UTC seconds plus the offset.</summary>
    private void Stretch(CompiledSchedule schedule, long from, long until, int offset, ImmutableArray<CalledEvent> events)
    {
        const int Day = 86_400;
        var first = Math.DivRem(from + offset, Day, out var rest) - (rest < 0 ? 1 : 0);
        var epoch = new LocalDate(1970, 1, 1);
        for (var day = first; day * Day - offset < until; day++)
        {
            var date = epoch.PlusDays((int)day);
            foreach (var slot in schedule.GetSlots(date))
            {
                var a = Math.Max(day * Day - offset + slot.From * 60L, from);
                var b = Math.Min(day * Day - offset + slot.Until * 60L, until);
                if (a < b)
                {
                    Slot(schedule, date, a, b, slot.Period, events);
                }
            }
        }
    }

    private void Slot(CompiledSchedule schedule, LocalDate date, long from, long until, int period, ImmutableArray<CalledEvent> events)
    {
        foreach (var e in events)
        {
            var (a, b) = (Math.Max(e.From.ToUnixTimeSeconds(), from), Math.Min(e.Until.ToUnixTimeSeconds(), until));
            if (a < b && schedule.PeriodInEvent(e.Kind, date) is { } called)
            {
                Span(from, a, period);
                Span(a, b, called);
                from = b;
            }
        }

        Span(from, until, period);
    }

    private void Span(long from, long until, int period)
    {
        if (from >= until)
        {
            return;
        }

        if (period != before)
        {
            Edges.Add(from);
            before = period;
        }

        Add(grid.IndexAt(from), grid.IndexAt(until), period);
    }

    private void Add(int from, int until, int period)
    {
        while (from < until)
        {
            while (nextCut < cuts.Length && cuts[nextCut] <= from)
            {
                nextCut++;
            }

            var end = nextCut < cuts.Length ? Math.Min(cuts[nextCut], until) : until;
            var joins = runs.Count > 0 && runs[^1] is var last && last.Period == period && last.End == from && (nextCut == 0 || cuts[nextCut - 1] != from);
            if (joins)
            {
                runs[^1] = runs[^1] with { Length = end - runs[^1].Start };
            }
            else
            {
                runs.Add(new Run(from, end - from, period));
            }

            from = end;
        }
    }
}
