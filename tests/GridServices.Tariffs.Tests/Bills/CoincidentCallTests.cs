using GridServices.Tariffs.Allocation;
using GridServices.Tariffs.Bills;
using GridServices.Tariffs.Intervals;
using GridServices.Tariffs.Model;
using GridServices.Tariffs.Time;
using NodaTime;

namespace GridServices.Tariffs.Tests.Bills;

/// <summary>Called system peaks: what of a call is known, which version and which days pay it.</summary>
public sealed class CoincidentCallTests
{
    private static readonly LocalDate First = new(2026, 1, 5);

    private static readonly BillingCycle TwoDays = new(First, First.PlusDays(2));

    [Theory]
    [InlineData(PeakCombination.Max, 2000)]
    [InlineData(PeakCombination.Mean, 1250)]
    [InlineData(PeakCombination.Sum, 2500)]
    public void A_call_shorter_than_an_interval_is_billed_by_the_mean_of_that_interval(PeakCombination combine, decimal total)
    {
        var bill = Bill(combine, [(10, 200), (13, 50)], Call(10.5, 11), Call(13, 14));
        Assert.Equal((total, false), (bill.Total, bill.Provisional));
        Assert.Empty(bill.Notes);
    }

    [Fact]
    public void A_call_across_two_intervals_is_billed_by_its_mean_over_time()
    {
        Assert.Equal((100 + 200) / 2m * 10, Bill(PeakCombination.Max, [(9, 100), (10, 200)], Call(9.5, 10.5)).Total);
        Assert.Equal((100 * 15 + 200 * 5) / 20m * 10, Bill(PeakCombination.Max, [(9, 100), (10, 200)], Call(9.75, 10 + 1 / 12.0)).Total);
    }

    [Fact]
    public void The_same_call_given_twice_is_one_and_two_that_overlap_are_refused()
    {
        Assert.Equal(2000m, Bill(PeakCombination.Sum, [(10, 200)], Call(10, 11), Call(10, 11)).Total);
        Assert.Contains("overlap", Assert.Throws<BillRefusedException>(() => Bill(PeakCombination.Sum, [(10, 200)], Call(10, 11), Call(10.5, 12))).Message);
        Assert.Throws<BillRefusedException>(() => Bill(PeakCombination.Sum, [], Call(11, 11)));
    }

    [Fact]
    public void A_reading_that_is_missing_in_a_call_is_no_load_of_zero()
    {
        var half = Bill(PeakCombination.Max, [(10, 200), (11, null)], Call(10, 12));
        Assert.Equal((2000m, true), (half.Total, half.Provisional));
        Assert.Contains(half.Notes, n => n.Contains("a part only", StringComparison.Ordinal));
        var none = Bill(PeakCombination.Mean, [(10, 200), (11, null)], Call(10, 11), Call(11, 12));
        Assert.Equal((2000m, true), (none.Total, none.Provisional));
        Assert.Contains(none.Notes, n => n.Contains("no reading", StringComparison.Ordinal));
        Assert.DoesNotContain(none.Notes, n => n.Contains("neither a call nor a tag", StringComparison.Ordinal));
    }

