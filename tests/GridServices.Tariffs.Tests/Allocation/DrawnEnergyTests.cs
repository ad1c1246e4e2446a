using System.Text;
using FsCheck;
using FsCheck.Fluent;
using GridServices.Contracts;
using GridServices.Tariffs.Allocation;
using GridServices.Tariffs.Bills;
using GridServices.Tariffs.Intervals;
using GridServices.Tariffs.Model;
using GridServices.Tariffs.Readers;
using GridServices.Tariffs.Requests;
using GridServices.Tariffs.Time;
using NodaTime;

namespace GridServices.Tariffs.Tests.Allocation;

/// <summary>Energy is shared by what each drew through the site's meter, interval by interval, also where the site exports, readings are missing and versions have no name.</summary>
public sealed class DrawnEnergyTests
{
    private const decimal Tiny = 0.000000001m;
    private static readonly BillingCycle Day = new(new LocalDate(2026, 1, 1), new LocalDate(2026, 1, 2));

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void Who_uses_what_the_site_makes_itself_pays_nothing_of_the_grids(bool realTime)
    {
        var (site, afternoon, morning) = (Hours(h => h < 12 ? 10 : -30), Hours(h => h < 12 ? 0 : 10), Hours(h => h < 12 ? 10 : 0));
        var rtp = new EnergyCharge { Id = "e", Index = new IndexPrice { Series = "da" } };
        var tariff = Sample.Empty() with { Energy = [realTime ? rtp : Sample.Flat(1)] };
        var prices = new PriceCurve("da", [new PricePoint(site.Start, site.End, 1)]);
        Assert.Equal([0m, 120m, 0m], Split(tariff, site, prices, afternoon, morning));
        Assert.Equal([0m, 120m, 0m], Split(tariff, Hours(h => h < 12 ? 10 : 0).Marked([new IndexRange(12, 12)], []), prices, afternoon, morning));
        Assert.Equal([80m, 40m, 0m], Split(tariff, Hours(h => h < 12 ? 10 : -30), prices, Hours(h => h < 12 ? 20 : 0), morning));
    }

    [Theory]
    [InlineData(DemandAllocationMethod.NonCoincidentPeak)]
    [InlineData(DemandAllocationMethod.Shapley)]
    [InlineData(DemandAllocationMethod.Marginal)]
    public void Demand_is_shared_by_what_was_drawn_through_the_meter_alone(DemandAllocationMethod method)
    {
        // The afternoon's 40 kW are the site's own generation: they are not in the peak of 30 kW, nor in anybody's share of it.
        var (afternoon, morning) = (Hours(h => h < 12 ? 0 : 40), Hours(h => h < 12 ? 20 : 0));
        var tariff = Sample.Empty() with { Demand = [new DemandCharge { Id = "d", Rates = [Sample.PerKw("all", 1)] }] };
        Assert.Equal([0m, 20m, 10m], Demand(Hours(h => h < 12 ? 30 : -30)));
        Assert.Equal([0m, 20m, 10m], Demand(Hours(h => h < 12 ? 30 : 0).Marked([new IndexRange(12, 12)], [])));

        decimal[] Demand(IntervalSeries site)
        {
            var plan = BillPlan.Create([CompiledTariff.Compile(tariff)], [Day], site);
            var bill = BillCalculator.Calculate(plan, MeterData.From(site));
            Assert.Equal(30m, bill.Total);
            return [.. BillAllocation.Allocate(plan, bill, MeterData.From(site), [new SiteUser("a", afternoon), new SiteUser("b", morning)], method).Select(c => c.Exact.Values.Sum())];
        }
    }

    [Fact]
    public void Missing_readings_of_a_user_are_told_with_their_place_and_counted()
    {
        var read = Request($"[null,null,{string.Join(',', Enumerable.Repeat(10, 22))}]");
        var warning = Assert.Single(read.Warnings, w => w.Path == "/users/0");
        Assert.Equal(ErrorClass.DataGap, warning.Class);
        var (bill, costs, _) = read.OrThrow().Split();
        Assert.Equal((240m, 220m, 20m), (bill.Total, costs[0].Payable, costs[1].Payable));
        Assert.Equal([2, 0], costs.Select(c => c.MissingIntervals));
    }

    [Theory]
    [InlineData("[1,-2,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1,1]", ErrorClass.SemanticNumber, "/users/0/kW/1")]
    [InlineData("[1,2]", ErrorClass.DataGap, "/users/0")]
    public void A_negative_or_short_user_is_refused_at_its_place(string kw, ErrorClass error, string at)
    {
        var refusal = Assert.Single(Request(kw).Refusals);
        Assert.Equal((error, at), (refusal.Class, refusal.Path));
    }

