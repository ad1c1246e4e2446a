using GridServices.Contracts;
using GridServices.Contracts.Functions;
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
    [InlineData(SignalType.Setpoint, "CHARGE_STATE.capacityWh")]
    [InlineData(SignalType.Multiplier, "CHARGE_STATE.capacityWh")]
    [InlineData(SignalType.Level, "understood: delta")]
    public void How_full_a_storage_shall_be_is_460_where_nobody_knows_its_capacity(SignalType type, string says) => Refused(Storage(EnergyUnit.KWh), Vtn.Signal("CHARGE_STATE", type, ("PT1H", 1)), says);

    private static readonly VenConfig Battery = Configs.With(p => p with
    {
        Signals = new SignalPolicies { Simple = p.Signals.Simple, ChargeState = new ChargeStatePolicy { OtherLoadW = 5_000, CapacityWh = 100_000, AssetId = "battery" } },
    });

    private static VenInput.ReadingsArrived Charge(string at, decimal percent, string? asset = "battery") =>
        new([new SiteReading("site-1", new Reading { At = Vtn.Time(at), AssetId = asset, SocPercent = percent })]);

    [Theory]
    [InlineData(SignalType.Setpoint, 80, 50, "target 65000", "target -55000")]
    [InlineData(SignalType.Multiplier, 0.8, 0.5, "target 65000", "target -55000")]
    public void How_full_a_storage_is_to_be_is_a_target_from_its_state_of_charge(SignalType type, double first, double second, string rises, string falls)
    {
        var signal = Vtn.Signal("CHARGE_STATE", type, ("PT30M", first), ("PT30M", second));
        signal = type == SignalType.Setpoint ? signal with { ItemBase = KilowattHours } : signal;
        var ven = VenScript.Registered(Battery).Gets(Vtn.Distributes(Vtn.Event("e1", "20:00", "PT1H", signal)), "e1/0 200 OptIn")
            .Publishes($"site-1 PROG7: 20:30-21:00 {falls}");
        ven.At("19:59:30").Takes(Charge("19:59:30", 10, null)).Publishes().Takes(Charge("19:59:30", 50)).Publishes($"site-1 PROG7: 20:00-20:30 {rises}, 20:30-21:00 {falls}");
        ven.At("20:05").Takes(Charge("20:00", 60)).Takes(new VenInput.Tick()).Publishes();
        Assert.False(ven.Noted(NoteKind.EventReceived, NoteLevel.Warning));
    }

    [Fact]
    public void A_storage_whose_charge_nobody_measured_is_told_nothing_and_that_is_said()
    {
        var ven = VenScript.Registered(Battery).Gets(Vtn.Distributes(Vtn.Event("e1", "20:00", "PT1H", Vtn.Signal("CHARGE_STATE", SignalType.Multiplier, ("PT1H", 0.8)))), "e1/0 200 OptIn").Publishes();
        ven.At("20:00:30").Takes(new VenInput.Tick()).Publishes();
        Assert.Contains(ven.Notes, n => n.Level == NoteLevel.Warning && n.Text.Contains("how full", StringComparison.Ordinal));
        ven.Takes(Charge("19:59:59", 50)).Publishes();
        Assert.Equal((true, true), (Battery.NeedsReadings(), Assert.Single(ven.State.Events).PresentLoads[0].IsFinal));
    }

    [Fact]
    public void A_charge_of_which_nobody_knows_what_it_asks_for_takes_no_limit_away() =>
        VenScript.Registered(Battery).Gets(Vtn.Distributes(
                Vtn.Event("a", "20:00", "PT1H", Vtn.Signal("CHARGE_STATE", SignalType.Multiplier, ("PT1H", 0.8))).Priority(1),
                Vtn.Event("b", "20:00", "PT1H", Vtn.Simple(("PT1H", 2))).Priority(2)))
            .Publishes("site-1 PROG7: 20:00-21:00 import 30000");

    [Theory]
    [InlineData(SignalType.Multiplier, 1.1)]
    [InlineData(SignalType.Setpoint, -1)]
    [InlineData(SignalType.Setpoint, 101)]
    public void No_storage_is_fuller_than_full_or_emptier_than_empty(SignalType type, double value)
    {
        var signal = Vtn.Signal("CHARGE_STATE", type, ("PT1H", value)) with { ItemBase = type == SignalType.Setpoint ? KilowattHours : null };
        VenScript.Registered(Battery).Gets(Vtn.Distributes(Vtn.Event("e1", "20:00", "PT1H", signal)), "e1/0 454 OptOut");
    }

    [Fact]
    public void Reactive_power_is_a_setting_of_equipment_beside_limits_where_the_policy_wants_it()
    {
        var read = Configs.With(p => p with { Signals = p.Signals with { LoadDispatch = new LoadDispatchPolicy { ReactivePower = true } }, Recovery = new RecoveryPolicy { Seconds = 60, Shape = RecoveryShape.Hold } });
        var vars = Vtn.Signal("LOAD_DISPATCH", SignalType.Setpoint, ("PT30M", 20), ("PT30M", -5)) with { ItemBase = new ItemBase { Kind = ItemKind.PowerReactive, Units = "VAR", Scale = SiScale.Kilo } };
        var ven = VenScript.Registered(read).Gets(
            Vtn.Distributes(Vtn.Event("e1", "20:00", "PT1H", vars).Priority(1), Vtn.Event("e2", "20:15", "PT1H", Vtn.Simple(("PT1H", 2))).Priority(2)), "e1/0 200 OptIn, e2/0 200 OptIn");
        Assert.Equal(
            ["20:00 20000 any", "20:15 20000 30000", "20:30 -5000 30000", "21:00 none 30000"],
            ven.Hub[("site-1", "PROG7")].Segments.Select(s =>
                $"{s.From.ToString("HH:mm", null)} {(s.Functions is [{ Kind: FunctionKind.TargetVar, Value: { } var }] ? $"{var:0}" : "none")} {s.Limits.ImportLimitW?.ToString() ?? "any"}"));
        Refused(read, Vtn.Signal("LOAD_DISPATCH", SignalType.Delta, ("PT1H", 1)) with { ItemBase = vars.ItemBase }, "set-points");
    }

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
                ChargeState = new ChargeStatePolicy { OtherLoadW = 0, CapacityWh = 0 },
            },
        });
        const string At = "/programs/0/signals";
        Assert.Equal(
            [$"{At}/CHARGE_STATE/capacityWh", $"{At}/DEMAND_CHARGE/currency", $"{At}/DEMAND_CHARGE/limits", $"{At}/LOAD_CONTROL/powerFactor", $"{At}/LOAD_DISPATCH/powerFactor"],
            VenConfigRules.Check(wrong).Select(f => f.Pointer).Order(StringComparer.Ordinal));
    }

    private static ItemBase KilowattHours { get; } = new() { Kind = ItemKind.EnergyReal, Units = "Wh", Scale = SiScale.Kilo };

    private static VenConfig Storage(EnergyUnit? unit) => Configs.With(p => p with { Signals = new SignalPolicies { ChargeState = new ChargeStatePolicy { OtherLoadW = 5_000, Unit = unit } } });

    // An event that leaves the schedule empty changes nothing that could be published.
    private static string Published(VenConfig config, EventSignal signal)
    {
        var ven = VenScript.Registered(config).Gets(Vtn.Distributes(Vtn.Event("e1", "20:00", "PT1H", signal)));
        Assert.Equal("e1/0 200 OptIn", Show.Format(Assert.IsType<OadrCreatedEvent>(ven.Request().Message)));
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
