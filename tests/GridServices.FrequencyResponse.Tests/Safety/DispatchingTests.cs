namespace GridServices.FrequencyResponse.Tests.Safety;

public sealed class DispatchingTests
{
    [Fact]
    public void ChatterOfTheLastDigitSendsNothingButTheRefresh()
    {
        var rig = ControllerRig.For("NORDIC-FCR-N");
        rig.Feed(49.99, 1);
        Assert.InRange(Sent(rig, 600, i => 49.99 + (i % 2 * 0.0002)), 55, 61);
    }

    [Fact]
    public void EveryRealChangeIsSentWithItsSample()
    {
        var rig = ControllerRig.For("NORDIC-FCR-N");
        rig.Feed(50, 1);
        Assert.Equal(50, Sent(rig, 50, i => 50 - (i * 0.001) - 0.001));
    }

    [Fact]
    public void TheReturnToRestIsSentExactlyOnce()
    {
        var rig = ControllerRig.For("NORDIC-FCR-D-UP");
        rig.Feed(49.8, 1);
        rig.Feed(49.9004, 0.1);
        Assert.True(rig.Out.Dispatch);
        Assert.Equal(0, rig.Out.PowerW);
        rig.Feed(49.8999, 0.1);
        Assert.False(rig.Out.Dispatch);
        rig.Feed(49.9001, 0.1);
        Assert.False(rig.Out.Dispatch);
    }

    [Fact]
    public void ABaselineThatCreepsIsSentWithTheRefreshOnly()
    {
        var rig = ControllerRig.For("NORDIC-FCR-D-UP");
        rig.Feed(50, 1);
        var sent = 0;
        for (var i = 0; i < 600; i++)
        {
            rig.Site(SiteConditions.Unbound with { BaselineW = -i });
            rig.Feed(50, 0.1);
            sent += rig.Out.Dispatch ? 1 : 0;
        }

        Assert.InRange(sent, 55, 61);
    }

    [Fact]
    public void ABurstOfSamplesIsSentNoFasterThanTheSpacing()
    {
        var rig = ControllerRig.For("CE-FCR");
        rig.Feed(50, 1);
        var sent = 0;
        for (var i = 0; i < 1000; i++)
        {
            rig.Advance(0.001);
            rig.Take(49.9 + (i % 2 * 0.01));
            sent += rig.Out.Dispatch ? 1 : 0;
        }

        Assert.InRange(sent, 50, 101);
    }

    [Fact]
    public void OutsideItsBlocksNothingIsRefreshed()
    {
        var rig = new ControllerRig(ControllerRig.Settings(ControllerRig.Contract("CE-FCR", length: NodaTime.Duration.FromSeconds(5))));
        rig.Feed(49.9, 20);
        Assert.Equal(0, Sent(rig, 100, _ => 49.5));
        Assert.Equal(0, rig.Out.PowerW);
    }

    private static int Sent(ControllerRig rig, int samples, Func<int, double> hz)
    {
        var sent = 0;
        for (var i = 0; i < samples; i++)
        {
            rig.Advance(0.1);
            rig.Take(hz(i));
            sent += rig.Out.Dispatch ? 1 : 0;
        }

        return sent;
    }
}
