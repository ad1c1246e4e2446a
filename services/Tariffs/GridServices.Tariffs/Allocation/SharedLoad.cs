using System.Collections.Immutable;
using GridServices.Contracts.Json;

namespace GridServices.Tariffs;

/// <summary>The loads behind a bill: every user's and, last, what the site's meter has beyond them.</summary>
internal sealed class SharedLoad
{
    private readonly BillPlan plan;
    private readonly MeterData data;
    private readonly PeakFinder site;
    private readonly PeakFinder[] own;
    private Int128[]? together;

    public SharedLoad(BillPlan plan, MeterData data, IReadOnlyList<SiteUser> users)
    {
        (this.plan, this.data, site) = (plan, data, new PeakFinder(plan, data.Net));
        own = [.. users.Select(u => new PeakFinder(plan, plan.Parts == 1 ? u.Series : u.Series.Refined(plan.Parts)))];
        Ids = [.. users.Select(u => u.Id), BillAllocation.Site];
    }

    public ImmutableArray<string> Ids { get; }

    /// <summary>Users and the site's rest.</summary>
    public int Count => Ids.Length;

    public PeakFinder Site => site;

    /// <summary>kWh of each in intervals; users that together read more than the site's meter leave no rest.</summary>
    public decimal[] Kwh(IEnumerable<IndexRange> ranges)
    {
        var kwh = new decimal[Count];
        foreach (var range in ranges)
        {
            kwh[^1] += data.Net.Kwh(ExactSum.Positive(data.Net.Values.Slice(range.From, range.Count), data.Net));
            for (var i = 0; i < own.Length; i++)
            {
                kwh[i] += OwnKwh(own[i].Series, range);
            }
        }

        return WithRest(kwh);
    }

    /// <summary>
    /// kWh that each drew through the site's meter: interval by interval the users' own, or, where they read more than the meter did (it exports, or its reading is missing), their share of
    /// what it drew. They sum to the site's import.
    /// </summary>
    public decimal[] Drawn(IEnumerable<IndexRange> ranges)
    {
        var kwh = new decimal[Count];
        foreach (var range in ranges)
        {
            for (var i = range.From; i < range.From + range.Count;)
            {
                var (from, isWithin) = (i, IsWithin(i));
                for (i++; isWithin && i < range.From + range.Count && IsWithin(i); i++)
                {
                }

                Add(kwh, Kwh([new IndexRange(from, i - from)]), isWithin ? null : data.Net.Kwh(Math.Max(0, data.Net.Values[from])));
            }
        }

        return kwh;
    }

    private static void Add(decimal[] kwh, decimal[] more, decimal? whole)
    {
        var sum = more.Sum();
        for (var i = 0; i < kwh.Length && sum > 0; i++)
        {
            kwh[i] += whole is { } site ? site * more[i] / sum : more[i];
        }
    }

    /// <summary>Whether the users together read no more than the site's meter in an interval.</summary>
    private bool IsWithin(int index) => (together ??= Together())[index] <= Comparable(data.Net, Math.Max(0, data.Net.Values[index]));

    private Int128[] Together()
    {
        var sums = new Int128[data.Net.Count];
        foreach (var user in own)
        {
            for (var i = 0; i < sums.Length; i++)
            {
                sums[i] += Comparable(user.Series, user.Series.Values[i]);
            }
        }

        return sums;
    }

    /// <summary>Energy in whole numbers that are the same for kW and kWh and for all scales.</summary>
    private static Int128 Comparable(IntervalSeries series, long value) =>
        (Int128)value * (series.Unit == IntervalUnit.Kw ? series.StepSeconds : 3600) * (Int128)ExactDecimal.Power(18 - series.Scale);

    /// <summary>
    /// Mean kW that each drew through the site's meter in windows: the users' own, or, where they read more than the meter did (it exports, or its reading is missing), their share of what it
    /// drew. Where the site drew nothing in any of them, what each used.
    /// </summary>
    public decimal[][] Kw(IReadOnlyList<WindowSpan> windows)
    {
        decimal[][] used = [.. own.Select(user => windows.Select(user.Kw).ToArray()), new decimal[windows.Count]];
        decimal[][] drawn = [.. used.Select(_ => new decimal[windows.Count])];
        for (var w = 0; w < windows.Count; w++)
        {
            var (whole, sum) = (Math.Max(0, site.Kw(windows[w])), used.Sum(u => u[w]));
            for (var i = 0; i < own.Length; i++)
            {
                drawn[i][w] = sum <= whole ? used[i][w] : whole * used[i][w] / sum;
            }

            drawn[^1][w] = Math.Max(0, whole - sum);
        }

        return Array.Exists(drawn, kw => Array.Exists(kw, k => k > 0)) ? drawn : used;
    }

    /// <summary>The windows of a charge that belong to a period, over intervals [from, until).</summary>
    public List<WindowSpan> Windows(int version, string? schedule, DemandWindow? window, string? period, int from, int until)
    {
        var windows = site.Windows(plan.TableOf(version, schedule), from, until, window);
        if (schedule is not null && period is not null)
        {
            var number = plan.Versions[version].ScheduleOf(schedule)!.Periods.IndexOf(period);
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

        var number = plan.Versions[version].ScheduleOf(schedule)!.Periods.IndexOf(period);
        var hours = new List<IndexRange>();
        foreach (var run in plan.TableOf(version, schedule).From(from))
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

    private static decimal OwnKwh(IntervalSeries series, IndexRange range) => series.Kwh(ExactSum.All(series.Values.Slice(range.From, range.Count), series.MaxAbs));

    /// <summary>The last entry, the site's whole, becomes what the users leave of it.</summary>
    private static decimal[] WithRest(decimal[] kwh)
    {
        kwh[^1] = Math.Max(0, kwh[^1] - kwh[..^1].Sum());
        return kwh;
    }
}
