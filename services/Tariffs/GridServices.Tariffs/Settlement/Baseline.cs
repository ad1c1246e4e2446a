using System.Collections.Immutable;
using NodaTime;

namespace GridServices.Tariffs;

/// <summary>An event on a local day, in whole hours [FromHour, UntilHour) of the clock.</summary>
/// <param name="Date">The local day.</param>
/// <param name="FromHour">First hour.</param>
/// <param name="UntilHour">First hour that is no longer in it.</param>
/// <param name="Source">What the intervals were read by; absent = a meter.</param>
public sealed record DemandResponseEvent(LocalDate Date, int FromHour, int UntilHour, MeasurementSource Source = MeasurementSource.Meter);

/// <summary>A day that was looked at.</summary>
/// <param name="Date">The local day.</param>
/// <param name="Used">Whether it is one of those averaged.</param>
/// <param name="Reason">Why, or why not.</param>
/// <param name="Source">Where the numbers of its hours come from: the worst of them.</param>
public sealed record BaselineDay(LocalDate Date, bool Used, string Reason, MeasurementSource Source);

/// <summary>A baseline with everything that made it.</summary>
public sealed record BaselineOutcome
{
    public required BaselineRule Rule { get; init; }

    /// <summary>Every day back to the last one needed, newest first, with why it was used or not.</summary>
    public required ImmutableArray<BaselineDay> Days { get; init; }

    /// <summary>The Y days.</summary>
    public required ImmutableArray<LocalDate> Candidates { get; init; }

    /// <summary>The X days, in calendar order.</summary>
    public required ImmutableArray<LocalDate> Selected { get; init; }

    /// <summary>kW per event hour.</summary>
    public required ImmutableArray<decimal> UnadjustedKw { get; init; }

    public required decimal AdjustmentRaw { get; init; }

    /// <summary>After the cap.</summary>
    public required decimal AdjustmentApplied { get; init; }

    public required ImmutableArray<decimal> AdjustedKw { get; init; }

    /// <summary>kW per event hour; null where the hour was not measured.</summary>
    public required ImmutableArray<decimal?> ActualKw { get; init; }

    /// <summary>kWh per event hour: adjusted baseline less actual; null where the hour was not measured.</summary>
    public required ImmutableArray<decimal?> DeliveredKwh { get; init; }

    /// <summary>Per event hour, where the baseline comes from: the worst of the selected days and of the adjustment.</summary>
    public required ImmutableArray<MeasurementSource> BaselineSource { get; init; }

    /// <summary>Per event hour, where the actual load comes from.</summary>
    public required ImmutableArray<MeasurementSource> ActualSource { get; init; }

    /// <summary>Of the hours that were measured.</summary>
    public decimal DeliveredTotalKwh => DeliveredKwh.Sum() ?? 0;

    /// <summary>An hour is not measured or rests on an estimate: better data change the outcome.</summary>
    public bool Provisional => ActualSource.Concat(BaselineSource).Any(s => s is MeasurementSource.Estimate or MeasurementSource.None);
}

/// <summary>Customer baselines by rule.</summary>
public static class Baseline
{
    /// <summary>The baseline of an event from the meter's intervals (a site's or an EV meter's alone).</summary>
    /// <exception cref="BillRefusedException">Too few like days, or no data in the event day's adjustment window.</exception>
    public static BaselineOutcome Compute(BaselineRule rule, DemandResponseEvent e, IntervalSeries series, DateTimeZone zone, IReadOnlySet<LocalDate> earlierEvents, HolidayCalendar holidays)
    {
        var hours = new HourlyLoad(series, zone, e.Source);
        var window = Window(rule, e, hours, earlierEvents, holidays);
        var ranked = window.Days.OrderByDescending(d => EventLoad(hours, d, e)).ThenByDescending(d => d).ToArray();
        var selected = ranked.Skip(rule.DropHighest).Take(rule.Select).Order().ToImmutableArray();
        if (selected.Length < rule.Select)
        {
            throw new BillRefusedException($"the rule '{rule.Name}' needs {rule.WindowDays} like days in {rule.MaxLookbackDays} days back; {window.Days.Count} were found: give more history or another rule");
        }

        decimal Mean(int hour) => selected.Sum(d => hours.At(d, hour)!.Value) / selected.Length;
        var unadjusted = Hours(e).Select(Mean).ToImmutableArray();
        var (raw, applied) = Adjustment(rule, e, hours, Mean);
        var adjusted = unadjusted.Select(kw => rule.Adjustment == AdjustmentMethod.Additive ? kw + applied : kw * applied).ToImmutableArray();
        var actual = Hours(e).Select(h => hours.At(e.Date, h)).ToImmutableArray();
        var adjustedBy = AdjustmentHours(rule, e).SelectMany(h => selected.Append(e.Date).Select(d => (d, h))).ToArray();
        return new BaselineOutcome
        {
            Rule = rule,
            Days = [.. window.Looked.Select(d => d.Used && !selected.Contains(d.Date) ? d with { Used = false, Reason = "in the window, not selected by rank" } : d)],
            Candidates = [.. window.Days],
            Selected = selected,
            UnadjustedKw = unadjusted,
            AdjustmentRaw = raw,
            AdjustmentApplied = applied,
            AdjustedKw = adjusted,
            ActualKw = actual,
            DeliveredKwh = [.. adjusted.Zip(actual, (b, a) => a is not { } kw ? (decimal?)null : rule.SignedDelivery ? b - kw : Math.Max(0, b - kw))],
            BaselineSource = [.. Hours(e).Select(h => hours.SourceOf(selected.Select(d => (d, h)).Concat(adjustedBy)))],
            ActualSource = [.. Hours(e).Select(h => hours.SourceOf([(e.Date, h)]))],
        };
    }

