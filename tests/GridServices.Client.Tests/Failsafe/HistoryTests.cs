using static GridServices.Client.Tests.Samples;

namespace GridServices.Client.Tests.FailsafeMachines;

/// <summary>A hub that lost or rewound its store: what was in force stays until it is restated, and ends only with a notice.</summary>
public sealed class HistoryTests
{
    [Fact]
    public void What_an_incomplete_history_leaves_out_stays_in_force_until_it_is_complete() =>
        Script.Start().Hears(Set(7, Envelope(Dr, 5, 5_000, Holds())))
            .Hears(Incomplete("F", 0)).Allows(5_000, SitePhase.Holding).Retains("openadr/PROG7 5")
            .At(10).Hears(Beat(0).In("F", incomplete: true)).Allows(5_000, SitePhase.Holding)
            .At(20).Hears(Beat(0).In("F")).Allows(null, SitePhase.Controlled).Retains();

    [Fact]
    public void A_restated_stream_takes_the_place_of_what_was_kept() =>
        Script.Start().Hears(Set(7, Envelope(Dr, 5, 5_000, Holds()))).Hears(Incomplete("F", 0))
            .Hears(Change(1, Envelope(Dr, 6, 8_000, Holds())).In("F")).Allows(8_000, SitePhase.Controlled).Retains();

    [Fact]
    public void A_revision_restated_unchanged_takes_the_place_of_what_was_kept() =>
        Script.Start().Hears(Set(7, Envelope(Dr, 5, 5_000, Holds()))).Hears(Incomplete("F", 0))
            .Hears(Change(1, Envelope(Dr, 5, 5_000, Holds())).In("F")).Allows(5_000, SitePhase.Controlled).Retains();

    // Yesterday's copy was put back: it states the stream, but as it was yesterday.
    [Theory]
    [InlineData(9_000, 5_000)]
    [InlineData(1_000, 1_000)]
    public void An_older_revision_in_an_incomplete_history_does_not_loosen(long yesterdayW, long inForceW) =>
        Script.Start().Hears(Set(7, Envelope(Dr, 5, 5_000, Holds())))
            .Hears(Incomplete("F", 3, Envelope(Dr, 3, yesterdayW, Holds()))).Allows(inForceW, SitePhase.Holding).Retains("openadr/PROG7 5")
            .Hears(Change(4, Envelope(Dr, 4, 20_000, Holds())).In("F")).Allows(5_000, SitePhase.Holding)
            .Hears(Change(5, Envelope(Dr, 6, 20_000, Holds())).In("F")).Allows(20_000, SitePhase.Controlled);

    [Fact]
    public void An_old_tombstone_in_an_incomplete_history_ends_nothing_and_a_newer_one_does()
    {
        var old = Incomplete("F", 3);
        old = old with { Set = old.Set with { Withdrawn = [Withdraw(1, Dr, 4).Publication is Contracts.EnvelopeWithdrawn w ? w.Withdrawal : null!] } };
        Script.Start().Hears(Set(7, Envelope(Dr, 5, 5_000, Holds()))).Hears(old).Allows(5_000, SitePhase.Holding)
            .Hears(Withdraw(4, Dr, 6).In("F")).Allows(null, SitePhase.Controlled);
    }

    [Fact]
    public void A_damaged_stream_in_the_same_history_stays_as_last_stated() =>
        Script.Start().Hears(Set(7, Envelope(Dr, 5, 5_000, Holds()))).Hears(Incomplete(Epoch, 8)).Allows(5_000, SitePhase.Holding);

    [Fact]
    public void A_complete_history_replaces_everything() =>
        Script.Start().Hears(Set(7, Envelope(Dr, 5, 5_000, Holds()))).Hears(Complete("F", 2, Envelope(Dr, 1, 70_000, Holds()))).Allows(70_000, SitePhase.Controlled).Retains();

