using System.Collections.Immutable;
using GridServices.Contracts;
using GridServices.Tariffs.Bills;
using GridServices.Tariffs.Intervals;
using GridServices.Tariffs.Meters;
using GridServices.Tariffs.Model;
using GridServices.Tariffs.Prices;
using GridServices.Tariffs.Time;
using NodaTime;

namespace GridServices.Tariffs.Tests.Prices;

public sealed class PriceOutlookTests
{
    private static readonly Instant Now = Instant.FromUtc(2026, 1, 15, 12, 0);
    private static readonly BillingCycle January = new(new LocalDate(2026, 1, 1), new LocalDate(2026, 2, 1));
    private static readonly MeterPlan Plan = new() { SiteId = "site-1", TariffId = "t" };

    private static readonly Tariff Tou = Sample.Empty() with
    {
        Schedules = [Sample.OnOff(16, 21)],
        Energy = [new EnergyCharge { Id = "e", Schedule = "tou", Rates = [Sample.Rate("on", 0.40m), new EnergyRate { Period = "off", Tiers = [new EnergyTier { UpTo = 1000, Price = 0.20m }, new EnergyTier { Price = 0.30m }] }] }],
        Adjustments = [new Adjustment { Id = "levy", Kind = AdjustmentKind.Rider, Percent = 10 }, new Adjustment { Id = "vat", Percent = 20 }],
    };

    [Fact]
    public void Two_days_ahead_each_period_has_its_price_with_riders_and_taxes_on_it()
    {
        var (segments, notes) = Compute(Tou);
        Assert.Empty(notes);
        Assert.Equal([12, 16, 21, 16, 21], segments.Select(s => s.From.InUtc().Hour));
        Assert.Equal([0.20m, 0.40m, 0.20m, 0.40m, 0.20m], segments.Select(s => s.ImportPrice!.Value));
        Assert.Equal([0.264m, 0.528m], segments.Take(2).Select(s => s.ImportPriceWithTaxes!.Value));
        Assert.Equal((Now, Now + Duration.FromHours(48)), (segments[0].From, segments[^1].Until));
        Assert.Equal("tariff t 1 e on", segments[1].Parts[0].Source);
    }

    [Fact]
    public void The_tier_under_way_prices_the_next_kilowatt_hour_and_the_next_cycle_begins_anew()
    {
        var soFar = Sample.Constant("Etc/UTC", January.From, January.Until, 60, 4);
        var cut = IntervalSeries.FromUnits(soFar.Start, Duration.FromHours(1), IntervalUnit.Kw, soFar.Scale, soFar.Values[..(14 * 24 + 12)].ToArray());
        var (segments, _) = PriceOutlook.Compute(Plan, Inputs(Tou) with { CycleSoFar = cut }, Now, Instant.FromUtc(2026, 2, 1, 12, 0));
        Assert.Equal((0.30m, "tariff t 1 e off tier 2"), (segments[0].ImportPrice, segments[0].Parts[0].Source));
        Assert.Equal(0.20m, segments[^1].ImportPrice);
    }

    [Fact]
    public void On_the_day_the_clocks_go_forward_the_evening_price_is_not_an_hour_late()
    {
        var berlin = Sample.Empty("Europe/Berlin") with { Schedules = [Sample.OnOff(18, 21)], Energy = [Tou.Energy[0] with { Rates = [Sample.Rate("on", 2), Sample.Rate("off", 1)] }] };
        var (segments, _) = PriceOutlook.Compute(Plan, Inputs(berlin) with { Cycle = new BillingCycle(new LocalDate(2026, 3, 1), new LocalDate(2026, 4, 1)) }, Instant.FromUtc(2026, 3, 28, 0, 0), Instant.FromUtc(2026, 3, 30, 0, 0));
        Assert.Equal([Instant.FromUtc(2026, 3, 28, 17, 0), Instant.FromUtc(2026, 3, 29, 16, 0)], segments.Where(s => s.ImportPrice == 2).Select(s => s.From));
    }

    [Fact]
    public void A_kilowatt_hour_is_sold_once_whatever_the_number_of_energy_charges()
    {
        var tariff = Sample.Empty() with
        {
            Energy = [Sample.Flat(0.20m), Sample.Flat(0.10m) with { Id = "network" }],
            Export = new ExportTerms { Mode = ExportMode.NetBilling, SellPrice = 0.08m },
        };
        Assert.Equal(0.08m, Compute(tariff).Segments[0].ExportPrice);
        Assert.Equal(0.08m, Compute(tariff with { Energy = [new EnergyCharge { Id = "e", Index = new IndexPrice { Series = "S" } }] }).Segments[0].ExportPrice);
    }

    [Fact]
    public void An_answer_that_ends_early_says_where()
    {
        var tariff = Tou with { Energy = [new EnergyCharge { Id = "e", Rates = [Sample.Rate("all", 0.10m)], Index = new IndexPrice { Series = "S" } }], Adjustments = [] };
        var curve = new PriceCurve("S", [.. Enumerable.Range(0, 2_880).Select(i => new PricePoint(Now + Duration.FromMinutes(i), Now + Duration.FromMinutes(i + 1), i % 2))]);
        var (segments, notes) = PriceOutlook.Compute(Plan, Inputs(tariff) with { Curves = [curve] }, Now, Now + Duration.FromHours(48));
        Assert.Equal((2_000, Now + Duration.FromMinutes(2_000)), (segments.Length, segments[^1].Until));
        Assert.Contains($"from={segments[^1].Until}", Assert.Single(notes), StringComparison.Ordinal);
    }

