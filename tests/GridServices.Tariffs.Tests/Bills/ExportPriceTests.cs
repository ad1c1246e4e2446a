using System.Collections.Immutable;
using GridServices.Tariffs.Bills;
using GridServices.Tariffs.Intervals;
using GridServices.Tariffs.Model;
using GridServices.Tariffs.Readers;
using GridServices.Tariffs.Time;
using NodaTime;

namespace GridServices.Tariffs.Tests.Bills;

/// <summary>An exported kWh is sold once, beside one energy charge or several, rated or by a price series.</summary>
public sealed class ExportPriceTests
{
    private static readonly BillingCycle Day = new(Loads.First, Loads.First.PlusDays(1));
    private static readonly EnergyCharge Supply = new() { Id = "supply", Rates = [Sample.Rate("all", 0.20m)] };
    private static readonly EnergyCharge Network = new() { Id = "network", Rates = [Sample.Rate("all", 0.10m)] };
    private static readonly EnergyCharge Dynamic = new() { Id = "dynamic", Index = new IndexPrice { Series = "DE-LU", Adder = 0.12m } };
    private static readonly PriceCurve Curve = new("DE-LU", [new PricePoint(At(0), At(24), 0.05m)]);

    [Theory]
    [InlineData(ExportMode.NetBilling, ExportCredit.None)]
    [InlineData(ExportMode.NetBilling, ExportCredit.Money)]
    [InlineData(ExportMode.NetMetering, ExportCredit.Money)]
    public void Several_energy_charges_sell_a_kilowatt_hour_once(ExportMode mode, ExportCredit credit)
    {
        foreach (var charges in new ImmutableArray<EnergyCharge>[] { [Supply], [Supply, Network], [Supply, Network, Network with { Id = "levy" }] })
        {
            var bill = Calculate(Exporting(mode, credit, 0.08m) with { Energy = charges });
            Assert.Equal(-8m, Sold(bill));
            Assert.Equal(credit == ExportCredit.Money ? 8m : 0, bill.CreditCarried);
        }
    }

    [Fact]
    public void The_charge_with_a_sell_price_of_its_own_sells()
    {
        var selling = Network with { Rates = [new EnergyRate { Period = "all", Tiers = [new EnergyTier { Price = 0.10m, Sell = 0.05m }] }] };
        Assert.Equal(-5m, Sold(Calculate(Exporting(ExportMode.NetBilling, ExportCredit.None, 0.08m) with { Energy = [Supply, selling] })));
    }

    [Fact]
    public void Sell_prices_in_two_charges_and_one_beside_them_are_refused_for_a_kilowatt_hour_would_be_sold_twice()
    {
        var half = Sample.OnOff(8, 12);
        EnergyCharge Selling(string id, string period, decimal sell) => new()
        {
            Id = id,
            Schedule = half.Id,
            Rates = [new EnergyRate { Period = "on", Tiers = [new EnergyTier { Price = 1, Sell = period == "on" ? sell : null }] }, new EnergyRate { Period = "off", Tiers = [new EnergyTier { Price = 1, Sell = period == "off" ? sell : null }] }],
        };
        var mixed = Exporting(ExportMode.NetBilling, ExportCredit.None, 0.04m) with { Schedules = [half], Energy = [Selling("a", "on", 0.10m), Selling("b", "off", 0.05m)] };
        Assert.Contains(TariffJson.Checked(mixed).Warnings, r => r.Path == "/export/sellPrice");
        Assert.Contains("a and b", Assert.Throws<BillRefusedException>(() => Calculate(mixed)).Message, StringComparison.Ordinal);

        // Nothing is sold, so nothing is sold twice.
        Assert.Equal(0, Sold(BillCalculator.Calculate(CompiledTariff.Compile(mixed), MeterData.From(Loads.Constant(1)), [Loads.January])));

        // The first says a price in every tier: sellPrice is paid for none.
        EnergyCharge Whole(EnergyCharge charge) => charge with { Rates = [.. charge.Rates.Select(r => r with { Tiers = [.. r.Tiers.Select(t => t with { Sell = t.Sell ?? 0.01m })] })] };
        var whole = mixed with { Energy = [Whole(mixed.Energy[0]), mixed.Energy[1]] };
        Assert.DoesNotContain(TariffJson.Checked(whole).Warnings, r => r.Path == "/export/sellPrice");
        Assert.Equal(-7.6m, Sold(Calculate(whole)));

        // 40 kWh of the morning at 0.10, 60 at 0.05.
        var said = mixed with { Export = mixed.Export! with { SellPrice = null } };
        Assert.DoesNotContain(TariffJson.Checked(said).Warnings, r => r.Path == "/export/sellPrice");
        Assert.Equal(-7m, Sold(Calculate(said)));
    }

    [Fact]
    public void A_fixed_price_is_paid_beside_a_series_of_prices_for_import()
    {
        var tariff = Exporting(ExportMode.NetBilling, ExportCredit.None, 0.0794m);
        Assert.Equal(-7.94m, Sold(Calculate(tariff with { Energy = [Dynamic] })));
        Assert.Equal(-7.94m, Sold(Calculate(tariff with { Energy = [Dynamic, Network] })));
        Assert.Equal(-7.94m, Sold(Calculate(tariff)));
        Assert.Equal(-7.94m - 5, Sold(Calculate(tariff with { Energy = [Dynamic with { Index = Dynamic.Index! with { Adder = 0, SellShare = 1 } }] })));
    }

