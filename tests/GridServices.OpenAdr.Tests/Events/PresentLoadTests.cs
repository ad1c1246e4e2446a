using GridServices.Contracts;
using GridServices.OpenAdr.Configuration;
using GridServices.OpenAdr.Messages;
using GridServices.OpenAdr.Tests.Scripts;
using NodaTime;

namespace GridServices.OpenAdr.Tests.Events;

/// <summary>Shares of what a site draws when the event begins: measured once, before it obeys, and never above what is stated.</summary>
public sealed class PresentLoadTests
{
    private static readonly VenConfig Config = Configs.With(p => p with
    {
        Signals = new SignalPolicies
        {
            LoadControl = new LoadControlPolicy { ReferenceW = 100_000, Reference = LoadReference.PresentLoad },
            LoadDispatch = new LoadDispatchPolicy { ReferenceW = 100_000, Reference = LoadReference.PresentLoad },
        },
    });

    private static VenScript Half(VenConfig? config = null, string name = "LOAD_CONTROL", SignalType type = SignalType.LoadControlCapacity, double value = 0.5) =>
        VenScript.Registered(config ?? Config).Gets(Vtn.Distributes(Vtn.Event("e1", "20:00", "PT1H", Vtn.Signal(name, type, ("PT1H", value)))), "e1/0 200 OptIn");

    private static VenInput.ReadingsArrived Reads(string at, long watts, string site = "site-1") =>
        new([new SiteReading(site, new Reading { At = Vtn.Time(at), NetPowerW = watts })]);

    [Fact]
    public void The_first_reading_of_the_last_minute_counts_and_later_ones_change_nothing()
    {
        var ven = Half().Publishes("site-1 PROG7: 20:00-21:00 import 50000");
        ven.At("19:58").Takes(Reads("19:58", 80_000)).Publishes();
        ven.At("19:59").Takes(Reads("19:59", 60_000)).Publishes("site-1 PROG7: 20:00-21:00 import 30000");
        ven.After(Duration.FromSeconds(30)).Takes(new VenInput.ReadingsArrived([new SiteReading("site-1", new Reading { At = ven.Now, NetPowerW = 10_000 })])).Publishes();
        ven.At("20:05").Takes(Reads("20:05", 5_000)).Publishes();
        Assert.False(ven.Noted(NoteKind.EventReceived, NoteLevel.Warning));
    }

    [Theory]
    [InlineData("LOAD_CONTROL", SignalType.LoadControlPercentOffset, -25, "import 45000")]
    [InlineData("LOAD_DISPATCH", SignalType.Multiplier, 0.5, "import 30000")]
    public void Percentages_and_multiples_refer_to_it_too(string name, SignalType type, double value, string expected) =>
        Half(name: name, type: type, value: value).At("19:59").Takes(Reads("19:59", 60_000)).Publishes($"site-1 PROG7: 20:00-21:00 {expected}");

    [Fact]
    public void A_load_above_what_is_stated_does_not_count_and_export_is_no_load()
    {
        Half().At("19:59").Takes(Reads("19:59", 9_000_000)).Publishes();
        Half().At("19:59").Takes(Reads("19:59", -4_000)).Publishes("site-1 PROG7: 20:00-21:00 import 0");
    }

    [Fact]
    public void Without_a_reading_the_stated_load_holds_and_it_is_said_once()
    {
        var ven = Half();
        ven.At("20:01").Takes(Reads("20:01", 20_000)).Publishes().Takes(new VenInput.Tick()).Publishes();
        Assert.Single(ven.Notes, n => n.Level == NoteLevel.Warning && n.Text.Contains("not measured", StringComparison.Ordinal));
        ven.At("20:02").Takes(Reads("19:59", 20_000)).Publishes();
        Assert.Single(ven.Notes, n => n.Level == NoteLevel.Warning);
    }

    // The loop takes in what waits before it lets time pass.
    [Fact]
    public void A_reading_that_waited_while_a_request_hung_counts_by_its_own_time()
    {
        var ven = Half();
        ven.At("19:59:50").Sends<OadrPoll>().At("20:00:40").Fails(TransportFailure.Timeout).Publishes();
        Assert.Equal(Vtn.Time("20:00:30"), Assert.IsType<VenNext.WaitUntil>(ven.Next()).At);
        ven.Takes(Reads("19:59:40", 60_000)).Publishes("site-1 PROG7: 20:00-21:00 import 30000").Takes(new VenInput.Tick()).Publishes();
        Assert.DoesNotContain(ven.Notes, n => n.Text.Contains("not measured", StringComparison.Ordinal));
    }

    [Fact]
    public void A_VEN_without_report_channels_needs_readings_for_it() =>
        Assert.Equal((true, false), (Config.NeedsReadings(), Configs.Ven.NeedsReadings()));

    [Fact]
    public void A_modification_with_the_same_start_keeps_it_and_another_start_measures_again()
    {
        var ven = Half().At("19:59").Takes(Reads("19:59", 60_000));
        var signal = Vtn.Signal("LOAD_CONTROL", SignalType.LoadControlCapacity, ("PT1H", 0.25));
        ven.Gets(Vtn.Distributes(Vtn.Event("e1", "20:00", "PT1H", signal).Modified(1)), "e1/1 200 OptIn").Publishes("site-1 PROG7: 20:00-21:00 import 15000");
        ven.Gets(Vtn.Distributes(Vtn.Event("e1", "20:30", "PT1H", signal).Modified(2)), "e1/2 200 OptIn").Publishes("site-1 PROG7: 20:30-21:30 import 25000");
        ven.At("20:30").Takes(Reads("20:30", 40_000)).Publishes("site-1 PROG7: 20:30-21:30 import 10000");
    }

    [Fact]
    public void Each_site_has_its_own()
    {
        var config = Config with { SiteId = null, Sites = [new SiteConfig { SiteId = "site-1" }, new SiteConfig { SiteId = "site-2" }] };
        var ven = Half(config);
        ven.At("19:59").Takes(Reads("19:59", 60_000, "site-2")).Publishes("site-2 PROG7: 20:00-21:00 import 30000");
        ven.After(Duration.FromSeconds(10)).Takes(Reads("19:59", 20_000)).Publishes("site-1 PROG7: 20:00-21:00 import 10000");
    }

    [Fact]
    public void A_policy_without_a_stated_load_is_refused()
    {
        var faults = VenConfigRules.Check(Configs.With(p => p with { Signals = new SignalPolicies { LoadControl = new LoadControlPolicy { Reference = LoadReference.PresentLoad } } }));
        Assert.Contains(faults, f => f.Pointer.EndsWith("/LOAD_CONTROL/referenceW", StringComparison.Ordinal));
    }
}
