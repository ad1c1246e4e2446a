using System.Collections.Immutable;
using GridServices.Tariffs.Bills;
using GridServices.Tariffs.Intervals;
using GridServices.Tariffs.Model;
using GridServices.Tariffs.Readers;
using GridServices.Tariffs.Time;
using NodaTime;

namespace GridServices.Tariffs.Tests.Bills;

/// <summary>Import and export netted within an hour or quarter-hour of the clock before they are priced, where the tariff says so.</summary>
public sealed class HourlyNettingTests
{
    private static readonly BillingCycle Day = new(new LocalDate(2026, 1, 15), new LocalDate(2026, 1, 16));
    private static readonly Instant Start = Instant.FromUtc(2026, 1, 15, 0, 0);

    [Fact]
    public void What_is_fed_in_within_the_hour_is_not_drawn_and_the_meter_and_its_peak_stay_as_they_are()
    {
        var bill = Calculate(Netting(60), MeterData.From(Kwh(6, -2, 3, -4, 1, -5)));
        Assert.Equal((3m * 0.30m, -4m * 0.08m), (Energy(bill), Sold(bill)));
        Assert.Equal((10m, 11m, 24m), (bill.Months[0].ImportKwh, bill.Months[0].ExportKwh, bill.Months[0].PeakKw));
        Assert.Contains(bill.Notes, n => n.Contains("60 min", StringComparison.Ordinal));

        var plain = Calculate(Netting(null), MeterData.From(Kwh(6, -2, 3, -4, 1, -5)));
        Assert.Equal((10m * 0.30m, -11m * 0.08m), (Energy(plain), Sold(plain)));
    }

    [Theory]
    [InlineData(15)]
    [InlineData(30)]
    [InlineData(60)]
    public void Two_registers_are_netted_as_one_net_series_is(int minutes)
    {
        var random = new Random(minutes);
        decimal[] drawn = [.. Enumerable.Range(0, 96 * 3).Select(_ => (decimal)random.Next(0, 100) / 7)], fed = [.. drawn.Select(_ => (decimal)random.Next(0, 100) / 3)];
        IntervalSeries Five(decimal[] kwh) => IntervalSeries.Create(Start, Duration.FromMinutes(5), IntervalUnit.Kwh, kwh);
        var bill = Calculate(Netting(minutes), new MeterData { Net = Five(drawn), Export = Five(fed) });
        var (imported, exported) = (Five(drawn), Five(fed));
        var spans = Enumerable.Range(0, drawn.Length).GroupBy(i => i * 5 / minutes, i => imported[i] - exported[i]).Select(g => g.Sum()).ToArray();
        Assert.Equal(spans.Where(s => s > 0).Sum() * 0.30m, Energy(bill));
        Assert.Equal(-spans.Where(s => s < 0).Sum(s => -s) * 0.08m, Sold(bill));
    }

    [Fact]
    public void What_is_left_lies_in_its_own_periods_and_sums_to_the_hour()
    {
        // Before half past midnight 6 and 2 kWh are drawn, after it 4, and 9 are fed in: 3 are left, two thirds of them before.
        var schedule = new Schedule { Id = "tou", Rules = [new ScheduleRule { Period = "early", Until = new DayTime(30) }, new ScheduleRule { Period = "late" }] };
        var tariff = Netting(60) with { Schedules = [schedule], Energy = [new EnergyCharge { Id = "e", Schedule = "tou", Rates = [Sample.Rate("early", 1), Sample.Rate("late", 10)] }] };
        var bill = Calculate(tariff, MeterData.From(Kwh(6, 2, 4, -9)));
        var lines = bill.Months[0].LineItems.Where(l => l.Kind == LineKind.Energy).ToDictionary(l => l.Period!, l => l.Quantity);
        Assert.Equal((2m, 1m), (lines["early"], lines["late"]));
    }

    [Fact]
    public void Riders_and_prices_of_a_series_are_on_what_is_left()
    {
        var curve = new PriceCurve("spot", [new PricePoint(Start, Start + Duration.FromDays(1), 0.5m)]);
        var tariff = Netting(60) with { Energy = [new EnergyCharge { Id = "e", Index = new IndexPrice { Series = "spot" } }], Riders = [new Rider { Id = "levy", Per = RiderPer.Kwh, Price = 0.1m }] };
        Assert.Equal((3m * 0.5m) + (3m * 0.1m), Calculate(tariff, MeterData.From(Kwh(6, -2, 3, -4)), curve).Total);
    }

    [Fact]
    public void Coarser_intervals_are_netted_as_they_are_and_told()
    {
        var hourly = IntervalSeries.Create(Start, Duration.FromHours(1), IntervalUnit.Kwh, [.. Enumerable.Repeat(2m, 24)]);
        var bill = Calculate(Netting(15), new MeterData { Net = hourly, Export = hourly });
        Assert.Equal(0, bill.Total);
        Assert.Contains(bill.Notes, n => n.Contains("finer intervals", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(45, ExportMode.NetBilling)]
    [InlineData(60, ExportMode.NetMetering)]
    [InlineData(60, ExportMode.None)]
    public void What_cannot_be_netted_is_refused(int minutes, ExportMode mode) =>
        Assert.Contains(TariffJson.Checked(Netting(minutes) with { Export = new ExportTerms { Mode = mode, NetWithinMinutes = minutes } }).Refusals, r => r.Path == "/export/netWithinMinutes");

    private static Tariff Netting(int? minutes) => Sample.Empty() with
    {
        Energy = [Sample.Flat(0.30m)],
        Export = new ExportTerms { Mode = ExportMode.NetBilling, SellPrice = 0.08m, NetWithinMinutes = minutes },
    };

    /// <summary>Quarter-hours from midnight on, the rest of the day nothing.</summary>
    private static IntervalSeries Kwh(params decimal[] kwh) => IntervalSeries.Create(Start, Duration.FromMinutes(15), IntervalUnit.Kwh, [.. kwh, .. new decimal[96 - kwh.Length]]);

    private static Bill Calculate(Tariff tariff, MeterData data, params ImmutableArray<PriceCurve> curves) =>
        BillCalculator.Calculate(CompiledTariff.Compile(tariff), data, [Day], options: new BillOptions { Prices = curves });

    private static decimal Energy(Bill bill) => bill.Months[0].LineItems.Where(l => l.Kind == LineKind.Energy).Sum(l => l.Amount);

    private static decimal Sold(Bill bill) => bill.Months[0].LineItems.Where(l => l.Kind == LineKind.Export).Sum(l => l.Amount);
}
