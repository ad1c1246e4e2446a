using System.Text.Json;
using GridServices.Contracts;
using NodaTime;
using static GridServices.Client.Tests.Samples;

namespace GridServices.Client.Tests.FailsafeMachines;

/// <summary>Named after what went wrong elsewhere, where a fault of the field is the reason for a test.</summary>
public sealed class FailsafeMachineTests
{
    [Fact]
    public void Before_any_contact_the_configured_init_limits_hold() =>
        Script.Start(options: new() { InitLimits = new Limits { ImportLimitW = 4_200 } })
            .Allows(4_200, SitePhase.Init).BoundBy("controller", "init")
            .At(86_400).Allows(4_200, SitePhase.Init);

    [Fact]
    public void The_first_set_ends_init_even_when_it_is_empty() =>
        Script.Start(options: new() { InitLimits = new Limits { ImportLimitW = 4_200 } })
            .Hears(Set(0)).Allows(null, SitePhase.Controlled);

    [Fact]
    public void A_heartbeat_alone_does_not_end_init() =>
        Script.Start(options: new() { InitLimits = new Limits { ImportLimitW = 4_200 } })
            .Hears(Beat(7)).Allows(4_200, SitePhase.Init).NeedsSet(true);

    [Fact]
    public void A_change_alone_does_not_end_init() =>
        Script.Start(options: new() { InitLimits = new Limits { ImportLimitW = 4_200 } })
            .Hears(Change(7, Envelope(Dr, 1, 60_000, null))).Allows(4_200, SitePhase.Init);

    [Fact]
    public void A_schedule_proceeds_while_the_hub_is_away() =>
        Script.Start().Hears(Set(1, Envelope(Dr, 1, 30_000, Holds(), fromS: 600, untilS: 1200))).Allows(null, SitePhase.Controlled)
            .At(119).Allows(null, SitePhase.Controlled)
            .At(120).Allows(null, SitePhase.Holding)
            .At(600).Allows(30_000, SitePhase.Holding)
            .At(1199).Allows(30_000, SitePhase.Holding)
            .At(1200).Allows(null, SitePhase.Holding);

    [Fact]
    public void Silence_of_exactly_staleAfter_is_stale() =>
        Script.Start().Hears(Set(1, Envelope(Fcr, 1, 60_000, Falls(120))))
            .At(119).Allows(60_000, SitePhase.Controlled)
            .At(120).Allows(4_200, SitePhase.Failsafe).BoundBy("frequency", "FCR-D~failsafe");

    [Fact]
    public void Heartbeats_keep_a_stream_alive_without_a_word_about_it()
    {
        var script = Script.Start().Hears(Set(1, Envelope(Fcr, 1, 60_000, Falls(120))));
        for (var s = 15; s <= 3600; s += 15)
        {
            script.At(s).Hears(Beat(1)).Allows(60_000, SitePhase.Controlled);
        }
    }

    // evcc#32492: left fail-safe on a heartbeat alone, house unlimited meanwhile.
    [Fact]
    public void Fail_safe_is_not_left_on_a_heartbeat_alone()
    {
        var script = Script.Start().Hears(Set(1, Envelope(Fcr, 1, 60_000, Falls(120, minDurationS: 0)))).At(120);
        for (var s = 135; s <= 86_400; s += 15)
        {
            script.At(s).Hears(Beat(1)).Allows(4_200, SitePhase.Failsafe).NeedsSet(true);
        }
    }

    [Fact]
    public void Fail_safe_is_not_left_on_a_statement_alone() =>
        Script.Start().Hears(Set(1, Envelope(Fcr, 1, 60_000, Falls(120, minDurationS: 0)))).At(120)
            .At(200).Hears(Set(2, Envelope(Fcr, 2, 60_000, Falls(120, minDurationS: 0)))).Allows(4_200, SitePhase.Failsafe)
            .At(210).Hears(Change(3, Envelope(Fcr, 3, 60_000, Falls(120, minDurationS: 0)))).Allows(4_200, SitePhase.Failsafe);

    [Fact]
    public void A_statement_before_the_heartbeat_does_not_count_as_following_it() =>
        Script.Start().Hears(Set(1, Envelope(Fcr, 1, 60_000, Falls(120, minDurationS: 0)))).At(120)
            .At(200).Hears(Set(2, Envelope(Fcr, 2, 60_000, Falls(120, minDurationS: 0))))
            .At(210).Hears(Beat(2)).Allows(4_200, SitePhase.Failsafe).NeedsSet(true);

