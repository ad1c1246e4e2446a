using System.Collections.Immutable;
using GridServices.Tariffs.Bills;
using GridServices.Tariffs.Intervals;
using GridServices.Tariffs.Time;
using GridServices.Tariffs.Weather;
using NodaTime;

namespace GridServices.Tariffs.Settlement;

/// <summary>A day that was looked at.</summary>
/// <param name="Date">The local day.</param>
/// <param name="Used">Whether it is one of those averaged.</param>
/// <param name="Reason">Why, or why not.</param>
/// <param name="Source">Where its numbers come from: the worst of them.</param>
public sealed record BaselineDay(LocalDate Date, bool Used, string Reason, MeasurementSource Source)
{
    /// <summary>°C, where the rule looks at the weather and it is known.</summary>
    public decimal? Celsius { get; init; }
}

/// <summary>A baseline with everything that made it.</summary>
public sealed record BaselineOutcome
{
    public required BaselineRule Rule { get; init; }

    /// <summary>The rules that were asked for before it and gave no baseline, with the reason; empty = it is the one that was asked for.</summary>
    public ImmutableArray<RuleTried> InsteadOf { get; init; } = [];

    /// <summary>°C of the event, where the rule looks at the weather.</summary>
    public decimal? EventCelsius { get; init; }

    /// <summary>kW per °C by which the baseline moves; null where the rule does not say so.</summary>
    public decimal? KwPerCelsius { get; init; }

    /// <summary>kW that the weather adds to the selected days' mean; in <see cref="UnadjustedKw"/> already.</summary>
    public decimal? WeatherKw { get; init; }

    /// <summary>Minutes of a settlement interval of the event; what follows "per interval" is per one of these.</summary>
    public required int IntervalMinutes { get; init; }

    /// <summary>Start of each interval of the event.</summary>
    public required ImmutableArray<Instant> Starts { get; init; }

    /// <summary>Every day back to the last one needed, newest first, with why it was used or not.</summary>
    public required ImmutableArray<BaselineDay> Days { get; init; }

    /// <summary>The Y days.</summary>
    public required ImmutableArray<LocalDate> Candidates { get; init; }

    /// <summary>The X days, in calendar order.</summary>
    public required ImmutableArray<LocalDate> Selected { get; init; }

    /// <summary>kW per interval.</summary>
    public required ImmutableArray<decimal> UnadjustedKw { get; init; }

    public required decimal AdjustmentRaw { get; init; }

    /// <summary>After the cap.</summary>
    public required decimal AdjustmentApplied { get; init; }

    public required ImmutableArray<decimal> AdjustedKw { get; init; }

    /// <summary>kW per interval; null where it was not measured.</summary>
    public required ImmutableArray<decimal?> ActualKw { get; init; }

    /// <summary>kWh per interval: adjusted baseline less actual; null where it was not measured.</summary>
    public required ImmutableArray<decimal?> DeliveredKwh { get; init; }

    /// <summary>Per interval, where the baseline comes from: the worst of the selected days and of the adjustment.</summary>
    public required ImmutableArray<MeasurementSource> BaselineSource { get; init; }

    /// <summary>Per interval, where the actual load comes from.</summary>
    public required ImmutableArray<MeasurementSource> ActualSource { get; init; }

    /// <summary>Of the intervals that were measured.</summary>
    public decimal DeliveredTotalKwh => DeliveredKwh.Sum() ?? 0;

    /// <summary>A fallback stands in because temperatures are not known (yet).</summary>
    internal bool AwaitsWeather { get; init; }

    /// <summary>An interval is not measured or rests on an estimate, or a fallback stands in for want of temperatures: better data change the outcome.</summary>
    public bool Provisional => AwaitsWeather || ActualSource.Concat(BaselineSource).Any(s => s is MeasurementSource.Estimate or MeasurementSource.None);
}