    private static IEnumerable<int> Hours(DemandResponseEvent e) => Enumerable.Range(e.FromHour, e.UntilHour - e.FromHour);

    private static decimal EventLoad(HourlyLoad hours, LocalDate date, DemandResponseEvent e) => Hours(e).Sum(h => hours.At(date, h) ?? 0);

    private static (List<LocalDate> Days, List<BaselineDay> Looked) Window(
        BaselineRule rule, DemandResponseEvent e, HourlyLoad hours, IReadOnlySet<LocalDate> earlierEvents, HolidayCalendar holidays)
    {
        var (days, looked) = (new List<LocalDate>(), new List<BaselineDay>());
        for (var back = 1; back <= rule.MaxLookbackDays && days.Count < rule.WindowDays; back++)
        {
            var date = e.Date.PlusDays(-back);
            var reason = !Alike(rule.Days, date, e.Date, holidays) ? (holidays.IsHoliday(date) ? "holiday" : "other type of day")
                : earlierEvents.Contains(date) ? "event day"
                : !Needed(rule, e).All(h => hours.At(date, h) is not null) ? "data missing"
                : null;
            looked.Add(new BaselineDay(date, reason is null, reason ?? "in the window", hours.SourceOf(Needed(rule, e).Select(h => (date, h)))));
            if (reason is null)
            {
                days.Add(date);
                if (days.Count == rule.WindowDays)
                {
                    LeaveOutLow(rule, e, hours, days, looked);
                }
            }
        }

        return (days, looked);
    }

    /// <summary>A window that is full loses its low days; the search then goes on for replacements.</summary>
    private static void LeaveOutLow(BaselineRule rule, DemandResponseEvent e, HourlyLoad hours, List<LocalDate> days, List<BaselineDay> looked)
    {
        if (rule.LowUsageShare is not { } share)
        {
            return;
        }

        var limit = days.Sum(d => EventLoad(hours, d, e)) / days.Count * share;
        foreach (var low in days.Where(d => EventLoad(hours, d, e) < limit).ToArray())
        {
            days.Remove(low);
            var at = looked.FindIndex(d => d.Date == low);
            looked[at] = looked[at] with { Used = false, Reason = "low usage" };
        }
    }

    private static IEnumerable<int> Needed(BaselineRule rule, DemandResponseEvent e) => Hours(e).Concat(AdjustmentHours(rule, e));

    private static IEnumerable<int> AdjustmentHours(BaselineRule rule, DemandResponseEvent e) =>
        rule.Adjustment == AdjustmentMethod.None ? [] : rule.AdjustmentHours.Select(h => e.FromHour + h);

    private static bool Alike(DayGrouping grouping, LocalDate date, LocalDate like, HolidayCalendar holidays) => grouping switch
    {
        DayGrouping.SameWeekday => date.DayOfWeek == like.DayOfWeek && !holidays.IsHoliday(date),
        DayGrouping.ThreeTypes => Kind(date, holidays) == Kind(like, holidays),
        DayGrouping.WorkingDayOrNot => Kind(date, holidays) == 0 == (Kind(like, holidays) == 0),
        _ => true,
    };

    private static int Kind(LocalDate date, HolidayCalendar holidays) => holidays.IsHoliday(date) || date.DayOfWeek == IsoDayOfWeek.Sunday ? 2 : date.DayOfWeek == IsoDayOfWeek.Saturday ? 1 : 0;

    private static (decimal Raw, decimal Applied) Adjustment(BaselineRule rule, DemandResponseEvent e, HourlyLoad hours, Func<int, decimal> mean)
    {
        if (rule.Adjustment == AdjustmentMethod.None)
        {
            return (1, 1);
        }

        var window = AdjustmentHours(rule, e).ToArray();
        var actual = window.Sum(h => hours.At(e.Date, h) ?? throw new BillRefusedException($"the event day {e.Date:uuuu-MM-dd} lacks data at {h}:00, in the adjustment window")) / window.Length;
        var baseline = window.Sum(mean) / window.Length;
        if (rule.Adjustment == AdjustmentMethod.Additive)
        {
            var difference = actual - baseline;
            var bound = rule.AdjustmentCap * Math.Abs(baseline);
            return (difference, bound is { } b ? Math.Clamp(difference, -b, b) : difference);
        }

        // A baseline of 0 cannot be scaled: it stays.
        var ratio = baseline == 0 ? 1 : actual / baseline;
        return (ratio, rule.AdjustmentCap is { } cap ? Math.Clamp(ratio, 1 - cap, 1 + cap) : ratio);
    }
}