    /// <summary>Two versions of one name (or none), by day; on and off hours; a site that exports; missing readings of site and users.</summary>
    [Theory]
    [InlineData("1", "1")]
    [InlineData("", "")]
    [InlineData("a", "b")]
    public void Energy_of_any_site_is_split_as_a_brute_force_count_says(string earlier, string later) => Prop.ForAll(
        SiteLoad.Any().ToArbitrary(),
        Gen.ArrayOf(Gen.Choose(0, SiteLoad.Count - 1), 6).ToArbitrary(),
        (load, at) =>
        {
            // Generation behind the meter from the second place on for five hours of each day, and half an hour without the site's reading from the first.
            var sun = load with { Rest = [.. load.Rest.Select((kw, t) => SiteLoad.GetHour(t) is >= 10 and < 15 ? kw - 70 - at[1] % 50 : kw)] };
            var missing = new IndexRange(Math.Min(at[0], SiteLoad.Count - 6), 6);
            var whole = sun.Whole.Select((kw, t) => t >= missing.From && t < missing.From + missing.Count ? 0 : kw).ToArray();
            var (bill, costs) = Split(sun, whole, missing, earlier, later);
            var expected = Counted(sun, whole);
            Assert.True(Math.Abs(expected.Sum() - bill.Total) < Tiny, $"the bill is {bill.Total}, counted {expected.Sum()}");
            Assert.All(expected.Zip(costs), p => Assert.True(Math.Abs(p.First - p.Second) < Tiny, $"counted {p.First}, got {p.Second}"));
            Assert.Equal(bill.Total, costs.Sum());
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(20));

    private static decimal PriceAt(int t) => (SiteLoad.GetHour(t) is >= 16 and < 21 ? 0.5m : 0.1m) * (t < SiteLoad.PerDay ? 1 : 3);

    private static decimal[] Counted(SiteLoad load, decimal[] whole)
    {
        var amounts = new decimal[load.Users.Length + 1];
        for (var t = 0; t < whole.Length; t++)
        {
            var (drawn, used) = (Math.Max(0, whole[t]), load.Users.Sum(u => u[t]));
            for (var u = 0; u < load.Users.Length; u++)
            {
                amounts[u] += PriceAt(t) / 12 * (used <= drawn ? load.Users[u][t] : drawn * load.Users[u][t] / used);
            }

            amounts[^1] += PriceAt(t) / 12 * Math.Max(0, drawn - used);
        }

        return amounts;
    }

    private static (Bill Bill, decimal[] Costs) Split(SiteLoad load, decimal[] whole, IndexRange missing, string earlier, string later)
    {
        var change = SiteLoad.Cycle.From.PlusDays(1);
        Tariff Version(string name, int factor) => Sample.Empty("Europe/Berlin") with
        {
            Version = name,
            EffectiveFrom = factor == 1 ? null : change,
            EffectiveUntil = factor == 1 ? change : null,
            Schedules = [Sample.OnOff(16, 21)],
            Energy = [new EnergyCharge { Id = "e", Schedule = "tou", Rates = [Sample.Rate("on", 0.5m * factor), Sample.Rate("off", 0.1m * factor)] }],
        };
        var data = MeterData.From(SiteLoad.Series(whole).Marked([missing], []));
        var plan = BillPlan.Create([CompiledTariff.Compile(Version(earlier, 1)), CompiledTariff.Compile(Version(later, 3))], [SiteLoad.Cycle], data.Net);
        var bill = BillCalculator.Calculate(plan, data);
        var costs = BillAllocation.Allocate(plan, bill, data, [.. load.Users.Select((kw, i) => new SiteUser($"u{i}", SiteLoad.Series(kw)))], DemandAllocationMethod.CoincidentPeak);
        return (bill, [.. costs.Select(c => c.Exact.Values.Sum())]);
    }

    private static decimal[] Split(Tariff tariff, IntervalSeries site, PriceCurve prices, params IntervalSeries[] users)
    {
        var options = new BillOptions { Prices = [prices] };
        var plan = BillPlan.Create([CompiledTariff.Compile(tariff)], [Day], site);
        var bill = BillCalculator.Calculate(plan, MeterData.From(site), account: null, options);
        return [.. BillAllocation.Allocate(plan, bill, MeterData.From(site), [.. users.Select((u, i) => new SiteUser($"u{i}", u))], DemandAllocationMethod.CoincidentPeak, options).Select(c => c.Exact.Values.Sum())];
    }

    private static ReadResult<AllocationRequest> Request(string kw) => AllocationRequestJson.Read(Encoding.UTF8.GetBytes($$"""
        {"tariff":{"schemaVersion":1,"id":"t","currency":"EUR","timeZone":"Etc/UTC","energy":[{"id":"e","rates":[{"period":"all","tiers":[{"price":1}]}]}]},
         "intervals":{"start":"2026-01-01","minutes":60,"kW":[{{string.Join(',', Enumerable.Repeat(10, 24))}}]},"users":[{"id":"a","kW":{{kw}} }]}
        """));

    private static IntervalSeries Hours(Func<int, decimal> kw) =>
        IntervalSeries.Create(Instant.FromUtc(2026, 1, 1, 0, 0), Duration.FromHours(1), IntervalUnit.Kw, [.. Enumerable.Range(0, 24).Select(kw)]);
}
