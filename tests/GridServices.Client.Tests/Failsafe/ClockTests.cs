using NodaTime;
using static GridServices.Client.Tests.Samples;

namespace GridServices.Client.Tests.FailsafeMachines;

/// <summary>Schedules go by the hub's clock, whatever this machine's shows.</summary>
public sealed class ClockTests
{
    [Theory]
    [InlineData(-3_600)]
    [InlineData(3_600)]
    [InlineData(86_400)]
    public void A_limit_is_in_force_when_the_hub_says_so(int hubAheadS) =>
        Script.Start().HubClockIsAhead(Duration.FromSeconds(hubAheadS)).Hears(Set(1, Envelope(Dr, 1, 8_000, Holds(), fromS: hubAheadS, untilS: hubAheadS + 60)))
            .Hears(Beat(1)).Allows(8_000, SitePhase.Controlled).At(59).Allows(8_000, SitePhase.Controlled).At(60).Allows(null, SitePhase.Controlled);

    [Fact]
    public void A_wall_clock_that_is_set_moves_no_limit_once_the_hubs_time_is_known() =>
        Script.Start().Hears(Set(1, Envelope(Dr, 1, 8_000, Holds(), fromS: 0, untilS: 60))).Hears(Beat(1))
            .WallClockJumps(Duration.FromHours(1)).Allows(8_000, SitePhase.Controlled);

    [Fact]
    public void A_heartbeat_held_up_on_its_way_does_not_set_the_clock_back()
    {
        var clock = HubClock.After(null, T0, Duration.Zero);
        clock = HubClock.After(clock, T0 + Duration.FromSeconds(15), Duration.FromSeconds(45)); // 30 s late
        Assert.Equal(T0 + Duration.FromSeconds(45), clock!.At(Duration.FromSeconds(45)));
    }

    [Theory]
    [InlineData(-5)]
    [InlineData(5)]
    public void A_hub_clock_that_was_set_is_followed_with_the_second_heartbeat_and_until_then_both_times_count(int minutes)
    {
        var script = Script.Start().Hears(Set(1, Envelope(Dr, 1, 8_000, Holds(), fromS: 0, untilS: 60))).Hears(Beat(1)).Hears(Beat(1)).Allows(8_000, SitePhase.Controlled);
        script.HubClockIsAhead(Duration.FromMinutes(minutes)).At(15).Hears(Beat(1)).Allows(8_000, SitePhase.Controlled)
            .At(30).Hears(Beat(1)).Allows(null, SitePhase.Controlled);
    }

    [Fact]
    public void A_limit_that_holds_at_the_doubted_time_is_obeyed_until_the_doubt_is_over() =>
        Script.Start().Hears(Set(1, Envelope(Dr, 1, 8_000, Holds(), fromS: 300, untilS: 600))).Hears(Beat(1)).Hears(Beat(1)).Allows(null, SitePhase.Controlled)
            .HubClockIsAhead(Duration.FromMinutes(5)).At(15).Hears(Beat(1)).Allows(8_000, SitePhase.Controlled)
            .HubClockIsAhead(Duration.Zero).At(30).Hears(Beat(1)).At(45).Hears(Beat(1)).Allows(null, SitePhase.Controlled);

    [Fact]
    public void One_heartbeat_dated_far_ahead_ends_nothing() =>
        Script.Start().Hears(Set(1, Envelope(Dr, 1, 8_000, Holds(), fromS: 0, untilS: 3_600))).Hears(Beat(1)).Hears(Beat(1))
            .HubClockIsAhead(Duration.FromDays(26_000)).At(15).Hears(Beat(1)).Allows(8_000, SitePhase.Controlled)
            .HubClockIsAhead(Duration.Zero).At(30).Hears(Beat(1)).At(45).Hears(Beat(1)).Allows(8_000, SitePhase.Controlled);

    [Fact]
    public void The_first_heartbeat_alone_ends_nothing_that_holds_by_this_machines_clock() =>
        Script.Start().Hears(Set(1, Envelope(Dr, 1, 8_000, Holds(), fromS: 0, untilS: 3_600))).HubClockIsAhead(Duration.FromDays(26_000)).Hears(Beat(1)).Allows(8_000, SitePhase.Controlled);

    [Fact]
    public void A_hub_clock_that_was_corrected_is_followed_after_some_heartbeats()
    {
        var clock = HubClock.After(null, T0 + Duration.FromHours(1), Duration.Zero);
        for (var s = 15; s <= 120; s += 15)
        {
            clock = HubClock.After(clock, T0 + Duration.FromSeconds(s), Duration.FromSeconds(s));
        }

        Assert.Equal(T0 + Duration.FromSeconds(120), clock!.At(Duration.FromSeconds(120)));
    }

    [Fact]
    public void A_hub_clock_that_was_set_back_by_less_than_a_minute_ends_no_limit_early() =>
        Script.Start().Hears(Set(1, Envelope(Dr, 1, 8_000, Holds(), fromS: -60, untilS: 60))).Hears(Beat(1)).At(15).Hears(Beat(1))
            .HubClockIsAhead(Duration.FromSeconds(-40)).At(30).Hears(Beat(1)).At(45).Hears(Beat(1)).At(99).Allows(8_000, SitePhase.Controlled)
            .At(100).Allows(null, SitePhase.Controlled);

    [Fact]
    public void Of_the_heartbeats_the_last_eight_count()
    {
        var script = Script.Start().Hears(Set(1, Envelope(Dr, 1, 8_000, Holds(), fromS: 70))).Hears(Beat(1)).HubClockIsAhead(Duration.FromSeconds(-40));
        for (var s = 10; s <= 70; s += 10)
        {
            script.At(s).Hears(Beat(1));
        }

        script.At(79).Allows(8_000, SitePhase.Controlled).At(80).Hears(Beat(1)).Allows(null, SitePhase.Controlled);
    }

    [Fact]
    public void One_late_heartbeat_among_others_prolongs_no_limit() =>
        Script.Start().Hears(Set(1, Envelope(Dr, 1, 8_000, Holds(), fromS: -60, untilS: 60))).Hears(Beat(1)).At(15).Hears(Beat(1))
            .HubClockIsAhead(Duration.FromSeconds(-40)).At(30).Hears(Beat(1)).HubClockIsAhead(Duration.Zero).At(45).Hears(Beat(1)).At(60).Allows(null, SitePhase.Controlled);

    [Fact]
    public void Where_the_wall_clock_leapt_ahead_since_the_last_heartbeat_what_holds_by_it_is_obeyed_until_the_hub_is_heard() =>
        Script.Start().Hears(Set(1, Envelope(Dr, 1, 8_000, Holds(), fromS: 1_800, untilS: 5_400))).Hears(Beat(1)).Hears(Beat(1)).Allows(null, SitePhase.Controlled)
            .WallClockJumps(Duration.FromHours(1)).Allows(8_000, SitePhase.Controlled)
            .HubClockIsAhead(Duration.FromHours(-1)).Hears(Beat(1)).Allows(null, SitePhase.Controlled);

    [Fact]
    public void A_time_that_cannot_be_meant_changes_nothing() => Assert.Null(HubClock.After(null, Instant.MinValue, Duration.FromDays(1)));
}
