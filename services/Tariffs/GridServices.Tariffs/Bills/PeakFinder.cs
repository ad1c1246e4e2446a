using System.Runtime.InteropServices;
using GridServices.Contracts.Json;
using GridServices.Tariffs.Demand;
using GridServices.Tariffs.Intervals;
using GridServices.Tariffs.Model;
using GridServices.Tariffs.Time;

namespace GridServices.Tariffs.Bills;

/// <summary>The highest window of a period: mean kW, and seconds since 1970 of its start.</summary>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct Peak(decimal Kw, long From, bool IsFound)
{
    public static Peak None { get; } = new(0, 0, IsFound: false);

    public static Peak At(decimal kw, long from) => new(kw, from, IsFound: true);
}

/// <summary>A demand window [From, Until) in seconds since 1970 and the number of the period it belongs to.</summary>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct WindowSpan(long From, long Until, int Period)
{
    public long Seconds => Until - From;
}

/// <summary>
/// Finds peaks of one series. A block window counts in the period (and day, and cycle) in which it starts, a rolling one in that in which its last step starts, also
/// where it began in the one before. So every window is in exactly one.
/// </summary>
internal sealed class PeakFinder(BillPlan plan, IntervalSeries series)
{
    private Int128[]? prefix;

    public IntervalSeries Series => series;

    /// <summary>Seconds of the meter's own intervals, of which those of the series may be parts.</summary>
    private int GivenStep => plan.Given.StepSeconds;

    /// <summary>Whether the intervals themselves are the windows: as long as the window, longer, or no divisor of one that rolls with them.</summary>
    public bool IsDirect(DemandWindow? window)
    {
        var seconds = (window?.Minutes ?? 0) * 60;
        return seconds <= GivenStep || (window!.Kind == WindowKind.Rolling && seconds % GivenStep != 0);
    }

    /// <summary>Whether the window cannot be formed from these intervals.</summary>
    public bool IsCoarser(DemandWindow? window) => window is not null && window.Minutes * 60 % GivenStep != 0 && IsDirect(window);

    /// <summary>Whether edges of windows cut intervals, which then count on both sides by their share of time.</summary>
    public bool IsSplit(DemandWindow? window) => window is not null && window.Minutes * 60 % GivenStep != 0 && !IsDirect(window);

    /// <summary>Whether the intervals are as long as the window but lie across its edges on the local clock.</summary>
    public bool IsOffClock(DemandWindow? window)
    {
        if (window is null || window.Kind == WindowKind.Rolling || window.Minutes * 60 != GivenStep || series.Count == 0)
        {
            return false;
        }

        var clock = WindowClock.Local(plan.Zone, GivenStep);
        var (first, last) = (GetSeconds(0), GetSeconds(series.Count - plan.Parts));
        return clock.Cell(first).From != first || clock.Cell(last).From != last;
    }

    /// <summary>Whether the first rolling windows of a bill reach back before the data.</summary>
    public bool ReachesBack(DemandWindow? window) => window is { Kind: WindowKind.Rolling } && !IsDirect(window);

    /// <summary>Peaks in [from, until), by the table's period numbers; never below 0.</summary>
    public void Find(RunTable table, int from, int until, DemandWindow? window, Span<Peak> best)
    {
        best.Fill(Peak.None);
        if (IsDirect(window))
        {
            Direct(table, from, until, best);
            return;
        }

        Span<Int128> sums = stackalloc Int128[best.Length];
        Span<WindowSpan> at = stackalloc WindowSpan[best.Length];
        sums.Clear();
        at.Fill(new WindowSpan(0, 1, -1));
        foreach (var span in Windows(table, from, until, window))
        {
            // Windows that a change of the clock cut are shorter: means are compared, not sums.
            if (span.Period >= 0 && Sum(span) is var sum && sum * at[span.Period].Seconds > sums[span.Period] * span.Seconds)
            {
                (sums[span.Period], at[span.Period]) = (sum, span);
            }
        }

        for (var p = 0; p < best.Length; p++)
        {
            best[p] = at[p].Period < 0 ? Peak.None : Peak.At(Kw(sums[p], at[p].Seconds), at[p].From);
        }
    }

    /// <summary>All windows of [from, until) with their periods, in order.</summary>
    public List<WindowSpan> Windows(RunTable table, int from, int until, DemandWindow? window)
    {
        var found = new List<WindowSpan>();
        if (from >= until)
        {
            return found;
        }

        var periods = new PeriodCursor(table, from);
        var (clock, steps) = GetClock(window);
        var starts = new Queue<long>();
        var cell = clock.Cell(GetSeconds(from));
        for (var back = clock.Cell(cell.From - 1); starts.Count < steps - 1; back = clock.Cell(back.From - 1))
        {
            starts.Enqueue(back.From);
        }

        starts = new Queue<long>(starts.Reverse());
        for (var index = plan.Grid.IndexAt(cell.From); index < until; cell = clock.Cell(cell.Until), index = plan.Grid.IndexAt(cell.From))
        {
            starts.Enqueue(cell.From);
            var start = starts.Dequeue();
            if (index >= from)
            {
                found.Add(new WindowSpan(start, cell.Until, periods.At(index)));
            }
        }

        return found;
    }

