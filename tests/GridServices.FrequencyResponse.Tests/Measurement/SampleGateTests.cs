using GridServices.FrequencyResponse.Measurement;
using GridServices.FrequencyResponse.Safety;
using NodaTime;

namespace GridServices.FrequencyResponse.Tests.Measurement;

public sealed class SampleGateTests
{
    [Theory]
    [InlineData(double.NaN, SampleFault.NotANumber)]
    [InlineData(double.PositiveInfinity, SampleFault.NotANumber)]
    [InlineData(0, SampleFault.Range)]
    [InlineData(44.99, SampleFault.Range)]
    [InlineData(55.01, SampleFault.Range)]
    [InlineData(60, SampleFault.Range)]
    [InlineData(50_000, SampleFault.Range)]
    [InlineData(47, SampleFault.Rocof)]
    public void AValueThatTheGridCannotHaveIsRefused(double hz, SampleFault fault)
    {
        var rig = ControllerRig.For("CE-FCR");
        rig.Feed(50, 1);
        rig.Advance(0.1);
        Assert.Equal(fault, rig.Take(hz).SampleFaults);
        Assert.InRange(rig.Out.PowerW, -1, 1);
    }

    [Theory]
    [InlineData("ERCOT-PFR", 54.9, SampleFault.Range)]
    [InlineData("ERCOT-PFR", 65.1, SampleFault.Range)]
    [InlineData("ERCOT-PFR", 59.9, SampleFault.None)]
    public void TheRangeFollowsTheNominalFrequency(string service, double hz, SampleFault fault)
    {
        var rig = ControllerRig.For(service);
        Assert.Equal(fault, rig.Take(hz).SampleFaults);
    }

    [Fact]
    public void AFastChangeIsBelievedOnceASecondSampleConfirmsIt()
    {
        var rig = ControllerRig.For("CE-FCR");
        rig.Feed(50, 1);
        rig.Advance(0.1);
        Assert.Equal(SampleFault.Rocof, rig.Take(48.9).SampleFaults);
        Assert.Equal(0, rig.Out.PowerW, 3);
        rig.Advance(0.1);
        Assert.Equal(SampleFault.None, rig.Take(48.85).SampleFaults);
        Assert.Equal(1e6, rig.Out.PowerW);
    }

    [Fact]
    public void TheSameReadingTwiceAtOnceConfirmsNothing()
    {
        var rig = ControllerRig.For("CE-FCR");
        rig.Feed(50, 1);
        rig.Advance(0.1);
        rig.Take(48.9);
        rig.Advance(0.001);
        Assert.Equal(SampleFault.Rocof, rig.Take(48.9).SampleFaults);
        Assert.Equal(0, rig.Out.PowerW, 3);
    }

    [Fact]
    public void AnAbsurdFirstSampleNeedsASecondOneAndAnEventDoesNot()
    {
        var absurd = ControllerRig.For("CE-FCR");
        Assert.Equal(SampleFault.Rocof, absurd.Take(46).SampleFaults);
        Assert.Equal(0, absurd.Out.PowerW);
        Assert.Equal(ServicePhase.NotReady, absurd.Service.Phase);

        var real = ControllerRig.For("CE-FCR");
        Assert.Equal(SampleFault.None, real.Take(49.5).SampleFaults);
        Assert.Equal(1e6, real.Out.PowerW);
    }

    [Theory]
    [InlineData(SampleQuality.Invalid, SampleFault.Quality)]
    [InlineData(SampleQuality.Simulated, SampleFault.Quality)]
    [InlineData(SampleQuality.Estimated, SampleFault.None)]
    [InlineData(SampleQuality.ClockUnsynchronised, SampleFault.None)]
    public void WhatTheDeviceSaysOfItsSampleCounts(SampleQuality quality, SampleFault fault)
    {
        var rig = ControllerRig.For("CE-FCR");
        rig.Feed(50, 1);
        rig.Advance(0.1);
        rig.Step(new FrequencySample(49.9, double.NaN, double.NaN, rig.Now, 0, quality, 0));
        Assert.Equal(fault, rig.Out.SampleFaults);
        Assert.Equal(fault == SampleFault.None ? FailSafeRung.Valid : FailSafeRung.Hold, rig.Service.Rung);
    }

    [Fact]
    public void ATestSignalDrivesOnlyWhereTheSourceIsSetToAcceptIt()
    {
        var settings = ControllerRig.Settings(ControllerRig.Contract("CE-FCR"));
        var rig = new ControllerRig(settings with { Sources = [ControllerRig.Meter() with { AcceptSimulated = true }] });
        rig.Step(new FrequencySample(49.9, double.NaN, double.NaN, rig.Now, 0, SampleQuality.Simulated, 0));
        Assert.Equal(0.5e6, rig.Out.PowerW, 3);
    }

