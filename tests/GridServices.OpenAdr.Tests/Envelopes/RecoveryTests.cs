using GridServices.Contracts;
using GridServices.OpenAdr.Configuration;
using GridServices.OpenAdr.Events;
using GridServices.OpenAdr.Messages;
using GridServices.OpenAdr.Tests.Scripts;
using NodaTime;

namespace GridServices.OpenAdr.Tests.Envelopes;

/// <summary>How limits come back after an event.</summary>
public sealed class RecoveryTests
{
    private static readonly RecoveryPolicy InThree = new() { Seconds = 900, Steps = 3, FullPowerW = 90_000 };

    [Fact]
    public void Limits_rise_in_steps_that_are_published_with_the_event() =>
        VenScript.Registered(With(InThree)).Gets(Vtn.Distributes(Event("a")))
            .Publishes("site-1 PROG7: 20:00-21:05 import 30000, 21:05-21:10 import 50000, 21:10-21:15 import 70000");

    [Fact]
    public void They_rise_to_the_programs_default_before_anything_else() =>
        VenScript.Registered(Configs.With(p => p with { Recovery = InThree, Default = new Limits { ImportLimitW = 60_000 } })).Gets(Vtn.Distributes(Event("a")))
            .Publishes("site-1 PROG7: 20:00-21:05 import 30000, 21:05-21:10 import 40000, 21:10-21:15 import 50000");

    [Fact]
    public void Without_a_power_to_rise_to_they_are_kept_until_the_recovery_ends() =>
        VenScript.Registered(Configs.With(p => p with { Recovery = InThree with { FullPowerW = null }, Signals = p.Signals with { LoadControl = null } })).Gets(Vtn.Distributes(Event("a")))
            .Publishes("site-1 PROG7: 20:00-21:15 import 30000");

    [Theory]
    [InlineData(RecoveryShape.SlowStart, "20:00-21:05 import 30000, 21:05-21:10 import 36666, 21:10-21:15 import 56666")]
    [InlineData(RecoveryShape.Hold, "20:00-21:15 import 30000")]
    public void Shapes_differ(RecoveryShape shape, string expected) =>
        VenScript.Registered(With(InThree with { Shape = shape })).Gets(Vtn.Distributes(Event("a"))).Publishes($"site-1 PROG7: {expected}");

    // OpenADR 2.0b x-eiRecovery: the event's own word counts before the program's.
    [Fact]
    public void An_event_may_bring_its_own_recovery_time()
    {
        var own = Event("a");
        own = own with { ActivePeriod = own.ActivePeriod with { Recovery = Vtn.For("PT30M") } };
        VenScript.Registered(With(InThree)).Gets(Vtn.Distributes(own))
            .Publishes("site-1 PROG7: 20:00-21:10 import 30000, 21:10-21:20 import 50000, 21:20-21:30 import 70000");
    }

    [Fact]
    public void A_cancelled_event_comes_back_from_where_it_was_cut_off_and_is_then_forgotten()
    {
        var ven = VenScript.Registered(With(InThree)).Gets(Vtn.Distributes(Event("a")), "a/0 200 OptIn").At("20:30").Gets(Vtn.Distributes(Event("a").Cancelled(1)), "a/1 200 OptIn")
            .Publishes("site-1 PROG7: 20:00-20:35 import 30000, 20:35-20:40 import 50000, 20:40-20:45 import 70000");
        Assert.Single(ven.State.Recovering);
        ven.At("20:45").Gets(Vtn.Distributes());
        Assert.Empty(ven.State.Recovering);
        Assert.Empty(ven.Published);
    }

    [Fact]
    public void An_event_that_is_no_longer_listed_once_it_is_over_still_recovers()
    {
        var ven = VenScript.Registered(With(InThree)).Gets(Vtn.Distributes(Event("a")), "a/0 200 OptIn").At("21:02").Gets(Vtn.Distributes());
        Assert.Empty(ven.State.Events);
        Assert.Empty(ven.Published);
        Assert.Equal(Vtn.Time("21:15"), ven.Hub[("site-1", "PROG7")].Segments[^1].Until);
    }

