using GridServices.OpenAdr.Configuration;
using GridServices.OpenAdr.Messages;
using GridServices.OpenAdr.Tests.Scripts;

namespace GridServices.OpenAdr.Tests.Events;

/// <summary>Events that are not ours, not understood or said wrongly: each gets its own code.</summary>
public class EventRefusalTests : EitherWay
{
    public EventRefusalTests()
        : this(VenTransport.Pull)
    {
    }

    protected EventRefusalTests(VenTransport transport)
        : base(transport)
    {
    }

    private static readonly OadrEvent Evening = Vtn.Event("e1", "20:00", "PT1H", Vtn.Simple(("PT1H", 1)));

    [Fact]
    public void E1_1080_events_of_another_vtnID_even_by_case_alone_are_answered_452_as_a_whole()
    {
        var ven = Registered().Polls(Vtn.Distributes(Evening) with { VtnId = "VTN-test" }).Publishes();
        ven.Answers("452");
        Assert.Empty(ven.State.Events);
    }

    [Fact]
    public void E1_0300_another_venID_or_market_context_is_462()
    {
        var ven = Registered();
        ven.Gets(Vtn.Distributes(Evening.Targeting(new EiTarget { VenIds = ["VEN-under-test"] })), "e1/0 462 OptOut").Publishes();
        ven.Gets(Vtn.Distributes(Evening.Context("http://other.example/mc")), "e1/0 462 OptOut").Publishes();
        ven.Gets(Vtn.Distributes(Evening.Context("HTTP://MC.Example/dr1")), "e1/0 200 OptIn");
    }

    [Fact]
    public void E1_0070_an_empty_target_means_us_and_several_members_are_alternatives()
    {
        Registered().Gets(Vtn.Distributes(Evening.Targeting(EiTarget.Everybody)), "e1/0 200 OptIn");
        var config = Configs.Ven with { Targets = new TargetNames { GroupIds = ["g1"] } };
        Registered(config).Gets(Vtn.Distributes(Evening.Targeting(new EiTarget { VenIds = ["other"], GroupIds = ["g1"] })), "e1/0 200 OptIn");
    }

    [Fact]
    public void A_signal_for_device_classes_that_are_not_here_is_469_and_one_for_ours_is_taken()
    {
        var evse = Vtn.Simple(("PT1H", 1)) with { Target = new EiTarget { EndDeviceAssets = ["EVSE"] } };
        var aircon = Vtn.Simple(("PT1H", 3)) with { Target = new EiTarget { EndDeviceAssets = ["Thermostat"] }, SignalId = "s2" };
        var config = Configs.Ven with { Targets = new TargetNames { EndDeviceAssets = ["EVSE"] } };
        Registered(config)
            .Gets(Vtn.Distributes(Vtn.Event("e1", "20:00", "PT1H", evse, aircon)), "e1/0 200 OptIn").Publishes("site-1 PROG7: 20:00-21:00 import 60000")
            .Gets(Vtn.Distributes(Vtn.Event("e1", "20:00", "PT1H", evse, aircon), Vtn.Event("e2", "20:00", "PT1H", aircon)), "e1/0 200 OptIn, e2/0 469 OptOut").Publishes();
    }

    [Fact]
    public void E1_1070_one_signal_without_a_policy_is_460_with_optOut_unless_a_quirk_passes_it_over()
    {
        var custom = Vtn.Signal("x-CUSTOM", SignalType.Level, ("PT1H", 1));
        var alone = Vtn.Event("e1", "20:00", "PT1H", custom);
        var beside = Vtn.Event("e2", "20:00", "PT1H", custom, Vtn.Simple(("PT1H", 1)));
        Registered().Gets(Vtn.Distributes(alone, beside), "e1/0 460 OptOut, e2/0 460 OptOut").Publishes();

        var lenient = Configs.Ven with { Quirks = new VenQuirks { PassOverUnknownSignals = true } };
        Registered(lenient).Gets(Vtn.Distributes(alone, beside), "e1/0 460 OptOut, e2/0 200 OptIn").Publishes("site-1 PROG7: 20:00-21:00 import 60000");
    }

    [Fact]
    public void Interval_uids_and_sums_are_checked_unless_a_quirk_says_otherwise()
    {
        var gap = Vtn.Simple(("PT30M", 1), ("PT30M", 2));
        gap = gap with { Intervals = [gap.Intervals[0], gap.Intervals[1] with { Uid = "2" }] };
        var shortSum = Vtn.Event("e2", "20:00", "PT2H", Vtn.Simple(("PT30M", 1), ("PT30M", 2)));
        Registered().Gets(Vtn.Distributes(Vtn.Event("e1", "20:00", "PT1H", gap), shortSum), "e1/0 450 OptOut, e2/0 459 OptOut").Publishes();

        var lenient = Configs.Ven with { Quirks = new VenQuirks { LenientIntervalSums = true, LenientIntervalUids = true } };
        Registered(lenient).Gets(Vtn.Distributes(Vtn.Event("e1", "19:00", "PT1H", gap), shortSum), "e1/0 200 OptIn, e2/0 200 OptIn")
            .Publishes("site-1 PROG7: 19:00-19:30 import 60000, 19:30-20:00 import 30000, 20:00-20:30 import 60000, 20:30-22:00 import 30000");
    }

    /// <summary>OpenADR 2.0b rule 47: a last interval of zero lasts as long as the event.</summary>
    [Theory]
    [InlineData("PT1H")]
    [InlineData("PT0S")]
    public void A_last_interval_of_length_zero_lasts_as_long_as_the_event(string duration) =>
        VenScript.Registered().Gets(Vtn.Distributes(Vtn.Event("e1", "20:00", duration, Vtn.Simple(("PT30M", 1), ("PT0S", 2)))), "e1/0 200 OptIn")
            .Publishes(duration == "PT1H" ? "site-1 PROG7: 20:00-20:30 import 60000, 20:30-21:00 import 30000" : "site-1 PROG7: 20:00-20:30 import 60000, 20:30-… import 30000");