    [Fact]
    public void Real_time_prices_come_on_top_and_where_they_are_not_known_the_price_is_not_guessed()
    {
        var tariff = Tou with { Energy = [new EnergyCharge { Id = "e", Rates = [Sample.Rate("all", 0.10m)], Index = new IndexPrice { Series = "DE-LU", Multiplier = 1.5m, Cap = 0.2m } }], Adjustments = [] };
        PriceCurve curve = new("DE-LU", [new PricePoint(Now, Now + Duration.FromMinutes(15), 0.04m), new PricePoint(Now + Duration.FromMinutes(15), Now + Duration.FromMinutes(30), -0.02m), new PricePoint(Now + Duration.FromMinutes(30), Now + Duration.FromMinutes(45), 5m)]);
        var (segments, _) = PriceOutlook.Compute(Plan, Inputs(tariff) with { Curves = [curve] }, Now, Now + Duration.FromHours(48));
        Assert.Equal([0.16m, 0.07m, 0.30m, null], segments.Select(s => s.ImportPrice));
        Assert.Contains("does not reach", segments[^1].Missing, StringComparison.Ordinal);
    }

    [Fact]
    public void A_programs_price_replaces_adds_or_is_shown_only()
    {
        var series = Program("EUR", "kWh");
        Assert.Equal([0.90m, 0.20m], Compute(Tou, series).Segments.Take(2).Select(s => s.ImportPrice!.Value));
        Assert.Equal("openadr/PROG7", Compute(Tou, series).Segments[0].Parts.Single().Source);
        Assert.Equal(1.10m, Compute(Tou, series, new ProgramPrice("openadr/PROG7", ProgramPriceUse.Adds)).Segments[0].ImportPrice);
        Assert.Equal(0.20m * 1.32m + 0.90m, Compute(Tou, series, new ProgramPrice("openadr/PROG7", ProgramPriceUse.Adds, OnTop: false)).Segments[0].ImportPriceWithTaxes);
        Assert.Equal(0.20m, Compute(Tou, series, new ProgramPrice("openadr/PROG7", ProgramPriceUse.Shown)).Segments[0].ImportPrice);
    }

    [Theory]
    [InlineData("USD", "kWh")]
    [InlineData("EUR", "kW")]
    public void A_price_in_other_money_or_units_is_left_out_and_said(string currency, string unit)
    {
        var (segments, notes) = Compute(Tou, Program(currency, unit));
        Assert.Equal(0.20m, segments[0].ImportPrice);
        Assert.Contains("not in the curve", Assert.Single(notes), StringComparison.Ordinal);
    }

    [Fact]
    public void A_critical_peak_and_a_new_version_change_the_curve_when_they_begin()
    {
        var cpp = Tou with
        {
            Adjustments = [],
            Schedules = [new Schedule { Id = "tou", Rules = [new ScheduleRule { Period = "critical", Event = "cpp" }, new ScheduleRule { Period = "off" }] }],
            Energy = [new EnergyCharge { Id = "e", Schedule = "tou", Rates = [Sample.Rate("critical", 3), Sample.Rate("off", 1)] }],
            EffectiveUntil = new LocalDate(2026, 1, 16),
        };
        var next = cpp with { Version = "2", EffectiveFrom = new LocalDate(2026, 1, 16), EffectiveUntil = null, Energy = [cpp.Energy[0] with { Rates = [Sample.Rate("critical", 3), Sample.Rate("off", 2)] }] };
        var plan = Plan with { Events = [new CalledEvent("cpp", Now + Duration.FromHours(2), Now + Duration.FromHours(4))] };
        var (segments, _) = PriceOutlook.Compute(plan, Inputs(cpp, next), Now, Now + Duration.FromHours(48));
        Assert.Equal([1m, 3m, 1m, 2m], segments.Select(s => s.ImportPrice!.Value));
        Assert.Equal(Instant.FromUtc(2026, 1, 16, 0, 0), segments[^1].From);
    }

    [Fact]
    public void Export_earns_what_the_tariff_pays_for_it() => Assert.Equal(
        0.08m, Compute(Tou with { Export = new ExportTerms { Mode = ExportMode.NetBilling, SellPrice = 0.08m } }).Segments[0].ExportPrice);

    private static (ImmutableArray<OutlookSegment> Segments, ImmutableArray<string> Notes) Compute(Tariff tariff, PriceSeries? program = null, params ImmutableArray<ProgramPrice> rules) =>
        PriceOutlook.Compute(Plan with { ProgramPrices = rules }, Inputs(tariff) with { Programs = program is null ? [] : [program] }, Now, Now + Duration.FromHours(48));

    private static OutlookInputs Inputs(params Tariff[] versions) => new() { Versions = [.. versions.Select(CompiledTariff.Compile)], Cycle = January };

    private static PriceSeries Program(string currency, string unit) => new()
    {
        SeriesId = Guid.NewGuid(),
        Revision = 1,
        SiteId = "site-1",
        Stream = new StreamId("openadr", "PROG7"),
        Currency = currency,
        Unit = unit,
        Segments = [new PriceSegment { From = Now, Until = Now + Duration.FromHours(1), ImportPrice = 0.90m }],
        Provenance = new Provenance { Protocol = "OpenADR 2.0b", Authority = "VTN-1" },
    };
}