    // evcc#25545: never leaves fail-safe.
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void A_heartbeat_and_a_following_statement_end_fail_safe(bool bySet)
    {
        var envelope = Envelope(Fcr, 2, 60_000, Falls(120, minDurationS: 0));
        Script.Start().Hears(Set(1, Envelope(Fcr, 1, 50_000, Falls(120, minDurationS: 0)))).At(120)
            .At(200).Hears(Beat(1)).At(201).Hears(bySet ? Set(2, envelope) : Change(2, envelope))
            .Allows(60_000, SitePhase.Controlled).NeedsSet(false);
    }

    [Fact]
    public void Another_streams_envelope_releases_only_that_stream() =>
        Script.Start().Hears(Set(2, Envelope(Fcr, 1, 60_000, Falls(120, 4_200, 0)), Envelope(Dr, 1, 50_000, Falls(120, 9_000, 0)))).At(120)
            .At(200).Hears(Beat(2)).Hears(Change(3, Envelope(Dr, 2, 50_000, Falls(120, 9_000, 0))))
            .Allows(4_200, SitePhase.Failsafe);

    // LPC: fail-safe lasts at least its minimum, and both conditions may be met before.
    [Fact]
    public void Fail_safe_lasts_its_shortest_stay_and_then_ends_by_itself() =>
        Script.Start().Hears(Set(1, Envelope(Fcr, 1, 60_000, Falls(120, minDurationS: 600)))).At(120)
            .At(200).Hears(Beat(1)).Hears(Set(1, Envelope(Fcr, 1, 60_000, Falls(120, minDurationS: 600))))
            .Allows(4_200, SitePhase.Failsafe)
            .At(300).Hears(Beat(1)).At(400).Hears(Beat(1)).At(500).Hears(Beat(1)).At(610).Hears(Beat(1))
            .At(719).Allows(4_200, SitePhase.Failsafe)
            .At(720).Allows(60_000, SitePhase.Controlled);

    // evcc#29705: after two hours of outage the building became completely unprotected.
    [Fact]
    public void Fail_safe_does_not_end_because_the_shortest_stay_is_over() =>
        Script.Start().Hears(Set(1, Envelope(Fcr, 1, 60_000, Falls(120, minDurationS: 7200)))).At(120)
            .At(7320).Allows(4_200, SitePhase.Failsafe).At(86_400).Allows(4_200, SitePhase.Failsafe).At(864_000).Allows(4_200, SitePhase.Failsafe);

    [Fact]
    public void Silence_during_the_shortest_stay_takes_the_release_back() =>
        Script.Start().Hears(Set(1, Envelope(Fcr, 1, 60_000, Falls(120, minDurationS: 600)))).At(120)
            .At(200).Hears(Beat(1)).Hears(Set(1, Envelope(Fcr, 1, 60_000, Falls(120, minDurationS: 600))))
            .At(400).At(800).Hears(Beat(1)).Allows(4_200, SitePhase.Failsafe).NeedsSet(true);

    [Fact]
    public void A_tighter_limit_stated_during_fail_safe_is_obeyed_at_once() =>
        Script.Start().Hears(Set(1, Envelope(Fcr, 1, 60_000, Falls(120, 4_200, 7200)))).At(120)
            .At(200).Hears(Beat(1)).Hears(Change(2, Envelope(Fcr, 2, 0, Falls(120, 4_200, 7200))))
            .Allows(0, SitePhase.Failsafe).BoundBy("frequency", "FCR-D");

    // evcc hems/eebus: 0 W is a limit, not a release.
    [Fact]
    public void A_fail_safe_limit_of_0_W_allows_nothing() =>
        Script.Start().Hears(Set(1, Envelope(Fcr, 1, null, Falls(120, 0)))).At(120).Allows(0, SitePhase.Failsafe);

    // evcc#32492: an absent end is no expiry.
    [Fact]
    public void An_open_ended_limit_is_held_for_as_long_as_it_takes() =>
        Script.Start().Hears(Set(1, Envelope(Dr, 1, 30_000, Holds()))).At(864_000).Allows(30_000, SitePhase.Holding);

    [Fact]
    public void Fail_safe_without_limits_of_its_own_does_not_lift_the_schedule() =>
        Script.Start().Hears(Set(1, Envelope(Fcr, 1, 30_000, new() { StaleAfter = Duration.FromSeconds(120), OnStale = OnStale.Failsafe })))
            .At(500).Allows(30_000, SitePhase.Holding);

    [Fact]
    public void Each_stream_goes_by_its_own_rule() =>
        Script.Start().Hears(Set(2, Envelope(Dr, 1, 30_000, Holds(60)), Envelope(Fcr, 1, 50_000, Falls(300, 10_000))))
            .At(100).Allows(30_000, SitePhase.Holding)
            .At(300).Allows(10_000, SitePhase.Failsafe);