    [Theory]
    [InlineData(double.NaN, false, SampleFault.None)]
    [InlineData(double.NaN, true, SampleFault.Voltage)]
    [InlineData(1.0, true, SampleFault.None)]
    [InlineData(0.49, false, SampleFault.Voltage)]
    [InlineData(-1.0, false, SampleFault.Voltage)]
    [InlineData(double.PositiveInfinity, false, SampleFault.Voltage)]
    public void AFrequencyWithoutVoltageMeansNothing(double voltage, bool required, SampleFault fault)
    {
        var settings = ControllerRig.Settings(ControllerRig.Contract("CE-FCR"));
        var rig = new ControllerRig(settings with { Sources = [ControllerRig.Meter() with { VoltageRequired = required }] });
        Assert.Equal(fault, rig.Take(49.9, voltage: voltage).SampleFaults);
        Assert.Equal(fault == SampleFault.None ? 0.5e6 : 0, rig.Out.PowerW, 3);
    }

    [Theory]
    [InlineData(-60, SampleFault.Stale)]
    [InlineData(-9, SampleFault.None)]
    [InlineData(0.9, SampleFault.None)]
    [InlineData(1.1, SampleFault.SourceTime)]
    [InlineData(3600, SampleFault.SourceTime)]
    public void AStampTellsTheAgeOfASample(double ahead, SampleFault fault)
    {
        var rig = ControllerRig.For("CE-FCR");
        rig.Tick();
        rig.Step(Stamped(rig, 49.9, ahead));
        Assert.Equal(fault, rig.Out.SampleFaults);
        Assert.Equal(fault == SampleFault.None && ahead > -2 ? 0.5e6 : 0, rig.Out.PowerW, 3);
    }

    [Fact]
    public void AMeterWithAFreeRunningClockIsOrderedByItNotAgedByIt()
    {
        var settings = ControllerRig.Settings(ControllerRig.Contract("CE-FCR"));
        var rig = new ControllerRig(settings with { Sources = [ControllerRig.Meter() with { StampsTrusted = false }] });
        foreach (var (ahead, fault) in new[] { (-7200.0, SampleFault.None), (-7199.0, SampleFault.None), (-7199.5, SampleFault.Order), (-9000.0, SampleFault.None) })
        {
            rig.Advance(0.1);
            rig.Step(Stamped(rig, 49.9, ahead));
            Assert.Equal(fault, rig.Out.SampleFaults);
        }
    }

    [Theory]
    [InlineData(long.MinValue)]
    [InlineData(-1)]
    [InlineData(long.MaxValue)]
    public void AnImpossibleStampIsRefusedNotCalculatedWith(long stamp)
    {
        var rig = ControllerRig.For("CE-FCR");
        rig.Step(new FrequencySample(49.9, double.NaN, double.NaN, rig.Now, stamp, SampleQuality.Good, 0));
        Assert.Equal(SampleFault.SourceTime, rig.Out.SampleFaults);
    }

    [Fact]
    public void AnEventThatStandsStillForQuarterOfAMinuteIsStillAnEvent()
    {
        var rig = ControllerRig.For("CE-FCR");
        rig.Feed(50, 1);
        for (var i = 0; i < 200; i++)
        {
            rig.Advance(0.1);
            rig.Take(49.5);
            Assert.Equal(1e6, rig.Out.PowerW);
        }
    }

    [Theory]
    [InlineData("GB-DCL", 0.19, true)]
    [InlineData("GB-DCL", 0.22, false)]
    public void ASampleDrivesForTwoPeriodsAtMost(string service, double seconds, bool valid)
    {
        var rig = ControllerRig.For(service);
        rig.Feed(50, 1);
        rig.Advance(seconds);
        rig.Tick();
        Assert.Equal(valid, rig.Service.Rung == FailSafeRung.Valid);
    }

    [Fact]
    public void AServiceTakesNoSampleOlderThanItsOwnLimit()
    {
        // A meter every 0.4 s: two periods are 0.8 s, DC allows 0.5 s.
        var settings = ControllerRig.Settings(ControllerRig.Contract("GB-DCL"), ControllerRig.Contract("GB-DRL"));
        var rig = new ControllerRig(settings with { Sources = [ControllerRig.Meter(400 * ControllerRig.Millisecond)] });
        rig.Take(50);
        rig.Advance(0.6);
        rig.Tick();
        Assert.Equal(FailSafeRung.Hold, rig.Out.Services[0].Rung);
        Assert.Equal(FailSafeRung.Valid, rig.Out.Services[1].Rung);
    }

