using GridServices.Tariffs.Bills;
using GridServices.Tariffs.Model;

namespace GridServices.Tariffs.Tests.Bills;

/// <summary>Taxes that leave out lines, kWh or a share.</summary>
public sealed class TaxExemptionTests
{
    private static readonly Tariff Plain = Sample.Empty() with { Energy = [Sample.Flat(0.1m)], Demand = [Loads.Demand(10)], Fixed = [new FixedCharge { Id = "f", Amount = 20 }] };

    [Theory]
    [InlineData("fixed", 148.8 + 20)]
    [InlineData("f", 148.8 + 20)]
    [InlineData("energy", 20 + 20)]
    public void Lines_that_are_named_are_exempt(string except, double taxed) =>
        Assert.Equal((decimal)taxed * 0.2m, Tax(new Adjustment { Id = "t", Percent = 20, Except = [except] }));

    [Fact]
    public void A_share_or_an_amount_of_kwh_is_exempt()
    {
        // 1488 kWh at 0.1, demand 20, fixed 20.
        Assert.Equal(188.8m * 0.6m * 0.2m, Tax(new Adjustment { Id = "t", Percent = 20, ExemptPercent = 40 }));
        Assert.Equal((148.8m * 0.75m + 40) * 0.2m, Tax(new Adjustment { Id = "t", Percent = 20, ExemptKwh = 372 }));
        Assert.Equal(40 * 0.2m, Tax(new Adjustment { Id = "t", Percent = 20, ExemptKwh = 5000 }));
        Assert.Equal(148.8m * 0.75m * 0.5m * 0.2m, Tax(new Adjustment { Id = "t", Percent = 20, Base = ["energy"], ExemptKwh = 372, ExemptPercent = 50 }));
    }

    [Fact]
    public void Exempt_kwh_at_one_price_are_kwh_that_cost_nothing_of_the_tax()
    {
        foreach (var seed in Enumerable.Range(1, 8))
        {
            var series = Loads.Series(Loads.Any(seed, most: 10));
            var bill = Loads.Bill(Plain with { Adjustments = [new Adjustment { Id = "t", Percent = 20, Base = ["energy"], ExemptKwh = seed * 700 }] }, series);
            Assert.Equal(Math.Round(Math.Max(0, bill.Months[0].ImportKwh - seed * 700) * 0.1m * 0.2m, 15), Math.Round(bill.Subtotal(LineKind.Tax), 15));
        }
    }

    private static decimal Tax(Adjustment tax) => Loads.Bill(Plain with { Adjustments = [tax] }, Loads.Constant(2)).Subtotal(LineKind.Tax);
}