    [Fact]
    public void A_heartbeat_that_knows_of_more_than_is_held_does_not_complete_a_history() =>
        Script.Start().Hears(Set(7, Envelope(Dr, 5, 5_000, Holds()))).Hears(Incomplete("F", 0))
            .Hears(Beat(1).In("F")).Allows(5_000, SitePhase.Holding).NeedsSet(true)
            .Hears(Complete("F", 1, Envelope(Dr, 5, 5_000, Holds()))).Allows(5_000, SitePhase.Controlled);

    [Fact]
    public void A_second_loss_before_the_first_was_restated_loses_nothing() =>
        Script.Start().Hears(Set(7, Envelope(Dr, 5, 5_000, Holds()), Envelope(Fcr, 2, 9_000, Holds())))
            .Hears(Incomplete("F", 0)).Hears(Change(1, Envelope(Fcr, 3, 8_000, Holds())).In("F"))
            .Hears(Incomplete("G", 0)).Allows(5_000, SitePhase.Holding).Retains("openadr/PROG7 5", "frequency/FCR-D 3");

    [Fact]
    public void A_restart_of_the_controller_keeps_what_was_kept()
    {
        Script.Start().Hears(Set(7, Envelope(Dr, 5, 5_000, Holds()))).Hears(Incomplete("F", 0)).Restarts(out var written);
        Script.Start(written).Allows(5_000, SitePhase.Init).Hears(Incomplete("F", 0)).Allows(5_000, SitePhase.Holding)
            .Hears(Complete("F", 0)).Allows(null, SitePhase.Controlled);
    }

    [Fact]
    public void A_restart_meets_a_lost_store_and_keeps_what_was_held() => Script.Start(Written(Set(7, Envelope(Dr, 5, 5_000, Holds()))))
        .Hears(Incomplete("F", 0)).Allows(5_000, SitePhase.Holding);

    [Fact]
    public void A_kept_stream_falls_safe_like_any_other() =>
        Script.Start().Hears(Set(7, Envelope(Fcr, 5, 9_000, Falls(120, 4_200)))).Hears(Incomplete("F", 0)).Allows(9_000, SitePhase.Holding)
            .At(120).Allows(4_200, SitePhase.Failsafe);

    // The store that was lost held the upstream's state too: not to hear of it is no news that it is back.
    [Fact]
    public void A_lost_upstream_is_not_back_because_a_hub_that_lost_its_store_does_not_name_it() =>
        Script.Start().Hears(Set(1, Envelope(Fcr, 1, 60_000, Falls(120)))).Hears(Beat(1, Site, Lost(Fcr, sinceS: 600))).Allows(4_200, SitePhase.Failsafe)
            .Hears(Incomplete("F", 1, Envelope(Fcr, 1, 60_000, Falls(120)))).At(1_000).Hears(Beat(1).In("F", incomplete: true))
            .Hears(Change(2, Envelope(Fcr, 2, 60_000, Falls(120))).In("F")).Allows(4_200, SitePhase.Failsafe)
            .At(2_000).Hears(Beat(2, Site, Ok(Fcr)).In("F", incomplete: true)).Hears(Change(3, Envelope(Fcr, 3, 60_000, Falls(120))).In("F")).Allows(60_000, SitePhase.Controlled);

    private static readonly FailsafeOptions Init = new() { InitLimits = new Contracts.Limits { ImportLimitW = 4_200 } };

    // Nothing is stated, because the hub has lost it: that ends no limit of the beginning.
    [Fact]
    public void A_controller_without_a_past_keeps_its_limits_of_the_beginning_until_the_history_is_complete() =>
        Script.Start(options: Init).Hears(Incomplete("F", 0)).Allows(4_200, SitePhase.Init)
            .Hears(Change(1, Envelope(Dr, 1, 9_000, Holds())).In("F")).Allows(4_200, SitePhase.Controlled)
            .Hears(Beat(1).In("F", incomplete: true)).Allows(4_200, SitePhase.Controlled)
            .Hears(Beat(1).In("F")).Allows(9_000, SitePhase.Controlled);