    [Fact]
    public void An_event_that_ends_beyond_what_an_envelope_can_state_is_refused_alone() =>
        VenScript.Registered().Gets(
                Vtn.Distributes(Vtn.Event("e1", "2199-06-01T00:00:00Z", "P3650D", Vtn.Simple(("P3650D", 1))), Vtn.Event("e2", "20:00", "PT1H", Vtn.Simple(("PT1H", 2)))), "e1/0 459 OptOut, e2/0 200 OptIn")
            .Publishes("site-1 PROG7: 20:00-21:00 import 30000");

    [Theory]
    [InlineData("SIMPLE", SignalType.Level, 0, 3)]
    [InlineData("LOAD_DISPATCH", SignalType.Setpoint, 0, 5)]
    [InlineData("LOAD_CONTROL", SignalType.LoadControlCapacity, 1, 0.5)]
    [InlineData("ELECTRICITY_PRICE", SignalType.Price, 1, 2)]
    public void An_interval_of_length_zero_never_takes_the_place_of_those_that_follow(string name, SignalType type, double first, double then)
    {
        EventSignal Signal(params (string, double)[] steps) => name == "LOAD_DISPATCH" ? Vtn.Signal(name, type, steps).InKilowatts() : Vtn.Signal(name, type, steps);
        Registered().Gets(
            Vtn.Distributes(
                Vtn.Event("e1", "20:00", "PT1H", Signal(("PT0S", first), ("PT1H", then))),
                Vtn.Event("e2", "20:00", "PT0S", Signal(("PT1H", then), ("PT0S", first), ("PT1H", then)))),
            "e1/0 459 OptOut, e2/0 459 OptOut").Publishes();

        // The last one of an event without end lasts as long as the event.
        var ven = Registered().Gets(Vtn.Distributes(Vtn.Event("e3", "20:00", "PT0S", Signal(("PT1H", first), ("PT0S", then)))), "e3/0 200 OptIn");
        Assert.Contains("21:00-…", Assert.Single(ven.Published), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("SIMPLE", SignalType.Level, 1, 7)]
    [InlineData("LOAD_CONTROL", SignalType.LoadControlCapacity, 0.5, 2)]
    [InlineData("LOAD_DISPATCH", SignalType.Setpoint, 1, 1e14)]
    [InlineData("ELECTRICITY_PRICE", SignalType.Price, 1, 1e14)]
    public void Every_intervals_value_is_checked_though_it_has_no_time(string name, SignalType type, double good, double bad)
    {
        EventSignal Signal(params (string, double)[] steps) => name == "LOAD_DISPATCH" ? Vtn.Signal(name, type, steps).InKilowatts() : Vtn.Signal(name, type, steps);
        Registered().Gets(Vtn.Distributes(Vtn.Event("e1", "20:00", "PT1H", Signal(("PT1H", good), ("PT0S", bad)))), "e1/0 454 OptOut").Publishes();
        var lenient = Configs.Ven with { Quirks = new VenQuirks { LenientIntervalSums = true } };
        Registered(lenient).Gets(Vtn.Distributes(Vtn.Event("e1", "20:00", "PT1H", Signal(("PT2H", good), ("PT1H", bad), ("PT1H", good)))), "e1/0 454 OptOut").Publishes();
    }

    [Fact]
    public void Two_signals_with_the_same_signalID_are_refused() =>
        Registered().Gets(Vtn.Distributes(Vtn.Event("e1", "20:00", "PT1H", Vtn.Simple(("PT1H", 1)), Vtn.Simple(("PT1H", 2)))), "e1/0 452 OptOut").Publishes();

    [Fact]
    public void Times_that_would_leave_the_calendar_are_refused_and_overflow_nothing()
    {
        var endless = Vtn.Event("a", "20:00", "PT0S", Vtn.Simple([.. Enumerable.Repeat(("P3650D", 1d), 1000)]));
        var far = Evening with { ActivePeriod = Evening.ActivePeriod with { Start = NodaTime.Instant.MaxValue } };
        var delta = Vtn.Signal("LOAD_DISPATCH", SignalType.Delta, ("PT1H", 1)).InKilowatts();
        var baseline = new EventBaseline
        {
            Start = NodaTime.Instant.MaxValue,
            Duration = Vtn.For("PT1H"),
            BaselineId = "b",
            BaselineName = "b",
            Intervals = [new SignalInterval(null, Vtn.For("P3650D"), "0", 1)],
        };
        var based = Vtn.Event("b", "20:00", "PT1H", delta) with { Baseline = baseline };
        var long1 = Vtn.Event("c", "20:00", "PT1H", delta) with
        {
            Baseline = baseline with { Start = Vtn.Time("20:00"), Intervals = [.. Enumerable.Repeat(baseline.Intervals[0], 3000)] },
        };
        Registered().Gets(Vtn.Distributes(endless, far, based, long1), "a/0 459 OptOut, e1/0 459 OptOut, b/0 459 OptOut, c/0 459 OptOut").Publishes();
    }

    [Fact]
    public void The_same_eventID_twice_in_one_payload_is_452_for_both() =>
        Registered().Gets(Vtn.Distributes(Evening, Evening.Modified(1)), "e1/0 452 OptOut, e1/1 452 OptOut").Publishes();
}

/// <summary>The same, pushed.</summary>
public sealed class PushedEventRefusalTests() : EventRefusalTests(VenTransport.Push);
