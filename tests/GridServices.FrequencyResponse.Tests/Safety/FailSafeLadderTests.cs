using GridServices.FrequencyResponse.Safety;

namespace GridServices.FrequencyResponse.Tests.Safety;

public sealed class FailSafeLadderTests
{
    [Fact]
    public void TheLastResponseIsHeldThenRampedThenGivenUp()
    {
        var rig = ControllerRig.For("CE-FCR");
        rig.Feed(49.8, 2);
        rig.Wait(1.1);
        Assert.Equal(1e6, rig.Out.PowerW, 1);
        Assert.True(rig.Out.Reasons.HasFlag(ControlReasons.Holding));
        rig.Wait(1.1);
        Assert.Equal(0.5e6, rig.Out.PowerW, 0.02e6);
        Assert.True(rig.Out.Reasons.HasFlag(ControlReasons.Ramping));
        rig.Wait(1.1);
        Assert.Equal(0, rig.Out.PowerW);
        Assert.True(rig.Out.Reasons.HasFlag(ControlReasons.Unavailable));
        Assert.False(rig.Out.Reasons.HasFlag(ControlReasons.DeviceDefault));
        rig.Wait(30);
        Assert.True(rig.Out.Reasons.HasFlag(ControlReasons.DeviceDefault));
    }

    [Fact]
    public void TheLadderIsThatOfTheClockNotOfTheSteps()
    {
        var often = ControllerRig.For("CE-FCR");
        var seldom = ControllerRig.For("CE-FCR");
        often.Feed(49.8, 2);
        seldom.Feed(49.8, 2);
        often.Wait(2.2);
        seldom.Advance(2.2);
        seldom.Tick();
        Assert.Equal(often.Out.PowerW, seldom.Out.PowerW, 1);
        Assert.Equal(often.Service.Rung, seldom.Service.Rung);
    }

    [Fact]
    public void OneSampleEndsTheHoldAndTwoLeadBackFromFurtherDown()
    {
        var rig = ControllerRig.For("CE-FCR");
        rig.Feed(49.9, 1);
        rig.Wait(0.6);
        Assert.Equal(FailSafeRung.Hold, rig.Service.Rung);
        rig.Take(49.9);
        Assert.Equal(FailSafeRung.Valid, rig.Service.Rung);

        rig.Wait(10);
        Assert.Equal(FailSafeRung.Unavailable, rig.Service.Rung);
        rig.Take(49.9);
        Assert.Equal(0, rig.Out.PowerW);
        rig.Tick();
        Assert.Equal(0, rig.Out.PowerW);
        rig.Advance(0.1);
        rig.Take(49.9);
        Assert.Equal(FailSafeRung.Valid, rig.Service.Rung);
        Assert.Equal(0.5e6, rig.Out.PowerW, 3);
    }

    [Theory]
    [InlineData("GB-DCL", 49.5, 50)]
    [InlineData("IEEE1547-CAT-DEFAULT", 59.5, 60)]
    public void WhatWasAskedBeforeALossNeverComesOutAfterIt(string service, double before, double after)
    {
        var rig = ControllerRig.For(service);
        rig.Feed(before, 5);
        Assert.True(rig.Out.PowerW > 50_000);
        rig.Wait(20);
        for (var i = 0; i < 200; i++)
        {
            rig.Advance(0.01);
            _ = i % 10 == 0 ? rig.Take(after + (i * 1e-12)) : rig.Tick();
            Assert.Equal(0, rig.Out.PowerW, 1e-3);
        }
    }

    [Fact]
    public void DevicesThatAreLetGoAreNotCommandedAnyMore()
    {
        var rig = ControllerRig.For("CE-FCR");
        rig.Feed(49.8, 1);
        rig.Wait(40);
        var sent = 0;
        for (var i = 0; i < 100; i++)
        {
            rig.Wait(0.1);
            sent += rig.Out.Dispatch ? 1 : 0;
        }

        Assert.Equal(0, sent);
    }

    [Fact]
    public void TheNextDueTimeIsTheEndOfValidity()
    {
        var rig = ControllerRig.For("CE-FCR");
        rig.Feed(49.8, 1);
        Assert.InRange(rig.Out.NextDueNanos - rig.Now, 1, 100 * ControllerRig.Millisecond);
        rig.Wait(0.12);
        Assert.InRange(rig.Out.NextDueNanos - rig.Now, 1, 81 * ControllerRig.Millisecond);
    }
}
