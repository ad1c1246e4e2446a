using GridServices.Tariffs.Allocation;
using GridServices.Tariffs.Bills;
using GridServices.Tariffs.Intervals;
using GridServices.Tariffs.Model;
using GridServices.Tariffs.Time;
using NodaTime;

namespace GridServices.Tariffs.Tests.Allocation;

public sealed class AllocationTests
{
    private static readonly BillingCycle Day = new(new LocalDate(2026, 1, 1), new LocalDate(2026, 1, 2));

    private static readonly CompiledTariff Tariff = CompiledTariff.Compile(Sample.Empty() with
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

    [Theory]
    [InlineData(DemandAllocationMethod.CoincidentPeak)]
    [InlineData(DemandAllocationMethod.EnergyShare)]
    [InlineData(DemandAllocationMethod.NonCoincidentPeak)]
    [InlineData(DemandAllocationMethod.Shapley)]
    [InlineData(DemandAllocationMethod.Marginal)]
    public void A_demand_window_longer_than_an_interval_is_shared_as_a_whole(DemandAllocationMethod method)
    {
        // In one window of 30 min A takes 60 kW for 10 min and B 120 kW for 20 min: 20 and 80 kW of its mean.
        var (a, b) = (Minutes(5, (186, 60), (187, 60)), Minutes(5, (188, 120), (189, 120), (190, 120), (191, 120)));
        var tariff = Sample.Empty() with { Demand = [new DemandCharge { Id = "d", Window = new DemandWindow { Minutes = 30 }, Rates = [Sample.PerKw("all", 10)] }] };
        Assert.Equal([200m, 800m, 0m], Split(tariff, method, a.Plus(b), a, b));
    }

    [Theory]
    [InlineData(DemandAllocationMethod.CoincidentPeak)]
    [InlineData(DemandAllocationMethod.EnergyShare)]
    [InlineData(DemandAllocationMethod.NonCoincidentPeak)]
    [InlineData(DemandAllocationMethod.Shapley)]
    [InlineData(DemandAllocationMethod.Marginal)]
    public void Who_charges_at_night_pays_nothing_of_an_on_peak_demand_charge(DemandAllocationMethod method)
    {
        var night = Minutes(15, [.. Enumerable.Range(0, 20).Select(t => (t, 200m))]);
        var evening = Minutes(15, (68, 50), (69, 50), (70, 50), (71, 50));
        var tariff = Sample.Empty() with
        {
            Schedules = [Sample.OnOff(16, 21)],
            Demand = [new DemandCharge { Id = "d", Schedule = "tou", Window = new DemandWindow { Minutes = 15 }, Rates = [Sample.PerKw("on", 20)] }],
        };
        Assert.Equal([0m, 1000m, 0m], Split(tariff, method, night.Plus(evening), night, evening));
    }

    [Fact]
    public void Real_time_energy_is_paid_at_the_price_of_its_own_hour()
    {
        var (cheap, dear) = (Minutes(15, (0, 10), (1, 10), (2, 10), (3, 10)), Minutes(15, (80, 10), (81, 10), (82, 10), (83, 10)));
        var tariff = Sample.Empty() with { Energy = [new EnergyCharge { Id = "rtp", Index = new IndexPrice { Series = "da" } }] };
        var hours = Enumerable.Range(0, 24).Select(h => new PricePoint(Instant.FromUtc(2026, 1, 1, h, 0), Instant.FromUtc(2026, 1, 1, h, 0) + Duration.FromHours(1), h == 20 ? 1m : 0.01m));
        Assert.Equal([0.1m, 10m, 0m], Split(tariff, DemandAllocationMethod.EnergyShare, cheap.Plus(dear), new BillOptions { Prices = [new PriceCurve("da", [.. hours])] }, cheap, dear));
    }

    [Fact]
    public void Losses_on_prices_below_0_fall_on_the_hours_that_have_them()
    {
        var (paid, paying) = (Minutes(60, (20, 10)), Minutes(60, (3, 10)));
        var tariff = Sample.Empty() with { Energy = [new EnergyCharge { Id = "rtp", LossFactor = 1.1m, Index = new IndexPrice { Series = "da" } }] };
        var hours = Enumerable.Range(0, 24).Select(h => new PricePoint(Instant.FromUtc(2026, 1, 1, h, 0), Instant.FromUtc(2026, 1, 1, h, 0) + Duration.FromHours(1), h == 20 ? -0.8m : 1m));
        Assert.Equal([-8.8m, 11m, 0m], Split(tariff, DemandAllocationMethod.EnergyShare, paid.Plus(paying), new BillOptions { Prices = [new PriceCurve("da", [.. hours])] }, paid, paying));
    }

    [Theory]
    [InlineData("fixed", 0, 7)]
    [InlineData("minimum", 0, 20)]
    [InlineData("demand", 0, 100)]
    public void Who_charges_from_the_sites_own_sun_alone_has_drawn_nothing(string charge, decimal user, decimal site)
    {
        var tariff = charge switch
        {
            "fixed" => Sample.Empty() with { Fixed = [new FixedCharge { Id = "f", Amount = 7, Per = FixedPer.Day }] },
            "minimum" => Sample.Empty() with { Minimums = [new MinimumBill { Id = "m", Amount = 20, Per = MinimumPer.Day }] },
            _ => Sample.Empty() with { Demand = [new DemandCharge { Id = "d", Rates = [Sample.PerKw("all", 10)] }] },
        };
        Assert.Equal([user, site], Split(tariff, DemandAllocationMethod.EnergyShare, Minutes(60, (3, 10), (12, -20)), Minutes(60, (12, 40))));
    }

    [Fact]
    public void The_highest_call_is_the_one_that_the_sites_meter_found()
    {
        var (at3, at12) = (Minutes(60, (3, 10)), Minutes(60, (12, 20)));
        var site = MeterData.From(Minutes(60, (3, 10), (12, 8)));
        var tariff = CompiledTariff.Compile(Sample.Empty() with { Demand = [new DemandCharge { Id = "cp", Rates = [Sample.PerKw("all", 5)], Coincident = new CoincidentPeak { Event = "peak", Combine = PeakCombination.Max } }] });
        CalledEvent[] calls = [.. new[] { 3, 12 }.Select(h => new CalledEvent("peak", Instant.FromUtc(2026, 1, 1, h, 0), Instant.FromUtc(2026, 1, 1, h + 1, 0)))];
        var plan = BillPlan.Create([tariff], [Day], site.Net, calls);
        var costs = BillAllocation.Allocate(plan, BillCalculator.Calculate(plan, site), site, [new SiteUser("a", at3), new SiteUser("b", at12)], DemandAllocationMethod.CoincidentPeak);
        Assert.Equal([50m, 0m, 0m], costs.Select(c => c.Exact.Values.Sum()));
    }

    [Fact]
    public void What_is_exported_is_credited_to_the_site_and_not_to_who_charges()
    {
        var tariff = Sample.Empty() with { Energy = [Sample.Flat(0.2m)], Export = new ExportTerms { Mode = ExportMode.NetBilling, SellPrice = 0.1m } };
        var (site, user) = (Minutes(60, (3, 10), (12, -20)), Minutes(60, (3, 10)));
        Assert.Equal([2m, -2m], Split(tariff, DemandAllocationMethod.EnergyShare, site, user));
    }

    [Fact]
    public void Users_that_read_more_than_the_site_are_told_and_still_pay_no_more_than_the_bill()
    {
        var (site, one) = (Minutes(60, (3, 10)), Minutes(60, (3, 8)));
        var finding = Assert.Single(BillAllocation.Findings(MeterData.From(site), [new SiteUser("a", one), new SiteUser("b", one)], DemandAllocationMethod.CoincidentPeak));
        Assert.Contains("160 %", finding.Detail);
        Assert.Equal([1m, 1m, 0m], Split(Sample.Empty() with { Energy = [Sample.Flat(0.2m)] }, DemandAllocationMethod.EnergyShare, site, one, one));
        Assert.Empty(BillAllocation.Findings(MeterData.From(site), [new SiteUser("a", one)], DemandAllocationMethod.CoincidentPeak));
    }

    [Fact]
    public void Sixty_users_share_a_month_of_quarter_hours_by_Shapley_to_the_cent()
    {
        var random = new Random(3);
        var month = new BillingCycle(new LocalDate(2026, 1, 1), new LocalDate(2026, 2, 1));
        var users = Enumerable.Range(0, 60).Select(i => new SiteUser($"u{i}", Quarters([.. Enumerable.Range(0, 2976).Select(_ => (decimal)random.Next(0, 12))]))).ToArray();
        var site = Quarters([.. Enumerable.Range(0, 2976).Select(t => users.Sum(u => u.Series[t]))]);
        var plan = BillPlan.Create([Tariff], [month], site);
        var bill = BillCalculator.Calculate(plan, MeterData.From(site));
        var costs = BillAllocation.Allocate(plan, bill, MeterData.From(site), users, DemandAllocationMethod.Shapley);
        Assert.Equal(bill.Payable, costs.Sum(c => c.Payable));
        Assert.All(costs[..^1], c => Assert.True(c.ErrorBound > 0));
        Assert.Equal((0m, 0m), (costs[^1].Payable, costs[^1].ErrorBound));
        Assert.Contains(BillAllocation.Findings(MeterData.From(site), users, DemandAllocationMethod.Shapley), f => f.Path == "/method");
    }

    [Fact]
    public void Exact_parts_have_no_residue_of_division()
    {
        var (a, b) = (Minutes(60, (3, 1)), Minutes(60, (3, 2)));
        var tariff = Sample.Empty() with { Energy = [Sample.Flat(0.3m)], Fixed = [new FixedCharge { Id = "f", Amount = 7, Per = FixedPer.Day }] };
        var parts = Split(tariff, DemandAllocationMethod.EnergyShare, a.Plus(b), a, b);
        Assert.Equal(7.9m, parts.Sum());
        Assert.All(parts, p => Assert.Equal(p, Math.Round(p, 18)));
    }

    [Fact]
    public void Tariffs_whose_days_are_of_another_zone_are_not_ranked_against_the_first()
    {
        var (utc, berlin) = (CompiledTariff.Compile(Sample.Empty() with { Id = "utc", Energy = [Sample.Flat(0.2m)] }), CompiledTariff.Compile(Sample.Empty("Europe/Berlin") with { Id = "b", Energy = [Sample.Flat(0.1m)] }));
        var ranked = TariffComparison.Rank([utc, berlin], MeterData.From(Site()), [Day]);
        Assert.Equal(("utc", "b"), (ranked[0].Tariff.Source.Id, ranked[1].Tariff.Source.Id));
        Assert.Null(ranked[1].Bill);
        Assert.Contains("different hours", ranked[1].Reason);
    }

    [Fact]
    public void Tariffs_are_ranked_for_one_load_with_the_reason()
    {
        var cheap = CompiledTariff.Compile(Sample.Empty() with { Id = "flat", Energy = [Sample.Flat(0.2m)] });
        var asking = CompiledTariff.Compile(Sample.Empty() with { Id = "kva", Demand = [new DemandCharge { Id = "d", Rates = [Sample.PerKw("all", 1)], Basis = DemandBasis.Kva }] });
        var ranked = TariffComparison.Rank([Tariff, asking, cheap], MeterData.From(Site()), [Day]);
        Assert.Equal(["flat", "t", "kva"], ranked.Select(r => r.Tariff.Source.Id));
        Assert.Contains("mostly by Demand", ranked[1].Reason);
        Assert.Contains("reactive intervals", ranked[2].Reason);
    }

    [Fact]
    public void A_capped_load_is_worth_the_demand_it_saves()
    {
        var before = BillCalculator.Calculate(Tariff, MeterData.From(Site()), [Day]);
        var after = BillCalculator.Calculate(Tariff, MeterData.From(Hours((2, 30), (17, 20), (18, 20), (5, 12))), [Day]);
        var worth = TariffComparison.Worth(before, after);
        Assert.Equal((0m, 100m), (worth[LineKind.Energy], worth[LineKind.Demand]));
    }

    private static (Bill Bill, System.Collections.Immutable.ImmutableArray<UserCost> Costs) Split(DemandAllocationMethod method)
    {
        var data = MeterData.From(Site());
        var plan = BillPlan.Create([Tariff], [Day], data.Net);
        var bill = BillCalculator.Calculate(plan, data);
        return (bill, BillAllocation.Allocate(plan, bill, data, [new SiteUser("night", Hours((2, 30))), new SiteUser("evening", Hours((17, 40))), new SiteUser("idle", Hours())], method));
    }

    private static decimal[] Split(Tariff tariff, DemandAllocationMethod method, IntervalSeries site, params IntervalSeries[] users) =>
        Split(tariff, method, site, BillOptions.Default, users);

    /// <summary>Exact parts of the users and, last, the site.</summary>
    private static decimal[] Split(Tariff tariff, DemandAllocationMethod method, IntervalSeries site, BillOptions options, params IntervalSeries[] users)
    {
        var plan = BillPlan.Create([CompiledTariff.Compile(tariff)], [Day], site);
        var bill = BillCalculator.Calculate(plan, MeterData.From(site), account: null, options);
        var costs = BillAllocation.Allocate(plan, bill, MeterData.From(site), [.. users.Select((u, i) => new SiteUser($"u{i}", u))], method, options);
        return [.. costs.Select(c => c.Exact.Values.Sum())];
    }

    /// <summary>A day in steps of so many minutes, 0 but where told.</summary>
    private static IntervalSeries Minutes(int minutes, params (int At, decimal Kw)[] use)
    {
        var kw = new decimal[1440 / minutes];
        foreach (var (at, value) in use)
        {
            kw[at] = value;
        }

        return IntervalSeries.Create(Instant.FromUtc(2026, 1, 1, 0, 0), Duration.FromMinutes(minutes), IntervalUnit.Kw, kw);
    }

    private static IntervalSeries Quarters(decimal[] kw) => IntervalSeries.Create(Instant.FromUtc(2026, 1, 1, 0, 0), Duration.FromMinutes(15), IntervalUnit.Kw, kw);

    /// <summary>Two sessions and the site's own 12 kWh at five in the morning.</summary>
    private static IntervalSeries Site() => Hours((2, 30), (17, 40), (5, 12));

    private static IntervalSeries Hours(params (int Hour, decimal Kw)[] use)
    {
        var kw = new decimal[24];
        foreach (var (hour, value) in use)
        {
            kw[hour] = value;
        }

        return IntervalSeries.Create(Instant.FromUtc(2026, 1, 1, 0, 0), Duration.FromHours(1), IntervalUnit.Kw, kw);
    }
}
