using GridServices.Contracts;
using NodaTime;
using static GridServices.Client.Tests.Samples;

namespace GridServices.Client.Tests.FailsafeMachines;

/// <summary>What counts as a change that a controller's handler is told.</summary>
public sealed class SiteLimitsTests
{
    private static readonly EnvelopeTarget Evse = new(TargetKind.Evse, "evse-1");

    [Fact]
    public void Another_set_point_of_any_target_is_a_change_although_the_limits_stay() =>
        Assert.False(Limits(Asks(Evse, w: 11_000)).SaysSameAs(Limits(Asks(Evse, w: 0))));

    [Fact]
    public void Another_droop_curve_is_a_change() => Assert.False(Limits(Asks(null, hz: 49.9m)).SaysSameAs(Limits(Asks(null, hz: 49.5m))));

    [Fact]
    public void Another_end_of_a_set_point_is_a_change() => Assert.False(Limits(Asks(Evse, w: 11_000)).SaysSameAs(Limits(Asks(Evse, w: 11_000, untilS: 1_800))));

    [Fact]
    public void A_set_point_that_begins_or_ends_is_a_change()
    {
        Assert.False(Limits(Asks(Evse, w: 11_000)).SaysSameAs(Limits(Asks(Evse, w: 11_000), atS: 3_600)));
        Assert.False(Limits(Asks(Evse, w: 11_000), atS: 3_600).SaysSameAs(Limits(Asks(Evse, w: 11_000))));
    }

    [Fact]
    public void The_same_said_anew_a_minute_later_is_no_change()
    {
        Assert.True(Limits(Asks(Evse, w: 11_000)).SaysSameAs(Limits(Asks(Evse, w: 11_000), atS: 60)));
        Assert.True(Limits(Asks(null, hz: 49.9m)).SaysSameAs(Limits(Asks(null, hz: 49.9m), atS: 60)));
    }

    private static SiteLimits Limits(Envelope envelope, int atS = 0)
    {
        var now = new Moment(At(atS), Duration.FromSeconds(atS));
        var state = FailsafeMachine.Start(Site, null, new(), new Moment(T0, Duration.Zero));
        return FailsafeMachine.LimitsAt(FailsafeMachine.Apply(state, Set(1, envelope), now), now);
    }

    private static Envelope Asks(EnvelopeTarget? target, long? w = null, decimal? hz = null, int untilS = 3_600)
    {
        var envelope = Envelope(Dr, 1, 60_000, Holds());
        return envelope with
        {
            Target = target ?? envelope.Target,
            Targets = [new TargetSegment { From = At(-60), Until = At(untilS), TargetW = w, Droop = hz is { } from ? [new DroopPoint(from, -5_000), new DroopPoint(50, 0)] : null }],
        };
    }
}
