using GridServices.Contracts;
using GridServices.OpenAdr.Configuration;
using GridServices.OpenAdr.Messages;
using GridServices.OpenAdr.Tests.Scripts;
using GridServices.Wire;

namespace GridServices.OpenAdr.Tests.Signals;

public class SignalTests : EitherWay
{
    public SignalTests()
        : this(VenTransport.Pull)
    {
    }

    protected SignalTests(VenTransport transport)
        : base(transport)
    {
    }

    [Theory]
    [InlineData(0, "nothing")]
    [InlineData(1, "20:00-21:00 import 60000")]
    [InlineData(2, "20:00-21:00 import 30000")]
    [InlineData(3, "20:00-21:00 import 0")]
    public void SIMPLE_levels_follow_the_table_and_zero_watts_is_not_no_limit(double level, string expected) =>
        Published(Configs.Ven, Vtn.Simple(("PT1H", level)), expected);

    [Theory]
    [InlineData(4)]
    [InlineData(-1)]
    [InlineData(1.5)]
    public void SIMPLE_knows_no_other_level(double level) => Refused(Configs.Ven, Vtn.Simple(("PT1H", level)), 454);

    [Fact]
    public void A_level_that_the_table_leaves_out_means_what_the_next_lower_one_means()
    {
        var levels = new Dictionary<string, Limits>(StringComparer.Ordinal) { ["1"] = new() { ImportLimitW = 50_000 } };
        var config = Configs.With(p => p with { Signals = new SignalPolicies { Simple = new SimplePolicy { Levels = levels } } });
        Published(config, Vtn.Simple(("PT1H", 3)), "20:00-21:00 import 50000");
        Published(config, Vtn.Simple(("PT1H", 0)), "nothing");
    }

    [Fact]
    public void SIMPLE_of_another_type_than_level_is_unsupported() => Refused(Configs.Ven, Vtn.Signal("SIMPLE", SignalType.Setpoint, ("PT1H", 1)), 460);

    [Theory]
    [InlineData(SignalType.LoadControlCapacity, 0.333333, "20:00-21:00 import 33333")]
    [InlineData(SignalType.LoadControlCapacity, 0, "20:00-21:00 import 0")]
    [InlineData(SignalType.LoadControlCapacity, 1, "20:00-21:00 import 100000")]
    [InlineData(SignalType.LoadControlPercentOffset, -25, "20:00-21:00 import 75000")]
    [InlineData(SignalType.LoadControlPercentOffset, -100, "20:00-21:00 import 0")]
    public void LOAD_CONTROL_is_a_share_of_the_reference_rounded_toward_zero(SignalType type, double value, string expected) =>
        Published(Configs.Ven, Vtn.Signal("LOAD_CONTROL", type, ("PT1H", value)), expected);

    [Theory]
    [InlineData(SignalType.LoadControlCapacity, 1.01)]
    [InlineData(SignalType.LoadControlCapacity, -0.1)]
    [InlineData(SignalType.LoadControlPercentOffset, -101)]
    [InlineData(SignalType.LoadControlSetpoint, -1)]
    public void LOAD_CONTROL_beyond_its_range_is_454(SignalType type, double value) =>
        Refused(Configs.Ven, Vtn.Signal("LOAD_CONTROL", type, ("PT1H", value)).InKilowatts(), 454);

    [Theory]
    [InlineData(SignalType.LoadControlCapacity, 0.5)]
    [InlineData(SignalType.LoadControlPercentOffset, -50)]
    public void A_share_in_kilowatts_is_no_share(SignalType type, double value) =>
        Refused(Configs.Ven, Vtn.Signal("LOAD_CONTROL", type, ("PT1H", value)).InKilowatts(), 454);

