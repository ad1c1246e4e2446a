using GridServices.Tariffs.Allocation;
using GridServices.Tariffs.Bills;
using GridServices.Tariffs.Intervals;
using GridServices.Tariffs.Model;
using GridServices.Tariffs.Time;
using NodaTime;

namespace GridServices.Tariffs.Tests.Allocation;

/// <summary>Two versions inside a cycle, with names of their own, the same name, or none: each line belongs to one of them.</summary>
public sealed class VersionSplitTests
{
    private static readonly LocalDate First = new(2026, 1, 5);

    private static readonly BillingCycle TwoDays = new(First, First.PlusDays(2));

    public static TheoryData<string, string> Names => new() { { "2025", "2026" }, { "1", "1" }, { "", "" }, { "from 2026-01-06", "" } };

    [Theory]
    [MemberData(nameof(Names))]
    public void Each_user_pays_its_energy_at_the_price_of_its_own_days(string earlier, string later)
    {
        var (bill, costs) = Split(earlier, later, (tariff, price) => tariff with { Energy = [Sample.Flat(price)] });
        Assert.Equal(5040m, bill.Total);
        Assert.Equal([240m, 4800m, 0m], costs);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Each_user_pays_the_daily_demand_of_its_own_days(string earlier, string later)
    {
        Tariff Daily(Tariff tariff, decimal price) => tariff with { Demand = [new DemandCharge { Id = "d", Assess = price > 5 ? DemandAssessment.BillingPeriod : DemandAssessment.Daily, Rates = [Sample.PerKw("all", price)] }] };
        var (bill, costs) = Split(earlier, later, Daily);
        Assert.Equal(10m * 1 + 20 * 10 / 2m, bill.Total);
        Assert.Equal([10m, 100m, 0m], costs);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void Tax_is_paid_once(string earlier, string later)
    {
        var (bill, costs) = Split(earlier, later, (tariff, price) => tariff with { Energy = [Sample.Flat(price)], Adjustments = [new Adjustment { Id = "vat", Percent = 20 }] });
        Assert.Equal(5040m * 1.2m, bill.Total);
        Assert.Equal([288m, 5760m, 0m], costs);
        Assert.Equal(2, bill.Months[0].LineItems.Select(l => l.Version).Distinct().Count());
    }

    /// <summary>A takes 10 kW on the first day, B 20 kW on the second, when the price is ten times as high.</summary>
    private static (Bill Bill, decimal[] Costs) Split(string earlier, string later, Func<Tariff, decimal, Tariff> charges)
    {
        var change = First.PlusDays(1);
        var (a, b) = (Hours(h => h < 24 ? 10 : 0), Hours(h => h < 24 ? 0 : 20));
        CompiledTariff[] versions =
        [
            CompiledTariff.Compile(charges(Sample.Empty() with { Version = earlier, EffectiveUntil = change }, 1)),
            CompiledTariff.Compile(charges(Sample.Empty() with { Version = later, EffectiveFrom = change }, 10)),
        ];
        var data = MeterData.From(a.Plus(b));
        var plan = BillPlan.Create(versions, [TwoDays], data.Net);
        var bill = BillCalculator.Calculate(plan, data);
        return (bill, [.. BillAllocation.Allocate(plan, bill, data, [new SiteUser("a", a), new SiteUser("b", b)], DemandAllocationMethod.CoincidentPeak).Select(c => c.Exact.Values.Sum())]);
    }

    private static IntervalSeries Hours(Func<int, decimal> kw) =>
        IntervalSeries.Create(Instant.FromUtc(2026, 1, 5, 0, 0), Duration.FromHours(1), IntervalUnit.Kw, [.. Enumerable.Range(0, 48).Select(kw)]);
}
