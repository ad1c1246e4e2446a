using System.Collections.Immutable;
using System.Text;
using GridServices.Tariffs.Bills;
using GridServices.Tariffs.Intervals;
using GridServices.Tariffs.Requests;
using GridServices.Tariffs.Settlement;
using GridServices.Tariffs.Time;
using GridServices.Tariffs.Weather;
using NodaTime;

namespace GridServices.Tariffs.Tests.Settlement;

/// <summary>Baselines that look at the weather, and rules that stand in for others: by name, with the reason, never silently.</summary>
public sealed class WeatherBaselineTests
{
    private static readonly LocalDate Day = new(2026, 7, 15);
    private static readonly Instant First = Instant.FromUtc(2026, 5, 1, 0, 0);

    // °C of the event's day and of those before it, newest first; each day's load is 50 kW and 2 more for each °C, but the event's is 100.
    private static readonly decimal[] Celsius = [35, 30, 34, 20, 36, 25];
    private static readonly DemandResponseEvent Event = new(Day, 14, 16);
    private static readonly BaselineRule Matched = new() { Name = "matched", WindowDays = 5, Select = 2, Days = DayGrouping.Any, MaxLookbackDays = 5, Weather = new WeatherRule() };
    private static readonly BaselineRule Plain = new() { Name = "plain", WindowDays = 2, Select = 2, Days = DayGrouping.Any, MaxLookbackDays = 5 };

    [Theory]
    [InlineData(TemperatureMeasure.EventMean)]
    [InlineData(TemperatureMeasure.DayHighest)]
    public void Days_of_the_nearest_temperature_are_averaged(TemperatureMeasure measure)
    {
        var outcome = Compute(Matched with { Weather = new WeatherRule { Measure = measure } });
        Assert.Equal([Day.PlusDays(-4), Day.PlusDays(-2)], outcome.Selected);
        Assert.Equal([120m, 120m], outcome.AdjustedKw);
        Assert.Equal((40m, 35m, null), (outcome.DeliveredTotalKwh, outcome.EventCelsius, outcome.KwPerCelsius));
        Assert.Equal([30m, 34m, 20m, 36m, 25m], outcome.Days.Select(d => d.Celsius!.Value));
    }

    [Fact]
    public void Days_too_far_in_temperature_or_of_unknown_temperature_are_left_out_with_the_reason()
    {
        var outcome = Compute(Matched with { WindowDays = 1, Select = 1, Weather = new WeatherRule { WithinDegrees = 1 } }, Known(without: 2));
        Assert.Equal(["5 °C from the event's day", "temperature not known", "15 °C from the event's day", "in the window"], outcome.Days.Select(d => d.Reason));
        Assert.Equal([122m, 122m], outcome.AdjustedKw);
    }

    [Fact]
    public void The_baseline_moves_along_the_line_through_the_window()
    {
        // Loads are 2 kW per °C; the five days have 29 °C and 108 kW on average, the event 35 °C.
        var outcome = Compute(Matched with { Select = 5, Weather = new WeatherRule { Match = false, Adjust = true } });
        Assert.Equal((2m, 12m), (outcome.KwPerCelsius, outcome.WeatherKw));
        Assert.Equal([120m, 120m], outcome.UnadjustedKw);
        Assert.Throws<BaselineRefusedException>(() => Compute(Matched with { WindowDays = 2, Weather = new WeatherRule { Adjust = true } }));
    }

    [Fact]
    public void Without_the_weather_the_named_fallback_stands_in_and_the_settlement_says_why()
    {
        var request = Request([Plain]) with { Temperatures = null };
        var outcome = request.Baseline();
        Assert.Equal(("plain", "matched"), (outcome.Rule.Name, outcome.InsteadOf.Single().Rule));
        Assert.Contains("no temperatures", outcome.InsteadOf[0].Reason, StringComparison.Ordinal);
        Assert.Contains("'plain'", DemandResponseSettlement.Compute(outcome, new DemandResponseTerms { EnergyPrice = 1 }).BaselineFallback, StringComparison.Ordinal);
        Assert.Contains("event's day is not known", (Request([Plain]) with { Temperatures = Known(without: 0) }).Baseline().InsteadOf[0].Reason, StringComparison.Ordinal);

        var known = Request([Plain]).Baseline();
        Assert.Equal("matched", known.Rule.Name);
        Assert.Empty(known.InsteadOf);
        Assert.Null(DemandResponseSettlement.Compute(known, new DemandResponseTerms()).BaselineFallback);
    }