    [Fact]
    public void LOAD_CONTROL_set_points_count_in_the_unit_they_bring_and_level_offsets_by_table()
    {
        Published(Configs.Ven, Vtn.Signal("LOAD_CONTROL", SignalType.LoadControlSetpoint, ("PT1H", 12.3456)).InKilowatts(), "20:00-21:00 import 12345");
        Refused(Configs.Ven, Vtn.Signal("LOAD_CONTROL", SignalType.LoadControlLevelOffset, ("PT1H", -1)), 460);
        var table = new Dictionary<string, Limits>(StringComparer.Ordinal) { ["-1"] = new() { ChargeLimitW = 7_000 } };
        var config = Configs.With(p => p with { Signals = new SignalPolicies { LoadControl = new LoadControlPolicy { LevelOffsets = table } } });
        Published(config, Vtn.Signal("LOAD_CONTROL", SignalType.LoadControlLevelOffset, ("PT1H", -1)), "20:00-21:00 charge 7000");
        Published(config, Vtn.Signal("LOAD_CONTROL", SignalType.LoadControlLevelOffset, ("PT1H", 0)), "nothing");
        Refused(config, Vtn.Signal("LOAD_CONTROL", SignalType.LoadControlLevelOffset, ("PT1H", -2)), 454);
        Refused(config, Vtn.Signal("LOAD_CONTROL", SignalType.LoadControlCapacity, ("PT1H", 0.5)), 460);
    }

    [Theory]
    [InlineData(SignalType.Setpoint, 50.9999, "20:00-21:00 target 50999")]
    [InlineData(SignalType.Setpoint, -0.0015, "20:00-21:00 target -1")]
    public void E1_1025_a_LOAD_DISPATCH_set_point_is_a_signed_target_in_whole_watts_toward_zero(SignalType type, double kilowatts, string expected) =>
        Published(Configs.Ven, Vtn.Signal("LOAD_DISPATCH", type, ("PT1H", kilowatts)).InKilowatts(), expected);

    [Fact]
    public void LOAD_DISPATCH_becomes_a_limit_where_the_policy_says_so()
    {
        var config = Configs.With(p => p with { Signals = new SignalPolicies { LoadDispatch = new LoadDispatchPolicy { ReferenceW = 80_000 } } });
        Published(config, Vtn.Signal("LOAD_DISPATCH", SignalType.Setpoint, ("PT1H", 20)).InKilowatts(), "20:00-21:00 import 20000");
        Published(config, Vtn.Signal("LOAD_DISPATCH", SignalType.Setpoint, ("PT1H", -20)).InKilowatts(), "20:00-21:00 import 0");
        Published(config, Vtn.Signal("LOAD_DISPATCH", SignalType.Delta, ("PT1H", -15)).InKilowatts(), "20:00-21:00 import 65000");
        Published(config, Vtn.Signal("LOAD_DISPATCH", SignalType.Multiplier, ("PT1H", 0.25)), "20:00-21:00 import 20000");
        Refused(config, Vtn.Signal("LOAD_DISPATCH", SignalType.Level, ("PT1H", -3)), 460);
    }

    [Fact]
    public void LOAD_DISPATCH_levels_follow_their_table()
    {
        var table = new Dictionary<string, Limits>(StringComparer.Ordinal) { ["-3"] = new() { LoadLimitW = 10_000 } };
        var config = Configs.With(p => p with { Signals = new SignalPolicies { LoadDispatch = new LoadDispatchPolicy { Levels = table } } });
        Published(config, Vtn.Signal("LOAD_DISPATCH", SignalType.Level, ("PT1H", -3)), "20:00-21:00 load 10000");
        Refused(config, Vtn.Signal("LOAD_DISPATCH", SignalType.Level, ("PT1H", -11)), 454);
    }

    [Fact]
    public void E1_1027_a_delta_refers_to_the_baseline_that_the_event_brings()
    {
        var delta = Vtn.Signal("LOAD_DISPATCH", SignalType.Delta, ("PT30M", -10), ("PT30M", -20)).InKilowatts();
        var bare = Vtn.Event("e1", "20:00", "PT1H", delta);
        Registered().Gets(Vtn.Distributes(bare), "e1/0 460 OptOut");
        var baseline = new EventBaseline
        {
            Start = Vtn.Time("20:00"),
            Duration = Vtn.For("PT1H"),
            BaselineId = "b1",
            BaselineName = "b",
            ItemBase = delta.ItemBase,
            Intervals = [new SignalInterval(null, Vtn.For("PT30M"), "0", 50), new SignalInterval(null, Vtn.For("PT30M"), "1", 40)],
        };
        Registered().Gets(Vtn.Distributes(bare with { Baseline = baseline }), "e1/0 200 OptIn")
            .Publishes("site-1 PROG7: 20:00-20:30 target 40000, 20:30-21:00 target 20000");
    }

