using GridServices.Contracts;
using GridServices.Ieee2030Dot5.Events;
using GridServices.Ieee2030Dot5.Messages;
using NodaTime;

namespace GridServices.Ieee2030Dot5.Tests.Events;

/// <summary>What tariffs amount to, rule by rule.</summary>
public sealed class PriceScheduleTests
{
    private static readonly Instant Now = Instant.FromUtc(2027, 1, 15, 18, 0);
    private static readonly DerScheduleConfig Config = new() { SiteId = "site-1", Lfdi = FakeServer.Lfdi };
    private static readonly ReadingType ImportKwh = new() { Uom = 72, FlowDirection = 1, PowerOfTenMultiplier = 3 };

    [Theory]
    [InlineData(-6, 3, 1, "0.000001")]
    [InlineData(0, 0, 1, "1000")]
    [InlineData(-4, 3, 3021, "0.3021")]
    [InlineData(-2, 0, -25, "-250")]
    [InlineData(-12, 3, 7, "0.000000000007")]
    [InlineData(12, -12, 0, "0")]
    public void A_price_is_exact_per_kWh(int tariff, int type, int price, string perKwh) => Assert.Equal(
        decimal.Parse(perKwh, System.Globalization.CultureInfo.InvariantCulture),
        PriceBasis.From(Profile(0, tariff), ImportKwh with { PowerOfTenMultiplier = type }).PerKwh(price));

    [Theory]
    [InlineData(-12, 4, 1)]
    [InlineData(12, -12, 1)]
    [InlineData(10, 3, 2_000_000_000)]
    [InlineData(127, -128, 1)]
    [InlineData(-128, 127, 1)]
    [InlineData(-128, 127, 0)]
    public void A_price_beyond_the_bounds_is_not_known(int tariff, int type, int price)
    {
        Assert.Null(PriceBasis.From(Profile(0, tariff), ImportKwh with { PowerOfTenMultiplier = type }).PerKwh(price));
        var step = Apply(Tariff("T", 0, [Item("A", 0, 60, price, "C")], ImportKwh with { PowerOfTenMultiplier = type }, Profile(0, tariff)));
        Assert.Empty(step.Tariffs[0].Segments);
        Assert.NotEmpty(step.Notes);
    }

    [Theory]
    [InlineData(72, 1, PriceLane.Import)]
    [InlineData(72, 19, PriceLane.Export)]
    [InlineData(72, 4, PriceLane.Unknown)]
    [InlineData(73, 1, PriceLane.Apart)]
    [InlineData(38, 1, PriceLane.Apart)]
    [InlineData(195, 1, PriceLane.Apart)]
    [InlineData(31, 1, PriceLane.Unknown)]
    public void What_a_component_is_for_follows_from_unit_and_direction(int uom, int flow, PriceLane lane) =>
        Assert.Equal(lane, PriceBasis.From(Profile(0), new ReadingType { Uom = (byte)uom, FlowDirection = (byte)flow }).Lane);

    [Fact]
    public void A_tariff_that_keeps_what_is_over_is_followed_however_long_it_grew()
    {
        PricedInterval[] first = [.. Enumerable.Range(0, 3_000).Select(i => Item($"A{i:0000}", i, 1, 1, "C"))];
        PricedInterval[] then = [.. Enumerable.Range(3_000, 3_000).Select(i => Item($"A{i:0000}", i, 1, 2, "C"))];
        var before = Apply(Tariff("T", 0, first, ImportKwh));
        var later = Now + Duration.FromMinutes(3_000);
        var step = PriceSchedule.Apply(Config, before.State, [Tariff("T", 0, [.. first, .. then], ImportKwh)], later, 7);

        Assert.Contains(step.Tariffs[0].Segments, s => s.From == later);
        Assert.InRange(step.State.Prices.Count, 4_000, 4_100);
        Assert.DoesNotContain(step.Responses, r => r.Status == 254);
        var again = PriceSchedule.Apply(Config, step.State, [Tariff("T", 0, [.. first, .. then], ImportKwh)], later, 8);
        Assert.Empty(again.Responses);
        Assert.Empty(again.Notes);
    }

