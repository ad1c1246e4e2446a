using System.Text;
using GridServices.Contracts;
using GridServices.Tariffs.Intervals;
using GridServices.Tariffs.Readers;
using GridServices.Tariffs.Requests;
using GridServices.Tariffs.Settlement;
using GridServices.Tariffs.Time;
using NodaTime;

namespace GridServices.Tariffs.Tests.Settlement;

/// <summary>Events in minutes, over midnight, and on days on which the clock is changed.</summary>
public sealed class EventIntervalTests
{
    private static readonly DateTimeZone Berlin = DateTimeZoneProviders.Tzdb["Europe/Berlin"];
    private static readonly HolidayCalendar NoHolidays = new([]);
    private static readonly BaselineRule ThreeOfThree = new() { Name = "3 of 3", WindowDays = 3, Select = 3, Days = DayGrouping.Any, MaxLookbackDays = 6 };

    private static readonly DemandResponseTerms Terms = new()
    {
        EnergyPrice = 1,
        NominatedKw = 40,
        CapacityPrice = 10,
        ShortfallPenaltyPerKwh = 5,
        Ladder = [new LadderStep(Kind: LadderKind.Capped)],
    };

    [Theory]
    [InlineData(1, 240)]
    [InlineData(5, 48)]
    [InlineData(15, 16)]
    [InlineData(30, 8)]
    [InlineData(60, 4)]
    public void An_event_over_midnight_is_settled_interval_by_interval_and_comes_to_the_same(int minutes, int intervals)
    {
        var (from, until) = (At(2026, 7, 15, 22), At(2026, 7, 16, 2));
        var series = Series(minutes, 2026, 7, 8, 10, at => at >= from && at < until ? 60 : 100);
        var baseline = Baseline.Compute(ThreeOfThree, Event(from, until, minutes), series, Berlin, Days(), NoHolidays);
        var settled = DemandResponseSettlement.Compute(baseline, Terms);

        Assert.Equal(intervals, baseline.Starts.Length);
        Assert.Equal((from, until - Duration.FromMinutes(minutes)), (baseline.Starts[0], baseline.Starts[^1]));
        Assert.Equal([new(2026, 7, 12), new(2026, 7, 13), new(2026, 7, 14)], baseline.Selected);
        Assert.All(baseline.AdjustedKw, kw => Assert.Equal(100, kw));
        Assert.All(baseline.ActualKw, kw => Assert.Equal(60, kw));
        Assert.All(baseline.DeliveredKwh, kwh => Assert.Equal(40m * minutes / 60, kwh));
        Assert.Equal((160m, 160m, 0m, 400m), (Math.Round(settled.EnergyKwh, 9), Math.Round(settled.EnergyPayment, 9), Math.Round(settled.ShortfallPenalty, 9), Math.Round(settled.Capacity!.Payment, 9)));
        Assert.Equal((4, 4, intervals, intervals, minutes), (settled.EventHours, settled.MeasuredHours, settled.EventIntervals, settled.MeasuredIntervals, settled.IntervalMinutes));
    }

    /// <summary>GB P415, as recalled: the deviation of each half-hour from the baseline, in both directions; other programs count none below 0.</summary>
    [Theory]
    [InlineData(true, -20, 15)]
    [InlineData(false, 0, 35)]
    public void Half_hours_deviate_from_the_baseline_in_both_directions(bool signed, int second, int sum)
    {
        var from = At(2026, 7, 15, 17);
        var series = Series(30, 2026, 7, 8, 10, at => at == from ? 30 : at == from + Duration.FromMinutes(30) ? 140 : 100);
        var baseline = Baseline.Compute(ThreeOfThree with { SignedDelivery = signed }, Event(from, At(2026, 7, 15, 18), 30), series, Berlin, Days(), NoHolidays);
        Assert.Equal([35m, second], baseline.DeliveredKwh);
        Assert.Equal(sum, DemandResponseSettlement.Compute(baseline, Terms).EnergyPayment);
    }

    [Fact]
    public void A_like_night_is_that_of_the_day_on_which_it_begins()
    {
        // 1 kW more per hour of the series: every hour is another number.
        var start = At(2026, 7, 8, 0);
        decimal Load(Instant at) => (decimal)(at - start).TotalHours;
        var baseline = Baseline.Compute(
            ThreeOfThree with { WindowDays = 1, Select = 1 }, Event(At(2026, 7, 15, 22), At(2026, 7, 16, 2), 60), Series(60, 2026, 7, 8, 10, Load), Berlin, Days(), NoHolidays);
        Assert.Equal([Load(At(2026, 7, 14, 22)), Load(At(2026, 7, 14, 23)), Load(At(2026, 7, 15, 0)), Load(At(2026, 7, 15, 1))], baseline.UnadjustedKw);
    }