    [Fact]
    public void A_change_over_hours_refers_to_the_baseline_of_each_hour()
    {
        var delta = Vtn.Signal("LOAD_DISPATCH", SignalType.Delta, ("PT4H", -10)).InKilowatts();
        var wanted = Vtn.Event("e1", "19:00", "PT4H", delta) with { Baseline = CreateBaseline("19:00", "PT1H", delta.ItemBase!, 50, 80, 60, 40) };
        Registered().Gets(Vtn.Distributes(wanted), "e1/0 200 OptIn")
            .Publishes("site-1 PROG7: 19:00-20:00 target 40000, 20:00-21:00 target 70000, 21:00-22:00 target 50000, 22:00-23:00 target 30000");
    }

    /// <summary>Each number alone is bounded; what they multiply to is not: the event is refused, its neighbours are obeyed.</summary>
    [Fact]
    public void Numbers_that_multiply_beyond_all_sense_refuse_their_event_alone()
    {
        var huge = new ItemBase { Kind = ItemKind.PowerReal, Units = "W", Scale = SiScale.Tera };
        var product = Vtn.Event("e1", "20:00", "PT1H", Vtn.Signal("LOAD_DISPATCH", SignalType.Multiplier, ("PT1H", 1000))) with { Baseline = CreateBaseline("20:00", "PT1H", huge, 9e14) };
        Registered().Gets(Vtn.Distributes(product, Vtn.Event("e2", "20:00", "PT1H", Vtn.Simple(("PT1H", 2)))), "e1/0 454 OptOut, e2/0 200 OptIn")
            .Publishes("site-1 PROG7: 20:00-21:00 import 30000");

        var ages = CreateBaseline("20:00", "P3650D", huge, [.. Enumerable.Repeat(1.0, 900)]);
        var endless = Vtn.Event("e3", "20:00", "PT1H", Vtn.Signal("LOAD_DISPATCH", SignalType.Multiplier, ("PT1H", 0.5))) with
        {
            Baseline = ages with { Start = Vtn.Time("21:00"), Intervals = ages.Intervals.Select(i => i with { Duration = null }).ToValueList() },
        };
        Registered().Gets(Vtn.Distributes(endless), "e3/0 459 OptOut");
    }

    private static EventBaseline CreateBaseline(string start, string each, ItemBase unit, params double[] values) => new()
    {
        Start = Vtn.Time(start),
        Duration = Vtn.For(each),
        BaselineId = "b1",
        BaselineName = "b",
        ItemBase = unit,
        Intervals = values.Select((value, i) => new SignalInterval(null, Vtn.For(each), $"{i}", value)).ToValueList(),
    };

    [Fact]
    public void Prices_of_both_directions_stand_beside_one_another()
    {
        var config = Configs.With(p => p with
        {
            Signals = p.Signals with
            {
                ElectricityPrice = new PricePolicy { Currency = "USD", Direction = PriceDirection.Import },
                EnergyPrice = new PricePolicy { Currency = "USD", Direction = PriceDirection.Export },
            },
        });
        var import = Vtn.Signal("ELECTRICITY_PRICE", SignalType.Price, ("PT2H", 0.40)).InCurrency("USD");
        var export = Vtn.Signal("ENERGY_PRICE", SignalType.Price, ("PT1H", 0.08)).InCurrency("USD");
        var ven = VenScript.Registered(config).Gets(Vtn.Distributes(Vtn.Event("p", "20:00", "PT2H", import).Priority(2), Vtn.Event("x", "20:00", "PT1H", export).Priority(1)));
        var prices = ven.Publications.OfType<EnginePublication.PublishPrices>().Last().Prices;
        Assert.Equal(
            [("20:00", 0.40m, 0.08m), ("21:00", 0.40m, (decimal?)null)],
            prices.Segments.Select(s => (s.From.ToString("HH:mm", null), s.ImportPrice!.Value, s.ExportPrice)));
    }