/// <summary>Customer baselines by rule.</summary>
public static class Baseline
{
    /// <summary>The baseline of an event from the meter's intervals (a site's or an EV meter's alone).</summary>
    /// <exception cref="BaselineRefusedException">Too few like days, or not the weather that the rule needs.</exception>
    /// <exception cref="BillRefusedException">No data in the event day's adjustment window.</exception>
    public static BaselineOutcome Compute(
        BaselineRule rule, DemandResponseEvent e, IntervalSeries series, DateTimeZone zone, IReadOnlySet<LocalDate> earlierEvents, HolidayCalendar holidays, TemperatureCurve? temperatures = null)
    {
        var load = new LocalLoad(series, zone, e.Source);
        var plan = EventPlan.Create(rule, e, zone);
        var weather = rule.Weather is { } looked ? new DayWeather(rule.Name, looked, plan, zone, temperatures) : null;
        var window = Window(rule, plan, load, weather, earlierEvents, holidays);
        if (window.Days.Count < (rule.LeastDays ?? rule.WindowDays))
        {
            throw new BaselineRefusedException($"the rule '{rule.Name}' needs {rule.LeastDays ?? rule.WindowDays} like days in {rule.MaxLookbackDays} days back; {window.Days.Count} were found: give more history or another rule")
            {
                AwaitsWeather = window.Looked.Any(d => d.Reason == DayWeather.NotKnown),
            };
        }

        IEnumerable<LocalDate> ranked = rule.Weather is { Match: true }
            ? window.Days.OrderBy(weather!.Distance).ThenByDescending(d => d)
            : window.Days.OrderByDescending(d => EventLoad(load, d, plan)).ThenByDescending(d => d);
        var selected = ranked.Skip(rule.DropHighest).Take(rule.Select).Order().ToImmutableArray();
        decimal? slope = rule.Weather is { Adjust: true } ? weather!.Slope(rule.Name, window.Days, d => EventLoad(load, d, plan) / plan.Slots.Count) : null;
        var moved = slope * (weather?.EventTemperature - (weather is null ? null : selected.Average(d => weather.FindCelsius(d))));
        decimal Mean(EventSlot slot) => Moved(Averaged(rule, [.. selected.Select(d => load.FindMean(slot.On(d), slot.Length)!.Value.Kw)]), moved ?? 0);
        ImmutableArray<decimal> unadjusted = [.. plan.Slots.Select(Mean)];
        var (raw, applied) = Adjustment(rule, plan, load, Mean);
        ImmutableArray<decimal> adjusted = [.. unadjusted.Select(kw => rule.Adjustment == AdjustmentMethod.Additive ? kw + applied : kw * applied)];
        ImmutableArray<MeanLoad?> actual = [.. plan.Slots.Select(slot => load.FindMean(slot.At, slot.Length))];
        MeanLoad?[] adjustedBy = [.. plan.Adjustment.SelectMany(slot => selected.Select(d => load.FindMean(slot.On(d), slot.Length)).Append(load.FindMean(slot.At, slot.Length)))];
        return new BaselineOutcome
        {
            Rule = rule,
            EventCelsius = weather?.EventTemperature,
            KwPerCelsius = slope,
            WeatherKw = moved,
            IntervalMinutes = e.IntervalMinutes,
            Starts = [.. plan.Slots.Select(slot => slot.At)],
            Days = [.. window.Looked.Select(d => d.Used && !selected.Contains(d.Date) ? d with { Used = false, Reason = "in the window, not selected by rank" } : d)],
            Candidates = [.. window.Days],
            Selected = selected,
            UnadjustedKw = unadjusted,
            AdjustmentRaw = raw,
            AdjustmentApplied = applied,
            AdjustedKw = adjusted,
            ActualKw = [.. actual.Select(a => a?.Kw)],
            DeliveredKwh = [.. adjusted.Zip(actual, (b, a) => a is not { Kw: var kw } ? (decimal?)null : (rule.SignedDelivery ? b - kw : Math.Max(0, b - kw)) * e.IntervalMinutes / 60)],
            BaselineSource = [.. plan.Slots.Select(slot => LocalLoad.Worst(selected.Select(d => load.FindMean(slot.On(d), slot.Length)).Concat(adjustedBy)))],
            ActualSource = [.. actual.Select(a => a?.Source ?? MeasurementSource.None)],
        };
    }

    // No weather makes a load feed in.
    private static decimal Moved(decimal kw, decimal by) => kw < 0 ? kw + by : Math.Max(0, kw + by);