    /// <summary>Stored units times seconds over the window; time outside the series holds nothing.</summary>
    public Int128 Sum(WindowSpan span) => Until(span.Until) - Until(span.From);

    /// <summary>Mean kW of so many unit seconds over so many seconds.</summary>
    public decimal Kw(Int128 sum, long seconds) => Mean(series, sum, seconds);

    /// <summary>The same of a series that need not begin with the bill.</summary>
    public static decimal Mean(IntervalSeries series, Int128 sum, long seconds)
    {
        var step = series.StepSeconds;
        if (seconds % step == 0 && sum % step == 0)
        {
            return series.Kw(sum / step, (int)(seconds / step));
        }

        var units = ExactDecimal.FromUnits(sum, series.Scale);
        return series.Unit == IntervalUnit.Kw ? units / seconds : units * 3600 / step / seconds;
    }

    /// <summary>Mean kW of a window.</summary>
    public decimal Kw(WindowSpan span) => Kw(Sum(span), span.Seconds);

    /// <summary>Mean import (kW) over what is known of a window, and how many of its seconds that is.</summary>
    public (decimal Kw, long Seconds) Known(WindowSpan span)
    {
        var (sum, known, step) = ((Int128)0, 0L, (long)series.StepSeconds);
        for (var i = (int)Math.Clamp((span.From - plan.Grid.StartSeconds) / step, 0, series.Count); i < series.Count && GetSeconds(i) < span.Until; i++)
        {
            var seconds = Math.Min(GetSeconds(i) + step, span.Until) - Math.Max(GetSeconds(i), span.From);
            if (seconds > 0 && !series.Missing.Any(r => i >= r.From && i < r.From + r.Count))
            {
                sum += (Int128)Math.Max(0, series.Values[i]) * seconds;
                known += seconds;
            }
        }

        return (known == 0 ? 0 : Kw(sum, known), known);
    }

    /// <summary>Whether a reading is missing in a window.</summary>
    public bool HasGap(WindowSpan span)
    {
        foreach (var range in series.Missing)
        {
            if (GetSeconds(range.From) < span.Until && GetSeconds(range.From + range.Count) > span.From)
            {
                return true;
            }
        }

        return false;
    }

    private long GetSeconds(int index) => plan.Grid.StartSeconds + (long)index * series.StepSeconds;

    private (WindowClock Clock, int Steps) GetClock(DemandWindow? window)
    {
        if (IsDirect(window))
        {
            return (WindowClock.From(plan.Grid), 1);
        }

        var length = window!.Minutes * 60;
        return window.Kind == WindowKind.Block ? (WindowClock.Local(plan.Zone, length), 1)
            : window.StepMinutes is { } minutes && minutes * 60 > GivenStep ? (WindowClock.Local(plan.Zone, minutes * 60), window.Minutes / minutes)
            : (WindowClock.From(plan.Given), length / GivenStep);
    }

    /// <summary>Unit seconds of the series up to a moment; inside an interval by its share of time.</summary>
    private Int128 Until(long at)
    {
        prefix ??= Prefix();
        var into = Math.Clamp(at - plan.Grid.StartSeconds, 0, (long)series.Count * series.StepSeconds);
        var (index, rest) = Math.DivRem(into, series.StepSeconds);
        return prefix[index] * series.StepSeconds + (rest == 0 ? 0 : (Int128)series.Values[(int)index] * rest);
    }

    private void Direct(RunTable table, int from, int until, Span<Peak> best)
    {
        Span<long> most = stackalloc long[best.Length];
        Span<int> at = stackalloc int[best.Length];
        most.Clear();
        at.Fill(-1);
        foreach (var run in table.From(from))
        {
            var (a, b) = (Math.Max(run.Start, from), Math.Min(run.End, until));
            if (a >= b || run.Period < 0)
            {
                if (run.Start >= until)
                {
                    break;
                }

                continue;
            }

            var (index, value) = ExactSum.Max(series.Values[a..b]);
            if (value > most[run.Period])
            {
                most[run.Period] = value;
                at[run.Period] = a + index;
            }
        }

        for (var p = 0; p < best.Length; p++)
        {
            best[p] = at[p] < 0 ? Peak.None : Peak.At(series.Kw(most[p], 1), GetSeconds(at[p]));
        }
    }

    private Int128[] Prefix()
    {
        var sums = new Int128[series.Count + 1];
        for (var i = 0; i < series.Count; i++)
        {
            sums[i + 1] = sums[i] + series.Values[i];
        }

        return sums;
    }

    /// <summary>The period of intervals that are asked for in order.</summary>
    private ref struct PeriodCursor(RunTable table, int from)
    {
        private readonly ReadOnlySpan<Run> runs = table.From(from);
        private int at;

        public int At(int index)
        {
            while (at < runs.Length && runs[at].End <= index)
            {
                at++;
            }

            return at < runs.Length && runs[at].Start <= index ? runs[at].Period : -1;
        }
    }
}
