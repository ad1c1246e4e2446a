namespace GridServices.FrequencyResponse.Tests.Safety;

public sealed class PowerLimitTests
{
    [Fact]
    public void DefaultConditionsAllowNothing()
    {
        var rig = ControllerRig.For("CE-FCR").Site(default);
        rig.Feed(49.8, 2);
        Assert.Equal(0, rig.Out.PowerW);
        Assert.Equal(1e6, rig.Out.ShortfallW, 1);
        Assert.True(rig.Out.Reasons.HasFlag(ControlReasons.Headroom));
    }

    [Fact]
    public void TheResponseIsGivenAroundTheBaseline()
    {
        var rig = ControllerRig.For("CE-FCR").Site(SiteConditions.Unbound with { BaselineW = -300_000 });
        rig.Feed(49.9, 1);
        Assert.Equal(200_000, rig.Out.PowerW, 1);
        Assert.Equal(500_000, rig.Out.ResponseW, 1);
    }

    [Fact]
    public void HeadroomCountsFromTheBaseline()
    {
        var rig = ControllerRig.For("CE-FCR").Site(SiteConditions.Unbound with { BaselineW = -300_000, RaiseHeadroomW = 100_000 });
        rig.Feed(49.9, 1);
        Assert.Equal(-200_000, rig.Out.PowerW, 1);
        Assert.Equal(400_000, rig.Out.ShortfallW, 1);
    }

    [Fact]
    public void LimitsThatAreNoNumbersAllowNothing()
    {
        var rig = ControllerRig.For("CE-FCR").Site(SiteConditions.Unbound with { CeilingW = double.NaN, BaselineW = double.NaN });
        rig.Feed(49.9, 1);
        Assert.Equal(0, rig.Out.PowerW);
    }
}
