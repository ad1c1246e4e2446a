using FsCheck;
using FsCheck.Fluent;
using GridServices.Tariffs.Allocation;
using GridServices.Tariffs.Bills;
using GridServices.Tariffs.Intervals;
using GridServices.Tariffs.Model;
using GridServices.Tariffs.Time;
using NodaTime;

namespace GridServices.Tariffs.Tests.Bills;

/// <summary>What holds for every bill, whatever the load.</summary>
public sealed class BillProperties
{
    private static readonly BillingCycle January = new(new LocalDate(2026, 1, 1), new LocalDate(2026, 2, 1));

    private static readonly Tariff Tou = Sample.Empty("Europe/Berlin") with
    {
        Schedules = [Sample.OnOff(7, 19)],
        Energy = [new EnergyCharge { Id = "e", Schedule = "tou", Rates = [Tiered("on", 0.31m, 0.44m), Tiered("off", 0.17m, 0.23m)] }],
        Demand = [new DemandCharge { Id = "d", Schedule = "tou", Rates = [Sample.PerKw("on", 12.5m), Sample.PerKw("off", 3)], Window = new DemandWindow { Minutes = 60 } }],
        Fixed = [new FixedCharge { Id = "f", Amount = 25 }],
        Adjustments = [new Adjustment { Id = "vat", Percent = 19 }],
    };

    [Fact]
    public void Billed_energy_is_the_energy_that_flowed_however_tiers_are_filled() => ForAllLoads(load =>
    {
        var total = load.Sum();
        return new[] { TierFill.Chronological, TierFill.Prorated }.All(fill =>
        {
            var bill = Bill(Tou, load, 60, fill);
            return Math.Abs(bill.Months[0].LineItems.Where(l => l.Kind == LineKind.Energy).Sum(l => l.Quantity) - total) < 0.000000000001m;
        });
    });

    [Fact]
    public void The_line_items_alone_replay_to_the_total() => ForAllLoads(load =>
    {
        var bill = Bill(Tou, load, 60);
        return bill.Replay() == bill.Total && bill.Total == bill.Months.Sum(m => m.LineItems.Sum(l => l.Amount));
    });

    [Fact]
    public void Splitting_an_hour_into_quarters_of_the_same_power_changes_nothing() => ForAllLoads(load =>
        Bill(Tou, load, 60).Total == Bill(Tou, [.. load.SelectMany(kw => Enumerable.Repeat(kw, 4))], 15).Total);

    [Fact]
    public void Without_tiers_k_times_the_load_costs_k_times_the_variable_part() => ForAllLoads(load =>
    {
        var tariff = Tou with { Energy = [new EnergyCharge { Id = "e", Schedule = "tou", Rates = [Sample.Rate("on", 0.31m), Sample.Rate("off", 0.17m)] }], Fixed = [], Adjustments = [] };
        return Bill(tariff, [.. load.Select(kw => kw * 3)], 60).Total == 3 * Bill(tariff, load, 60).Total;
    });

    [Fact]
    public void With_rising_tiers_more_load_never_costs_less() => ForAllLoads(load =>
        Bill(Tou, [.. load.Select(kw => kw + 1)], 60).Total > Bill(Tou, load, 60).Total);

    [Fact]
    public void Renaming_and_reordering_periods_changes_nothing() => ForAllLoads(load =>
    {
        var swapped = Tou with
        {
            Schedules = [new Schedule { Id = "tou", Rules = [new ScheduleRule { Period = "night", Until = new DayTime(420) }, new ScheduleRule { Period = "night", From = new DayTime(1140) }, new ScheduleRule { Period = "day" }] }],
            Energy = [new EnergyCharge { Id = "e", Schedule = "tou", Rates = [Tiered("night", 0.17m, 0.23m), Tiered("day", 0.31m, 0.44m)] }],
            Demand = [new DemandCharge { Id = "d", Schedule = "tou", Rates = [Sample.PerKw("night", 3), Sample.PerKw("day", 12.5m)], Window = new DemandWindow { Minutes = 60 } }],
        };
        return Bill(swapped, load, 60).Total == Bill(Tou, load, 60).Total;
    });

    [Fact]
    public void Two_cycles_billed_together_are_the_two_billed_apart() => ForAllLoads(load =>
    {
        var tariff = CompiledTariff.Compile(Tou);
        var series = Series(load, 60);
        BillingCycle[] halves = [new(January.From, new LocalDate(2026, 1, 12)), new(new LocalDate(2026, 1, 12), January.Until)];
        var together = BillCalculator.Calculate(tariff, MeterData.From(series), halves).Total;
        return together == halves.Sum(h => BillCalculator.Calculate(tariff, MeterData.From(series), [h]).Total);
    });

