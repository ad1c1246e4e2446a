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
    public void A_time_that_cannot_be_meant_changes_nothing() => Assert.Null(HubClock.After(null, Instant.MinValue, Duration.FromDays(1)));
}