    [Theory]
    [InlineData(double.MaxValue)]
    [InlineData(1e300)]
    [InlineData(-1e300)]
    [InlineData(1e15)]
    public void A_number_beyond_all_sense_is_454_and_overflows_nothing(double value) =>
        Refused(Configs.Ven, Vtn.Signal("LOAD_DISPATCH", SignalType.Setpoint, ("PT1H", value)).InKilowatts(), 454);

    [Fact]
    public void Power_in_another_unit_than_watts_is_unsupported() => Refused(
        Configs.Ven,
        Vtn.Signal("LOAD_DISPATCH", SignalType.Setpoint, ("PT1H", 1)) with { ItemBase = new ItemBase { Kind = ItemKind.Voltage, Units = "V", Scale = SiScale.None } },
        460);

    [Fact]
    public void E1_0040_and_E1_1020_prices_become_a_price_series_and_no_limit()
    {
        var hours = Enumerable.Range(0, 24).Select(i => ("PT1H", 0.10 + (0.01 * (i % 3)))).ToArray();
        var ven = Registered().Gets(Vtn.Distributes(Vtn.Event("p", "20:00", "P1D", Vtn.Signal("ELECTRICITY_PRICE", SignalType.Price, hours))), "p/0 200 OptIn");
        var prices = Assert.IsType<EnginePublication.PublishPrices>(Assert.Single(ven.Publications)).Prices;
        Assert.Equal(24, prices.Segments.Count);
        Assert.Equal([0.10m, 0.11m, 0.12m], prices.Segments.Take(3).Select(s => s.ImportPrice!.Value));
        Assert.Equal(("USD", "kWh"), (prices.Currency, prices.Unit));
        ven.Gets(Vtn.Distributes()).Publishes("site-1 PROG7: no prices");
    }

    [Fact]
    public void Relative_prices_and_multiples_count_from_the_base_price()
    {
        Published(Configs.Ven, Vtn.Signal("ELECTRICITY_PRICE", SignalType.PriceRelative, ("PT1H", -0.05)), "20:00-21:00 0.15 USD/kWh");
        Published(Configs.Ven, Vtn.Signal("ELECTRICITY_PRICE", SignalType.PriceMultiplier, ("PT1H", 1.5)), "20:00-21:00 0.300 USD/kWh");
        Refused(Configs.With(p => p with { Signals = new SignalPolicies { ElectricityPrice = new PricePolicy() } }), Vtn.Signal("ELECTRICITY_PRICE", SignalType.PriceRelative, ("PT1H", 1)), 460);
        var euros = Vtn.Signal("ELECTRICITY_PRICE", SignalType.Price, ("PT1H", 1)) with { ItemBase = new ItemBase { Kind = ItemKind.CurrencyPerKWh, Units = "EUR", Scale = SiScale.None } };
        Refused(Configs.Ven, euros, 460);
    }

    [Fact]
    public void Both_price_signals_go_by_one_policy_so_that_a_series_has_one_currency()
    {
        var config = Configs.With(p => p with { Signals = new SignalPolicies { ElectricityPrice = new PricePolicy { Currency = "EUR" } } });
        Published(config, Vtn.Signal("ENERGY_PRICE", SignalType.Price, ("PT1H", 0.5)), "20:00-21:00 0.5 EUR/kWh");
    }

    [Fact]
    public void Prices_and_set_points_need_no_policy_and_level_signals_of_another_type_only_a_word()
    {
        var bare = Configs.With(p => p with { Signals = new SignalPolicies() });
        Published(bare, Vtn.Signal("ELECTRICITY_PRICE", SignalType.Price, ("PT1H", 0.5)).InCurrency("USD"), "20:00-21:00 0.5 USD/kWh");
        Published(bare, Vtn.Signal("LOAD_DISPATCH", SignalType.Setpoint, ("PT1H", 5)).InKilowatts(), "20:00-21:00 target 5000");
        var any = Configs.With(p => p with { Signals = new SignalPolicies { Simple = p.Signals.Simple! with { AnyType = true } } });
        Published(any, Vtn.Signal("SIMPLE", SignalType.Setpoint, ("PT1H", 2)), "20:00-21:00 import 30000");
        Published(Configs.Ven, Vtn.Signal("SIMPLE", SignalType.Delta, ("PT1H", 2)), "20:00-21:00 import 30000");
    }

