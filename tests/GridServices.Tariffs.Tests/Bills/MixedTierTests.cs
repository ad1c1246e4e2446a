using System.Collections.Immutable;
using GridServices.Tariffs.Intervals;
using GridServices.Tariffs.Model;
using GridServices.Tariffs.Time;

namespace GridServices.Tariffs.Tests.Bills;

/// <summary>Tiers in kWh per kW and an open one in kWh: the last tier prices all that is above, whatever its unit.</summary>
public sealed class MixedTierTests
{
    private static readonly BillingCycle Days = new(Loads.First, Loads.First.PlusDays(25));

    [Theory]
    [InlineData(TierFill.Chronological)]
    [InlineData(TierFill.Prorated)]
    public void The_open_tier_in_kwh_follows_the_hours_of_use(TierFill fill)
    {
        ImmutableArray<EnergyTier> tiers = [new() { UpTo = 200, Unit = TierUnit.KwhPerKw, Price = 0.10m }, new() { Price = 0.05m }];

        // 5 kW for 25 days, and 10 kW in one hour of them: 3,005 kWh, of which 2,000 are below 200 h of use.
        Assert.Equal(2000 * 0.10m + 1005 * 0.05m, Total(tiers, 5, fill));
        Assert.Equal((600 * 2 + 8) * 0.10m, Total(tiers, 2, fill));
        ImmutableArray<EnergyTier> stepped = [tiers[0], new() { UpTo = 500, Price = 0.20m }, new() { Price = 0.05m }];
        Assert.Equal(500 * 0.20m + 2505 * 0.05m, Total(stepped, 5, fill));
    }

    private static decimal Total(ImmutableArray<EnergyTier> tiers, decimal kw, TierFill fill)
    {
        var values = Enumerable.Repeat(kw, 25 * 24).ToArray();
        values[100] = 10;
        var series = IntervalSeries.Create(NodaTime.Instant.FromUtc(2026, 1, 1, 0, 0), NodaTime.Duration.FromHours(1), IntervalUnit.Kw, values);
        var tariff = Sample.Empty() with { Energy = [new EnergyCharge { Id = "e", Fill = fill, Rates = [new EnergyRate { Period = "all", Tiers = tiers }] }] };
        return Sample.Bill(tariff, series, Days).Total;
    }
}