    // Found by the simulation: a restart amid an incomplete history ended the limits of the beginning.
    [Fact]
    public void A_restart_does_not_end_the_limits_of_the_beginning_before_the_history_is_complete()
    {
        Script.Start(options: Init).Hears(Incomplete("F", 1, Envelope(Dr, 1, 9_000, Holds()))).Allows(4_200, SitePhase.Controlled).Restarts(out var part);
        Script.Start(part, Init, atS: 10).Allows(4_200, SitePhase.Init)
            .Hears(Incomplete("F", 1, Envelope(Dr, 1, 9_000, Holds()))).Allows(4_200, SitePhase.Controlled)
            .Hears(Beat(1).In("F")).Allows(9_000, SitePhase.Controlled).Restarts(out var whole);
        Script.Start(whole, Init, atS: 20).Allows(9_000, SitePhase.Init);
    }

    [Fact]
    public void A_site_that_the_hub_does_not_know_keeps_its_limits_of_the_beginning_until_something_is_published_for_it()
    {
        var unknown = Set(0);
        unknown = unknown with { Set = unknown.Set with { SiteKnown = false } };
        Script.Start(options: Init).Hears(unknown).Hears(Beat(0)).Allows(4_200, SitePhase.Init)
            .Hears(Change(1, Envelope(Dr, 1, 9_000, Holds()))).Allows(9_000, SitePhase.Controlled);
    }

    // The hub's store and its publishers' were lost together: all of them begin anew, and know nothing of the site.
    [Fact]
    public void A_hub_that_has_never_heard_of_the_site_ends_nothing() =>
        Script.Start(options: Init).Hears(Set(7, Envelope(Dr, 5, 5_000, Holds()))).Hears(Unknown("F", incomplete: true)).Allows(5_000, SitePhase.Holding)
            .At(10).Hears(Beat(0).In("F", incomplete: true)).Allows(5_000, SitePhase.Holding)
            .At(30).Hears(Beat(0).In("F")).Allows(5_000, SitePhase.Holding).Retains("openadr/PROG7 5")
            .At(86_400).Hears(Unknown("F")).Hears(Beat(0).In("F")).Allows(5_000, SitePhase.Holding).Retains("openadr/PROG7 5")
            .Hears(Change(1, Envelope(Fcr, 1, 9_000, Holds())).In("F")).Allows(5_000, SitePhase.Holding)
            .Hears(Beat(1).In("F")).Allows(9_000, SitePhase.Controlled).Retains();

    [Fact]
    public void A_restarted_controller_keeps_what_it_held_from_a_hub_that_has_never_heard_of_the_site() =>
        Script.Start(Written(Set(7, Envelope(Dr, 5, 5_000, Holds()))), Init).Hears(Unknown("F")).Hears(Beat(0).In("F")).Allows(5_000, SitePhase.Holding);

    [Theory]
    [InlineData(true, "limits of the beginning")]
    [InlineData(false, "stays in force")]
    public void What_holds_at_a_hub_that_does_not_know_the_site_is_told_as_it_is(bool blank, string told)
    {
        var before = (blank ? Script.Start(options: Init) : Script.Start(options: Init).Hears(Set(7, Envelope(Dr, 5, 5_000, Holds())))).State;
        var after = FailsafeMachine.Apply(before, Unknown("F"), new Moment(T0, NodaTime.Duration.FromDays(3)));
        Assert.Contains(HistoryNotices.Between(before, after), notice => notice.Contains(told, StringComparison.Ordinal));
    }

