using GridServices.Tariffs.Bills;
using GridServices.Tariffs.Meters;
using GridServices.Tariffs.Model;
using GridServices.Tariffs.Prices;
using GridServices.Tariffs.Time;
using NodaTime;

namespace GridServices.Tariffs.Tests.Prices;

public sealed class PriceDraftTests
{
    private static readonly Instant Now = Instant.FromUtc(2026, 1, 15, 12, 0);
    private static readonly MeterPlan Plan = new() { SiteId = "site-1", TariffId = "t" };

    private static readonly Tariff Tou = Sample.Empty() with
    {
        Schedules = [Sample.OnOff(16, 21)],
        Energy = [new EnergyCharge { Id = "e", Schedule = "tou", Rates = [Sample.Rate("on", 0.40m), Sample.Rate("off", 0.20m)] }],
        Export = new ExportTerms { Mode = ExportMode.NetBilling, SellPrice = 0.08m },
        Adjustments = [new Adjustment { Id = "vat", Percent = 20 }],
    };

    [Fact]
    public void A_tariffs_days_ahead_are_prices_with_taxes_to_draw_and_the_price_that_is_paid_to_feed_in()
    {
        var series = Draw(Tou).ToSeries("site-1", Guid.NewGuid(), 7);
        Assert.Equal(("tariff/energy-price", "EUR", "kWh"), (series.Stream.ToString(), series.Currency, series.Unit));
        Assert.Equal([0.24m, 0.48m, 0.24m, 0.48m, 0.24m], series.Segments.Select(s => s.ImportPrice!.Value));
        Assert.All(series.Segments, s => Assert.Equal(0.08m, s.ExportPrice));
        Assert.Equal((Now, Now + Duration.FromHours(48)), (series.Segments[0].From, series.Segments[^1].Until));
        Assert.Equal("tariff t 1 e on", series.Segments[1].Cause!.EventId);
        Assert.StartsWith("t 1 sha256:", series.Provenance.Authority, StringComparison.Ordinal);
    }

    [Fact]
    public void Next_seasons_prices_are_said_for_their_own_days_and_never_today()
    {
        var next = Tou with { Version = "2", EffectiveFrom = new LocalDate(2026, 1, 17), Energy = [Tou.Energy[0] with { Rates = [Sample.Rate("on", 4), Sample.Rate("off", 2)] }] };
        var first = Assert.Single(Draw(next).Segments);
        Assert.Equal((Instant.FromUtc(2026, 1, 17, 0, 0), 2.4m), (first.From, first.ImportPrice));
        var both = Draw(Tou with { EffectiveUntil = new LocalDate(2026, 1, 16) }, next).Segments;
        Assert.DoesNotContain(both, s => s.From < Instant.FromUtc(2026, 1, 17, 0, 0) && s.Until > Instant.FromUtc(2026, 1, 16, 0, 0));
        Assert.Equal([0.24m, 0.48m, 0.24m, 2.4m], both.Select(s => s.ImportPrice!.Value));
        Assert.Empty(Draw(next with { EffectiveFrom = new LocalDate(2026, 4, 1) }).Segments);
    }

    [Fact]
    public void What_is_not_known_of_a_series_is_left_out_and_never_a_price_of_another_hour()
    {
        var tariff = Tou with
        {
            Energy = [new EnergyCharge { Id = "e", Index = new IndexPrice { Series = "S", SellShare = 1 } }],
            Export = new ExportTerms { Mode = ExportMode.NetBilling },
            Adjustments = [],
        };
        var curve = new PriceCurve("S", [new PricePoint(Now, Now + Duration.FromHours(1), 0.1m), new PricePoint(Now + Duration.FromHours(2), Now + Duration.FromHours(3), -0.2m)]);
        var said = PriceDraft.Compute(Plan, Inputs(tariff) with { Curves = [curve] }, Now).Segments;
        Assert.Equal([(Now, 0.1m, 0.1m), (Now + Duration.FromHours(2), -0.2m, -0.2m)], said.Select(s => (s.From, s.ImportPrice!.Value, s.ExportPrice!.Value)));
        Assert.Equal(Now + Duration.FromHours(3), said[^1].Until);
        Assert.Empty(PriceDraft.Compute(Plan, Inputs(tariff), Now).Segments);
    }

