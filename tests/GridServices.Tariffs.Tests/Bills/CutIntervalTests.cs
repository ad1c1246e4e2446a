using GridServices.Tariffs.Allocation;
using GridServices.Tariffs.Bills;
using GridServices.Tariffs.Intervals;
using GridServices.Tariffs.Model;
using GridServices.Tariffs.Time;
using NodaTime;

namespace GridServices.Tariffs.Tests.Bills;

/// <summary>Periods, events and billing days that begin or end inside an interval: its energy is split by time, its mean power counts on both sides.</summary>
public sealed class CutIntervalTests
{
    private static readonly BillingCycle OneDay = new(new LocalDate(2026, 1, 5), new LocalDate(2026, 1, 6));

    private static readonly Schedule Critical = new()
    {
        Id = "tou",
        Rules = [new ScheduleRule { Period = "on", Event = "cpp" }, new ScheduleRule { Period = "off" }],
    };

    private static readonly Schedule HalfHour = new()
    {
        Id = "tou",
        Rules = [new ScheduleRule { Period = "on", From = new DayTime(630), Until = new DayTime(660) }, new ScheduleRule { Period = "off" }],
    };

    public static TheoryData<bool, IntervalUnit> Ways => new() { { true, IntervalUnit.Kw }, { true, IntervalUnit.Kwh }, { false, IntervalUnit.Kw }, { false, IntervalUnit.Kwh } };

    [Theory]
    [MemberData(nameof(Ways))]
    public void A_period_shorter_than_an_interval_has_its_energy_and_its_demand(bool called, IntervalUnit unit)
    {
        var bill = Bill(called ? Critical : HalfHour, Hours("Etc/UTC", unit, (10, 200)));
        Assert.Equal(100 * 1m + 100 * 0.1m, bill.Subtotal(LineKind.Energy));
        Assert.Equal(200 * 5m + 200 * 2m, bill.Subtotal(LineKind.Demand));
        Assert.Equal((200m, 0, false), (bill.Months[0].PeakKw, bill.Months[0].MissingIntervals, bill.Provisional));
        Assert.Contains(bill.Notes, n => n.Contains("2026-01-05T10:30:00Z", StringComparison.Ordinal) && n.Contains("60 min", StringComparison.Ordinal));
    }

    [Fact]
    public void Intervals_that_no_edge_cuts_are_billed_as_they_are()
    {
        var whole = HalfHour with { Rules = [HalfHour.Rules[0] with { From = new DayTime(600) }, HalfHour.Rules[1]] };
        var bill = Bill(whole, Hours("Etc/UTC", IntervalUnit.Kwh, (10, 200)));
        Assert.Equal((200m + 1000m, 0), (bill.Total, bill.Notes.Length));
    }

    [Theory]
    [InlineData("Asia/Kathmandu")]
    [InlineData("Asia/Kolkata")]
    [InlineData("Etc/UTC")]
    public void Finer_intervals_of_the_same_power_give_the_same_bill(string zone)
    {
        var random = new Random(5);
        (int, decimal)[] load = [.. Enumerable.Range(0, 24).Select(h => (h, (decimal)random.Next(0, 200)))];
        var tariff = Tariff(HalfHour) with { TimeZone = zone, Demand = [], Energy = [.. Tariff(HalfHour).Energy] };
        var hours = Hours("Etc/UTC", IntervalUnit.Kw, load);
        var quarters = IntervalSeries.Create(hours.Start, Duration.FromMinutes(15), IntervalUnit.Kw, [.. load.SelectMany(l => Enumerable.Repeat(l.Item2, 4))]);
        var (coarse, fine) = (Sample.Bill(tariff, hours, OneDay), Sample.Bill(tariff, quarters, OneDay));
        Assert.Equal((fine.Total, fine.Months[0].ImportKwh, fine.Provisional), (coarse.Total, coarse.Months[0].ImportKwh, coarse.Provisional));
        Assert.NotEqual(fine.DataHash, coarse.DataHash);
    }

    [Fact]
    public void Missing_intervals_are_counted_as_the_meter_has_them()
    {
        var bill = Bill(HalfHour, Hours("Etc/UTC", IntervalUnit.Kw, (10, 200)).Marked([new IndexRange(3, 2)], [new IndexRange(7, 1)]));
        Assert.Equal((2, 1, true), (bill.Months[0].MissingIntervals, bill.Months[0].EstimatedIntervals, bill.Provisional));
    }

    [Fact]
    public void An_event_of_odd_seconds_that_would_cut_the_data_to_dust_is_refused_by_its_moment()
    {
        var year = Sample.Hourly(2026, 1);
        var odd = Instant.FromUtc(2026, 1, 5, 10, 30, 7);
        var refusal = Assert.Throws<BillRefusedException>(() => BillPlan.Create([CompiledTariff.Compile(Tariff(Critical))], [OneDay], year, [new CalledEvent("cpp", odd, odd + Duration.FromHours(1))]));
        Assert.Contains("2026-01-05T10:30:07Z", refusal.Message);
    }

    [Fact]
    public void A_cut_interval_is_shared_on_both_sides()
    {
        var site = Hours("Etc/UTC", IntervalUnit.Kw, (10, 200));
        var user = Hours("Etc/UTC", IntervalUnit.Kw, (10, 50));
        var plan = Plan(HalfHour, site);
        var bill = BillCalculator.Calculate(plan, MeterData.From(site));
        var costs = BillAllocation.Allocate(plan, bill, MeterData.From(site), [new SiteUser("u", user)], DemandAllocationMethod.CoincidentPeak);
        Assert.Equal([bill.Total / 4, bill.Total * 3 / 4], costs.Select(c => c.Exact.Values.Sum()));
        Assert.Equal(50m, costs[0].Kwh);
    }

    private static Tariff Tariff(Schedule schedule) => Sample.Empty() with
    {
        Schedules = [schedule],
        Energy = [new EnergyCharge { Id = "e", Schedule = "tou", Rates = [Sample.Rate("on", 1), Sample.Rate("off", 0.1m)] }],
        Demand = [new DemandCharge { Id = "d", Schedule = "tou", Rates = [Sample.PerKw("on", 5), Sample.PerKw("off", 2)] }],
    };

    private static BillPlan Plan(Schedule schedule, IntervalSeries series)
    {
        var at = Instant.FromUtc(2026, 1, 5, 10, 30);
        return BillPlan.Create([CompiledTariff.Compile(Tariff(schedule))], [OneDay], series, [new CalledEvent("cpp", at, at + Duration.FromMinutes(30))]);
    }

    private static Bill Bill(Schedule schedule, IntervalSeries series) => BillCalculator.Calculate(Plan(schedule, series), MeterData.From(series));

    private static IntervalSeries Hours(string zone, IntervalUnit unit, params (int Hour, decimal Value)[] load)
    {
        var values = new decimal[24];
        foreach (var (hour, value) in load)
        {
            values[hour] = value;
        }

        return IntervalSeries.Create(DateTimeZoneProviders.Tzdb[zone].AtStartOfDay(OneDay.From).ToInstant(), Duration.FromHours(1), unit, values);
    }
}
