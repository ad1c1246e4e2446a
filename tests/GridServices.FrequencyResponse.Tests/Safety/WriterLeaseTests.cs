using GridServices.FrequencyResponse.Safety;

namespace GridServices.FrequencyResponse.Tests.Safety;

public sealed class WriterLeaseTests
{
    [Fact]
    public void WithoutALeaseNothingIsSentAndThePowerIsCalculatedAllTheSame()
    {
        var rig = new ControllerRig(ControllerRig.Settings(ControllerRig.Contract("CE-FCR")) with { LeaseRequired = true });
        for (var i = 0; i < 30; i++)
        {
            rig.Feed(49.9, 0.1);
            Assert.False(rig.Out.Dispatch);
        }

        Assert.Equal(0.5e6, rig.Out.PowerW, 3);
        Assert.True(rig.Out.Reasons.HasFlag(ControlReasons.NotWriter));
    }

    [Fact]
    public void ALeaseEndsByTheClockEvenWhenNobodySaysSo()
    {
        var rig = new ControllerRig(ControllerRig.Settings(ControllerRig.Contract("CE-FCR")) with { LeaseRequired = true });
        rig.Site(SiteConditions.Unbound with { Lease = new WriterLease(7, rig.Now + (2 * ControllerRig.Second)) });
        rig.Feed(49.9, 0.1);
        Assert.True(rig.Out.Dispatch);
        Assert.Equal(7, rig.Out.LeaseToken);
        rig.Feed(49.9, 1.8);
        for (var i = 0; i < 20; i++)
        {
            rig.Feed(49.8 - (i % 2 * 0.05), 0.1);
            Assert.False(rig.Out.Dispatch);
        }
    }

    [Fact]
    public void AHolderThatTakesOverSendsAtOnce()
    {
        var rig = new ControllerRig(ControllerRig.Settings(ControllerRig.Contract("CE-FCR")) with { LeaseRequired = true });
        rig.Feed(49.9, 2);
        rig.Site(SiteConditions.Unbound with { Lease = new WriterLease(8, long.MaxValue / 16) });
        rig.Tick();
        Assert.True(rig.Out.Dispatch);
    }

    [Fact]
    public void CommandsOfAnEarlierHolderAreTurnedAway()
    {
        var fence = new CommandFence();
        Assert.False(fence.Admits(0));
        Assert.True(fence.Admits(3));
        Assert.True(fence.Admits(3));
        Assert.True(fence.Admits(4));
        Assert.False(fence.Admits(3));
        Assert.Equal(4, fence.Highest);
    }
}
