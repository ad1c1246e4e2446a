using System.Collections.Immutable;
using GridServices.Tariffs.Bills;
using GridServices.Tariffs.Model;
using GridServices.Tariffs.Time;

namespace GridServices.Tariffs.Tests.Bills;

/// <summary>Lines of the cycle as a whole are taxed once where a cycle has two versions, as where it has one.</summary>
public sealed class VersionTaxTests
{
    [Theory]
    [InlineData(true, 0)]
    [InlineData(false, 19)]
    public void A_credit_that_is_carried_is_taxed(bool samePeriod, int vat)
    {
        var tariff = Sample.Empty() with
        {
            Energy = [Sample.Flat(0.20m)],
            Export = new ExportTerms { Mode = ExportMode.NetBilling, Credit = ExportCredit.Money, SellPrice = 0.30m, ApplyInSamePeriod = samePeriod, TrueUp = TrueUpRule.RollOver },
            Adjustments = [new Adjustment { Id = "vat", Percent = 19 }],
        };
        var change = Loads.First.PlusDays(10);
        var net = Loads.Series([.. Enumerable.Range(0, Loads.Count).Select(i => i < 100 ? 20m : i < 200 ? -20m : 0)]);
        Assert.Equal(vat, Loads.Bill(tariff, net).Subtotal(LineKind.Tax));
        Assert.Equal(vat, Loads.Bill([tariff with { EffectiveUntil = change }, tariff with { Version = "2", EffectiveFrom = change }], net).Subtotal(LineKind.Tax));
    }

    [Fact]
    public void A_version_that_holds_on_no_day_of_the_bill_says_nothing_on_it()
    {
        var change = new NodaTime.LocalDate(2026, 7, 1);
        var tariff = Sample.Empty() with { Fixed = [new FixedCharge { Id = "f", Amount = 100 }] };
        var later = tariff with { Version = "2", EffectiveFrom = change, Adjustments = [new Adjustment { Id = "vat", Percent = 19 }], Notes = ["later"], Rounding = new Rounding { KwhDigits = 0 } };
        var bill = Loads.Bill([tariff with { EffectiveUntil = change }, later], Loads.Constant(1));
        Assert.Empty(bill.Taxes);
        Assert.DoesNotContain("later", bill.Notes);
        Assert.Equal(Rounding.Invoice, bill.Rounding);
    }

    [Fact]
    public void The_lift_to_a_yearly_minimum_is_taxed()
    {
        var (first, until) = (new NodaTime.LocalDate(2026, 1, 1), new NodaTime.LocalDate(2027, 1, 1));
        var tariff = Sample.Empty() with
        {
            Fixed = [new FixedCharge { Id = "f", Amount = 100 }],
            Minimums = [new MinimumBill { Id = "m", Amount = 1300, Per = MinimumPer.Year }],
            Adjustments = [new Adjustment { Id = "vat", Percent = 19 }],
        };
        var change = new NodaTime.LocalDate(2026, 12, 11);
        var net = Sample.Constant("Etc/UTC", first, until, 60, 1);
        ImmutableArray<CompiledTariff> versions = [CompiledTariff.Compile(tariff with { EffectiveUntil = change }), CompiledTariff.Compile(tariff with { Version = "2", EffectiveFrom = change })];
        var bill = BillCalculator.Calculate(BillPlan.Create(versions, BillingCycle.Year(2026), net), MeterData.From(net));
        Assert.Equal(1300 * 0.19m, decimal.Round(bill.Subtotal(LineKind.Tax), 12));
    }
}