    [Fact]
    public void When_the_VTN_cancels_the_registration_limits_still_come_back_step_by_step_and_then_the_stream_ends()
    {
        var config = Configs.With(p => p with { Recovery = InThree, Default = new Limits { ImportLimitW = 95_000 } });
        var ven = VenScript.Registered(config).Gets(Vtn.Distributes(Event("a")), "a/0 200 OptIn").At("20:30");
        ven.State = ven.State with { Link = ven.State.Link with { PollAt = null } };
        ven.Polls(new OadrCancelPartyRegistration("c-1", "reg-1", Vtn.VenId))
            .Publishes("site-1 PROG7: 20:00-20:35 import 30000, 20:35-20:40 import 50000, 20:40-20:45 import 70000");
        var left = ven.Hub[("site-1", "PROG7")];
        Assert.Equal((null, null), (left.Default, left.Failsafe));

        // Nothing more is said to the VTN; the clock alone ends the stream.
        ven.Hears(Vtn.Nothing);
        ven.State = ven.State with { Plan = ven.State.Plan with { Paused = true } };
        ven.At("20:44").Waits("20:45").Takes(new VenInput.Tick()).Publishes();
        ven.At("20:45").Takes(new VenInput.Tick()).Publishes("site-1 PROG7: withdrawn");
        Assert.Equal(VenState.Initial.Former, ven.State.Former);
    }

    // Nobody runs a deleted VEN, so nothing could end what it left behind.
    [Fact]
    public void A_VEN_that_is_deleted_withdraws_its_streams_at_once()
    {
        var ven = VenScript.Registered(With(InThree)).Gets(Vtn.Distributes(Event("a")), "a/0 200 OptIn").At("20:30").Takes(new VenInput.Removed()).Publishes("site-1 PROG7: withdrawn");
        Assert.Empty(ven.State.Recovering);
        Assert.Null(ven.State.Former);
    }

    [Fact]
    public void Deleted_while_limits_come_back_from_a_registration_that_ended_it_withdraws_them_too()
    {
        var ven = VenScript.Registered(With(InThree)).Gets(Vtn.Distributes(Event("a")), "a/0 200 OptIn").At("20:30").Person(VenAction.CancelRegistration);
        ven.Sends<OadrCancelPartyRegistration>(out var farewell).Hears(new OadrCanceledPartyRegistration(EiResponse.Ok(farewell.RequestId), farewell.RegistrationId, farewell.VenId));
        Assert.Equal(["site-1 PROG7: 20:00-20:35 import 30000, 20:35-20:40 import 50000, 20:40-20:45 import 70000"], ven.Published);
        ven.Takes(new VenInput.Removed()).Publishes("site-1 PROG7: withdrawn");
        Assert.Empty(ven.State.Recovering);
        Assert.Null(ven.State.Former);
    }

    [Fact]
    public void Without_a_recovery_a_cancelled_registration_ends_the_stream_at_once()
    {
        var ven = VenScript.Registered().Gets(Vtn.Distributes(Event("a")), "a/0 200 OptIn").At("20:30");
        ven.Polls(new OadrCancelPartyRegistration("c-1", "reg-1", Vtn.VenId)).Publishes("site-1 PROG7: withdrawn");
    }

    [Fact]
    public void An_event_cancelled_before_it_began_leaves_nothing_to_come_back_from() =>
        VenScript.Registered(With(InThree)).Gets(Vtn.Distributes(Event("a")), "a/0 200 OptIn").At("19:00").Gets(Vtn.Distributes(Event("a").Cancelled(1)), "a/1 200 OptIn")
            .Publishes("site-1 PROG7: nothing");

    [Fact]
    public void A_looser_event_that_follows_is_reached_step_by_step_and_a_tighter_one_holds_at_once() =>
        VenScript.Registered(With(InThree)).Gets(Vtn.Distributes(
                Event("a"), Vtn.Event("b", "21:00", "PT12M", Vtn.Simple(("PT12M", 1))), Vtn.Event("c", "21:12", "PT1H", Vtn.Simple(("PT1H", 3)))))
            .Publishes("site-1 PROG7: 20:00-21:05 import 30000, 21:05-21:10 import 50000, 21:10-21:12 import 60000, 21:12-22:17 import 0, 22:17-22:22 import 30000, 22:22-22:27 import 60000");

    [Fact]
    public void An_event_that_another_had_replaced_when_it_ended_tightens_nothing() =>
        VenScript.Registered(With(InThree)).Gets(Vtn.Distributes(Event("a").Priority(2), Vtn.Event("b", "20:30", "PT2H", Vtn.Simple(("PT2H", 1))).Priority(1)))
            .Publishes("site-1 PROG7: 20:00-20:30 import 30000, 20:30-22:35 import 60000, 22:35-22:40 import 70000, 22:40-22:45 import 80000");

