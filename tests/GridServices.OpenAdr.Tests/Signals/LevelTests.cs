using GridServices.Contracts;
using GridServices.OpenAdr.Configuration;
using GridServices.OpenAdr.Messages;
using GridServices.OpenAdr.Tests.Scripts;

namespace GridServices.OpenAdr.Tests.Signals;

/// <summary>Levels that a program's table says nothing to: never answered with optIn while nothing is done.</summary>
public sealed class LevelTests
{
    private static readonly Limits Sixty = new() { ImportLimitW = 60_000 };
    private static readonly Limits Zero = new() { ImportLimitW = 0 };

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void An_event_at_a_level_without_any_statement_is_460_with_the_reason(double level)
    {
        foreach (var config in new[] { Simple(), Simple(("0", Limits.None)), Simple(("1", new Limits { PerPhase = new PhaseLimits() }), ("2", Limits.None)) })
        {
            var ven = VenScript.Registered(config).Gets(Vtn.Distributes(Vtn.Event("e1", "20:00", "PT1H", Vtn.Simple(("PT1H", level)))), "e1/0 460 OptOut").Publishes();
            Assert.Contains($"SIMPLE level {level}", Assert.Single(ven.State.Refused).Why, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Level_0_asks_for_nothing_and_needs_no_statement() => VenScript.Registered(Simple())
        .Gets(Vtn.Distributes(Vtn.Event("e1", "20:00", "PT1H", Vtn.Simple(("PT1H", 0)))), "e1/0 200 OptIn");

    [Fact]
    public void A_part_of_an_event_without_a_statement_is_told_with_an_alarm_and_the_other_parts_hold()
    {
        var config = Simple(("3", Zero));
        VenScript.Registered(config).Gets(Vtn.Distributes(Vtn.Event("e0", "20:00", "PT1H", Vtn.Simple(("PT1H", 2)))), "e0/0 460 OptOut");
        var e = Vtn.Event("e1", "20:00", "PT1H", Vtn.Simple(("PT30M", 1), ("PT30M", 3)));
        var ven = VenScript.Registered(config).Gets(Vtn.Distributes(e), "e1/0 200 OptIn").Publishes("site-1 PROG7: 20:30-21:00 import 0");
        var alarm = Assert.Single(ven.Notes, n => n.Level == NoteLevel.Alarm);
        Assert.Equal(("e1", ErrorClass.Configuration), (alarm.About, alarm.Class));
        Assert.Contains("SIMPLE level 1", alarm.Text, StringComparison.Ordinal);
    }

    [Fact]
    public void A_price_beside_a_level_without_a_statement_is_taken_and_the_level_told()
    {
        var e = Vtn.Event("e1", "20:00", "PT1H", Vtn.Simple(("PT1H", 1)), Vtn.Signal("ELECTRICITY_PRICE", SignalType.Price, ("PT1H", 0.5)));
        var ven = VenScript.Registered(Simple()).Gets(Vtn.Distributes(e), "e1/0 200 OptIn").Publishes("site-1 PROG7: 20:00-21:00 0.5 USD/kWh");
        Assert.True(ven.Noted(NoteKind.EventReceived, NoteLevel.Alarm));
    }

    [Fact]
    public void A_higher_level_is_never_looser_than_a_lower_one()
    {
        Published(Simple(("1", Sixty), ("2", Limits.None)), 2, "import 60000");
        Published(Simple(("1", Sixty), ("2", new Limits { ImportLimitW = 80_000 })), 2, "import 60000");
        Published(Simple(("1", Sixty), ("3", new Limits { ChargeLimitW = 0 })), 3, "import 60000 charge 0");
        Published(Simple(("0", new Limits { ExportLimitW = 5_000 }), ("1", Sixty)), 1, "import 60000 export 5000");
    }

    [Fact]
    public void Tables_of_other_signals_are_honest_too()
    {
        var table = new Dictionary<string, Limits>(StringComparer.Ordinal) { ["-1"] = Limits.None, ["0"] = Limits.None };
        var signals = new SignalPolicies { LoadControl = new LoadControlPolicy { LevelOffsets = table }, LoadDispatch = new LoadDispatchPolicy { Levels = table } };
        var config = Configs.With(p => p with { Signals = signals });
        foreach (var signal in new[] { Vtn.Signal("LOAD_CONTROL", SignalType.LoadControlLevelOffset, ("PT1H", -1)), Vtn.Signal("LOAD_DISPATCH", SignalType.Level, ("PT1H", -1)) })
        {
            VenScript.Registered(config).Gets(Vtn.Distributes(Vtn.Event("e1", "20:00", "PT1H", signal)), "e1/0 460 OptOut");
        }

        Assert.Equal(
            ["/programs/0/signals/LOAD_CONTROL/levelOffsets/-1", "/programs/0/signals/LOAD_DISPATCH/levels/-1"],
            VenConfigRules.Warnings(config).Select(w => w.Split(':')[0]));
    }

    [Fact]
    public void Holes_in_the_table_are_told_at_the_PUT()
    {
        Assert.Empty(VenConfigRules.Warnings(Configs.Ven));
        Assert.Equal(3, VenConfigRules.Warnings(Simple()).Count(w => w.Contains("answered 460", StringComparison.Ordinal)));
        Assert.Equal(3, VenConfigRules.Warnings(Simple(("0", Limits.None))).Count);
        Assert.Equal(["460", "460"], VenConfigRules.Warnings(Simple(("3", Zero))).Select(w => w.Contains("460", StringComparison.Ordinal) ? "460" : w));
        Assert.Equal(2, VenConfigRules.Warnings(Simple(("1", Sixty))).Count(w => w.Contains("next lower level", StringComparison.Ordinal)));
        var loose = Assert.Single(VenConfigRules.Warnings(Simple(("1", Zero), ("2", Sixty), ("3", Zero))));
        Assert.StartsWith("/programs/0/signals/SIMPLE/levels/2: is looser", loose, StringComparison.Ordinal);
    }

    private static VenConfig Simple(params (string Level, Limits Limits)[] levels) => Configs.With(p => p with
    {
        Signals = new SignalPolicies { Simple = new SimplePolicy { Levels = levels.ToDictionary(l => l.Level, l => l.Limits, StringComparer.Ordinal) } },
    });

    private static void Published(VenConfig config, double level, string expected) => VenScript.Registered(config)
        .Gets(Vtn.Distributes(Vtn.Event("e1", "20:00", "PT1H", Vtn.Simple(("PT1H", level)))), "e1/0 200 OptIn").Publishes($"site-1 PROG7: 20:00-21:00 {expected}");
}
