using System.Collections.Immutable;
using GridServices.Contracts.Json;
using GridServices.Tariffs.Bills;
using GridServices.Tariffs.Intervals;
using GridServices.Tariffs.Model;

namespace GridServices.Tariffs.Allocation;

/// <summary>The loads behind a bill: every user's and, last, what the site's meter has beyond them.</summary>
internal sealed class SharedLoad
{
    private readonly BillPlan plan;
    private readonly MeterData data;
    private readonly PeakFinder site;
    private readonly UserLoad[] own;
    private int[]? over;
    private decimal[]? together;

    public SharedLoad(BillPlan plan, MeterData data, IReadOnlyList<SiteUser> users)
    {
        (this.plan, this.data, site) = (plan, data, new PeakFinder(plan, data.Net));
        own = [.. users.Select(u => new UserLoad(plan, u.Series))];
        Ids = [.. users.Select(u => u.Id), BillAllocation.Site];
    }

    public ImmutableArray<string> Ids { get; }

    /// <summary>Users and the site's rest.</summary>
    public int Count => Ids.Length;

    public PeakFinder Site => site;

    /// <summary>Intervals, in order, in which the users together read more than the site's meter did.</summary>
    private int[] Over => over ??= FindOver();

    /// <summary>kWh that the users together read, by interval.</summary>
    private decimal[] Together => together ??= SumTogether();

    /// <summary>The load of one user; null of the site.</summary>
    public UserLoad? FindLoad(int user) => user < own.Length ? own[user] : null;

    /// <summary>kWh of each in intervals that lie in order; users that together read more than the site's meter leave no rest.</summary>
    public decimal[] Kwh(IReadOnlyList<IndexRange> ranges)
    {
        var kwh = new decimal[Count];
        for (var u = 0; u < own.Length; u++)
        {
            Int128 units = 0;
            foreach (var range in own[u].Within(ranges))
            {
                units += own[u].Sum(range);
            }

            kwh[u] = own[u].Kwh(units);
        }

        kwh[^1] = Math.Max(0, ranges.Sum(SiteKwh) - kwh.Sum());
        return kwh;
    }

    /// <summary>
    /// kWh that each drew through the site's meter in intervals that lie in order: the users' own, or, in an interval in which they read more than the meter did (it exports, or its reading is
    /// missing), their share of what it drew. They sum to the site's import.
    /// </summary>
    public decimal[] Drawn(IReadOnlyList<IndexRange> ranges)
    {
        var kwh = new decimal[Count];
        var within = 0m;
        for (var u = 0; u < own.Length; u++)
        {
            var (plain, shared) = Drawn(own[u], ranges);
            kwh[u] = plain + shared;
            within += plain;
        }

        kwh[^1] = Math.Max(0, ranges.Sum(SiteKwh) - ranges.Sum(r => OverIn(r).Sum(SiteKwh)) - within);
        return kwh;
    }

    /// <summary>Amounts of intervals by the load in each: what users leave of what the site drew is the site's.</summary>
    /// <param name="amounts">By interval; 0 where there is nothing to share.</param>
    public decimal[] Spread(decimal[] amounts)
    {
        var parts = new decimal[Count];
        for (var u = 0; u < own.Length; u++)
        {
            for (var i = own[u].First; i < own[u].End; i++)
            {
                parts[u] += amounts[i] == 0 || own[u].Units(i) == 0 ? 0 : amounts[i] * own[u].Kwh(own[u].Units(i)) / Math.Max(Together[i], SiteKwh(i));
            }
        }

        for (var i = 0; i < amounts.Length; i++)
        {
            parts[^1] += amounts[i] != 0 && SiteKwh(i) is var drawn && drawn > Together[i] ? amounts[i] * (drawn - Together[i]) / drawn : 0;
        }

        return parts;
    }

    /// <summary>
    /// Mean kW that each drew through the site's meter in windows: the users' own, or, where they read more than the meter did (it exports, or its reading is missing), their share of what it
    /// drew. Where the site drew nothing in any of them, what each used.
    /// </summary>
    public WindowLoads Kw(IReadOnlyList<WindowSpan> windows)
    {
        var used = new WindowLoads(windows.Count, [.. own.Select(u => u.Kw(windows)), []]);
        decimal[] whole = [.. windows.Select(w => Math.Max(0, site.Kw(w)))];
        if (Array.TrueForAll(whole, kw => kw == 0))
        {
            return used;
        }

        for (var u = 0; u < own.Length; u++)
        {
            var entries = used[u];
            for (var e = 0; e < entries.Length; e++)
            {
                var (window, kw) = entries[e];
                var sum = used.Together[window];
                entries[e] = sum <= whole[window] ? entries[e] : new WindowLoad(window, whole[window] * kw / sum);
            }
        }

        WindowLoad[] rest = [.. whole.Select((kw, w) => new WindowLoad(w, kw - used.Together[w])).Where(l => l.Kw > 0)];
        return new WindowLoads(windows.Count, [.. Enumerable.Range(0, own.Length).Select(u => used[u]), rest]);
    }

