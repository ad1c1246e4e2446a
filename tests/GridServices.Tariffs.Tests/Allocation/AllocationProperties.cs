using System.Collections.Immutable;
using FsCheck;
using FsCheck.Fluent;
using GridServices.Tariffs.Allocation;
using GridServices.Tariffs.Bills;
using GridServices.Tariffs.Model;
using GridServices.Tariffs.Time;

namespace GridServices.Tariffs.Tests.Allocation;

/// <summary>Allocation against a brute-force one, charge kind by charge kind and method by method; and what holds for every split.</summary>
public sealed class AllocationProperties
{
    private const decimal Tiny = 0.000000001m;

    /// <summary>Of each, every method splits the bill.</summary>
    private const int LoadsPerKind = 2;

    public static TheoryData<string> Kinds => [.. ChargeKinds.All.Keys];

    /// <summary>Whatever a tariff can charge for. Export is the site's own and split among nobody (<see cref="DrawnEnergyTests"/>).</summary>
    [Fact]
    public void Every_charge_that_a_tariff_can_hold_is_among_the_kinds()
    {
        string[] noCharges = [nameof(Tariff.Seasons), nameof(Tariff.Holidays), nameof(Tariff.DayTypes), nameof(Tariff.Schedules), nameof(Tariff.Notes)];
        var lists = typeof(Tariff).GetProperties().Where(p => p.PropertyType.IsGenericType && p.PropertyType.GetGenericTypeDefinition() == typeof(ImmutableArray<>));
        var unseen = lists.Where(p => !noCharges.Contains(p.Name) && ChargeKinds.All.Values.All(k => ((System.Collections.ICollection)p.GetValue(k.Tariff)!).Count == 0)).Select(p => p.Name);
        Assert.Empty(unseen);
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Each_charge_is_split_as_a_brute_force_count_says(string kind) => ForAllLoads((load, method) =>
    {
        var (bill, costs) = Split(kind, load, method);
        var parts = ChargeKinds.All[kind].Parts(load);
        var expected = BruteForce.Split(parts, load, method);
        Assert.True(Math.Abs(parts.Sum(p => p.Amount) - bill.Total) < Tiny, $"{kind}: the bill is {bill.Total}, counted {parts.Sum(p => p.Amount)}");
        for (var u = 0; u < expected.Length; u++)
        {
            var got = costs[u].Exact.Values.Sum();
            Assert.True(Math.Abs(expected[u] - got) < Tiny, $"{kind} by {method}, {costs[u].Id}: counted {expected[u]}, got {got}");
        }

        // Intervals from start to end alone say the same as those of the whole time.
        var sessions = Split(kind, load, method, fromStartToEnd: true).Costs;
        Assert.Equal(costs.Select(c => (c.Payable, Sum(c))), sessions.Select(c => (c.Payable, Sum(c))));
    });

    [Theory]
    [MemberData(nameof(Kinds))]
    public void The_parts_sum_to_the_bill_to_the_cent_and_exactly(string kind) => ForAllLoads((load, method) =>
    {
        var (bill, costs) = Split(kind, load, method);
        Assert.Equal(bill.Payable, costs.Sum(c => c.Payable));
        Assert.Equal(bill.Total, costs.Sum(c => c.Exact.Values.Sum()));
    });

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Who_has_no_load_where_a_charge_applies_pays_nothing_of_it(string kind) => ForAllLoads((load, method) =>
    {
        var costs = Split(kind, load, method).Costs;
        var applies = ChargeKinds.All[kind].Parts(load).SelectMany(p => p.Hours.Concat(p.Windows.SelectMany(w => w))).Where(t => t >= 0).ToHashSet();
        for (var u = 0; u < load.Users.Length; u++)
        {
            if (applies.All(t => load.Users[u][t] == 0))
            {
                Assert.Equal((kind, 0m), (kind, costs[u].Exact.Values.Sum()));
            }
        }
    });

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Scaling_everybody_scales_amounts_alone(string kind) => ForAllLoads((load, method) =>
    {
        var (bill, costs) = Split(kind, load, method);
        var (larger, scaled) = Split(kind, load.Times(3), method);
        foreach (var (one, three) in costs.Zip(scaled).Where(_ => bill.Total != 0))
        {
            Assert.True(Math.Abs(one.Exact.Values.Sum() / bill.Total - three.Exact.Values.Sum() / larger.Total) < Tiny, $"{kind} by {method}: {one.Id}");
        }
    }, scalable: ChargeKinds.All[kind].Scales);

    /// <summary>A Shapley value by its nature changes when one player becomes two; the other methods do not.</summary>
    [Theory]
    [MemberData(nameof(Kinds))]
    public void A_user_in_two_equal_halves_pays_the_same_and_so_do_the_others(string kind) => ForAllLoads((load, method) =>
    {
        if (method == DemandAllocationMethod.Shapley)
        {
            return;
        }

        var whole = Split(kind, load, method).Costs;
        var halves = Split(kind, load.Halved(1), method).Costs;
        decimal[] together = [Sum(halves[0]), Sum(halves[1]) + Sum(halves[2]), .. halves[3..].Select(Sum)];
        Assert.All(whole.Zip(together), p => Assert.True(Math.Abs(Sum(p.First) - p.Second) < Tiny, $"{kind} by {method}: {p.First.Id} {Sum(p.First)} or {p.Second}"));
    });

    /// <summary>The marginal method goes by the order given; no other does.</summary>
    [Theory]
    [MemberData(nameof(Kinds))]
    public void The_order_of_users_changes_nothing(string kind) => ForAllLoads((load, method) =>
    {
        if (method == DemandAllocationMethod.Marginal)
        {
            return;
        }

        var forward = Split(kind, load, method).Costs;
        var backward = Split(kind, load, method, reversed: true).Costs.ToDictionary(c => c.Id);
        Assert.All(forward, c => Assert.True(Math.Abs(Sum(c) - Sum(backward[c.Id])) < Tiny, $"{kind} by {method}: {c.Id}"));
    });

    private static decimal Sum(UserCost cost) => cost.Exact.Values.Sum();

    private static (Bill Bill, ImmutableArray<UserCost> Costs) Split(string kind, SiteLoad load, DemandAllocationMethod method, bool reversed = false, bool fromStartToEnd = false)
    {
        var tariff = CompiledTariff.Compile(ChargeKinds.All[kind].Tariff);
        // Half a kvar for each kW, as of old motors.
        var data = MeterData.From(SiteLoad.Series(load.Whole)) with { Reactive = SiteLoad.Series([.. load.Whole.Select(kw => kw / 2)]) };
        var options = new BillOptions { Prices = [SiteLoad.Prices] };
        var plan = BillPlan.Create([tariff], [SiteLoad.Cycle], data.Net, SiteLoad.Calls);
        var bill = BillCalculator.Calculate(plan, data, ChargeKinds.Account, options);
        var users = load.Users.Select((kw, i) => new SiteUser($"u{i}", fromStartToEnd ? SiteLoad.FromStartToEnd(kw) : SiteLoad.Series(kw)));
        return (bill, BillAllocation.Allocate(plan, bill, data, [.. reversed ? users.Reverse() : users], method, options));
    }

    private static void ForAllLoads(Action<SiteLoad, DemandAllocationMethod> holds, bool scalable = true) =>
        Prop.ForAll(SiteLoad.Any().ToArbitrary(), load =>
        {
            foreach (var method in scalable ? Enum.GetValues<DemandAllocationMethod>() : [])
            {
                holds(load, method);
            }
        }).Check(Config.QuickThrowOnFailure.WithMaxTest(LoadsPerKind));
}