    [Theory]
    [InlineData("CHARGE_STATE", SignalType.Setpoint)]
    [InlineData("DEMAND_CHARGE", SignalType.Price)]
    [InlineData("BID_LOAD", SignalType.Setpoint)]
    public void Signals_without_a_policy_are_460(string name, SignalType type) => Refused(Configs.Ven, Vtn.Signal(name, type, ("PT1H", 1)), 460);

    [Fact]
    public void Several_signals_of_one_event_all_apply()
    {
        var e = Vtn.Event("e1", "20:00", "PT1H", Vtn.Simple(("PT1H", 1)), Vtn.Signal("LOAD_CONTROL", SignalType.LoadControlCapacity, ("PT1H", 0.4)), Vtn.Signal("ELECTRICITY_PRICE", SignalType.Price, ("PT1H", 0.5)));
        Registered().Gets(Vtn.Distributes(e), "e1/0 200 OptIn")
            .Publishes("site-1 PROG7: 20:00-21:00 import 40000", "site-1 PROG7: 20:00-21:00 0.5 USD/kWh");
    }

    [Fact]
    public void An_intervals_own_start_is_not_read()
    {
        var signal = Vtn.Simple(("PT30M", 1), ("PT30M", 2));
        Published(Configs.Ven, signal with { Intervals = [signal.Intervals[0], signal.Intervals[1] with { Start = Vtn.Time("23:00") }] }, "20:00-20:30 import 60000, 20:30-21:00 import 30000");
    }

    [Theory]
    [InlineData("LOAD_CONTROL", SignalType.LoadControlSetpoint)]
    [InlineData("LOAD_DISPATCH", SignalType.Setpoint)]
    [InlineData("LOAD_DISPATCH", SignalType.Delta)]
    public void A_number_without_a_unit_is_460_unless_the_policy_names_the_unit(string name, SignalType type)
    {
        var bare = Configs.With(p => p with
        {
            Signals = new SignalPolicies { LoadControl = new LoadControlPolicy { ReferenceW = 1 }, LoadDispatch = new LoadDispatchPolicy { ReferenceW = 50_000 }, ElectricityPrice = new PricePolicy { BasePrice = 1 } },
        });
        Refused(bare, Vtn.Signal(name, type, ("PT1H", 20)), 460);
    }

    [Theory]
    [InlineData(PowerUnit.W, 20, 20)]
    [InlineData(PowerUnit.KW, 20, 20_000)]
    [InlineData(PowerUnit.MW, 0.02, 20_000)]
    public void A_number_without_a_unit_counts_in_the_unit_that_the_policy_names(PowerUnit unit, double value, long watts)
    {
        var config = Configs.With(p => p with
        {
            Signals = new SignalPolicies { LoadControl = new LoadControlPolicy { Unit = unit }, LoadDispatch = new LoadDispatchPolicy { Unit = unit, ReferenceW = 100_000 } },
        });
        Published(config, Vtn.Signal("LOAD_CONTROL", SignalType.LoadControlSetpoint, ("PT1H", value)), $"20:00-21:00 import {watts}");
        Published(config, Vtn.Signal("LOAD_DISPATCH", SignalType.Setpoint, ("PT1H", value)), $"20:00-21:00 import {watts}");
        Published(config, Vtn.Signal("LOAD_DISPATCH", SignalType.Delta, ("PT1H", -value)), $"20:00-21:00 import {100_000 - watts}");
        Published(config, Vtn.Signal("LOAD_CONTROL", SignalType.LoadControlSetpoint, ("PT1H", 7)).InKilowatts(), "20:00-21:00 import 7000");
    }