    // One frame stamped ahead: the next right one is not late.
    [Theory]
    [InlineData(25, false, SampleQuality.Good)]
    [InlineData(25, true, SampleQuality.ClockUnsynchronised)]
    [InlineData(0.9, true, SampleQuality.Good)]
    [InlineData(0.9, false, SampleQuality.Good)]
    [InlineData(86_400 * 365, false, SampleQuality.Good)]
    public void OneStampAheadBlindsNothing(double ahead, bool trusted, SampleQuality quality)
    {
        var settings = ControllerRig.Settings(ControllerRig.Contract("NORDIC-FFR-49.7"));
        var rig = new ControllerRig(settings with { Sources = [ControllerRig.Meter(50 * ControllerRig.Millisecond) with { StampsTrusted = trusted }] });
        Stream(rig, 40, 50);
        rig.Advance(0.05);
        Assert.Equal(SampleFault.None, rig.Step(Stamped(rig, 50.001, ahead) with { Quality = quality }).SampleFaults);
        Assert.Equal(0, Stream(rig, 4, 50));
        Assert.Equal(0, Stream(rig, 4, 49.65));
        Assert.Equal(ServicePhase.Active, rig.Service.Phase);
    }

    [Theory]
    [InlineData(25)]
    [InlineData(0.9)]
    public void AFirstStampAheadBlindsForAFewPeriodsAtMost(double ahead)
    {
        var rig = new ControllerRig(ControllerRig.Settings(ControllerRig.Contract("CE-FCR")) with { Sources = [ControllerRig.Meter() with { StampsTrusted = false }] });
        rig.Step(Stamped(rig, 50, ahead));
        Assert.InRange(Stream(rig, 10, 50), 1, 3);
        Assert.Equal(FailSafeRung.Valid, rig.Service.Rung);
    }

    // Set forward, set back by less than a late frame could be: either way a few frames later its order is the new one.
    [Theory]
    [InlineData(25, 0)]
    [InlineData(-5, 3)]
    [InlineData(-3600, 0)]
    public void AClockThatWasSetBeginsANewOrder(double step, int refused)
    {
        var rig = new ControllerRig(ControllerRig.Settings(ControllerRig.Contract("CE-FCR")) with { Sources = [ControllerRig.Meter() with { StampsTrusted = false }] });
        Stream(rig, 20, 50);
        Assert.InRange(Stream(rig, 10, 50, step), 0, refused);
        rig.Advance(0.01);
        Assert.Equal(SampleFault.Order, rig.Step(Stamped(rig, 49.9, step - 0.2)).SampleFaults);
        Assert.Equal(0, Stream(rig, 10, 50, step));
    }

    [Fact]
    public void FramesThatALineHeldBackAreInOrderAndLateOnesAreNot()
    {
        var rig = ControllerRig.For("CE-FCR");
        Stream(rig, 20, 50);
        rig.Advance(1);
        for (var i = 9; i >= 0; i--)
        {
            Assert.Equal(SampleFault.None, rig.Step(Stamped(rig, 50 + (i * 1e-6), -0.1 * i)).SampleFaults);
        }

        for (var i = 9; i > 0; i--)
        {
            rig.Advance(0.02);
            Assert.NotEqual(SampleFault.None, rig.Step(Stamped(rig, 49.5 + (i * 1e-6), -1.0 - (0.1 * i))).SampleFaults);
            Assert.Equal(SampleFault.None, rig.Step(Stamped(rig, 50 + (i * 1e-6), 0)).SampleFaults);
        }
    }

    /// <summary>Stamped samples at the meter's period; how many of them were refused.</summary>
    private static int Stream(ControllerRig rig, int samples, double hz, double ahead = 0)
    {
        var refused = 0;
        for (var i = 0; i < samples; i++)
        {
            rig.Advance(rig.Config.Settings.Sources[0].PeriodNanos * 1e-9);
            refused += rig.Step(Stamped(rig, hz + (i % 3 * 1e-6), ahead)).SampleFaults == SampleFault.None ? 0 : 1;
        }

        return refused;
    }

    private static FrequencySample Stamped(ControllerRig rig, double hz, double ahead) => new(
        hz, double.NaN, double.NaN, rig.Now, (rig.Wall + Duration.FromSeconds(ahead)).ToUnixTimeTicks() * 100, SampleQuality.Good, 0);
}
