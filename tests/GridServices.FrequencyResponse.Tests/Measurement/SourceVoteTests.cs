using GridServices.FrequencyResponse.Measurement;
using GridServices.FrequencyResponse.Safety;

namespace GridServices.FrequencyResponse.Tests.Measurement;

public sealed class SourceVoteTests
{
    [Fact]
    public void TheFirstOfTwoThatAgreeDrives()
    {
        var rig = Rig(2);
        Both(rig, 49.90, 49.91);
        Assert.Equal(0.5e6, rig.Out.PowerW, 3);
        Assert.False(rig.Out.Reasons.HasFlag(ControlReasons.SourceDegraded));
    }

    [Fact]
    public void TwoThatContradictOneAnotherDriveNothing()
    {
        var rig = Rig(2);
        for (var i = 0; i < 50; i++)
        {
            Both(rig, 50.0 + (i % 2 * 1e-9), 49.4 + (i % 2 * 1e-9));
            Assert.Equal(0, rig.Out.PowerW);
            Assert.Equal(0, rig.Service.TargetPu);
        }

        Assert.True(rig.Service.Faults.HasFlag(SampleFault.Disagree));
        Assert.True(rig.Out.Reasons.HasFlag(ControlReasons.Unavailable));
    }

    [Theory]
    [InlineData(49.9, 49.905, 49.0)]
    [InlineData(49.9, 49.0, 49.905)]
    [InlineData(50.6, 49.905, 49.9)]
    public void TheMedianOfThreeDrivesAgainstTheOddOne(double a, double b, double c)
    {
        var rig = Rig(3);
        for (var i = 0; i < 30; i++)
        {
            rig.Advance(0.1);
            rig.Take(a + (i % 2 * 1e-9), 0);
            rig.Take(b + (i % 2 * 1e-9), 1);
            rig.Take(c + (i % 2 * 1e-9), 2);
        }

        Assert.InRange(rig.Out.PowerW, 0.47e6, 0.51e6);
    }

    [Fact]
    public void ThreeThatAllDifferDriveNothing()
    {
        var rig = Rig(3);
        for (var i = 0; i < 30; i++)
        {
            rig.Advance(0.1);
            rig.Take(49.9 + (i % 2 * 1e-9), 0);
            rig.Take(49.6 + (i % 2 * 1e-9), 1);
            rig.Take(50.2 + (i % 2 * 1e-9), 2);
        }

        Assert.Equal(0, rig.Out.PowerW);
        Assert.True(rig.Service.Faults.HasFlag(SampleFault.Disagree));
    }

    [Fact]
    public void TheOtherDrivesWhenOneFallsSilent()
    {
        var rig = Rig(2);
        Both(rig, 50, 50);
        for (var i = 0; i < 30; i++)
        {
            rig.Advance(0.1);
            rig.Take(49.9 + (i % 2 * 1e-9), 1);
        }

        Assert.Equal(0.5e6, rig.Out.PowerW, 0.1);
        Assert.Equal(FailSafeRung.Valid, rig.Service.Rung);
        Assert.True(rig.Out.Reasons.HasFlag(ControlReasons.SourceDegraded));
    }

    [Fact]
    public void TwoMetersOneSampleApartInAFallAgree()
    {
        var rig = Rig(2);
        for (var i = 0; i < 30; i++)
        {
            var hz = 50 - (Math.Max(i - 5, 0) * 0.05);
            rig.Advance(0.05);
            rig.Take(hz, 0);
            rig.Advance(0.05);
            rig.Take(hz - (i > 5 ? 0.025 : 0), 1);
            Assert.Equal(FailSafeRung.Valid, rig.Service.Rung);
        }
    }

    [Fact]
    public void ASourceOfAnUnknownNumberIsCountedAndNothingElse()
    {
        var rig = Rig(2);
        rig.Advance(0.1);
        Assert.Equal(SampleFault.UnknownSource, rig.Take(49.5, 7).SampleFaults);
        Assert.Equal(0, rig.Out.PowerW);
        Assert.Equal(1, rig.State.GetCount(SampleFault.UnknownSource));
    }