    /// <summary>The windows of a charge that belong to a period, over intervals [from, until).</summary>
    public List<WindowSpan> Windows(int version, string? schedule, DemandWindow? window, string? period, int from, int until)
    {
        var windows = site.Windows(plan.GetTable(version, schedule), from, until, window);
        if (schedule is not null && period is not null)
        {
            var number = plan.Versions[version].FindSchedule(schedule)!.Periods.IndexOf(period);
            windows.RemoveAll(w => w.Period != number);
        }

        return windows;
    }

    /// <summary>The intervals [from, until) that lie in a period (all of them without one).</summary>
    public IEnumerable<IndexRange> Hours(int version, string? schedule, string? period, int from, int until)
    {
        if (schedule is null || period is null)
        {
            return [new IndexRange(from, until - from)];
        }

        var number = plan.Versions[version].FindSchedule(schedule)!.Periods.IndexOf(period);
        var hours = new List<IndexRange>();
        foreach (var run in plan.GetTable(version, schedule).From(from))
        {
            var (a, b) = (Math.Max(run.Start, from), Math.Min(run.End, until));
            if (run.Period == number && a < b)
            {
                hours.Add(new IndexRange(a, b - a));
            }
            else if (run.Start >= until)
            {
                break;
            }
        }

        return hours;
    }

    /// <summary>kWh that the site's meter drew.</summary>
    public decimal SiteKwh(IndexRange range) => data.Net.Kwh(ExactSum.Positive(data.Net.Values.Slice(range.From, range.Count), data.Net));

    private decimal SiteKwh(int index) => data.Net.Kwh(Math.Max(0, data.Net.Values[index]));

    /// <summary>A user's kWh where all of them together read no more than the site, and its share of the site's where they do.</summary>
    private (decimal Plain, decimal Shared) Drawn(UserLoad user, IReadOnlyList<IndexRange> ranges)
    {
        var (plain, shared) = ((Int128)0, 0m);
        foreach (var range in user.Within(ranges))
        {
            plain += user.Sum(range);
            foreach (var i in OverIn(range))
            {
                plain -= user.Units(i);
                shared += user.Units(i) == 0 ? 0 : SiteKwh(i) * user.Kwh(user.Units(i)) / Together[i];
            }
        }

        return (user.Kwh(plain), shared);
    }

    private Span<int> InOver(IndexRange range)
    {
        var (from, until) = (Array.BinarySearch(Over, range.From), Array.BinarySearch(Over, range.From + range.Count));
        (from, until) = (from < 0 ? ~from : from, until < 0 ? ~until : until);
        return Over.AsSpan(from, until - from);
    }

    private int[] OverIn(IndexRange range) => Over.Length == 0 ? [] : InOver(range).ToArray();

    private int[] FindOver()
    {
        var sums = new Int128[data.Net.Count];
        foreach (var user in own)
        {
            var factor = Factor(user.Unit, user.Scale);
            for (var i = user.First; i < user.End; i++)
            {
                sums[i] += user.Units(i) * factor;
            }
        }

        var whole = Factor(data.Net.Unit, data.Net.Scale);
        return [.. Enumerable.Range(0, sums.Length).Where(i => sums[i] > Math.Max(0, data.Net.Values[i]) * whole)];
    }

    private decimal[] SumTogether()
    {
        var sums = new decimal[data.Net.Count];
        foreach (var user in own)
        {
            for (var i = user.First; i < user.End; i++)
            {
                sums[i] += user.Units(i) == 0 ? 0 : user.Kwh(user.Units(i));
            }
        }

        return sums;
    }

    /// <summary>What makes energy in stored units whole numbers that are the same for kW and kWh and for all scales.</summary>
    private Int128 Factor(IntervalUnit unit, int scale) => (unit == IntervalUnit.Kw ? data.Net.StepSeconds : 3600) * (Int128)ExactDecimal.Power(18 - scale);
}