    // evcc#31561: heartbeats of the wrong peer.
    [Fact]
    public void A_word_about_another_site_is_no_word() =>
        Script.Start().Hears(Set(1, Envelope(Fcr, 1, 60_000, Falls(120))))
            .At(110).Hears(Beat(1, "other-site")).At(120).Allows(4_200, SitePhase.Failsafe);

    [Fact]
    public void A_set_with_another_sites_envelope_is_refused_whole() =>
        Script.Start().Hears(Set(1, Envelope(Fcr, 1, 60_000, null)))
            .Hears(Set(2, Envelope(Fcr, 2, 70_000, null) with { SiteId = "other" })).Allows(60_000, SitePhase.Controlled);

    [Fact]
    public void A_delayed_heartbeat_proves_nothing() =>
        Script.Start().Hears(Set(5, Envelope(Fcr, 1, 60_000, Falls(120))))
            .At(110).Hears(Beat(4)).At(120).Allows(4_200, SitePhase.Failsafe);

    [Fact]
    public void An_older_set_or_change_resurrects_nothing() =>
        Script.Start().Hears(Set(5, Envelope(Dr, 3, 30_000, null)))
            .Hears(Set(4, Envelope(Dr, 2, 60_000, null))).Allows(30_000, SitePhase.Controlled)
            .Hears(Change(5, Envelope(Dr, 9, 60_000, null))).Allows(30_000, SitePhase.Controlled)
            .Hears(Change(6, Envelope(Dr, 2, 60_000, null))).Allows(30_000, SitePhase.Controlled);

    [Fact]
    public void A_revision_that_is_held_is_not_replaced_by_another_of_its_number() =>
        Script.Start().Hears(Set(1, Envelope(Dr, 3, 30_000, null)))
            .Hears(Change(2, Envelope(Dr, 3, 60_000, null))).Allows(30_000, SitePhase.Controlled)
            .Hears(Withdraw(3, Dr, 3)).Allows(30_000, SitePhase.Controlled);

    [Fact]
    public void A_withdrawn_stream_stays_withdrawn() =>
        Script.Start().Hears(Set(1, Envelope(Dr, 1, 30_000, null)))
            .Hears(Withdraw(2, Dr, 4)).Allows(null, SitePhase.Controlled)
            .Hears(Change(3, Envelope(Dr, 3, 30_000, null))).Allows(null, SitePhase.Controlled)
            .Hears(Change(4, Envelope(Dr, 5, 20_000, null))).Allows(20_000, SitePhase.Controlled);

    [Fact]
    public void A_new_epoch_replaces_everything() =>
        Script.Start().Hears(Set(500, Envelope(Dr, 90, 30_000, null)))
            .Hears(Set(1, Envelope(Dr, 1, 70_000, null)) with { Cursor = new("F", 1) }).Allows(70_000, SitePhase.Controlled);

    [Theory]
    [InlineData(3, true)]
    [InlineData(2, false)]
    public void A_missing_sequence_asks_for_the_whole_set(long sequence, bool wanted) =>
        Script.Start().Hears(Set(1)).Hears(Change(sequence, Envelope(Dr, 1, 30_000, null))).NeedsSet(wanted).Allows(30_000, SitePhase.Controlled);

    [Fact]
    public void A_heartbeat_that_knows_more_asks_for_the_whole_set() => Script.Start().Hears(Set(1)).NeedsSet(false).Hears(Beat(2)).NeedsSet(true).Hears(Set(2)).NeedsSet(false);

    // A live socket says nothing of a dead VTN.
    [Fact]
    public void A_lost_utility_behind_a_live_hub_is_silence_of_its_stream() =>
        Script.Start().Hears(Set(2, Envelope(Fcr, 1, 60_000, Falls(120, minDurationS: 0)), Envelope(Dr, 1, 70_000, Falls(120, 9_000, 0))))
            .At(100).Hears(Beat(2, Site, Lost(Fcr), Ok(Dr))).Allows(60_000, SitePhase.Controlled)
            .At(200).Hears(Beat(2, Site, Lost(Fcr), Ok(Dr))).Allows(60_000, SitePhase.Controlled)
            .At(220).Allows(4_200, SitePhase.Failsafe)
            .At(230).Hears(Set(3, Envelope(Fcr, 2, 60_000, Falls(120, minDurationS: 0)))).Allows(4_200, SitePhase.Failsafe)
            .At(240).Hears(Beat(3, Site, Ok(Fcr))).Allows(4_200, SitePhase.Failsafe).NeedsSet(true)
            .At(241).Hears(Set(3, Envelope(Fcr, 2, 60_000, Falls(120, minDurationS: 0)))).Allows(60_000, SitePhase.Controlled);