    [Fact]
    public void A_call_after_the_data_is_not_billed_as_if_there_had_been_none()
    {
        var series = Hours([(10, 200)], 24);
        var bill = BillCalculator.Calculate(BillPlan.Create([Version(PeakCombination.Max)], [TwoDays], series, [Call(10, 11), Call(34, 35)]), MeterData.From(series));
        Assert.Equal((2000m, true), (bill.Total, bill.Provisional));
        Assert.Contains(bill.Notes, n => n.Contains("2026-01-06T10:00:00Z", StringComparison.Ordinal) && n.Contains("no reading", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(PeakCombination.Max, 1500)]
    [InlineData(PeakCombination.Mean, 1425)]
    [InlineData(PeakCombination.Sum, 2800)]
    public void A_version_change_bills_the_calls_of_the_cycle_once_at_the_day_weighted_price(PeakCombination combine, int total)
    {
        var change = First.PlusDays(1);
        var series = Hours([(10, 100), (34, 90)], 48);
        var plan = BillPlan.Create([Version(combine, until: change), Version(combine, 20, change)], [TwoDays], series, [Call(10, 11), Call(34, 35)]);
        var bill = BillCalculator.Calculate(plan, MeterData.From(series));
        Assert.Equal(total, bill.Total);
        var same = BillPlan.Create([Version(combine, until: change), Version(combine, 10, change)], [TwoDays], series, [Call(10, 11), Call(34, 35)]);
        Assert.Equal(combine switch { PeakCombination.Max => 1000m, PeakCombination.Mean => 950m, _ => 1900m }, BillCalculator.Calculate(same, MeterData.From(series)).Total);
        var costs = BillAllocation.Allocate(same, BillCalculator.Calculate(same, MeterData.From(series)), MeterData.From(series), [new SiteUser("a", Hours([(10, 100)], 48)), new SiteUser("b", Hours([(34, 90)], 48))], DemandAllocationMethod.CoincidentPeak);
        Assert.Equal(combine switch { PeakCombination.Max => [1000m, 0m, 0m], PeakCombination.Mean => [500m, 450m, 0m], _ => (decimal[])[1000m, 900m, 0m] }, costs.Select(c => Math.Round(c.Exact.Values.Sum(), 12)));
    }

    [Fact]
    public void A_tag_from_the_middle_of_the_cycle_takes_its_days_from_the_calls_before_it()
    {
        var series = Hours([(10, 100)], 48);
        var plan = BillPlan.Create([Version(PeakCombination.Max)], [TwoDays], series, [Call(10, 11)]);
        var bill = BillCalculator.Calculate(plan, MeterData.From(series), new Account { CoincidentTags = [new CoincidentTag { Kw = 60, From = First.PlusDays(1) }] });
        Assert.Equal((500m + 300m, false), (bill.Total, bill.Provisional));
    }

    [Fact]
    public void Calls_on_days_of_a_tag_say_nothing_of_the_days_without_one()
    {
        var series = Hours([(34, 100)], 48);
        var plan = BillPlan.Create([Version(PeakCombination.Max)], [TwoDays], series, [Call(34, 35)]);
        var bill = BillCalculator.Calculate(plan, MeterData.From(series), new Account { CoincidentTags = [new CoincidentTag { Kw = 60, From = First.PlusDays(1) }] });
        Assert.Equal((300m, true), (bill.Total, bill.Provisional));
    }

    private static CompiledTariff Version(PeakCombination combine, decimal price = 10, LocalDate? from = null, LocalDate? until = null) => CompiledTariff.Compile(Sample.Empty() with
    {
        EffectiveFrom = from,
        EffectiveUntil = until,
        Demand = [new DemandCharge { Id = "cp", Rates = [Sample.PerKw("all", price)], Coincident = new CoincidentPeak { Event = "peak", Combine = combine } }],
    });

    private static Bill Bill(PeakCombination combine, (int Hour, decimal? Kw)[] load, params CalledEvent[] calls)
    {
        var series = Hours(load, 48);
        return BillCalculator.Calculate(BillPlan.Create([Version(combine)], [TwoDays], series, calls), MeterData.From(series));
    }

    private static CalledEvent Call(double from, double until) => new("peak", At(from), At(until));

    private static Instant At(double hour) => Instant.FromUtc(2026, 1, 5, 0, 0) + Duration.FromMinutes(Math.Round(hour * 60));

    private static IntervalSeries Hours((int Hour, decimal? Kw)[] load, int count)
    {
        var kw = new decimal[count];
        foreach (var (hour, value) in load)
        {
            kw[hour] = value ?? 0;
        }

        return IntervalSeries.Create(At(0), Duration.FromHours(1), IntervalUnit.Kw, kw).Marked([.. load.Where(l => l.Kw is null).Select(l => new IndexRange(l.Hour, 1))], []);
    }
}
