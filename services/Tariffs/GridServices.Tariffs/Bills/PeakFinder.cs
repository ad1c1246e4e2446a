using System.Runtime.InteropServices;

namespace GridServices.Tariffs;

/// <summary>The highest window of a period and where it starts.</summary>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct Peak(decimal Kw, int Index)
{
    public static Peak None { get; } = new(0, -1);
}

/// <summary>
/// Finds peaks of one series. A block window counts in the period in which it starts; a rolling one in the period in which its
/// last interval starts, and only if it lies wholly inside the searched range.
/// </summary>
internal sealed class PeakFinder(BillPlan plan, IntervalSeries series)
{
    private Int128[]? prefix;

    public IntervalSeries Series => series;

    /// <summary>Intervals per window; 1 when the data are as coarse as the window or coarser.</summary>
    public int LengthOf(DemandWindow? window)
    {
        var seconds = (window?.Minutes ?? 0) * 60;
        return seconds > series.StepSeconds && seconds % series.StepSeconds == 0 ? seconds / series.StepSeconds : 1;
    }

    /// <summary>Whether the window cannot be formed from these intervals.</summary>
    public bool IsCoarser(DemandWindow? window) => window is not null && window.Minutes * 60 % series.StepSeconds != 0;

    /// <summary>Peaks in [from, until), by the table's period numbers; never below 0.</summary>
    public void Find(RunTable table, int from, int until, DemandWindow? window, Span<Peak> best)
    {
        best.Fill(Peak.None);
        var length = LengthOf(window);
        if (length == 1)
        {
            Direct(table, from, until, best);
            return;
        }

        Span<Int128> sums = stackalloc Int128[best.Length];
        sums.Clear();
        foreach (var (start, period) in Windows(table, from, until, window))
        {
            var sum = Sum(start, length);
            if (period >= 0 && sum > sums[period])
            {
                sums[period] = sum;
                best[period] = new Peak(0, start);
            }
        }

        for (var p = 0; p < best.Length; p++)
        {
            best[p] = best[p].Index < 0 ? Peak.None : best[p] with { Kw = series.Kw(sums[p], length) };
        }
    }

    /// <summary>Starts of all windows with their periods.</summary>
    public List<(int Start, int Period)> Windows(RunTable table, int from, int until, DemandWindow? window)
    {
        var length = LengthOf(window);
        var rolling = window?.Kind == WindowKind.Rolling && length > 1;
        var stride = rolling ? Math.Max(1, (window!.StepMinutes ?? 0) * 60 / series.StepSeconds) : length;
        var phase = Phase(stride);
        var found = new List<(int, int)>();
        foreach (var run in table.From(from))
        {
            var (a, b) = (Math.Max(run.Start, from), Math.Min(run.End, until));
            for (var at = a; at < b; at++)
            {
                var start = rolling ? at - length + 1 : at;
                if (start >= from && start + length <= (rolling ? until : series.Count) && (start - phase) % stride == 0)
                {
                    found.Add((start, run.Period));
                }
            }
        }

        return found;
    }

    /// <summary>Stored units of <paramref name="length"/> intervals from <paramref name="start"/>.</summary>
    public Int128 Sum(int start, int length)
    {
        prefix ??= Prefix();
        return prefix[start + length] - prefix[start];
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
            best[p] = at[p] < 0 ? Peak.None : new Peak(series.Kw(most[p], 1), at[p]);
        }
    }

    /// <summary>The first interval that starts a window when windows of that stride are aligned to the local clock.</summary>
    private int Phase(int stride)
    {
        var local = plan.Grid.StartSeconds + plan.Zone.GetUtcOffset(series.Start).Seconds;
        var seconds = (long)stride * series.StepSeconds;
        var into = ((local % seconds) + seconds) % seconds;
        return into == 0 ? 0 : (int)((seconds - into) / series.StepSeconds);
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
}