    // Once lost, only "ok" ends it: a utility that is late again, or of which nothing is said, was not heard.
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_lost_utility_is_not_back_because_it_is_late_or_not_named_any_more(bool late) =>
        Script.Start().Hears(Set(1, Envelope(Fcr, 1, 60_000, Falls(120, minDurationS: 0)))).Hears(Beat(1, Site, Lost(Fcr, sinceS: 600))).Allows(4_200, SitePhase.Failsafe)
            .At(30).Hears(late ? Beat(1, Site, Stale(Fcr)) : Beat(1)).NeedsSet(false).Hears(Set(1, Envelope(Fcr, 1, 60_000, Falls(120, minDurationS: 0)))).Allows(4_200, SitePhase.Failsafe)
            .At(60).Hears(Beat(1, Site, Ok(Fcr))).Hears(Set(1, Envelope(Fcr, 1, 60_000, Falls(120, minDurationS: 0)))).Allows(60_000, SitePhase.Controlled);

    [Fact]
    public void A_utility_that_is_only_late_keeps_nobody_in_fail_safe() =>
        Script.Start().Hears(Set(1, Envelope(Fcr, 1, 60_000, Falls(120, minDurationS: 0)))).At(120)
            .At(200).Hears(Beat(1, Site, Stale(Fcr))).Hears(Set(1, Envelope(Fcr, 1, 60_000, Falls(120, minDurationS: 0)))).Allows(60_000, SitePhase.Controlled);

    [Fact]
    public void Of_two_lines_about_one_stream_the_lost_one_counts() =>
        Script.Start().Hears(Set(1, Envelope(Fcr, 1, 60_000, Falls(120)))).Hears(Beat(1, Site, Ok(Fcr), Lost(Fcr, sinceS: 600), Lost(Fcr, sinceS: 60))).Allows(4_200, SitePhase.Failsafe);

    [Fact]
    public void The_withdrawal_of_a_stream_ends_the_loss_of_its_utility() =>
        Script.Start().Hears(Set(1, Envelope(Fcr, 1, 60_000, Falls(120, minDurationS: 0)))).Hears(Beat(1, Site, Lost(Fcr, sinceS: 600))).Allows(4_200, SitePhase.Failsafe)
            .Hears(Withdraw(2, Fcr, 2)).At(30).Hears(Beat(2)).Hears(Set(2)).Allows(null, SitePhase.Controlled);

    [Fact]
    public void A_utility_that_was_lost_before_a_restart_is_lost_after_it()
    {
        var envelope = Envelope(Fcr, 1, 60_000, Falls(120, minDurationS: 0));
        Script.Start().Hears(Set(1, envelope)).Hears(Beat(1, Site, Lost(Fcr, sinceS: 600))).Restarts(out var written);
        Script.Start(Reread(written), atS: 30).Hears(Set(1, envelope)).Hears(Beat(1, Site, Stale(Fcr))).Hears(Set(1, envelope)).Allows(4_200, SitePhase.Failsafe)
            .At(60).Hears(Beat(1, Site, Ok(Fcr))).Hears(Set(1, envelope)).Allows(60_000, SitePhase.Controlled);
    }

    // A machine without a battery-backed clock, or one whose clock was just set.
    [Theory]
    [InlineData(7_200)]
    [InlineData(-7_200)]
    public void A_clock_that_jumps_over_a_restart_does_not_shorten_fail_safe(int jumpS)
    {
        var envelope = Envelope(Fcr, 1, 60_000, Falls(120, minDurationS: 600));
        Script.Start().Hears(Set(1, envelope)).Hears(Beat(1)).At(120).At(200).Restarts(out var written);
        Script.Start(Reread(written), atS: 210).WallClockJumps(Duration.FromSeconds(jumpS)).HubClockIsAhead(Duration.FromSeconds(-jumpS))
            .Hears(Set(1, envelope)).Hears(Beat(1)).Hears(Set(1, envelope)).Allows(4_200, SitePhase.Failsafe)
            .At(700 + jumpS).Hears(Beat(1)).Hears(Set(1, envelope)).Allows(4_200, SitePhase.Failsafe);
        Script.Start(Reread(written), atS: 210 + jumpS).HubClockIsAhead(Duration.FromSeconds(-jumpS))
            .Hears(Set(1, envelope)).Hears(Beat(1)).Hears(Set(1, envelope)).Allows(4_200, SitePhase.Failsafe)
            .At(300 + jumpS).Hears(Beat(1)).At(400 + jumpS).Hears(Beat(1)).At(500 + jumpS).Hears(Beat(1)).At(600 + jumpS).Hears(Beat(1)).At(700 + jumpS).Hears(Beat(1))
            .At(719 + jumpS).Allows(4_200, SitePhase.Failsafe).At(720 + jumpS).Allows(60_000, SitePhase.Controlled);
    }