    [Fact]
    public void ACoarseMeterIsLeftOutOfAServiceThatNeedsAFineOne()
    {
        var settings = ControllerRig.Settings(ControllerRig.Contract("GB-DCL"), ControllerRig.Contract("GB-STATIC-FFR"));
        var rig = new ControllerRig(settings with
        {
            Sources = [ControllerRig.Meter() with { ResolutionHz = 0.01 }, ControllerRig.Meter() with { Name = "fine" }],
        });
        rig.Take(49.6, 0);
        rig.Advance(0.1);
        rig.Take(49.61, 0);
        Assert.Equal(FailSafeRung.NotReady, rig.Out.Services[0].Rung);
        Assert.Equal(1, rig.Out.Services[1].Pu);
    }

    [Theory]
    [InlineData(0.01, true)]
    [InlineData(0.001, false)]
    public void AMeterThatMeasuresCoarserThanItIsSaidToDoesNotDriveTheServiceThatNeedsFiner(double step, bool isCoarse)
    {
        // Nordic FCR: 5 mHz; the settings claim 1 mHz.
        var rig = new ControllerRig(ControllerRig.Settings(ControllerRig.Contract("NORDIC-FCR-N")) with { Sources = [ControllerRig.Meter() with { ResolutionHz = 0.001 }] });
        for (var i = 0; i < 120; i++)
        {
            rig.Advance(0.1);
            rig.Take(Math.Round((50 + (0.05 * Math.Sin(i / 3.0))) / step) * step);
        }

        Assert.Equal(isCoarse, rig.Service.Faults.HasFlag(SampleFault.Resolution));
        Assert.Equal(isCoarse, rig.Service.Rung != FailSafeRung.Valid);
    }

    [Theory]
    [InlineData(0.0033, 5)]
    [InlineData(0, 1)]
    [InlineData(0.0033, 1)]
    public void ACoarseGridIsNoticedWhereverItBeginsAndHoweverFewOfItsValuesAreShown(double offset, int each)
    {
        var rig = new ControllerRig(ControllerRig.Settings(ControllerRig.Contract("GB-DCL")));
        for (var i = 0; i < 120; i++)
        {
            rig.Advance(0.1);
            rig.Take(50 + offset + (0.01 * ((i * 7 % ((2 * each) + 1)) - each)));
        }

        Assert.True(rig.Service.Faults.HasFlag(SampleFault.Resolution));
    }

    // One meter shows 49.68 for one sample, the other 50.00: the odd one's own leap must not excuse it.
    [Fact]
    public void ASamplesOwnLeapDoesNotWidenTheToleranceOfTheVote()
    {
        var rig = Rig(2);
        for (var i = 0; i < 10; i++)
        {
            Both(rig, 50.0 + (i % 2 * 1e-9), 50.0 + (i % 2 * 1e-9));
        }

        rig.Advance(0.1);
        rig.Take(49.68, 0);
        rig.Take(50.0, 1);
        Assert.True(rig.Service.Faults.HasFlag(SampleFault.Disagree));
        Assert.InRange(rig.Out.PowerW, -1, 1);
    }

    private static ControllerRig Rig(int sources)
    {
        var settings = ControllerRig.Settings(ControllerRig.Contract("CE-FCR"));
        return new ControllerRig(settings with
        {
            Sources = sources == 2 ? [ControllerRig.Meter(), ControllerRig.Meter() with { Name = "pmu-2" }]
                : [ControllerRig.Meter(), ControllerRig.Meter() with { Name = "pmu-2" }, ControllerRig.Meter() with { Name = "pmu-3" }],
        });
    }

    private static void Both(ControllerRig rig, double first, double second)
    {
        rig.Advance(0.1);
        rig.Take(first, 0);
        rig.Take(second, 1);
    }
}
