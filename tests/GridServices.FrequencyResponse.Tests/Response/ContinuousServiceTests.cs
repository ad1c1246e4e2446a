using GridServices.FrequencyResponse.Energy;
using GridServices.FrequencyResponse.Response;
using NodaTime;

namespace GridServices.FrequencyResponse.Tests.Response;

public sealed class ContinuousServiceTests
{
    [Fact]
    public void One_bad_sample_moves_no_relay()
    {
        var rig = new ControllerRig(ControllerRig.Settings(ControllerRig.Contract("NORDIC-FCR-D-UP") with { RelaySteps = 7 }));
        rig.Feed(49.75, 1);
        var before = rig.Out.PowerW;
        Assert.True(before > 0);
        rig.Advance(0.1);
        rig.Take(49.55);
        Assert.Equal(before, rig.Out.PowerW);
        rig.Feed(49.75, 1);
        Assert.Equal(before, rig.Out.PowerW);
        rig.Feed(49.55, 0.2);
        Assert.True(rig.Out.PowerW > before);
    }

    [Fact]
    public void A_block_that_begins_off_nominal_begins_with_its_response()
    {
        var begin = ControllerRig.Noon + NodaTime.Duration.FromSeconds(30);
        var contract = ControllerRig.Contract("GB-DCL") with { Windows = [new NodaTime.Interval(begin, begin + NodaTime.Duration.FromHours(4))] };
        var rig = new ControllerRig(ControllerRig.Settings(contract));
        rig.Feed(49.6, 29.9);
        Assert.Equal(0, rig.Out.PowerW);
        rig.Feed(49.6, 0.2);
        Assert.True(rig.Service.Procured);
        Assert.Equal(rig.Service.TargetPu, rig.Service.Pu, 1e-9);
        Assert.True(rig.Service.Pu > 0.5);
    }

    [Theory]
    [InlineData("CE-FCR", 49.95, 0.25)]
    [InlineData("CE-FCR", 49.0, 1.0)]
    [InlineData("NORDIC-FCR-N", 50.05, -0.5)]
    [InlineData("NORDIC-FCR-D-DN", 50.3, -0.5)]
    [InlineData("GB-DRL", 49.8925, 0.5)]
    public void TheResponseIsTheCurve(string service, double hz, double pu)
    {
        var rig = ControllerRig.For(service);
        rig.Feed(50, 1);
        rig.Feed(hz, 1);
        Assert.Equal(pu * 1e6, rig.Out.PowerW, 1e-3);
    }

    [Fact]
    public void ADroopWithoutAnEndIsHeldAtTheContractedQuantity()
    {
        var rig = ControllerRig.For("AEMO-R6-VARIABLE");
        rig.Feed(48.0, 2);
        Assert.Equal(1e6, rig.Out.PowerW);
    }

    [Fact]
    public void AStackIsTheSumOfItsServices()
    {
        var rig = new ControllerRig(ControllerRig.Settings(
            ControllerRig.Contract("GB-DCL", 20_000_000), ControllerRig.Contract("GB-DML", 10_000_000), ControllerRig.Contract("GB-DRL", 5_000_000)));
        rig.Feed(50, 1);
        rig.Feed(49.8, 2);
        Assert.Equal(16e6, rig.Out.PowerW, 1);
    }

    [Fact]
    public void ARampLimitHoldsUpAndDown()
    {
        var rig = new ControllerRig(ControllerRig.Settings(ControllerRig.Contract("CE-FCR") with { Shaping = new Shaping { RampPuPerS = 0.5 } }));
        rig.Feed(50, 1);
        rig.Feed(49.8, 1);
        Assert.Equal(0.5e6, rig.Out.PowerW, 1);
        rig.Feed(49.8, 2);
        Assert.Equal(1e6, rig.Out.PowerW, 1);
        rig.Feed(50, 1);
        Assert.Equal(0.5e6, rig.Out.PowerW, 1);
    }

    [Fact]
    public void AnOpenLoopTimeIsNinetyPercentOfTheWay()
    {
        // IEEE 1547-2018: open-loop response time 5 s = 90 % of the change.
        var rig = ControllerRig.For("IEEE1547-CAT-DEFAULT");
        rig.Feed(60, 5);
        rig.Feed(59.8, 5);
        Assert.Equal(0.9 * (0.2 - 0.036) / (60 * 0.05), rig.Service.Pu, 2e-3);
    }