    private static decimal Averaged(BaselineRule rule, decimal[] loads) => rule.Rolling?.Compute(loads) ?? loads.Sum() / loads.Length;

    private static decimal EventLoad(LocalLoad load, LocalDate date, EventPlan plan) => plan.Slots.Sum(slot => load.FindMean(slot.On(date), slot.Length)?.Kw ?? 0);

    private static (List<LocalDate> Days, List<BaselineDay> Looked) Window(
        BaselineRule rule, EventPlan plan, LocalLoad load, DayWeather? weather, IReadOnlySet<LocalDate> earlierEvents, HolidayCalendar holidays)
    {
        var (days, looked) = (new List<LocalDate>(), new List<BaselineDay>());
        for (var back = 1; back <= rule.MaxLookbackDays && days.Count < rule.WindowDays; back++)
        {
            var date = plan.Day.PlusDays(-back);
            MeanLoad?[] needed = [.. plan.All.Select(slot => load.FindMean(slot.On(date), slot.Length))];
            var reason = !Alike(rule.Days, date, plan.Day, holidays) ? (holidays.IsHoliday(date) ? "holiday" : "other type of day")
                : plan.GetDays(date).Any(earlierEvents.Contains) ? "event day"
                : needed.Contains(null) ? "data missing"
                : weather?.Unlike(date);
            looked.Add(new BaselineDay(date, reason is null, reason ?? "in the window", LocalLoad.Worst(needed)) { Celsius = weather?.FindCelsius(date) });
            if (reason is null)
            {
                days.Add(date);
                if (days.Count == rule.WindowDays)
                {
                    LeaveOutLow(rule, plan, load, days, looked);
                }
            }
        }

        if (days.Count > 0 && days.Count < rule.WindowDays)
        {
            LeaveOutLow(rule, plan, load, days, looked);
        }

        return (days, looked);
    }

    /// <summary>A window that is full loses its low days, and the search goes on for replacements; so does one that stays short, where there are none.</summary>
    private static void LeaveOutLow(BaselineRule rule, EventPlan plan, LocalLoad load, List<LocalDate> days, List<BaselineDay> looked)
    {
        if (rule.LowUsageShare is not { } share)
        {
            return;
        }

        var limit = days.Sum(d => EventLoad(load, d, plan)) / days.Count * share;
        foreach (var low in days.Where(d => EventLoad(load, d, plan) < limit).ToArray())
        {
            days.Remove(low);
            var at = looked.FindIndex(d => d.Date == low);
            looked[at] = looked[at] with { Used = false, Reason = "low usage" };
        }
    }

    private static bool Alike(DayGrouping grouping, LocalDate date, LocalDate like, HolidayCalendar holidays) => grouping switch
    {
        DayGrouping.SameWeekday => date.DayOfWeek == like.DayOfWeek && !holidays.IsHoliday(date),
        DayGrouping.ThreeTypes => Kind(date, holidays) == Kind(like, holidays),
        DayGrouping.WorkingDayOrNot => Kind(date, holidays) == 0 == (Kind(like, holidays) == 0),
        _ => true,
    };

    private static int Kind(LocalDate date, HolidayCalendar holidays) => holidays.IsHoliday(date) || date.DayOfWeek == IsoDayOfWeek.Sunday ? 2 : date.DayOfWeek == IsoDayOfWeek.Saturday ? 1 : 0;

    private static (decimal Raw, decimal Applied) Adjustment(BaselineRule rule, EventPlan plan, LocalLoad load, Func<EventSlot, decimal> mean)
    {
        if (rule.Adjustment == AdjustmentMethod.None)
        {
            return (1, 1);
        }

        var window = plan.Adjustment;
        var actual = window.Sum(slot => load.FindMean(slot.At, slot.Length)?.Kw ?? throw Lacks(plan.Day, slot)) / window.Count;
        var baseline = window.Sum(mean) / window.Count;
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

    private static BillRefusedException Lacks(LocalDate day, EventSlot slot) =>
        new($"the event day {slot.On(day):uuuu-MM-dd} lacks data at {slot.Time:H:mm}, in the adjustment window");
}