    [Fact]
    public void A_site_that_took_no_part_recovers_from_nothing()
    {
        var two = With(InThree) with { SiteId = null, Sites = [new SiteConfig { SiteId = "s1", Targets = new TargetNames { ResourceIds = ["r1"] } }, new SiteConfig { SiteId = "s2", Targets = new TargetNames { ResourceIds = ["r2"] } }] };
        var ven = VenScript.Registered(two).Gets(Vtn.Distributes(Event("a")), "a/0 200 OptIn").At("20:30");
        ven.Takes(new VenInput.OptWanted("o1", new OptRequest { OptType = OptType.OptOut, OptReason = OptReasons.Economic, EventId = "a", ResourceIds = ["r2"] }));
        Assert.Equal(["s2 PROG7: nothing"], ven.Published);
        ven.Sends<OadrCreateOpt>(out var told).Hears(new OadrCreatedOpt(EiResponse.Ok(told.RequestId), told.OptId));
        ven.At("20:40").Gets(Vtn.Distributes());
        Assert.Equal(["s1 PROG7: 20:00-20:45 import 30000, 20:45-20:50 import 50000, 20:50-20:55 import 70000"], ven.Published);
    }

    [Fact]
    public void Sites_begin_to_rise_at_times_of_their_own_the_same_after_a_restart_and_others_after_the_next_event()
    {
        var sites = Enumerable.Range(0, 200).Select(i => new SiteConfig { SiteId = $"s{i}", Targets = new TargetNames { ResourceIds = [$"r{i}"] } }).ToList();
        var config = With(InThree with { RandomSeconds = 600 }) with { SiteId = null, Sites = sites };
        var ven = VenScript.Registered(config).Gets(Vtn.Distributes(Event("a"), Vtn.Event("b", "23:00", "PT30M", Vtn.Simple(("PT30M", 2)))));

        var rises = sites.Select(s => (First: Rise(ven, s, "20:00"), Second: Rise(ven, s, "23:00") - Duration.FromHours(2.5))).ToList();
        Assert.All(rises, r => Assert.InRange(r.First, Vtn.Time("21:05"), Vtn.Time("21:15")));
        Assert.InRange(rises.Select(r => r.First).Distinct().Count(), 40, 64);
        Assert.InRange(rises.Count(r => r.First < Vtn.Time("21:10")), 70, 130);
        Assert.Contains(rises, r => r.First != r.Second);
    }

    [Fact]
    public void Being_connected_comes_back_after_the_random_time()
    {
        var levels = new Dictionary<string, Limits>(StringComparer.Ordinal) { ["2"] = new() { Connect = false, ImportLimitW = 0 } };
        var config = Configs.With(p => p with { Recovery = InThree with { RandomSeconds = 600 }, Signals = new SignalPolicies { Simple = new SimplePolicy { Levels = levels } } });
        var segments = VenScript.Registered(config).Gets(Vtn.Distributes(Event("a"))).Hub[("site-1", "PROG7")].Segments;
        Assert.Equal([false, null, null, null], segments.Select(s => s.Limits.Connect));
        Assert.InRange(segments[0].Until!.Value, Vtn.Time("21:00"), Vtn.Time("21:10"));
        Assert.Equal(0, segments[1].Limits.ImportLimitW);
    }

    [Fact]
    public void Mistakes_are_told_with_their_place() =>
        Assert.Equal(
            ["/programs/0/recovery/fullPowerW", "/programs/0/recovery/randomSeconds", "/programs/0/recovery/seconds", "/programs/0/recovery/steps"],
            VenConfigRules.Check(With(new RecoveryPolicy { Seconds = 90_000, RandomSeconds = -1, Steps = 0, FullPowerW = -5 })).Select(f => f.Pointer).Order(StringComparer.Ordinal));

    private static Instant Rise(VenScript ven, SiteConfig site, string from) =>
        ven.Hub[(site.SiteId, "PROG7")].Segments.First(s => s.From == Vtn.Time(from)).Until!.Value;

    private static VenConfig With(RecoveryPolicy policy) => Configs.With(p => p with { Recovery = policy });

    private static OadrEvent Event(string id) => Vtn.Event(id, "20:00", "PT1H", Vtn.Simple(("PT1H", 2)));
}