    /// <summary>Of the periods of this cycle; the next one begins at the first tier.</summary>
    [Theory]
    [InlineData(ExportMode.NetBilling, 0.08)]
    [InlineData(ExportMode.NetMetering, null)]
    public void Where_what_was_drawn_is_not_known_no_tier_is_said_for_one(ExportMode export, double? fed)
    {
        var off = Sample.Rate("off", 0.20m) with { Tiers = [new EnergyTier { UpTo = 1_000, Price = 0.20m }, new EnergyTier { Price = 0.30m }] };
        var tiered = Tou.Energy[0] with { Rates = [Sample.Rate("on", 0.40m), off] };
        var tariff = Tou with { Energy = [tiered], Export = Tou.Export! with { Mode = export } };
        var (now, next) = (Instant.FromUtc(2026, 1, 31, 12, 0), Instant.FromUtc(2026, 2, 1, 0, 0));
        var said = PriceDraft.Compute(Plan, Inputs(tariff) with { IsCycleUnknown = true }, now).Segments;
        Assert.Equal([0.48m], said.Where(s => s.From < next).Select(s => s.ImportPrice).OfType<decimal>());
        Assert.Equal(0.24m, said.First(s => s.From >= next).ImportPrice);
        Assert.Equal((decimal?)fed, said.FirstOrDefault(s => s.From <= now && s.Until > now)?.ExportPrice);
        Assert.All(PriceDraft.Compute(Plan, Inputs(tariff), now).Segments, s => Assert.NotNull(s.ImportPrice));
    }

    [Fact]
    public void A_tariff_of_demand_alone_says_nothing_of_energy() =>
        Assert.Empty(Draw(Sample.Empty() with { Demand = [new DemandCharge { Id = "d", Rates = [Sample.PerKw("all", 12)] }] }).Segments);

    [Fact]
    public void A_series_states_the_same_until_another_price_holds_at_any_moment_of_it()
    {
        var (held, later, end) = (Draw(Tou), Now + Duration.FromMinutes(10), Now + PriceDraft.Horizon);
        Assert.True(PriceDraft.Compute(Plan, Inputs(Tou), later).StatesSame(held, later, end));
        var dearer = Tou with { Energy = [Tou.Energy[0] with { Rates = [Sample.Rate("on", 0.41m), Sample.Rate("off", 0.20m)] }] };
        Assert.False(PriceDraft.Compute(Plan, Inputs(dearer), later).StatesSame(held, later, end));
        Assert.False((held with { Segments = held.Segments.RemoveAt(2) }).StatesSame(held, later, end));
    }

    [Fact]
    public void The_price_of_a_day_without_a_version_is_not_known()
    {
        var ended = Tou with { EffectiveUntil = new LocalDate(2026, 1, 16) };
        var (segments, _) = PriceOutlook.Compute(Plan, Inputs(ended), Now, Now + Duration.FromHours(48));
        Assert.Equal((Instant.FromUtc(2026, 1, 16, 0, 0), null, null), (segments[^1].From, segments[^1].ImportPrice, segments[^1].ExportPrice));
        Assert.Contains("no version of tariff t", segments[^1].Missing, StringComparison.Ordinal);
    }

    private static PriceDraft Draw(params Tariff[] versions) => PriceDraft.Compute(Plan, Inputs(versions), Now);

    private static OutlookInputs Inputs(params Tariff[] versions) =>
        new() { Versions = [.. versions.Select(CompiledTariff.Compile)], Cycle = new BillingCycle(new LocalDate(2026, 1, 1), new LocalDate(2026, 2, 1)) };
}