    [Fact]
    public void A_fallback_that_stands_in_for_want_of_temperatures_is_not_final()
    {
        Assert.False(Request([Plain]).Baseline().Provisional);
        var without = (Request([Plain]) with { Temperatures = new TemperatureCurve("misspelt", []) }).Baseline();
        Assert.True(without.Provisional);
        Assert.True(DemandResponseSettlement.Compute(without, new DemandResponseTerms { EnergyPrice = 1 }).Provisional);
        Assert.True((Request([Plain]) with { Temperatures = Known(without: 2) }).Baseline().Provisional);

        // All is known, and no day is like the event's: no weather changes that.
        Assert.False((Request([Plain]) with { Rule = Matched with { WindowDays = 5, Weather = new WeatherRule { WithinDegrees = 0.5m } } }).Baseline().Provisional);
    }

    [Theory]
    [InlineData(35.0, new[] { 20.0, 20.1, 20.0, 20.1, 20.0 })] // 0.1 °C says nothing of 15
    [InlineData(35.0, new[] { 20.0, 22, 25, 23, 24 })] // 5 °C apart, 10 above the warmest
    [InlineData(0.0, new[] { 20.0, 22, 25, 23, 24 })]
    public void A_line_is_not_drawn_far_beyond_the_days_that_made_it(double day, double[] before)
    {
        var curve = new TemperatureCurve("station", [.. Enumerable.Range(0, 6).Reverse().Select(back => new TemperaturePoint(
            Day.PlusDays(-back).AtMidnight().InUtc().ToInstant(), Day.PlusDays(1 - back).AtMidnight().InUtc().ToInstant(), (decimal)(back == 0 ? day : before[back - 1])))]);
        var refused = Assert.Throws<BaselineRefusedException>(() => Compute(Matched with { Select = 5, Weather = new WeatherRule { Match = false, Adjust = true } }, curve));
        Assert.Contains("they say nothing of", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_weather_makes_no_load_feed_in()
    {
        // 100 kW for each °C above 20: at 18 °C the line says less than nothing.
        decimal[] celsius = [18, 20, 21, 22, 20, 21];
        var curve = new TemperatureCurve("station", [.. Enumerable.Range(0, 6).Reverse().Select(back => new TemperaturePoint(
            Day.PlusDays(-back).AtMidnight().InUtc().ToInstant(), Day.PlusDays(1 - back).AtMidnight().InUtc().ToInstant(), celsius[back]))]);
        var load = Series(at => Back(at.Date) is { } back ? 100 * Math.Max(0, celsius[back] - 20) : 1);
        var rule = Matched with { Select = 5, Weather = new WeatherRule { Match = false, Adjust = true } };
        var outcome = Baseline.Compute(rule, Event, load, DateTimeZone.Utc, ImmutableHashSet<LocalDate>.Empty, new HolidayCalendar([]), curve);
        Assert.True(outcome.WeatherKw < -80);
        Assert.Equal([0m, 0m], outcome.UnadjustedKw);
    }

    [Fact]
    public void Where_no_rule_fits_all_reasons_are_told()
    {
        var refused = Assert.Throws<BillRefusedException>(() => (Request([Plain with { WindowDays = 9, Select = 9 }]) with { Temperatures = null }).Baseline());
        Assert.Contains("no temperatures", refused.Message, StringComparison.Ordinal);
        Assert.Contains("'plain' needs 9 like days", refused.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Fewer_like_days_than_the_window_are_refused_unless_the_rule_says_how_few_are_enough()
    {
        // Six Sundays lie within 45 days, one of them shut down.
        var sunday = new LocalDate(2026, 7, 12);
        var shut = Series(i => i.Date == sunday.PlusDays(-14) ? 0 : i.Date == sunday ? 60 : 100);
        var rule = new BaselineRule { Name = "high 5 of 10", WindowDays = 10, Select = 5, Days = DayGrouping.ThreeTypes, LowUsageShare = 0.25m };
        BaselineOutcome Evaluate(BaselineRule r) => Baseline.Compute(r, new DemandResponseEvent(sunday, 14, 16), shut, DateTimeZone.Utc, ImmutableHashSet<LocalDate>.Empty, new HolidayCalendar([]));
        Assert.Contains("needs 10 like days", Assert.Throws<BaselineRefusedException>(() => Evaluate(rule)).Message, StringComparison.Ordinal);
        Assert.Throws<BaselineRefusedException>(() => Evaluate(rule with { LeastDays = 6 }));
        var outcome = Evaluate(rule with { LeastDays = 5 });
        Assert.Equal("low usage", outcome.Days.Single(d => d.Date == sunday.PlusDays(-14)).Reason);
        Assert.Equal((5, 100m), (outcome.Selected.Length, outcome.AdjustedKw[0]));
    }

    [Theory]
    [InlineData("\"weather\":{\"station\":\"KJFK\",\"points\":[]}", "/weather")]
    [InlineData("\"weather\":{}", "/weather")]
    [InlineData("\"weather\":{\"points\":[{\"from\":\"2026-07-15T00:00:00Z\",\"until\":\"2026-07-16T00:00:00Z\",\"celsius\":95}]}", "/weather/points")]
    [InlineData("\"fallbacks\":[{\"name\":\"f\",\"windowDays\":1,\"select\":2}]", "/fallbacks/0")]
    [InlineData("\"fallbacks\":[{\"name\":\"f\",\"windowDays\":3,\"select\":1,\"dropHighest\":1,\"weather\":{}}]", "/fallbacks/0/dropHighest")]
    [InlineData("\"fallbacks\":[{\"name\":\"f\",\"windowDays\":3,\"select\":1,\"leastDays\":4}]", "/fallbacks/0/leastDays")]
    public void What_contradicts_itself_is_refused_at_its_place(string more, string pointer)
    {
        var json = $$"""
            {"rule":{"name":"r","windowDays":1,"select":1,"days":"any"},"event":{"date":"2026-07-15","fromHour":14,"untilHour":15},"timeZone":"Etc/UTC",
             "intervals":{"start":"2026-07-14","minutes":60,"kW":[{{string.Join(',', Enumerable.Repeat("1", 48))}}]},{{more}}}
            """;
        Assert.Contains(pointer, SettlementRequestJson.Read(Encoding.UTF8.GetBytes(json)).Refusals.Select(r => r.Path));
    }

    private static BaselineOutcome Compute(BaselineRule rule, TemperatureCurve? curve = null) =>
        Baseline.Compute(rule, Event, Load(), DateTimeZone.Utc, ImmutableHashSet<LocalDate>.Empty, new HolidayCalendar([]), curve ?? Known());

    private static SettlementRequest Request(ImmutableArray<BaselineRule> fallbacks) =>
        new() { Rule = Matched, Event = Event, Series = Load(), Zone = DateTimeZone.Utc, Fallbacks = fallbacks, Temperatures = Known() };

    private static IntervalSeries Load() => Series(at => at.Date == Day ? 100 : Back(at.Date) is { } back ? 50 + 2 * Celsius[back] : 1);

    private static IntervalSeries Series(Func<LocalDateTime, decimal> kw) => IntervalSeries.Create(
        First, Duration.FromHours(1), IntervalUnit.Kw, [.. Enumerable.Range(0, 80 * 24).Select(h => kw((First + Duration.FromHours(h)).InUtc().LocalDateTime))]);

    private static int? Back(LocalDate date) => Period.DaysBetween(date, Day) is >= 0 and < 6 and var back ? back : null;

    private static TemperatureCurve Known(int? without = null) => new("station", [.. Enumerable.Range(0, Celsius.Length).Reverse().Where(back => back != without).Select(back =>
        new TemperaturePoint(Day.PlusDays(-back).AtMidnight().InUtc().ToInstant(), Day.PlusDays(1 - back).AtMidnight().InUtc().ToInstant(), Celsius[back]))]);
}
