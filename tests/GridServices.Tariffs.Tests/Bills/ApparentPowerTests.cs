using GridServices.Tariffs.Bills;
using GridServices.Tariffs.Intervals;
using GridServices.Tariffs.Model;

namespace GridServices.Tariffs.Tests.Bills;

/// <summary>Capacity in kVA: measured, at a stated power factor, and never from kvar that nobody measured.</summary>
public sealed class ApparentPowerTests
{
    [Fact]
    public void Measured_kva_are_the_highest_window_of_kw_and_kvar_together()
    {
        // 30 kW and 40 kvar are 50 kVA.
        Assert.Equal(50 * 2, Loads.Bill(Charge(powerFactor: null), Loads.Constant(30), Loads.Constant(40)).Total);
        foreach (var seed in Enumerable.Range(1, 5))
        {
            var (kw, kvar) = (Loads.Any(seed), Loads.Any(seed + 100, most: 80));
            var tariff = Sample.Empty() with { Demand = [Loads.Demand(1) with { Basis = DemandBasis.Kva, Window = new DemandWindow { Minutes = 30 } }] };
            var most = Enumerable.Range(0, Loads.Count / 2).Max(w => Square((kw[2 * w] + kw[2 * w + 1]) / 2) + Square((kvar[2 * w] + kvar[2 * w + 1]) / 2));
            var billed = Loads.Bill(tariff, Loads.Series(kw), Loads.Series(kvar)).Total;
            Assert.True(Math.Abs(billed * billed - most) < 0.0000000001m, $"{billed}² or {most}");
        }
    }

    [Fact]
    public void A_stated_power_factor_makes_kva_of_kw_where_the_meter_has_no_kvar()
    {
        var bill = Loads.Bill(Charge(powerFactor: 0.8m), Loads.Constant(40));
        Assert.Equal(50 * 2, bill.Total);
        Assert.Equal("kVA", bill.Months[0].LineItems[0].Unit);
        Assert.Contains(bill.Notes, n => n.Contains("0.8", StringComparison.Ordinal));

        // What was measured goes before what is stated.
        Assert.Equal(50 * 2, Loads.Bill(Charge(powerFactor: 0.9m), Loads.Constant(30), Loads.Constant(40)).Total);
    }

    [Fact]
    public void What_is_fed_in_is_no_demand_in_kva()
    {
        var net = Loads.Series([.. Enumerable.Range(0, Loads.Count).Select(i => i % Loads.PerDay is >= 40 and < 56 ? -200m : 50)]);
        Assert.Equal(50 * 2, Loads.Bill(Charge(powerFactor: null), net, Loads.Constant(0)).Total);
        Assert.Equal(50 * 2, Loads.Bill(Charge(powerFactor: 1), net, Loads.Constant(0).Marked([new IndexRange(40, 16)], [])).Total);
    }

    [Fact]
    public void Kvar_that_were_not_measured_are_never_none()
    {
        Assert.Contains("kvar", Assert.Throws<BillRefusedException>(() => Loads.Bill(Charge(powerFactor: null), Loads.Constant(30))).Message, StringComparison.Ordinal);
        var kw = Loads.Any(1, most: 50);
        (kw[10], kw[20]) = (90, 60);
        var kvar = Loads.Series([.. kw.Select(k => k * 0.75m)]).Marked([new IndexRange(10, 1)], []);

        // The window of 90 kW does not count: 60 kW and 45 kvar are 75 kVA. With a stated power factor it is 90 / 0.9 = 100 kVA.
        var unknown = Loads.Bill(Charge(powerFactor: null), Loads.Series(kw), kvar);
        Assert.Equal(75 * 2, unknown.Total);
        Assert.True(unknown.Provisional);
        Assert.Contains(unknown.Notes, n => n.Contains("not known", StringComparison.Ordinal));
        Assert.Equal(100 * 2, Loads.Bill(Charge(powerFactor: 0.9m), Loads.Series(kw), kvar).Total);
    }

