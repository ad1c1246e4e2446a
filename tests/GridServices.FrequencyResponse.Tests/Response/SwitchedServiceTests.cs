using GridServices.FrequencyResponse.Response;
using GridServices.FrequencyResponse.Safety;
using NodaTime;

namespace GridServices.FrequencyResponse.Tests.Response;

/// <summary>Latch, hold, release and re-arming of the services that switch.</summary>
public sealed class SwitchedServiceTests
{
    [Theory]
    [InlineData("NORDIC-FFR-49.7", 49.7)]
    [InlineData("NORDIC-FFR-49.6", 49.6)]
    [InlineData("NORDIC-FFR-49.5", 49.5)]
    [InlineData("GB-STATIC-FFR", 49.7)]
    [InlineData("ERCOT-RRS-FFR", 59.85)]
    [InlineData("ERCOT-RRS-UFR", 59.7)]
    public void TheSecondSampleAtTheTriggerActivatesInFull(string service, double trigger)
    {
        var rig = new ControllerRig(ControllerRig.Settings(ControllerRig.Contract(service)) with { Sources = [ControllerRig.Meter(20 * ControllerRig.Millisecond)] });
        rig.Feed(trigger + 0.001, 1, 0.02);
        Assert.Equal(0, rig.Out.PowerW);
        Assert.Equal(ServicePhase.Ready, rig.Service.Phase);
        rig.Advance(0.02);
        rig.Take(trigger, stamped: true);
        Assert.Equal(0, rig.Out.PowerW);
        rig.Advance(0.02);
        rig.Take(trigger, stamped: true);
        Assert.Equal(1e6, rig.Out.PowerW);
        Assert.True(rig.Out.Dispatch);
        Assert.True(rig.Out.Reasons.HasFlag(ControlReasons.Latched));
    }

    [Fact]
    public void NordicFfrHoldsFiveSecondsThenLetsGoAtTwentyPercentASecondAtMost()
    {
        var rig = ControllerRig.For("NORDIC-FFR-49.7");
        rig.Feed(50, 1);
        rig.Feed(49.6, 0.2);
        for (var i = 1; i <= 50; i++)
        {
            Assert.Equal(1e6, rig.Out.PowerW);
            rig.Feed(49.6, 0.1);
        }

        var before = rig.Out.PowerW;
        for (var i = 0; i < 50; i++)
        {
            rig.Feed(49.6, 0.1);
            Assert.True(before - rig.Out.PowerW is >= 0 and <= 0.02e6 + 1, $"{before - rig.Out.PowerW} W in 0.1 s");
            before = rig.Out.PowerW;
        }

        Assert.Equal(0, rig.Out.PowerW);
        Assert.Equal(ServicePhase.Blocked, rig.Service.Phase);
    }

    [Fact]
    public void ALongSupportMayEndAtOnce()
    {
        var rig = new ControllerRig(ControllerRig.Settings(ControllerRig.Contract("NORDIC-FFR-49.7") with
        {
            Switched = new SwitchedRules { TriggerHz = 49.7, SupportNanos = 30 * ControllerRig.Second, RearmNanos = 900 * ControllerRig.Second },
        }));
        rig.Feed(49.6, 30);
        Assert.Equal(1e6, rig.Out.PowerW);
        rig.Feed(49.6, 0.2);
        Assert.Equal(0, rig.Out.PowerW);
    }

    [Fact]
    public void NothingActivatesTwiceWhileTheTriggerPersists()
    {
        var rig = ControllerRig.For("NORDIC-FFR-49.7");
        rig.Feed(49.6, 20);
        Assert.Equal(0, rig.Out.PowerW);
        rig.Feed(49.6, 2000);
        Assert.Equal(0, rig.Out.PowerW);
    }