    private static HeldSet Reread(HeldSet written) => JsonSerializer.Deserialize<HeldSet>(JsonSerializer.SerializeToUtf8Bytes(written, ContractJson.Options), ContractJson.Options)!;

    [Fact]
    public void A_utility_lost_long_ago_is_stale_as_soon_as_that_is_known() =>
        Script.Start().Hears(Set(1, Envelope(Fcr, 1, 60_000, Falls(120)))).Hears(Beat(1, Site, Lost(Fcr, sinceS: 600))).Allows(4_200, SitePhase.Failsafe);

    [Fact]
    public void A_wall_clock_set_back_or_forth_neither_hides_nor_makes_silence() =>
        Script.Start().Hears(Set(1, Envelope(Fcr, 1, 60_000, Falls(120))))
            .WallClockJumps(Duration.FromHours(5)).Allows(60_000, SitePhase.Controlled)
            .WallClockJumps(Duration.FromHours(-5) - Duration.FromMinutes(30)).Allows(60_000, SitePhase.Controlled);

    [Fact]
    public void A_restart_without_the_hub_holds_what_was_known()
    {
        Script.Start().Hears(Set(7, Envelope(Dr, 1, 30_000, Holds()), Envelope(Fcr, 1, 60_000, Falls(120, 25_000)))).Restarts(out var written);
        var read = JsonSerializer.Deserialize<HeldSet>(JsonSerializer.SerializeToUtf8Bytes(written, ContractJson.Options), ContractJson.Options);
        Script.Start(read, new() { InitLimits = new Limits { ImportLimitW = 1 } }).Allows(25_000, SitePhase.Init).At(86_400).Allows(25_000, SitePhase.Init)
            .Hears(Set(7, Envelope(Dr, 1, 30_000, Holds()), Envelope(Fcr, 1, 60_000, Falls(120, 25_000)))).Allows(30_000, SitePhase.Controlled);
    }

    [Fact]
    public void A_restart_does_not_shorten_fail_safe()
    {
        var envelope = Envelope(Fcr, 1, 60_000, Falls(120, minDurationS: 600));
        Script.Start().Hears(Set(1, envelope)).At(120).At(200).Restarts(out var written);
        Assert.Equal(Samples.At(120), Assert.Single(written.Failsafes).EnteredAt);
        Script.Start(written, atS: 210).Hears(Set(1, envelope)).Hears(Beat(1)).Hears(Set(1, envelope)).Allows(4_200, SitePhase.Failsafe)
            .At(300).Hears(Beat(1)).At(400).Hears(Beat(1)).At(500).Hears(Beat(1)).At(600).Hears(Beat(1)).At(700).Hears(Beat(1))
            .At(719).Allows(4_200, SitePhase.Failsafe).At(720).Allows(60_000, SitePhase.Controlled);
    }

    [Fact]
    public void Another_sites_file_is_not_used() =>
        Script.Start(new HeldSet { SiteId = "other", Envelopes = [Envelope(Dr, 1, 30_000, null)] }, new() { InitLimits = new Limits { ImportLimitW = 5 } })
            .Allows(5, SitePhase.Init);

    [Fact]
    public void Advisory_envelopes_neither_limit_nor_fall_safe() =>
        Script.Start().Hears(Set(1, Envelope(Fcr, 1, 60_000, Falls(120)) with { Obligation = Obligation.Advisory })).At(500).Allows(null, SitePhase.Holding);

    [Fact]
    public void What_would_hold_in_silence_is_known_while_the_hub_is_heard()
    {
        var script = Script.Start().Hears(Set(1, Envelope(Fcr, 1, 60_000, Falls(120)), Envelope(Dr, 1, 30_000, Holds()))).Allows(30_000, SitePhase.Controlled).WhenSilent(4_200);
        script.Hears(Set(2, Envelope(Dr, 1, 30_000, Holds()))).Allows(30_000, SitePhase.Controlled).WhenSilent(30_000);
        script.Hears(Set(3, Envelope(Fcr, 2, 60_000, Falls(120)))).At(200).Allows(4_200, SitePhase.Failsafe).WhenSilent(4_200);
    }
}
