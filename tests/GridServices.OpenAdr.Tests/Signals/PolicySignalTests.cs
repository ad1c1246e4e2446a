using GridServices.Contracts;
using GridServices.OpenAdr.Configuration;
using GridServices.OpenAdr.Messages;
using GridServices.OpenAdr.Tests.Scripts;

namespace GridServices.OpenAdr.Tests.Signals;

/// <summary>Signals that mean something only where a program's policy says what.</summary>
public sealed class PolicySignalTests
{
    private static readonly VenConfig Charged = Configs.With(p => p with
    {
        Signals = p.Signals with
        {
            DemandCharge = new DemandChargePolicy
            {
                BasePrice = 4,
                Limits =
                [
                    new PricedLimits { From = 10, Limits = new Limits { ImportLimitW = 80_000 } },
                    new PricedLimits { From = 20, Limits = new Limits { ImportLimitW = 50_000, ChargeLimitW = 11_000 } },
                    new PricedLimits { From = 15, Limits = new Limits { ChargeLimitW = 7_000 } },
                ],
            },
        },
    });

    [Theory]
    [InlineData(SignalType.Price, 9.99, "nothing")]
    [InlineData(SignalType.Price, 10, "20:00-21:00 import 80000")]
    [InlineData(SignalType.Price, 25, "20:00-21:00 import 50000 charge 7000")]
    [InlineData(SignalType.PriceRelative, 11.5, "20:00-21:00 import 80000 charge 7000")]
    [InlineData(SignalType.PriceMultiplier, 2.5, "20:00-21:00 import 80000")]
    public void A_demand_charge_limits_from_the_prices_on_that_the_policy_names(SignalType type, double value, string expected) =>
        Assert.Equal(expected, Published(Charged, Vtn.Signal("DEMAND_CHARGE", type, ("PT1H", value))));

    [Fact]
    public void A_low_demand_charge_of_higher_priority_takes_no_limit_away() =>
        VenScript.Registered(Charged).Gets(Vtn.Distributes(
                Vtn.Event("a", "20:00", "PT1H", Vtn.Simple(("PT1H", 2))).Priority(2),
                Vtn.Event("b", "20:00", "PT1H", Vtn.Signal("DEMAND_CHARGE", SignalType.Price, ("PT1H", 5))).Priority(1)))
            .Publishes("site-1 PROG7: 20:00-21:00 import 30000");

    [Theory]
    [InlineData(ItemKind.CurrencyPerKWh, "USD", "currencyPerKW")]
    [InlineData(ItemKind.CurrencyPerKW, "EUR", "DEMAND_CHARGE.currency")]
    public void A_demand_charge_in_another_unit_is_460_with_the_reason(ItemKind kind, string units, string says) =>
        Refused(Charged, Vtn.Signal("DEMAND_CHARGE", SignalType.Price, ("PT1H", 20)) with { ItemBase = new ItemBase { Kind = kind, Units = units } }, says);

    [Theory]
    [InlineData("BID_PRICE", SignalType.Price)]
    [InlineData("BID_LOAD", SignalType.Setpoint)]
    [InlineData("BID_ENERGY", SignalType.Setpoint)]
    public void Bids_are_refused_by_name(string name, SignalType type) =>
        Refused(Charged, Vtn.Signal(name, type, ("PT1H", 1)), $"signal {name}", "offer to a market");

    [Theory]
    [InlineData(20, "20:00-20:30 target 45000, 20:30-21:00 target 5000")]
    [InlineData(-2.5, "20:00-20:30 target 0, 20:30-21:00 target 5000")]
    public void Energy_to_store_or_release_is_an_even_target_beside_the_other_load(double kilowattHours, string expected) =>
        Assert.Equal(expected, Published(Storage(null), Vtn.Signal("CHARGE_STATE", SignalType.Delta, ("PT30M", kilowattHours), ("PT30M", 0)) with { ItemBase = KilowattHours }));

    [Fact]
    public void Energy_without_a_unit_counts_in_the_policys_and_without_one_is_460()
    {
        var signal = Vtn.Signal("CHARGE_STATE", SignalType.Delta, ("PT1H", 10));
        Assert.Equal("20:00-21:00 target 15000", Published(Storage(EnergyUnit.KWh), signal));
        Refused(Storage(null), signal, "CHARGE_STATE.unit");
        Refused(Storage(EnergyUnit.KWh), signal with { ItemBase = new ItemBase { Kind = ItemKind.PowerReal, Units = "W" } }, "energyReal");
    }