    [Fact]
    public void A_like_night_that_reaches_into_an_event_day_is_left_out()
    {
        var baseline = Baseline.Compute(
            ThreeOfThree, Event(At(2026, 7, 15, 22), At(2026, 7, 16, 2), 60), Series(60, 2026, 7, 8, 10, _ => 100), Berlin, Days(new LocalDate(2026, 7, 13)), NoHolidays);
        Assert.Equal(["in the window", "event day", "event day"], baseline.Days.Take(3).Select(d => d.Reason));
        Assert.Equal([new(2026, 7, 10), new(2026, 7, 11), new(2026, 7, 14)], baseline.Selected);
    }

    [Fact]
    public void The_adjustment_window_of_an_event_after_midnight_is_on_the_evening_before()
    {
        var evening = At(2026, 7, 15, 22);
        var rule = ThreeOfThree with { Adjustment = AdjustmentMethod.Additive, AdjustmentHours = [-3, -2] };
        var series = Series(30, 2026, 7, 8, 10, at => at >= evening && at < evening + Duration.FromHours(2) ? 130 : at >= At(2026, 7, 16, 1) && at < At(2026, 7, 16, 2) ? 60 : 100);
        var baseline = Baseline.Compute(rule, Event(At(2026, 7, 16, 1), At(2026, 7, 16, 2), 30), series, Berlin, Days(), NoHolidays);
        Assert.Equal((30m, 30m), (baseline.AdjustmentRaw, baseline.AdjustmentApplied));
        Assert.Equal([35m, 35m], baseline.DeliveredKwh);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void The_hour_that_comes_twice_is_two_hours_of_the_event(bool byClock)
    {
        var (from, until) = (At(2026, 10, 25, 1), At(2026, 10, 25, 4));
        var e = byClock ? new DemandResponseEvent(new LocalDate(2026, 10, 25), 1, 4) : Event(from, until, 60);
        var second = Instant.FromUtc(2026, 10, 25, 1, 0);
        var series = Series(15, 2026, 10, 20, 7, at => at >= from && at < until ? (at >= second && at < second + Duration.FromHours(1) ? 20 : 60) : 100);
        var baseline = Baseline.Compute(ThreeOfThree, e, series, Berlin, Days(), NoHolidays);

        Assert.Equal(Duration.FromHours(4), until - from);
        Assert.Equal([60m, 60m, 20m, 60m], baseline.ActualKw);
        Assert.Equal([40m, 40m, 80m, 40m], baseline.DeliveredKwh);
        Assert.Equal((200m, 4, false), (DemandResponseSettlement.Compute(baseline, Terms).EnergyKwh, DemandResponseSettlement.Compute(baseline, Terms).EventHours, baseline.Provisional));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void The_hour_that_never_comes_is_no_hour_of_the_event(bool byClock)
    {
        var (from, until) = (At(2026, 3, 29, 1), At(2026, 3, 29, 4));
        var e = byClock ? new DemandResponseEvent(new LocalDate(2026, 3, 29), 1, 4) : Event(from, until, 60);
        var baseline = Baseline.Compute(ThreeOfThree, e, Series(15, 2026, 3, 24, 7, at => at >= from && at < until ? 60 : 100), Berlin, Days(), NoHolidays);
        Assert.Equal([40m, 40m], baseline.DeliveredKwh);
        Assert.Equal((80m, false), (baseline.DeliveredTotalKwh, baseline.Provisional));
    }

    [Fact]
    public void A_day_on_which_the_clock_skips_an_hour_of_the_event_is_not_alike_and_one_that_has_it_twice_counts_with_its_mean()
    {
        var spring = Baseline.Compute(ThreeOfThree, Event(At(2026, 3, 31, 2), At(2026, 3, 31, 3), 15), Series(15, 2026, 3, 24, 9, _ => 100), Berlin, Days(), NoHolidays);
        Assert.Equal((new LocalDate(2026, 3, 29), "data missing"), (spring.Days[1].Date, spring.Days[1].Reason));
        Assert.Equal([new(2026, 3, 27), new(2026, 3, 28), new(2026, 3, 30)], spring.Selected);

        var second = Instant.FromUtc(2026, 10, 25, 1, 0);
        var autumn = Baseline.Compute(
            ThreeOfThree with { WindowDays = 1, Select = 1 }, Event(At(2026, 10, 26, 2), At(2026, 10, 26, 3), 60),
            Series(15, 2026, 10, 20, 8, at => at >= second && at < second + Duration.FromHours(1) ? 50 : 100), Berlin, Days(), NoHolidays);
        Assert.Equal([75m], autumn.UnadjustedKw);
    }

    [Fact]
    public void A_quarter_hour_without_a_reading_is_neither_paid_nor_fined()
    {
        var from = At(2026, 7, 15, 14);
        var series = Series(15, 2026, 7, 8, 8, at => at >= from && at < from + Duration.FromHours(1) ? 60 : 100);
        var missing = (int)((from + Duration.FromMinutes(15) - series.Start).TotalMinutes / 15);
        var baseline = Baseline.Compute(ThreeOfThree, Event(from, from + Duration.FromHours(1), 15), series.Marked([new IndexRange(missing, 1)], []), Berlin, Days(), NoHolidays);
        var settled = DemandResponseSettlement.Compute(baseline, Terms);
        Assert.Equal([10m, null, 10m, 10m], baseline.DeliveredKwh);
        Assert.Equal((30m, 0m, 300m, 4, 3, 0), (settled.EnergyKwh, settled.ShortfallPenalty, settled.Capacity!.Payment, settled.EventIntervals, settled.MeasuredIntervals, settled.MeasuredHours));
        Assert.True(settled.Provisional);
    }

    [Theory]
    [InlineData("""{"from":"2026-07-15T20:00:00Z","until":"2026-07-15T20:00:00Z"}""")]
    [InlineData("""{"from":"2026-07-15T20:00:00Z","until":"2026-07-16T21:00:00Z"}""")]
    [InlineData("""{"from":"2026-07-15T20:00:00Z","until":"2026-07-15T20:50:00Z","intervalMinutes":15}""")]
    [InlineData("""{"from":"2026-07-15T20:00:00Z","until":"2026-07-15T21:00:00Z","intervalMinutes":7}""")]
    [InlineData("""{"from":"2026-07-15T20:00:00Z","until":"2026-07-15T21:00:00Z","intervalMinutes":15}""")]
    [InlineData("""{"from":"2026-07-15T20:07:00Z","until":"2026-07-15T21:07:00Z"}""")]
    [InlineData("""{"from":"2026-07-15T20:00:00Z"}""")]
    [InlineData("""{"date":"2026-07-15","fromHour":1,"untilHour":2,"until":"2026-07-15T21:00:00Z"}""")]
    [InlineData("""{"date":"2026-03-29","fromHour":2,"untilHour":3}""")]
    [InlineData("""{"fromHour":1,"untilHour":2}""")]
    public void An_event_that_can_not_be_meant_or_not_be_cut_out_of_the_intervals_is_refused(string e)
    {
        var read = Read(e);
        Assert.Null(read.Value);
        Assert.Contains(read.Refusals, f => f.Path == "/event" && f.Class == ErrorClass.SemanticWindow);
    }

    [Fact]
    public void An_event_by_instants_is_read()
    {
        var read = Read("""{"from":"2026-07-15T20:00:00Z","until":"2026-07-15T22:00:00Z","intervalMinutes":60,"source":"telemetry"}""");
        Assert.True(read.Ok, string.Join('\n', read.Refusals));
        Assert.Equal((At(2026, 7, 15, 22), MeasurementSource.Telemetry), (read.Value!.Event.From!.Value, read.Value.Event.Source));
    }

    private static ReadResult<SettlementRequest> Read(string e) => SettlementRequestJson.Read(Encoding.UTF8.GetBytes($$"""
        {"rule":{"name":"r","windowDays":1,"select":1,"days":"any"},"event":{{e}},"timeZone":"Europe/Berlin",
         "intervals":{"start":"2026-07-13T22:00:00Z","minutes":60,"kW":[{{string.Join(',', Enumerable.Repeat(1, 72))}}] } }
        """));

    private static DemandResponseEvent Event(Instant from, Instant until, int minutes) => new() { From = from, Until = until, IntervalMinutes = minutes };

    private static HashSet<LocalDate> Days(params LocalDate[] days) => [.. days];

    private static Instant At(int year, int month, int day, int hour) => Berlin.AtStrictly(new LocalDateTime(year, month, day, hour, 0)).ToInstant();

    private static IntervalSeries Series(int minutes, int year, int month, int day, int days, Func<Instant, decimal> load)
    {
        var (start, step) = (At(year, month, day, 0), Duration.FromMinutes(minutes));
        return IntervalSeries.Create(start, step, IntervalUnit.Kw, [.. Enumerable.Range(0, days * 24 * 60 / minutes).Select(i => load(start + (step * i)))]);
    }
}
