using GridServices.Tariffs.Bills;
using GridServices.Tariffs.Model;
using GridServices.Tariffs.Time;

namespace GridServices.Tariffs.Tests.Bills;

/// <summary>Metered energy and demand times a loss factor.</summary>
public sealed class LossFactorTests
{
    [Fact]
    public void Metered_kwh_times_the_factor_fill_the_tiers()
    {
        var tiers = Sample.Flat(0) with { LossFactor = 1.05m, Rates = [new EnergyRate { Period = "all", Tiers = [new EnergyTier { UpTo = 1000, Price = 0.1m }, new EnergyTier { Price = 0.2m }] }] };
        // 744 h x 2 kW x 1.05 = 1562.4 kWh.
        var bill = Loads.Bill(Sample.Empty() with { Energy = [tiers] }, Loads.Constant(2));
        Assert.Equal(100 + 562.4m * 0.2m, bill.Total);
        Assert.All(bill.Months[0].LineItems, l => Assert.Contains("1.05 of losses", l.Note, StringComparison.Ordinal));
        Assert.Equal(1488, bill.Months[0].ImportKwh);
    }

    [Fact]
    public void A_bill_with_losses_is_the_bill_of_a_meter_that_reads_so_much_more()
    {
        foreach (var seed in Enumerable.Range(1, 8))
        {
            var kw = Loads.Any(seed);
            Tariff With(decimal? losses) => Sample.Empty() with
            {
                Schedules = [Sample.OnOff(8, 20)],
                BillingDemand = new BillingDemand { LossFactor = losses },
                Energy = [new EnergyCharge
                {
                    Id = "e", Schedule = "tou", LossFactor = losses,
                    Rates = [new EnergyRate { Period = "on", Tiers = [new EnergyTier { UpTo = 100, Unit = TierUnit.KwhPerKw, Price = 0.3m }, new EnergyTier { Unit = TierUnit.KwhPerKw, Price = 0.2m }] }, Sample.Rate("off", 0.1m)],
                }],
                Demand = [Loads.Demand(7) with { LossFactor = losses, MinimumKw = 40 }, new DemandCharge { Id = "daily", Assess = DemandAssessment.Daily, LossFactor = losses, Rates = [Sample.PerKw("all", 0.3m)] }],
                Riders = [new Rider { Id = "r", Per = RiderPer.Kwh, Price = 0.004m, LossFactor = losses }],
            };
            Assert.Equal(Loads.Bill(With(null), Loads.Series([.. kw.Select(k => k * 1.025m)])).Total, Loads.Bill(With(1.025m), Loads.Series(kw)).Total);
        }
    }

    [Fact]
    public void Real_time_energy_has_its_losses_too()
    {
        var tariff = CompiledTariff.Compile(Sample.Empty() with { Energy = [new EnergyCharge { Id = "e", LossFactor = 1.1m, Index = new IndexPrice { Series = "da" } }] });
        var series = Loads.Constant(10);
        var options = new BillOptions { Prices = [new PriceCurve("da", [new PricePoint(series.Start, series.End, 0.05m)])] };
        Assert.Equal(7440 * 1.1m * 0.05m, BillCalculator.Calculate(tariff, MeterData.From(series), [Loads.January], options: options).Total);
    }
}