    [Theory]
    [InlineData(SignalType.Setpoint, "how full")]
    [InlineData(SignalType.Multiplier, "how full")]
    [InlineData(SignalType.Level, "understood: delta")]
    public void How_full_a_storage_shall_be_is_460(SignalType type, string says) => Refused(Storage(EnergyUnit.KWh), Vtn.Signal("CHARGE_STATE", type, ("PT1H", 1)), says);

    [Theory]
    [InlineData("LOAD_DISPATCH", SignalType.Setpoint)]
    [InlineData("LOAD_CONTROL", SignalType.LoadControlSetpoint)]
    public void Volt_amperes_are_read_with_the_policys_power_factor_and_reactive_power_never(string name, SignalType type)
    {
        var signal = Vtn.Signal(name, type, ("PT1H", 10)) with { ItemBase = new ItemBase { Kind = ItemKind.PowerApparent, Units = "VA", Scale = SiScale.Kilo } };
        Refused(Configs.With(p => p with { Signals = new SignalPolicies { LoadControl = new LoadControlPolicy() } }), signal, $"{name}.powerFactor");
        var read = Configs.With(p => p with
        {
            Signals = new SignalPolicies { LoadDispatch = new LoadDispatchPolicy { PowerFactor = 0.95m }, LoadControl = new LoadControlPolicy { PowerFactor = 0.95m } },
        });
        Assert.Equal("20:00-21:00 import 9500", Published(read, signal));
        Refused(read, signal with { ItemBase = new ItemBase { Kind = ItemKind.PowerReactive, Units = "VAR", Scale = SiScale.Kilo } }, "reactive power");
    }

    [Fact]
    public void Mistakes_in_the_policies_are_told_with_their_place()
    {
        var wrong = Configs.With(p => p with
        {
            Signals = new SignalPolicies
            {
                DemandCharge = new DemandChargePolicy { Currency = "dollar", Limits = [] },
                LoadControl = new LoadControlPolicy { PowerFactor = 1.1m },
                LoadDispatch = new LoadDispatchPolicy { PowerFactor = 0 },
            },
        });
        const string At = "/programs/0/signals";
        Assert.Equal(
            [$"{At}/DEMAND_CHARGE/currency", $"{At}/DEMAND_CHARGE/limits", $"{At}/LOAD_CONTROL/powerFactor", $"{At}/LOAD_DISPATCH/powerFactor"],
            VenConfigRules.Check(wrong).Select(f => f.Pointer).Order(StringComparer.Ordinal));
    }

    private static ItemBase KilowattHours { get; } = new() { Kind = ItemKind.EnergyReal, Units = "Wh", Scale = SiScale.Kilo };

    private static VenConfig Storage(EnergyUnit? unit) => Configs.With(p => p with { Signals = new SignalPolicies { ChargeState = new ChargeStatePolicy { OtherLoadW = 5_000, Unit = unit } } });

    // An event that leaves the schedule empty changes nothing that could be published.
    private static string Published(VenConfig config, EventSignal signal)
    {
        var ven = VenScript.Registered(config).Gets(Vtn.Distributes(Vtn.Event("e1", "20:00", "PT1H", signal)));
        Assert.Equal("e1/0 200 OptIn", Show.Of(Assert.IsType<OadrCreatedEvent>(ven.Request().Message)));
        return ven.Published.Count == 0 ? "nothing" : Assert.Single(ven.Published)["site-1 PROG7: ".Length..];
    }

    private static void Refused(VenConfig config, EventSignal signal, params string[] says)
    {
        var ven = VenScript.Registered(config).Gets(Vtn.Distributes(Vtn.Event("e1", "20:00", "PT1H", signal)));
        var answer = Assert.Single(Assert.IsType<OadrCreatedEvent>(ven.Request().Message).EventResponses);
        Assert.Equal(460, answer.Code);
        Assert.All(says, words => Assert.Contains(words, answer.Description, StringComparison.Ordinal));
    }
}