    [Fact]
    public void Export_without_a_price_is_told()
    {
        var bill = Calculate(Exporting(ExportMode.NetBilling, ExportCredit.None, 0.08m) with { Energy = [Supply], Export = new ExportTerms { Mode = ExportMode.NetBilling } });
        Assert.Equal(0, Sold(bill));
        Assert.Contains(bill.Notes, n => n.Contains("sellPrice", StringComparison.Ordinal));
    }

    [Fact]
    public void A_surplus_of_net_metering_that_is_neither_carried_nor_paid_is_told()
    {
        var tariff = Sample.Empty() with { Energy = [Supply], Export = new ExportTerms { Mode = ExportMode.NetMetering } };
        Assert.Contains(Calculate(tariff).Notes, n => n.Contains("export.credit", StringComparison.Ordinal));
        Assert.Empty(Calculate(tariff with { Export = tariff.Export with { Credit = ExportCredit.Kwh } }).Notes);
        Assert.Empty(Calculate(tariff with { Export = tariff.Export with { SellPrice = 0.08m } }).Notes);
    }

    [Fact]
    public void Opening_kilowatt_hours_are_taken_once_where_the_credit_is_money()
    {
        var tariff = Exporting(ExportMode.NetMetering, ExportCredit.Money, 0.08m) with { Energy = [Supply] };
        BillingCycle[] days = [Day, new(Day.Until, Day.Until.PlusDays(1))];
        var account = new Account { OpeningKwh = ImmutableDictionary<string, decimal>.Empty.Add("all", 20) };
        var bill = BillCalculator.Calculate(CompiledTariff.Compile(tariff), MeterData.From(Sample.Constant("Etc/UTC", Day.From, days[1].Until, 60, 1)), days, account);
        Assert.Equal([4 * 0.20m, 24 * 0.20m], bill.Months.Select(m => m.Total));
    }

    [Fact]
    public void Buying_and_selling_all_needs_the_generators_meter()
    {
        var tariff = Exporting(ExportMode.BuyAllSellAll, ExportCredit.None, 0.10m) with { Energy = [Supply, Network] };
        Assert.Contains("generationKW", Assert.Throws<BillRefusedException>(() => Calculate(tariff)).Message, StringComparison.Ordinal);

        var use = Sample.Constant("Etc/UTC", Day.From, Day.Until, 60, 1);
        var generated = Sample.Constant("Etc/UTC", Day.From, Day.Until, 60, 5);
        Assert.Equal(24 * 0.30m - 120 * 0.10m, Calculate(tariff, new MeterData { Net = use, Generation = generated }).Total);
        Assert.Equal(24 * 0.17m - 120 * 0.10m, Calculate(tariff with { Energy = [Dynamic] }, new MeterData { Net = use, Generation = generated }).Total);
        Assert.Contains(Calculate(tariff, MeterData.From(use)).Notes, n => n.Contains("generationKW", StringComparison.Ordinal));
    }

    [Fact]
    public void Export_before_the_days_of_buying_and_selling_all_is_billed_without_the_generators_meter()
    {
        var change = Loads.First.PlusDays(10);
        var before = Exporting(ExportMode.NetBilling, ExportCredit.None, 0.10m) with { Energy = [Supply], EffectiveUntil = change };
        var after = Exporting(ExportMode.BuyAllSellAll, ExportCredit.None, 0.10m) with { Energy = [Supply], Version = "2", EffectiveFrom = change };
        IntervalSeries On(int day) => Loads.Series([.. Enumerable.Range(0, Loads.Count).Select(i => i / Loads.PerDay == day ? -1m : 0)]);
        Assert.Equal(-2.40m, Sold(Loads.Bill([before, after], On(3))));
        Assert.Contains("generationKW", Assert.Throws<BillRefusedException>(() => Loads.Bill([before, after], On(12))).Message, StringComparison.Ordinal);
    }

    private static Tariff Exporting(ExportMode mode, ExportCredit credit, decimal price) =>
        Sample.Empty() with { Export = new ExportTerms { Mode = mode, Credit = credit, SellPrice = price, TrueUp = TrueUpRule.RollOver } };

    /// <summary>10 kW fed in for ten hours.</summary>
    private static Bill Calculate(Tariff tariff) => Calculate(tariff, MeterData.From(IntervalSeries.Create(At(0), Duration.FromHours(1), IntervalUnit.Kw, [.. Enumerable.Range(0, 24).Select(h => h is >= 8 and < 18 ? -10m : 0)])));

    private static Bill Calculate(Tariff tariff, MeterData data) =>
        BillCalculator.Calculate(CompiledTariff.Compile(tariff), data, [Day], options: new BillOptions { Prices = [Curve] });

    private static decimal Sold(Bill bill) => bill.Months.SelectMany(m => m.LineItems).Where(l => l is { Kind: LineKind.Export, Unit: "kWh" }).Sum(l => l.Amount);

    private static Instant At(int hour) => Instant.FromUtc(2026, 1, 1, 0, 0) + Duration.FromHours(hour);
}
