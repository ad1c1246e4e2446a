using GridServices.Tariffs.Bills;
using GridServices.Tariffs.Intervals;

namespace GridServices.Tariffs.Allocation;

/// <summary>What one user drew, on the intervals that are billed; before its first interval and after its last it drew nothing.</summary>
internal sealed class UserLoad
{
    private readonly IntervalSeries series;

    // Of most series every sum fits 63 bits, which takes half the memory.
    private readonly long[]? sums;
    private readonly Int128[]? largeSums;

    /// <param name="plan">The bill's plan.</param>
    /// <param name="own">On the site's intervals, all of them or those from start to end alone.</param>
    public UserLoad(BillPlan plan, IntervalSeries own)
    {
        series = plan.Parts == 1 ? own : own.Refined(plan.Parts);
        First = (int)((series.Start.ToUnixTimeSeconds() - plan.Grid.StartSeconds) / series.StepSeconds);
        if (series.MaxAbs <= long.MaxValue / (series.Count + 1))
        {
            sums = new long[series.Count + 1];
            for (var i = 0; i < series.Count; i++)
            {
                sums[i + 1] = sums[i] + series.Values[i];
            }
        }
        else
        {
            largeSums = new Int128[series.Count + 1];
            for (var i = 0; i < series.Count; i++)
            {
                largeSums[i + 1] = largeSums[i] + series.Values[i];
            }
        }
    }

    /// <summary>Its first interval, counted on the bill's.</summary>
    public int First { get; }

    /// <summary>After its last interval.</summary>
    public int End => First + series.Count;

    public IntervalUnit Unit => series.Unit;

    public int Scale => series.Scale;

    /// <summary>Stored units of an interval of the bill.</summary>
    public long Units(int index) => series.Values[index - First];

    public decimal Kwh(Int128 units) => series.Kwh(units);

    /// <summary>Its own part of ranges that lie in order and do not overlap.</summary>
    public IEnumerable<IndexRange> Within(IReadOnlyList<IndexRange> ranges)
    {
        for (var r = FirstAfter(ranges.Count, i => ranges[i].From + ranges[i].Count > First); r < ranges.Count && ranges[r].From < End; r++)
        {
            var (from, until) = (Math.Max(ranges[r].From, First), Math.Min(ranges[r].From + ranges[r].Count, End));
            yield return new IndexRange(from, until - from);
        }
    }

    /// <summary>Stored units of a range within its own intervals.</summary>
    public Int128 Sum(IndexRange range) => Before(range.From + range.Count - First) - Before(range.From - First);

    /// <summary>Its mean kW in the windows in which it has load. The windows lie in order: neither their starts nor their ends go back.</summary>
    public WindowLoad[] Kw(IReadOnlyList<WindowSpan> windows)
    {
        var (start, step) = (series.Start.ToUnixTimeSeconds(), series.StepSeconds);
        var end = start + (long)series.Count * step;
        var loads = new List<WindowLoad>();
        for (var w = FirstAfter(windows.Count, i => windows[i].Until > start); w < windows.Count && windows[w].From < end; w++)
        {
            if (Until(windows[w].Until - start) - Until(windows[w].From - start) is var sum && sum != 0)
            {
                loads.Add(new WindowLoad(w, PeakFinder.Mean(series, sum, windows[w].Seconds)));
            }
        }

        return [.. loads];
    }

    /// <summary>The sum of so many of its first intervals.</summary>
    private Int128 Before(int count) => sums is not null ? sums[count] : largeSums![count];

    /// <summary>Unit seconds up to so many seconds after its start; inside an interval by its share of time.</summary>
    private Int128 Until(long seconds)
    {
        var into = Math.Clamp(seconds, 0, (long)series.Count * series.StepSeconds);
        var (index, rest) = Math.DivRem(into, series.StepSeconds);
        return Before((int)index) * series.StepSeconds + (rest == 0 ? 0 : (Int128)series.Values[(int)index] * rest);
    }

    /// <summary>The first of so many of which something holds that then holds of all that follow.</summary>
    private static int FirstAfter(int count, Func<int, bool> holds)
    {
        var (low, high) = (0, count);
        while (low < high)
        {
            var middle = (low + high) / 2;
            (low, high) = holds(middle) ? (low, middle) : (middle + 1, high);
        }

        return low;
    }
}