    [Theory]
    [InlineData(14)]
    [InlineData(7)]
    public void ARelayTypeResourceStaysInsideTheCorners(int steps)
    {
        var rig = new ControllerRig(ControllerRig.Settings(ControllerRig.Contract("NORDIC-FCR-N") with { RelaySteps = steps }));
        rig.Feed(50, 1);
        var seen = new HashSet<double>();
        for (var i = 0; i <= 800; i++)
        {
            // 50 → 49.9 → 50.1 → 50 Hz.
            var hz = 50 - (i <= 200 ? i * 0.0005 : i <= 600 ? 0.1 - ((i - 200) * 0.0005) : -0.1 + ((i - 600) * 0.0005));
            rig.Feed(hz, 0.2);
            var due = Math.Clamp((50 - hz) / 0.1, -1, 1);
            Assert.InRange((Math.Abs(rig.Service.Pu) - Math.Abs(due)) * (rig.Service.Pu * due < 0 ? -1 : 1), -0.05 - 1e-6, 0.10 + 1e-6);
            seen.Add(rig.Service.Pu);
        }

        Assert.Equal((2 * steps) + 1, seen.Count);
    }

    [Fact]
    public void ARelayTypeResourceDoesNotChatterAtTheEdgeOfAStep()
    {
        var rig = new ControllerRig(ControllerRig.Settings(ControllerRig.Contract("NORDIC-FCR-N") with { RelaySteps = 14 }));
        rig.Feed(49.95, 1);
        var changes = 0;
        var before = rig.Service.Pu;
        for (var i = 0; i < 600; i++)
        {
            rig.Feed(49.95 + (i % 2 == 0 ? 0.001 : -0.001), 0.1);
            changes += rig.Service.Pu == before ? 0 : 1;
            before = rig.Service.Pu;
        }

        Assert.True(changes <= 1, $"{changes} changes");
    }

    [Fact]
    public void ARegulationSignalIsFollowedAndItsLossLedDownTheLadder()
    {
        var rig = ControllerRig.For("PJM-REGULATION");
        rig.Site(SiteConditions.Unbound with { SignalPu = -0.4, SignalAtNanos = rig.Now });
        rig.Tick();
        Assert.Equal(-0.4e6, rig.Out.PowerW);
        rig.Wait(10.5);
        Assert.True(rig.Out.Reasons.HasFlag(ControlReasons.Holding));
        rig.Wait(5);
        Assert.Equal(0, rig.Out.PowerW);
        rig.Site(SiteConditions.Unbound with { SignalPu = double.NaN, SignalAtNanos = rig.Now });
        rig.Wait(1);
        Assert.Equal(0, rig.Out.PowerW);
    }

    [Theory]
    [InlineData(0.3, 50.1, -0.6)]
    [InlineData(0.3, 49.995, 0.0)]
    [InlineData(0.3, 50.005, -0.03)]
    [InlineData(0.7, 49.9, 0.6)]
    [InlineData(0.7, 50.008, 0.0)]
    [InlineData(0.5, 49.995, 0.025)]
    [InlineData(0.5, 49.9, 0.5)]
    public void GermanFreedomsAreUsedInTheDirectionThatRestoresTheStore(double soc, double hz, double pu)
    {
        var rig = Free(soc);
        rig.Feed(hz, 1);
        Assert.Equal(pu, rig.Service.Pu, 1e-6);
    }

    [Fact]
    public void AGermanResponseThatHurtsTheStoreIsTakenUpInThirtySeconds()
    {
        var rig = Free(0.3);
        rig.Feed(50, 1);
        rig.Feed(49.8, 15);
        Assert.Equal(0.5, rig.Service.Pu, 0.01);
        rig.Feed(49.8, 15.1);
        Assert.Equal(1, rig.Service.Pu, 1e-6);
        rig.Feed(49.9, 0.1);
        Assert.Equal(0.5, rig.Service.Pu, 1e-6);
    }

    [Fact]
    public void WithoutTelemetryNoFreedomIsUsed()
    {
        var rig = Free(double.NaN);
        rig.Feed(49.995, 1);
        Assert.Equal(0.025, rig.Service.Pu, 1e-6);
    }

    [Fact]
    public void AServiceBeginsWithItsWindow()
    {
        var rig = new ControllerRig(ControllerRig.Settings(ControllerRig.Contract("CE-FCR") with
        {
            Windows = [new Interval(ControllerRig.Noon + Duration.FromSeconds(5), ControllerRig.Noon + Duration.FromSeconds(20))],
        }));
        rig.Feed(49.9, 4.9);
        Assert.Equal(0, rig.Out.PowerW);
        Assert.False(rig.Out.Reasons.HasFlag(ControlReasons.Armed));
        rig.Feed(49.9, 0.1);
        Assert.Equal(0.5e6, rig.Out.PowerW, 3);
    }

    private static ControllerRig Free(double soc)
    {
        var rig = new ControllerRig(ControllerRig.Settings(ControllerRig.Contract("CE-FCR") with { Freedom = new FreedomRules() }) with
        {
            Energy = new EnergyRules { CapacityWh = 1_000_000, TelemetryAgeNanos = 3600 * ControllerRig.Second },
        });
        return rig.Site(SiteConditions.Unbound with { EnergyWh = soc * 1_000_000, EnergyAtNanos = rig.Now });
    }
}