    // Whether the clock was put right meanwhile nobody knows until the hub is heard: what holds at either time is obeyed.
    [Fact]
    public void A_restart_without_the_hub_obeys_what_holds_at_the_time_as_it_is_and_as_it_was_wrong_before()
    {
        var script = Script.Start().HubClockIsAhead(-NodaTime.Duration.FromHours(1)).Hears(Set(1, Envelope(Dr, 1, 7_000, Holds(), fromS: 0, untilS: 600))).Hears(Beat(1)).Hears(Beat(1));
        script.Restarts(out var written);
        Assert.Equal(3_600_000, written.ClockAheadMs);

        // By the hub's clock the limit holds from 0 to 600 s, and the file is of -3,600 s. A machine that shows 0 s may be right, or an hour ahead.
        Script.Start(written, atS: -1).Allows(null, SitePhase.Init);
        Script.Start(written, atS: 0).Allows(7_000, SitePhase.Init).At(600).Allows(null, SitePhase.Init).At(3_599).Allows(null, SitePhase.Init);
        Script.Start(written, atS: 3_600).Allows(7_000, SitePhase.Init).At(4_199).Allows(7_000, SitePhase.Init).At(4_200).Allows(null, SitePhase.Init);

        // Once the hub has told its time twice, that alone counts.
        Script.Start(written, atS: 3_600).Hears(Set(1, Envelope(Dr, 1, 7_000, Holds(), fromS: 0, untilS: 600))).Hears(Beat(1)).Hears(Beat(1)).Allows(null, SitePhase.Controlled);
    }

    [Fact]
    public void A_machine_whose_clock_has_stopped_never_goes_by_a_time_from_before_its_file_alone()
    {
        Script.Start().Hears(Set(1, Envelope(Dr, 1, 7_000, Holds(), fromS: 500, untilS: 1_200))).Hears(Beat(1)).Hears(Beat(1)).At(600).Hears(Beat(1)).Restarts(out var written);
        Assert.Equal(Samples.At(600), written.WrittenAt);
        Script.Start(written, atS: -86_400).Allows(7_000, SitePhase.Init).At(-86_400 + 599).Allows(7_000, SitePhase.Init).At(-86_400 + 600).Allows(null, SitePhase.Init);
    }

    [Fact]
    public void An_answer_from_before_what_is_held_in_one_epoch_ends_nothing_until_the_stream_is_restated() =>
        Script.Start().Hears(Set(7, Envelope(Dr, 5, 1_000, Holds())))
            .Hears(Complete(Epoch, 3, Envelope(Dr, 3, 5_000, Holds()))).Allows(1_000, SitePhase.Holding).Retains("openadr/PROG7 5")
            .At(15).Hears(Beat(3)).Allows(1_000, SitePhase.Holding)
            .Hears(Complete(Epoch, 3, Envelope(Dr, 3, 5_000, Holds()))).Allows(1_000, SitePhase.Holding)
            .Hears(Change(4, Envelope(Dr, 6, 6_000, Holds()))).Allows(6_000, SitePhase.Controlled);

    [Fact]
    public void A_change_of_another_history_counts_only_after_its_set() =>
        Script.Start().Hears(Set(7, Envelope(Dr, 5, 5_000, Holds())))
            .Hears(Change(1, Envelope(Dr, 6, 90_000, Holds())).In("F")).Allows(5_000, SitePhase.Controlled).NeedsSet(true);

    [Fact]
    public void Heartbeats_of_another_history_do_not_keep_what_is_held_alive() =>
        Script.Start().Hears(Set(7, Envelope(Fcr, 5, 9_000, Falls(120, 4_200))))
            .At(60).Hears(Beat(7).In("F")).At(119).Allows(9_000, SitePhase.Controlled).NeedsSet(true).At(120).Allows(4_200, SitePhase.Failsafe);

    [Fact]
    public void Heartbeats_that_know_of_changes_that_never_come_are_as_good_as_silence() =>
        Script.Start().Hears(Set(7, Envelope(Fcr, 5, 9_000, Falls(120, 4_200))))
            .At(60).Hears(Beat(8)).At(110).Hears(Beat(9)).At(120).Allows(4_200, SitePhase.Failsafe);

    private static HeldSet Written(SetStated set)
    {
        Script.Start().Hears(set).Restarts(out var written);
        return written;
    }
}
