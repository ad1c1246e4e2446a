using GridServices.Tariffs.Bills;
using GridServices.Tariffs.Model;

namespace GridServices.Tariffs.Tests.Bills;

/// <summary>What lines cost at most, per kWh or per bill.</summary>
public sealed class MaximumTests
{
    [Fact]
    public void A_maximum_average_price_caps_the_demand_and_what_is_taxed()
    {
        var tariff = Sample.Empty() with
        {
            Energy = [Sample.Flat(0.1m)],
            Demand = [Loads.Demand(10)],
            Maximums = [new MaximumCharge { Id = "cap", Base = ["demand"], PerKwh = 0.34m }],
            Adjustments = [new Adjustment { Id = "vat", Percent = 10, Base = ["demand"] }],
        };
        // One quarter hour of 100 kW, nothing else: 25 kWh. The demand of 1000 is capped at 25 x 0.34 = 8.5, and 10 % are on that.
        var kw = new decimal[Loads.Count];
        kw[40] = 100;
        var bill = Loads.Bill(tariff, Loads.Series(kw));
        Assert.Equal(2.5m + 8.5m + 0.85m, bill.Total);
        Assert.Equal(8.5m, bill.Subtotal(LineKind.Demand));
        Assert.Contains(bill.Months[0].LineItems, l => l.Charge == "cap" && l.Amount == -991.5m && l.Note!.Contains("25 kWh x 0.34", StringComparison.Ordinal));
        Assert.Equal(2.5m, Loads.Bill(tariff with { Adjustments = [], Demand = [] }, Loads.Series(kw)).Total);
    }

    [Fact]
    public void A_maximum_bill_is_before_minimum_riders_and_taxes()
    {
        var tariff = Sample.Empty() with
        {
            Energy = [Sample.Flat(0.1m)],
            Fixed = [new FixedCharge { Id = "f", Amount = 20 }],
            Maximums = [new MaximumCharge { Id = "max", Amount = 100 }],
            Riders = [new Rider { Id = "r", Per = RiderPer.BillingPeriod, Price = 7 }],
            Adjustments = [new Adjustment { Id = "vat", Percent = 10 }],
        };
        Assert.Equal(107 * 1.1m, Loads.Bill(tariff, Loads.Constant(2)).Total);
        Assert.Equal((120 + 7) * 1.1m, Loads.Bill(tariff with { Minimums = [new MinimumBill { Id = "min", Amount = 120 }] }, Loads.Constant(2)).Total);
        Assert.Equal((74.4m + 20 + 7) * 1.1m, Loads.Bill(tariff, Loads.Constant(1)).Total);
    }

    [Fact]
    public void Each_kind_is_lowered_by_its_part_and_taxed_as_such()
    {
        var tariff = Sample.Empty() with
        {
            Energy = [Sample.Flat(0.1m)],
            Fixed = [new FixedCharge { Id = "f", Amount = 51.2m }],
            Maximums = [new MaximumCharge { Id = "max", Amount = 100 }],
            Adjustments = [new Adjustment { Id = "t", Percent = 10, Base = ["energy"] }],
        };
        // 148.8 of energy and 51.2 fixed are 200: each is halved.
        var bill = Loads.Bill(tariff, Loads.Constant(2));
        Assert.Equal((74.4m, 25.6m, 7.44m), (bill.Subtotal(LineKind.Energy), bill.Subtotal(LineKind.Fixed), bill.Subtotal(LineKind.Tax)));
    }

    [Fact]
    public void No_bill_is_above_its_maximum_and_none_below_it_changes()
    {
        foreach (var seed in Enumerable.Range(1, 12))
        {
            var series = Loads.Series(Loads.Any(seed, most: seed * 10));
            var plain = Sample.Empty() with { Energy = [Sample.Flat(0.2m)], Demand = [Loads.Demand(100)] };
            var (without, most) = (Loads.Bill(plain, series).Total, Loads.Bill(plain, series).Months[0].ImportKwh * 0.5m);
            var with = Loads.Bill(plain with { Maximums = [new MaximumCharge { Id = "cap", PerKwh = 0.5m }] }, series);
            Assert.Equal(Math.Min(without, most), with.Total);
            Assert.Equal(with.Total, with.Replay());
        }
    }
}
