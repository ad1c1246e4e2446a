using System.Collections.Immutable;
using GridServices.Tariffs.Bills;
using GridServices.Tariffs.Demand;
using GridServices.Tariffs.Meters;
using GridServices.Tariffs.Model;
using GridServices.Tariffs.Prices;
using GridServices.Tariffs.Time;
using NodaTime;

namespace GridServices.Tariffs.Tests.Prices;

/// <summary>Riders, losses, price pairs and maximums in the prices ahead.</summary>
public sealed class OutlookOfTermsTests
{
    private static readonly Instant Now = Instant.FromUtc(2026, 1, 15, 12, 0);

    private static readonly Tariff Tariff = Sample.Empty() with
    {
        Energy = [Sample.Flat(0.2m) with { LossFactor = 1.05m }],
        Riders = [new Rider { Id = "fuel", Per = RiderPer.Kwh, Price = 0.04m, EffectiveFrom = new LocalDate(2026, 1, 16), ExemptPercent = 25 }],
        Adjustments = [new Adjustment { Id = "vat", Percent = 20, ExemptPercent = 50 }],
    };

    [Fact]
    public void Losses_and_a_rider_from_its_first_day_are_in_the_price()
    {
        var (segments, notes) = Compute(Tariff, Account.Plain);
        Assert.Equal([0.21m, 0.24m], segments.Select(s => s.ImportPrice!.Value));
        Assert.Equal([0.231m, 0.264m], segments.Select(s => s.ImportPriceWithTaxes!.Value));
        Assert.Equal(Instant.FromUtc(2026, 1, 16, 0, 0), segments[1].From);
        Assert.Empty(notes);
    }

    [Fact]
    public void A_price_pair_is_known_where_the_account_says_the_hours()
    {
        var pairs = Sample.Empty() with
        {
            HoursOfUse = [new HoursOfUseCharge { Id = "h", Pairs = [new HoursOfUsePair { UpToHours = 2500, EnergyPrice = 0.05m, DemandPrice = 20 }, new HoursOfUsePair { EnergyPrice = 0.01m, DemandPrice = 120 }] }],
        };
        var stated = new Account { HoursOfUse = ImmutableDictionary<string, decimal>.Empty.Add("h", 2500) };
        Assert.Equal(0.01m, Compute(pairs, stated).Segments[0].ImportPrice);
        Assert.Null(Compute(pairs, Account.Plain).Segments[0].ImportPrice);
        Assert.Contains("hours of use", Compute(pairs, Account.Plain).Segments[0].Missing, StringComparison.Ordinal);
        var line = DemandLines.Create(pairs, stated with { PriorPeaks = [new PriorPeak { Month = new YearMonth(2026, 1), Kw = 40 }, new PriorPeak { Month = new YearMonth(2025, 9), Kw = 90 }] }, new YearMonth(2026, 3), []).Single();
        Assert.Equal((40m, 120m), (line.PaidKw("all", 0), line.PriceAbove("all", 50)));
    }

    [Fact]
    public void A_maximum_is_told_beside_the_curve() =>
        Assert.Contains("cap", Assert.Single(Compute(Tariff with { Maximums = [new MaximumCharge { Id = "cap", PerKwh = 0.3m }] }, Account.Plain).Notes), StringComparison.Ordinal);

    [Fact]
    public void A_kilowatt_more_costs_its_losses_its_rider_and_its_share_of_the_phase_in()
    {
        var charge = new DemandCharge { Id = "d", LossFactor = 1.1m, PhaseIn = [new PhaseInStep { UntilMonths = 12, Percent = 50 }], Rates = [Sample.PerKw("all", 10)] };
        var tariff = Sample.Empty() with { Demand = [charge], Riders = [new Rider { Id = "r", Per = RiderPer.Kw, Of = ["d"], Price = 1, EffectiveUntil = new LocalDate(2026, 6, 1) }] };
        decimal Price(int month) => DemandLines.Create(tariff, new Account { ServiceFrom = new LocalDate(2026, 1, 1) }, new LocalDate(2026, 1, 1).PlusMonths(month).ToYearMonth(), []).Single().PriceAbove("all", 0);
        Assert.Equal([6 * 1.1m, 5 * 1.1m, 10 * 1.1m], [Price(0), Price(6), Price(12)]);
    }

    private static (ImmutableArray<OutlookSegment> Segments, ImmutableArray<string> Notes) Compute(Tariff tariff, Account account) => PriceOutlook.Compute(
        new MeterPlan { SiteId = "site-1", TariffId = "t", Account = account },
        new OutlookInputs { Versions = [CompiledTariff.Compile(tariff)], Cycle = new BillingCycle(new LocalDate(2026, 1, 1), new LocalDate(2026, 2, 1)) },
        Now,
        Now + Duration.FromHours(48));
}