    [Fact]
    public void The_power_factor_of_a_cycle_is_that_of_the_energy_whose_kvarh_are_known()
    {
        var tariff = Sample.Empty() with { Demand = [Loads.Demand(1) with { PowerFactorLimit = 0.9m }] };
        var kvar = Loads.Series([.. Enumerable.Range(0, Loads.Count).Select(i => i < Loads.Count / 2 ? 40m : 0)]).Marked([new IndexRange(Loads.Count / 2, Loads.Count / 2)], []);
        Assert.Equal(Math.Round(30 * 0.9m / 0.6m, 12), Math.Round(Loads.Bill(tariff, Loads.Constant(30), kvar).Total, 12));
    }

    [Fact]
    public void Kvar_that_no_charge_asks_for_make_no_bill_provisional()
    {
        var kvar = Loads.Constant(10).Marked([new IndexRange(0, 2000)], [new IndexRange(2000, 3)]);
        var plain = Loads.Bill(Sample.Empty() with { Demand = [Loads.Demand(1)] }, Loads.Constant(30), kvar).Months[0];
        Assert.Equal((false, 0, 0), (plain.Provisional, plain.MissingIntervals, plain.EstimatedIntervals));
        foreach (var demand in new[] { Loads.Demand(1) with { Basis = DemandBasis.Kva }, Loads.Demand(1) with { PowerFactorLimit = 0.9m } })
        {
            Assert.Equal(2000, Loads.Bill(Sample.Empty() with { Demand = [demand] }, Loads.Constant(30), kvar).Months[0].MissingIntervals);
        }
    }

    [Theory]
    [InlineData(ReactiveRule.ExcessKvarh)]
    [InlineData(ReactiveRule.ExcessKvar)]
    public void Only_energy_whose_kvar_are_known_makes_kvar_free(ReactiveRule rule)
    {
        // 80 kvar beside 100 kW, of which half is free; 900 kW were drawn while nobody read kvar.
        var half = Loads.Count / 2;
        var kw = Loads.Series([.. Enumerable.Range(0, Loads.Count).Select(i => i < half ? 100m : 900)]);
        var kvar = Loads.Series([.. Enumerable.Range(0, Loads.Count).Select(i => i < half ? 80m : 0)]).Marked([new IndexRange(half, half)], []);
        var tariff = Sample.Empty() with { Reactive = [new ReactiveCharge { Id = "q", Rule = rule, FreeShare = 0.5m, Price = 1 }] };
        var bill = Loads.Bill(tariff, kw, kvar);
        Assert.Equal(rule == ReactiveRule.ExcessKvarh ? 30 * half / 4m : 30, bill.Total);
        Assert.True(bill.Provisional);
        Assert.Contains(bill.Notes, n => n.Contains($"kvar of {half} intervals", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(ContractedPowerRule.Maximeter, 40, 85)] // 50 kVA of 100: the floor of 85 %
    [InlineData(ContractedPowerRule.Maximeter, 96, 150)] // 120 + 2 x (120 - 105)
    [InlineData(ContractedPowerRule.Excess, 96, 100 + 20 * 3)]
    public void Contracted_kva_are_held_against_measured_or_stated_ones(ContractedPowerRule rule, int kw, int billed)
    {
        var tariff = Sample.Empty() with
        {
            ContractedPower = [new ContractedPower { Id = "p", Rule = rule, Basis = DemandBasis.Kva, PowerFactor = 0.8m, Rates = [new ContractedRate { Period = "all", Price = 1, ExcessPrice = 3 }] }],
        };
        var account = new Account { ContractedKw = System.Collections.Immutable.ImmutableDictionary<string, decimal>.Empty.Add("p/all", 100) };
        var bill = Loads.Bill(tariff, Loads.Constant(kw), account: account);
        Assert.Equal(billed, bill.Total);
        Assert.All(bill.Months[0].LineItems, l => Assert.Equal("kVA-month", l.Unit));
        Assert.Equal(billed, Loads.Bill(tariff, Loads.Constant(kw), Loads.Constant(kw * 0.75m), account).Total);
    }

    private static decimal Square(decimal value) => value * value;

    private static Tariff Charge(decimal? powerFactor) => Sample.Empty() with { Demand = [Loads.Demand(2) with { Basis = DemandBasis.Kva, PowerFactor = powerFactor }] };
}
