using GridServices.Tariffs.Bills;
using GridServices.Tariffs.Intervals;
using GridServices.Tariffs.Model;
using GridServices.Tariffs.Time;
using NodaTime;

namespace GridServices.Tariffs.Tests.Bills;

/// <summary>Riders per kWh, kW and bill, on days of their own.</summary>
public sealed class RiderTests
{
    private static readonly LocalDate From = new(2026, 1, 11);
    private static readonly LocalDate Until = new(2026, 1, 21);

    [Theory]
    [InlineData(RiderPer.Kwh, 10 * 24 * 2)] // ten days at 2 kW
    [InlineData(RiderPer.Day, 10)]
    public void A_rider_is_due_on_its_own_days(RiderPer per, int quantity) =>
        Assert.Equal(quantity * 0.5m, Total(new Rider { Id = "r", Per = per, Price = 0.5m, EffectiveFrom = From, EffectiveUntil = Until }));

    [Theory]
    [InlineData(RiderPer.Kw, 2)]
    [InlineData(RiderPer.BillingPeriod, 1)]
    [InlineData(RiderPer.Month, 1)]
    public void What_is_once_a_cycle_is_due_for_the_share_of_days(RiderPer per, int quantity)
    {
        var rider = new Rider { Id = "r", Per = per, Price = 31, EffectiveFrom = From, EffectiveUntil = Until, Of = per == RiderPer.Kw ? ["d"] : [] };
        Assert.Equal(quantity * 10m, Math.Round(Total(rider), 12));
        Assert.Equal(quantity * 31m, Total(rider with { EffectiveFrom = null, EffectiveUntil = null }));
        Assert.Equal(0, Total(rider with { EffectiveFrom = Loads.January.Until, EffectiveUntil = null }));
    }

    [Fact]
    public void Two_riders_that_follow_each_other_cost_what_one_does_and_each_counts_its_intervals()
    {
        foreach (var seed in Enumerable.Range(1, 10))
        {
            var (kw, day) = (Loads.Any(seed), seed * 3);
            var before = new Rider { Id = "a", Per = RiderPer.Kwh, Price = 0.01m, EffectiveUntil = Loads.First.PlusDays(day) };
            var after = new Rider { Id = "b", Per = RiderPer.Kwh, Price = 0.03m, EffectiveFrom = Loads.First.PlusDays(day) };
            decimal ComputeTotal(params Rider[] riders) => Loads.Bill(Sample.Empty() with { Riders = [.. riders] }, Loads.Series(kw)).Total;
            Assert.Equal(kw.Sum() / 4 * 0.01m, ComputeTotal(before, after with { Price = 0.01m }));
            Assert.Equal(kw[..(day * Loads.PerDay)].Sum() / 4 * 0.01m + kw[(day * Loads.PerDay)..].Sum() / 4 * 0.03m, ComputeTotal(before, after));
        }
    }

    [Fact]
    public void A_rider_per_kw_is_on_the_kw_billed_in_all_tiers_and_periods()
    {
        var tariff = Sample.Empty() with
        {
            Schedules = [Sample.OnOff(8, 20)],
            Demand = [new DemandCharge
            {
                Id = "d", Schedule = "tou", MinimumKw = 5,
                Rates = [new DemandRate { Period = "on", Tiers = [new DemandTier { UpTo = 10, Price = 0 }, new DemandTier { Price = 3 }] }, Sample.PerKw("off", 1)],
            }],
            Riders = [new Rider { Id = "r", Per = RiderPer.Kw, Price = 2, Of = ["d"] }],
        };
        // 12 kW on, of which 10 are free, and 2 kW off, billed as 5: 2 x 3 + 5 + 2 x (12 + 5).
        var kw = Enumerable.Range(0, Loads.Count).Select(i => i % Loads.PerDay is >= 32 and < 80 ? 12m : 2m).ToArray();
        Assert.Equal(6 + 5 + 34, Loads.Bill(tariff, Loads.Series(kw)).Total);
    }

    [Fact]
    public void Riders_are_taxed_exempt_in_part_and_raised_by_losses()
    {
        var tariff = Sample.Empty() with
        {
            Riders = [new Rider { Id = "duty", Kind = AdjustmentKind.Tax, Per = RiderPer.Kwh, Price = 0.02m, LossFactor = 1.05m, ExemptKwh = 562.4m, ExemptPercent = 25 }],
            Adjustments = [new Adjustment { Id = "vat", Percent = 10 }],
        };
        // 2 kW x 744 h x 1.05 = 1562.4 kWh; less 562.4; three quarters of 1000 kWh at 0.02; and 10 %.
        var bill = Loads.Bill(tariff, Loads.Constant(2));
        Assert.Equal(750 * 0.02m * 1.1m, bill.Total);
        Assert.Equal(bill.Total, bill.Subtotal(LineKind.Tax));
        Assert.Equal(bill.Total, bill.Replay());
    }

    [Fact]
    public void A_day_of_a_rider_cuts_the_interval_that_it_begins_in()
    {
        // Days from six to six, 24 kWh each: a quarter of the first day's energy is after midnight.
        var series = IntervalSeries.Create(Instant.FromUtc(2026, 1, 1, 6, 0), Duration.FromDays(1), IntervalUnit.Kwh, [24, 48]);
        var tariff = Sample.Empty() with { Riders = [new Rider { Id = "r", Per = RiderPer.Kwh, Price = 1, EffectiveFrom = new LocalDate(2026, 1, 2) }] };
        Assert.Equal(6 + 48, Sample.Bill(tariff, series, new BillingCycle(Loads.First, new LocalDate(2026, 1, 4))).Total);
    }

    [Fact]
    public void Two_versions_pay_a_rider_for_their_days()
    {
        var change = new LocalDate(2026, 1, 16);
        Tariff Version(string name, LocalDate? from, LocalDate? until) => Sample.Empty() with
        {
            Version = name,
            EffectiveFrom = from,
            EffectiveUntil = until,
            Demand = [Loads.Demand(1)],
            Riders = [new Rider { Id = "kwh", Per = RiderPer.Kwh, Price = 1, EffectiveFrom = From, EffectiveUntil = Until }, new Rider { Id = "kw", Per = RiderPer.Kw, Price = 31, Of = ["d"], EffectiveFrom = From }],
        };
        var bill = Loads.Bill([Version("a", null, change), Version("b", change, null)], Loads.Constant(2));
        Assert.Equal(480 + 2 * 21, Math.Round(bill.Subtotal(LineKind.Adjustment), 12));
    }

    private static decimal Total(Rider rider) =>
        Loads.Bill(Sample.Empty() with { Demand = [Loads.Demand(1)], Riders = [rider] }, Loads.Constant(2)).Subtotal(LineKind.Adjustment);
}