    [Fact]
    public void With_one_component_unknown_the_sum_is_unknown_and_told()
    {
        var unread = Tariff("T", 0, [Item("A", 0, 60, 1, "C"), Item("B", 10, 20, 2, "D")], ImportKwh);
        var step = Apply(unread with { Components = [.. unread.Components, new ComponentView("D", "/rc/d", null)] });

        Assert.Equal([(0, 10), (30, 60)], Minutes(step.Tariffs[0]));
        Assert.Contains(step.Notes, n => n.Text.Contains("/rc/d", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(null)]
    [InlineData(0)]
    [InlineData(999)]
    public void Without_a_currency_nothing_is_stated(int? currency)
    {
        var step = Apply(Tariff("T", 0, [Item("A", 0, 60, 1, "C")], ImportKwh, Profile(0) with { Currency = currency }));
        Assert.Empty(step.Tariffs);
        Assert.Contains(step.Notes, n => n.Level == NoteLevel.Alarm && n.Text.Contains("/tp/1", StringComparison.Ordinal));
    }

    [Fact]
    public void Inside_a_component_the_later_creation_wins_and_what_is_superseded_is_answered_7()
    {
        var (weak, strong) = (Item("A", 0, 60, 1, "C"), Item("B", 0, 30, 2, "C", created: -10));
        var step = Apply(Tariff("T", 0, [weak, strong], ImportKwh));

        Assert.Equal([2m], step.Tariffs[0].Segments.Select(s => s.ImportPrice!.Value));
        Assert.Equal([("A", (byte)1), ("A", (byte)7), ("B", (byte)1)], step.Responses.Select(r => (r.MRid, r.Status)));
    }

    [Fact]
    public void In_2023_the_weaker_counts_again_once_the_stronger_is_over()
    {
        var step = Apply(Config with { Edition = ResponseEdition.Ieee2023 }, Tariff("T", 0, [Item("A", 0, 60, 1, "C"), Item("B", 0, 30, 2, "C", created: -10)], ImportKwh));
        Assert.Equal([(0, 30, 2m), (30, 60, 1m)], step.Tariffs[0].Segments.Select(s => (Minute(s.From), Minute(s.Until!.Value), s.ImportPrice!.Value)));
    }

    [Fact]
    public void Of_two_tariffs_the_lower_primacy_has_the_direction()
    {
        var step = Apply(Tariff("T", 5, [Item("A", 0, 60, 1, "C")], ImportKwh), Tariff("S", 1, [Item("B", 30, 60, 2, "D")], ImportKwh));
        Assert.Equal([(0, 30)], Minutes(step.Tariffs.Single(t => t.Key == "T")));
        Assert.Equal([(30, 90)], Minutes(step.Tariffs.Single(t => t.Key == "S")));
    }

    [Fact]
    public void An_illegible_interval_of_a_tariff_leaves_no_sum_and_an_illegible_held_one_holds_on()
    {
        var tariff = Tariff("T", 0, [Item("A", 0, 60, 1, "C")], ImportKwh);
        var state = Apply(tariff).State;
        var refusal = new GridServices.Wire.ReadError(ErrorClass.SchemaInvalid, "/TimeTariffInterval", "illegible");
        UnreadableItem Lost(string mrid) => new(null, mrid, "/rsp", 3, refusal);

        Assert.Single(Apply(Config, state, tariff with { Intervals = [], Unreadable = [Lost("A")] }).Tariffs[0].Segments);
        var step = Apply(Config, state, tariff with { Unreadable = [Lost("X")] });
        Assert.Empty(step.Tariffs);
        Assert.Equal([("X", (byte)253)], step.Responses.Select(r => (r.MRid, r.Status)));
    }

    [Fact]
    public void What_changes_without_a_version_or_is_not_listed_any_more_holds_on()
    {
        var state = Apply(Tariff("T", 0, [Item("A", 0, 60, 1, "C")], ImportKwh)).State;
        Assert.Equal(1m, Apply(Config, state, Tariff("T", 0, [Item("A", 0, 60, 9, "C")], ImportKwh)).Tariffs[0].Segments[0].ImportPrice);
        Assert.Single(Apply(Config, state, Tariff("T", 0, [], ImportKwh)).Tariffs[0].Segments);
    }

    [Fact]
    public void Blocks_that_contradict_each_other_or_begin_above_0_leave_no_price()
    {
        Assert.Empty(Apply(Tariff("T", 0, [Blocks("A", (0, 1), (0, 2))], ImportKwh)).Tariffs[0].Segments);
        Assert.Empty(Apply(Tariff("T", 0, [Blocks("A", (50, 1))], ImportKwh)).Tariffs[0].Segments);
        Assert.Equal(1m, Apply(Tariff("T", 0, [Blocks("A", (100, 2), (0, 1))], ImportKwh)).Tariffs[0].Segments[0].ImportPrice);
    }

    private static PriceStep Apply(params TariffView[] tariffs) => Apply(Config, PriceState.Initial, tariffs);

    private static PriceStep Apply(DerScheduleConfig config, params TariffView[] tariffs) => Apply(config, PriceState.Initial, tariffs);

    private static PriceStep Apply(DerScheduleConfig config, PriceState state, params TariffView[] tariffs) => PriceSchedule.Apply(config, state, tariffs, Now, 7);

    private static TariffProfile Profile(byte primacy, int multiplier = 0) =>
        new() { MRid = "T", Href = "/tp/1", Currency = 978, Primacy = primacy, PricePowerOfTenMultiplier = multiplier, ServiceCategoryKind = 0 };

    private static TariffView Tariff(string key, byte primacy, IReadOnlyList<PricedInterval> items, ReadingType type, TariffProfile? profile = null) => new(key, profile ?? Profile(primacy))
    {
        Components = [.. items.Select(i => i.ComponentKey).Append("C").Distinct().Where(c => c != "D" || key != "T").Select(c => new ComponentView(c!, "/rc/1", type))],
        Intervals = items,
        IsWhole = true,
    };

    private static PricedInterval Item(string mrid, int fromMinute, int minutes, int price, string component, int created = -60) =>
        new(Interval(mrid, fromMinute, minutes, created), component, [new ConsumptionTariffInterval { Price = price, StartValue = 0 }]);

    private static PricedInterval Blocks(string mrid, params (long From, int Price)[] blocks) =>
        new(Interval(mrid, 0, 60, -60), "C", [.. blocks.Select(b => new ConsumptionTariffInterval { Price = b.Price, StartValue = b.From })]);

    private static TimeTariffInterval Interval(string mrid, int fromMinute, int minutes, int created) => new()
    {
        MRid = mrid,
        CreationTime = Now.ToUnixTimeSeconds() + (created * 60),
        EventStatus = new EventStatus { CurrentStatus = EventState.Scheduled },
        Interval = new DateTimeInterval(Now.ToUnixTimeSeconds() + (fromMinute * 60), minutes * 60),
        ReplyTo = "/rsp",
        ResponseRequired = 3,
    };

    private static IEnumerable<(int From, int Until)> Minutes(TariffPrices tariff) => tariff.Segments.Select(s => (Minute(s.From), Minute(s.Until!.Value)));

    private static int Minute(Instant at) => (int)(at - Now).TotalMinutes;
}