    public static TheoryData<string, SignalType, ItemKind?, string, double, int, string> Reasons => new()
    {
        { "ELECTRICITY_PRICE", SignalType.Price, ItemKind.CurrencyPerKWh, "EUR", 1, 460, "its currency is EUR, the policy's is USD" },
        { "ELECTRICITY_PRICE", SignalType.Price, ItemKind.CurrencyPerKW, "USD", 1, 460, "USD (currencyPerKW); understood is a price per kWh" },
        { "ELECTRICITY_PRICE", SignalType.PriceRelative, ItemKind.CurrencyPerKWh, "USD", 1, 460, "base price" },
        { "ELECTRICITY_PRICE", SignalType.Level, null, "", 1, 460, "level is not a type that is understood for ELECTRICITY_PRICE" },
        { "LOAD_CONTROL", SignalType.LoadControlSetpoint, ItemKind.PowerApparent, "VA", 1, 460, "its unit is VA (powerApparent)" },
        { "LOAD_CONTROL", SignalType.LoadControlSetpoint, null, "", 1, 460, "has no unit" },
        { "LOAD_CONTROL", SignalType.LoadControlCapacity, null, "", 1, 460, "referenceW" },
        { "LOAD_CONTROL", SignalType.LoadControlLevelOffset, null, "", 1, 460, "levelOffsets" },
        { "LOAD_CONTROL", SignalType.Multiplier, null, "", 1, 460, "multiplier is not a type that is understood for LOAD_CONTROL" },
        { "LOAD_DISPATCH", SignalType.Level, null, "", 1, 460, "LOAD_DISPATCH.levels" },
        { "LOAD_DISPATCH", SignalType.Multiplier, null, "", 1, 460, "no baseline" },
        { "LOAD_DISPATCH", SignalType.Setpoint, ItemKind.Voltage, "V", 1, 460, "its unit is V (voltage)" },
        { "SIMPLE", SignalType.Price, null, "", 1, 460, "price is not a type that is understood for SIMPLE" },
        { "SIMPLE", SignalType.Level, null, "", 4, 454, "levels 0, 1, 2 and 3" },
        { "CHARGE_STATE", SignalType.Setpoint, null, "", 1, 460, "no policy" },
    };

    [Theory]
    [MemberData(nameof(Reasons))]
    public void A_refusal_names_the_true_reason(string name, SignalType type, ItemKind? kind, string units, double value, int code, string reason)
    {
        var config = Configs.With(p => p with { Signals = new SignalPolicies { Simple = p.Signals.Simple, LoadControl = new LoadControlPolicy() } });
        var signal = Vtn.Signal(name, type, ("PT1H", value)) with { ItemBase = kind is { } k ? new ItemBase { Kind = k, Units = units, Scale = SiScale.None } : null };
        var ven = Registered(config).Gets(Vtn.Distributes(Vtn.Event("e1", "20:00", "PT1H", signal)));
        ven.Sends<OadrCreatedEvent>(out var answer);
        Assert.Equal(code, answer.EventResponses[0].Code);
        Assert.Contains(reason, answer.EventResponses[0].Description, StringComparison.Ordinal);
        var refused = Assert.Single(ven.State.Refused);
        Assert.Equal(("e1", code), (refused.EventId, refused.Code));
        Assert.Contains(reason, refused.Why, StringComparison.Ordinal);
    }

    private void Published(VenConfig config, EventSignal signal, string expected)
    {
        var ven = Registered(config).Gets(Vtn.Distributes(Vtn.Event("e1", "20:00", "PT1H", signal)), "e1/0 200 OptIn");
        Assert.Equal(expected == "nothing" ? [] : [$"site-1 PROG7: {expected}"], ven.Published);
    }

    private void Refused(VenConfig config, EventSignal signal, int code) =>
        Registered(config).Gets(Vtn.Distributes(Vtn.Event("e1", "20:00", "PT1H", signal)), $"e1/0 {code} OptOut").Publishes();
}

/// <summary>The same, pushed.</summary>
public sealed class PushedSignalTests() : SignalTests(VenTransport.Push);
