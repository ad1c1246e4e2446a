using System.Collections.Immutable;
using GridServices.Tariffs.Bills;
using GridServices.Tariffs.Intervals;
using GridServices.Tariffs.Model;
using GridServices.Tariffs.Time;
using NodaTime;

namespace GridServices.Tariffs.Tests.Bills;

/// <summary>A pair of prices by the year's hours of use.</summary>
public sealed class HoursOfUseTests
{
    private static readonly Tariff Grid = Sample.Empty() with
    {
        HoursOfUse = [new HoursOfUseCharge { Id = "grid", Pairs = [new HoursOfUsePair { UpToHours = 2500, EnergyPrice = 0.05m, DemandPrice = 20 }, new HoursOfUsePair { EnergyPrice = 0.01m, DemandPrice = 120 }] }],
    };

    [Theory]
    [InlineData(99.9, 0.05, 20)] // 2,499.99 h
    [InlineData(100, 0.01, 120)] // 2,500 h: from the bound on the other pair
    [InlineData(300, 0.01, 120)]
    public void A_whole_year_is_priced_by_the_pair_of_its_hours(double kwInThoseHours, double energy, int demand)
    {
        // 2,499 hours at some load and one at 100 kW.
        var kw = new decimal[8760];
        Array.Fill(kw, Math.Min(100, (decimal)kwInThoseHours), 0, 2500);
        kw[0] = 100;
        var peak = kwInThoseHours > 100 ? 50 : 100;
        kw = [.. kw.Select(k => Math.Min(k, peak))];
        kw = kwInThoseHours > 100 ? [.. kw.Select((k, h) => h < 6000 ? 50m : k)] : kw;
        var bill = Sample.Bill(Grid, IntervalSeries.Create(Instant.FromUtc(2026, 1, 1, 0, 0), Duration.FromHours(1), IntervalUnit.Kw, kw), BillingCycle.Year(2026));
        Assert.Equal(Math.Round(kw.Sum() * (decimal)energy + peak * demand, 9), Math.Round(bill.Total, 9));
        Assert.Equal(bill.Total, bill.Replay());
        Assert.Equal(peak * demand, Math.Round(bill.Subtotal(LineKind.Demand), 12));
    }

    [Fact]
    public void A_month_is_priced_by_the_hours_that_the_account_says()
    {
        Bill Calculate(decimal hours) => Loads.Bill(Grid, Loads.Constant(10), account: new Account
        {
            HoursOfUse = ImmutableDictionary<string, decimal>.Empty.Add("grid", hours),
            PriorPeaks = [new PriorPeak { Month = new YearMonth(2026, 2), Kw = 73 }, new PriorPeak { Month = new YearMonth(2025, 12), Kw = 900 }],
        });
        // 73 kW of the year x 31 / 365 years.
        Assert.Equal(7440 * 0.05m + 73 * 31 * 20 / 365m, Calculate(2499.99m).Total, 12);
        Assert.Equal(7440 * 0.01m + 73 * 31 * 120 / 365m, Calculate(2500).Total, 12);
    }

    [Fact]
    public void Without_the_year_and_without_its_hours_there_is_no_bill() =>
        Assert.Contains("account.hoursOfUse", Assert.Throws<BillRefusedException>(() => Loads.Bill(Grid, Loads.Constant(10))).Message, StringComparison.Ordinal);
}
