using GridServices.Tariffs.Bills;
using GridServices.Tariffs.Intervals;
using GridServices.Tariffs.Model;
using GridServices.Tariffs.Time;
using NodaTime;

namespace GridServices.Tariffs.Tests.Bills;

/// <summary>Peaks from intervals that do not divide the window, and of months that drew nothing.</summary>
public sealed class MeasuredPeakTests
{
    [Theory]
    [InlineData(10, 15, 30)] // 5 of the 10 minutes at 90 kW lie in each quarter-hour
    [InlineData(20, 30, 30)]
    [InlineData(10, 20, 45)] // 00:10 to 00:20 of the window from 00:00
    public void An_interval_over_the_edge_of_a_window_counts_on_both_sides_by_time(int minutes, int window, int kw)
    {
        var values = Enumerable.Range(0, 24 * 60 / minutes).Select(i => i == 1 ? 90m : 0).ToArray();
        var series = IntervalSeries.Create(Instant.FromUtc(2026, 1, 1, 0, 0), Duration.FromMinutes(minutes), IntervalUnit.Kw, values);
        var tariff = Sample.Empty() with { Demand = [Loads.Demand(1) with { Window = new DemandWindow { Minutes = window } }] };
        var bill = Sample.Bill(tariff, series, new BillingCycle(Loads.First, Loads.First.PlusDays(1)));
        Assert.Equal(kw, bill.Total);
        Assert.DoesNotContain(bill.Notes, n => n.Contains("may be higher", StringComparison.Ordinal));
    }

    [Fact]
    public void A_month_that_drew_nothing_is_one_of_the_months_of_a_mean()
    {
        var cycles = BillingCycle.Year(2026);
        var net = Sample.Constant("Etc/UTC", cycles[0].From, cycles[^1].Until, 60, 10);
        var (from, until) = (31 * 24, 59 * 24);
        decimal[] values = [.. Enumerable.Range(0, net.Count).Select(i => i >= from && i < until ? -1m : 10)];
        var tariff = Sample.Empty() with { Demand = [Loads.Demand(1) with { Mean = new PeakMean { FloorKw = 2.5m } }] };
        var series = IntervalSeries.Create(net.Start, Duration.FromHours(1), IntervalUnit.Kw, values);
        Assert.Equal((110 + 2.5m) / 12, Sample.Bill(tariff, series, cycles).Months[^1].Total);

        // Without readings the month is not known, and is none of them.
        var unknown = Sample.Bill(tariff, series.Marked([new IndexRange(from, until - from)], []), cycles);
        Assert.Equal(10, unknown.Months[^1].Total);
        Assert.Contains(unknown.Notes, n => n.Contains("2026-02", StringComparison.Ordinal));

        // Nor is it by one reading of a night.
        var hardly = Sample.Bill(tariff, series.Marked([new IndexRange(from + 1, until - from - 1)], []), cycles);
        Assert.Equal(10, hardly.Months[^1].Total);
        Assert.Contains(hardly.Notes, n => n.Contains("2026-02", StringComparison.Ordinal));
    }

    [Fact]
    public void Two_prices_for_one_time_are_no_price()
    {
        var start = Instant.FromUtc(2026, 1, 1, 0, 0);
        PricePoint Point(int from, int until, decimal price) => new(start + Duration.FromMinutes(from), start + Duration.FromMinutes(until), price);
        var tariff = CompiledTariff.Compile(Sample.Empty() with { Energy = [new EnergyCharge { Id = "e", Index = new IndexPrice { Series = "S" } }] });
        Bill Calculate(params PricePoint[] points) => BillCalculator.Calculate(
            tariff, MeterData.From(Sample.Constant("Etc/UTC", Loads.First, Loads.First.PlusDays(1), 60, 1)), [new BillingCycle(Loads.First, Loads.First.PlusDays(1))],
            options: new BillOptions { Prices = [new PriceCurve("S", [.. points])], Rounding = new Rounding { KwhDigits = 0 } });
        Assert.Equal((0m, true), (Calculate(Point(0, 30, 10), Point(0, 30, 20), Point(60, 1440, 0)).Total, Calculate(Point(0, 30, 10), Point(0, 30, 20), Point(60, 1440, 0)).Provisional));
        Assert.Equal((15m, false), (Calculate(Point(0, 30, 10), Point(30, 60, 20), Point(60, 1440, 0)).Total, Calculate(Point(0, 30, 10), Point(30, 60, 20), Point(60, 1440, 0)).Provisional));
    }

    [Fact]
    public void Energy_by_a_series_of_prices_shows_the_quantity_that_was_priced()
    {
        var day = new BillingCycle(Loads.First, Loads.First.PlusDays(1));
        var tariff = CompiledTariff.Compile(Sample.Empty() with { Energy = [new EnergyCharge { Id = "e", Index = new IndexPrice { Series = "S" } }] });
        var curve = new PriceCurve("S", [new PricePoint(Instant.FromUtc(2026, 1, 1, 0, 0), Instant.FromUtc(2026, 1, 2, 0, 0), 0.1m)]);
        var load = Sample.Constant("Etc/UTC", day.From, day.Until, 60, 4.1m);
        var line = Assert.Single(BillCalculator.Calculate(tariff, MeterData.From(load), [day], options: new BillOptions { Prices = [curve], Rounding = new Rounding { KwhDigits = 0 } }).Months[0].LineItems);
        Assert.Equal((98.4m, 9.84m), (line.Quantity, line.Amount));
    }

    [Theory]
    [InlineData("CLF", 4)]
    [InlineData("UYW", 4)]
    [InlineData("CLP", 0)]
    [InlineData("KWD", 3)]
    [InlineData("EUR", 2)]
    public void Currencies_are_paid_in_their_own_minor_units(string currency, int digits) => Assert.Equal(digits, Currencies.MinorDigits(currency));
}