    [Fact]
    public void Days_of_23_and_25_hours_bill_every_interval_once()
    {
        foreach (var zone in new[] { "Europe/Berlin", "America/Los_Angeles", "Australia/Lord_Howe", "America/Phoenix", "Asia/Kathmandu" })
        {
            var year = BillingCycle.Year(2026);
            var series = Sample.Constant(zone, year[0].From, year[^1].Until, 15, 4);
            var bill = Sample.Bill(Tou with { TimeZone = zone }, series, year);
            Assert.Equal(series.Count, bill.Subtotal(LineKind.Energy) > 0 ? (int)bill.Months.Sum(m => m.LineItems.Where(l => l.Kind == LineKind.Energy).Sum(l => l.Quantity)) : 0);
            Assert.All(bill.Months, m => Assert.False(m.Provisional));
        }
    }

    [Fact]
    public void Parts_rounded_by_largest_remainder_sum_to_the_cent()
    {
        Prop.ForAll(ArbMap.Default.ArbFor<NonEmptyArray<PositiveInt>>(), ArbMap.Default.ArbFor<int>(), (weights, cents) =>
        {
            var total = cents / 100m;
            var parts = LargestRemainder.Split(total, [.. weights.Get.Select(w => (decimal)w.Get)], 2);
            return parts.Sum() == total && parts.All(p => p == Math.Round(p, 2));
        }).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void Every_way_to_share_demand_is_efficient_never_negative_and_free_for_who_takes_nothing()
    {
        Prop.ForAll(Loads(24).ToArbitrary(), Loads(24).ToArbitrary(), Loads(24).ToArbitrary(), (a, b, c) =>
        {
            DemandShareholder[] all = [new("a", [.. a]), new("b", [.. b]), new("c", [.. c]), new("none", [.. new decimal[24]])];
            return Enum.GetValues<DemandAllocationMethod>().All(method =>
            {
                var outcome = DemandAllocation.Allocate(all, 11.37m, method);
                return outcome.Payable.Values.Sum() == Math.Round(outcome.Charge, 2, MidpointRounding.AwayFromZero)
                    && outcome.Payable.Values.All(v => v >= 0) && outcome.Payable["none"] == 0;
            });
        }).QuickCheckThrowOnFailure();
    }

    [Fact]
    public void A_sampled_shapley_share_stays_within_its_error_bound_of_the_exact_one()
    {
        var random = new Random(7);
        DemandShareholder[] most = [.. Enumerable.Range(0, DemandAllocation.MostExact).Select(i => new DemandShareholder($"s{i}", [.. Enumerable.Range(0, 6).Select(_ => (decimal)random.Next(0, 150))]))];
        var exact = DemandAllocation.Allocate([.. most, new DemandShareholder("none", [.. new decimal[6]])], 10, DemandAllocationMethod.Shapley);
        var sampled = DemandAllocation.Allocate([.. most, new DemandShareholder("little", [.. Enumerable.Repeat(0.000001m, 6)])], 10, DemandAllocationMethod.Shapley, seed: 3);
        Assert.Equal((0m, 0m), (exact.ErrorBound, exact.Exact["none"]));
        Assert.True(sampled.ErrorBound > 0);
        Assert.All(exact.Exact.Where(s => s.Key != "none"), share => Assert.True(Math.Abs(share.Value - sampled.Exact[share.Key]) <= sampled.ErrorBound));
    }

    private static EnergyRate Tiered(string period, decimal low, decimal high) => new()
    {
        Period = period,
        Tiers = [new EnergyTier { UpTo = 900, Price = low }, new EnergyTier { Price = high }],
    };

    private static void ForAllLoads(Func<decimal[], bool> holds) => Prop.ForAll(Loads(31 * 24).ToArbitrary(), load => holds(load)).Check(Config.QuickThrowOnFailure.WithMaxTest(15));

    private static Gen<decimal[]> Loads(int count) => Gen.ArrayOf(Gen.Choose(0, 9_000).Select(w => w / 1000m), count);

    private static IntervalSeries Series(decimal[] kw, int minutes) =>
        IntervalSeries.Create(DateTimeZoneProviders.Tzdb["Europe/Berlin"].AtStartOfDay(January.From).ToInstant(), Duration.FromMinutes(minutes), IntervalUnit.Kw, kw);

    private static Bill Bill(Tariff tariff, decimal[] kw, int minutes, TierFill fill = TierFill.Chronological) =>
        BillCalculator.Calculate(CompiledTariff.Compile(tariff), MeterData.From(Series(kw, minutes)), [January], options: new BillOptions { EnergyTierFill = fill });
}