    [Theory]
    [InlineData(120, 49.6, 0)]
    [InlineData(120, 50, 0)]
    [InlineData(1000, 49.6, 0)]
    [InlineData(1000, 50, 1e6)]
    public void AnActivationInOneBlockCountsAgainstTheNext(double gapSeconds, double gapHz, double watts)
    {
        var noon = ControllerRig.Noon;
        var next = noon + Duration.FromSeconds(10 + gapSeconds);
        var rig = new ControllerRig(ControllerRig.Settings(ControllerRig.Contract("NORDIC-FFR-49.7") with
        {
            Windows = [new Interval(noon, noon + Duration.FromSeconds(10)), new Interval(next, next + Duration.FromHours(1))],
        }));
        rig.Feed(50, 7);
        rig.Feed(49.6, 3);
        Assert.Equal(1e6, rig.Out.Services[0].ResponseW, 0.3e6);
        rig.Feed(gapHz, gapSeconds);
        Assert.Equal(0, rig.Out.PowerW);
        rig.Feed(49.6, 1);
        Assert.Equal(watts, rig.Out.PowerW);
    }

    [Fact]
    public void ItRespondsAgainAfterTheTimeToReArmOnceTheFrequencyHasComeBack()
    {
        var rig = ControllerRig.For("NORDIC-FFR-49.7");
        rig.Feed(49.6, 20);
        rig.Feed(50, 100);
        rig.Feed(49.6, 10);
        Assert.Equal(0, rig.Out.PowerW);
        rig.Feed(50, 780);
        Assert.Equal(ServicePhase.Ready, rig.Service.Phase);
        rig.Feed(49.6, 0.2);
        Assert.Equal(1e6, rig.Out.PowerW);
    }

    [Fact]
    public void StaticFfrIsSustainedForHalfAnHour()
    {
        var rig = ControllerRig.For("GB-STATIC-FFR");
        rig.Feed(49.69, 1);
        rig.Feed(50.1, 1798);
        Assert.Equal(1e6, rig.Out.PowerW);
        rig.Feed(50.1, 2);
        Assert.Equal(0, rig.Out.PowerW);
    }

    [Fact]
    public void AnErcotDeploymentEndsWithItsRecall()
    {
        var rig = new ControllerRig(ControllerRig.Settings(ControllerRig.Contract("ERCOT-RRS-FFR")) with { Sources = [ControllerRig.Meter(20 * ControllerRig.Millisecond)] });
        rig.Feed(59.8, 60, 0.02);
        Assert.Equal(1e6, rig.Out.PowerW);
        rig.Site(SiteConditions.Unbound with { Recalled = true });
        rig.Feed(59.8, 0.1, 0.02);
        Assert.Equal(0, rig.Out.PowerW);
        rig.Site(SiteConditions.Unbound);
        rig.Feed(59.8, 10, 0.02);
        Assert.Equal(0, rig.Out.PowerW);
    }

    [Fact]
    public void AnAustralianSwitchHoldsUntilTheFrequencyIsNormalAgain()
    {
        var rig = ControllerRig.For("AEMO-R6-SWITCHED");
        rig.Feed(49.6, 60);
        Assert.Equal(1e6, rig.Out.PowerW);
        rig.Feed(49.8, 60);
        Assert.Equal(1e6, rig.Out.PowerW);
        rig.Feed(49.86, 0.2);
        Assert.Equal(0, rig.Out.PowerW);

        var lower = ControllerRig.For("AEMO-L6-SWITCHED");
        lower.Feed(50.4, 10);
        Assert.Equal(-1e6, lower.Out.PowerW);
        lower.Feed(50.1, 0.2);
        Assert.Equal(0, lower.Out.PowerW);
    }

    [Fact]
    public void AShortLossOfTheMeterDoesNotEndAnActivationAndALongOneDoes()
    {
        var rig = ControllerRig.For("GB-STATIC-FFR");
        rig.Feed(49.6, 10);
        rig.Wait(0.8);
        Assert.Equal(1e6, rig.Out.PowerW);
        rig.Feed(49.6, 1);
        Assert.Equal(FailSafeRung.Valid, rig.Service.Rung);
        Assert.Equal(1e6, rig.Out.PowerW);
        rig.Wait(10);
        Assert.Equal(0, rig.Out.PowerW);

        // The latch ran on: the support that is still due is given again.
        rig.Feed(49.9, 1);
        Assert.Equal(1e6, rig.Out.PowerW);
    }

    [Fact]
    public void ATriggerIsNeverInventedWhileTheMeterIsSilent()
    {
        var rig = ControllerRig.For("NORDIC-FFR-49.7");
        rig.Feed(49.705, 5);
        for (var i = 0; i < 100; i++)
        {
            rig.Wait(0.1);
            Assert.Equal(0, rig.Out.PowerW);
        }
    }
}
