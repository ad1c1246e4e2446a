using NodaTime;

namespace GridServices.Tariffs.Tests.Allocation;

public sealed class AllocationTests
{
    private static readonly BillingCycle Day = new(new LocalDate(2026, 1, 1), new LocalDate(2026, 1, 2));

    private static readonly CompiledTariff Tariff = CompiledTariff.Of(Sample.Empty() with
    {
        Schedules = [Sample.OnOff(16, 21)],
        Energy = [new EnergyCharge { Id = "e", Schedule = "tou", Rates = [Sample.Rate("on", 0.5m), Sample.Rate("off", 0.1m)] }],
        Demand = [new DemandCharge { Id = "d", Rates = [Sample.PerKw("all", 10)] }],
        Fixed = [new FixedCharge { Id = "f", Amount = 7, Per = FixedPer.Day }],
        Adjustments = [new Adjustment { Id = "vat", Percent = 19 }],
    });

    [Theory]
    [InlineData(DemandAllocationMethod.EnergyShare)]
    [InlineData(DemandAllocationMethod.CoincidentPeak)]
    [InlineData(DemandAllocationMethod.NonCoincidentPeak)]
    [InlineData(DemandAllocationMethod.Shapley)]
    [InlineData(DemandAllocationMethod.Marginal)]
    public void A_bill_split_among_sessions_sums_to_the_cent(DemandAllocationMethod method)
    {
        var (bill, costs) = Split(method);
        Assert.Equal(bill.Payable, costs.Sum(c => c.Payable));
        Assert.Equal(0, costs.Single(c => c.Id == "idle").Payable);
        Assert.Equal(Math.Round(bill.Total, 9), Math.Round(costs.Sum(c => c.Exact.Values.Sum()), 9));
    }

    [Fact]
    public void Each_pays_energy_at_the_price_of_its_own_hours_and_the_coincident_peak_it_made()
    {
        var costs = Split(DemandAllocationMethod.CoincidentPeak).Costs;
        var evening = costs.Single(c => c.Id == "evening");
        Assert.Equal((40 * 0.5m, 400m), (evening.Exact[LineKind.Energy], evening.Exact[LineKind.Demand]));
        var night = costs.Single(c => c.Id == "night");
        Assert.Equal((30 * 0.1m, 0m), (night.Exact[LineKind.Energy], night.Exact[LineKind.Demand]));
        Assert.Equal(50m - evening.Payable, evening.Margin(50));
    }

    [Fact]
    public void Tariffs_are_ranked_for_one_load_with_the_reason()
    {
        var cheap = CompiledTariff.Of(Sample.Empty() with { Id = "flat", Energy = [Sample.Flat(0.2m)] });
        var asking = CompiledTariff.Of(Sample.Empty() with { Id = "kva", Demand = [new DemandCharge { Id = "d", Rates = [Sample.PerKw("all", 1)], Basis = DemandBasis.Kva }] });
        var ranked = TariffComparison.Rank([Tariff, asking, cheap], MeterData.Of(Site()), [Day]);
        Assert.Equal(["flat", "t", "kva"], ranked.Select(r => r.Tariff.Source.Id));
        Assert.Contains("mostly by Demand", ranked[1].Reason);
        Assert.Contains("reactive intervals", ranked[2].Reason);
    }

    [Fact]
    public void A_capped_load_is_worth_the_demand_it_saves()
    {
        var before = BillCalculator.Calculate(Tariff, MeterData.Of(Site()), [Day]);
        var after = BillCalculator.Calculate(Tariff, MeterData.Of(Hours((2, 30), (17, 20), (18, 20), (5, 12))), [Day]);
        var worth = TariffComparison.Worth(before, after);
        Assert.Equal((0m, 100m), (worth[LineKind.Energy], worth[LineKind.Demand]));
    }

    private static (Bill Bill, System.Collections.Immutable.ImmutableArray<UserCost> Costs) Split(DemandAllocationMethod method)
    {
        var data = MeterData.Of(Site());
        var plan = BillPlan.Of([Tariff], [Day], data.Net);
        var bill = BillCalculator.Calculate(plan, data);
        return (bill, BillAllocation.Of(plan, bill, data, [new SiteUser("night", Hours((2, 30))), new SiteUser("evening", Hours((17, 40))), new SiteUser("idle", Hours())], method));
    }

    /// <summary>Two sessions and the site's own 12 kWh at five in the morning.</summary>
    private static IntervalSeries Site() => Hours((2, 30), (17, 40), (5, 12));

    private static IntervalSeries Hours(params (int Hour, decimal Kw)[] use)
    {
        var kw = new decimal[24];
        foreach (var (hour, value) in use)
        {
            kw[hour] = value;
        }

        return IntervalSeries.Of(Instant.FromUtc(2026, 1, 1, 0, 0), Duration.FromHours(1), IntervalUnit.Kw, kw);
    }
}
