using System.Globalization;
using GridServices.FrequencyResponse.Measurement;
using GridServices.FrequencyResponse.Safety;
using NodaTime;

namespace GridServices.FrequencyResponse.Tests.Safety;

/// <summary>Every scenario of the shared collection, by its id.</summary>
public sealed class SafetyScenarioTests
{
    private const long Second = ControllerRig.Second;

    [Fact]
    public void EveryScenarioOfTheCollectionHasItsTest()
    {
        string[] tested = ["no-sample-at-start", "zero", "frozen", "out-of-order", "voltage-collapse", "dr-conflict", "clock-step", "arming-window"];
        var ids = FrequencyData.Json("open/safety_scenarios.json").EnumerateArray().Select(s => s.GetProperty("id").GetString());
        Assert.Equal(tested.Order(StringComparer.Ordinal), ids.Order(StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("GB-DCL")]
    [InlineData("CE-FCR")]
    [InlineData("NORDIC-FFR-49.7")]
    [InlineData("ERCOT-RRS-FFR")]
    public void NoSampleAtStart_NothingIsActivatedAndTheServiceIsUnavailable(string service)
    {
        var rig = ControllerRig.For(service);
        for (var i = 0; i < 500; i++)
        {
            rig.Wait(0.1);
            Assert.Equal(0, rig.Out.PowerW);
            Assert.Equal(0, rig.Service.TargetPu);
            Assert.Equal(ServicePhase.NotReady, rig.Service.Phase);
            Assert.True(double.IsNaN(rig.Out.FrequencyHz));
            Assert.False(rig.Out.Dispatch);
        }

        Assert.True(rig.Out.Reasons.HasFlag(ControlReasons.Unavailable));
        Assert.True(rig.Service.Faults.HasFlag(SampleFault.NoSample));
    }

    [Theory]
    [InlineData("GB-DCL", 0.0)]
    [InlineData("NORDIC-FFR-49.7", 0.0)]
    [InlineData("CE-FCR", -50.0)]
    [InlineData("ERCOT-RRS-FFR", 0.0)]
    public void Zero_IsOutOfRangeAndNeverAnUnderFrequency(string service, double dead)
    {
        var rig = ControllerRig.For(service);
        rig.Feed(rig.Config.NominalHz, 2);
        rig.Feed(dead, 10);
        Assert.Equal(SampleFault.Range, rig.Out.SampleFaults);
        Assert.Equal(0, rig.Out.PowerW);
        Assert.Equal(0, rig.Service.TargetPu);
        Assert.Equal(FailSafeRung.Unavailable, rig.Service.Rung);
        Assert.True(rig.State.GetCount(SampleFault.Range) >= 100);
    }

    [Fact]
    public void Frozen_IsFlaggedAfterThirtySecondsAndTheSecondSourceDrives()
    {
        var settings = ControllerRig.Settings(ControllerRig.Contract("CE-FCR"));
        var rig = new ControllerRig(settings with { Sources = [ControllerRig.Meter(), ControllerRig.Meter() with { Name = "pmu-2" }] });
        for (var i = 0; i < 300; i++)
        {
            rig.Advance(0.1);
            rig.Take(49.9731);
            rig.Take(49.9731 + (1e-4 * (i % 7)), source: 1);
        }

        Assert.InRange(rig.State.GetCount(SampleFault.Frozen), 1, 15);
        Assert.True(rig.Out.Reasons.HasFlag(ControlReasons.SourceDegraded));
        Assert.Equal(FailSafeRung.Valid, rig.Service.Rung);
        rig.Advance(0.1);
        rig.Take(49.9, source: 1);
        Assert.Equal(0.5e6, rig.Out.PowerW, 3);
    }

    [Fact]
    public void OutOfOrder_IsIgnoredAndCounted()
    {
        var rig = ControllerRig.For("CE-FCR");
        for (var i = 0; i < 30; i++)
        {
            rig.Advance(0.1);
            rig.Take(49.9 + (i * 1e-6), stamped: true);
        }

        var before = rig.Out.PowerW;
        var late = (rig.Wall - Duration.FromSeconds(2)).ToUnixTimeTicks() * 100;
        rig.Step(new FrequencySample(49.3, double.NaN, double.NaN, rig.Now, late, SampleQuality.Good, 0));
        Assert.Equal(SampleFault.Order, rig.Out.SampleFaults);
        Assert.Equal(before, rig.Out.PowerW);
        Assert.Equal(1, rig.State.GetCount(SampleFault.Order));
        Assert.Equal(FailSafeRung.Valid, rig.Service.Rung);
    }

    [Fact]
    public void VoltageCollapse_TheIberianRecordingIsAnsweredWhileValidAndRefusedAtOnceAfterwards()
    {
        var settings = ControllerRig.Settings(ControllerRig.Contract("CE-FCR") with { SampleAgeLimit = Duration.FromSeconds(5) });
        var rig = new ControllerRig(settings with { Sources = [ControllerRig.Meter(2 * Second)] });
        var (atFall, lastValid, collapsed, invalidAfter) = (0.0, 0.0, 0, -1);
        foreach (var row in FrequencyData.Csv("real/iberia_2025-04-28_toledo_2s.csv.gz").Skip(1))
        {
            var volts = row.Take(3).Min(v => double.Parse(v, CultureInfo.InvariantCulture)) / 27_500;
            var hz = double.Parse(row[3], CultureInfo.InvariantCulture);
            rig.Advance(2);
            rig.Take(hz, voltage: volts);
            atFall = row[4].EndsWith("12:33:20", StringComparison.Ordinal) ? rig.Out.PowerW : atFall;
            lastValid = row[4].EndsWith("12:33:22", StringComparison.Ordinal) ? rig.Out.PowerW : lastValid;
            if (volts < 0.5)
            {
                collapsed++;
                invalidAfter = invalidAfter < 0 && rig.Service.Rung != FailSafeRung.Valid ? collapsed : invalidAfter;
                Assert.Equal(0, rig.Service.TargetPu);
            }
        }

        Assert.Equal(1e6, atFall, 3);
        Assert.Equal(1e6, lastValid, 3);
        Assert.InRange(invalidAfter, 1, 2);
        Assert.True(collapsed > 700);
        Assert.Equal(0, rig.Out.PowerW);
        Assert.Equal(FailSafeRung.DeviceDefault, rig.Service.Rung);
        Assert.True(rig.State.GetCount(SampleFault.Voltage) + rig.State.GetCount(SampleFault.Range) >= collapsed);
    }

    [Fact]
    public void DrConflict_TheEnvelopeBindsAndTheShortfallIsSaid()
    {
        // FCR downwards wants to import 500 kW; an OpenADR limit allows no import.
        var rig = ControllerRig.For("CE-FCR").Site(SiteConditions.Unbound with { FloorW = 0 });
        rig.Feed(50.1, 2);
        Assert.Equal(0, rig.Out.PowerW);
        Assert.Equal(-0.5e6, rig.Out.WantedW, 3);
        Assert.Equal(0.5e6, rig.Out.ShortfallW, 3);
        Assert.True(rig.Out.Reasons.HasFlag(ControlReasons.EnvelopeLimit));

        rig.Site(SiteConditions.Unbound with { FloorW = -200_000 });
        rig.Feed(50.1, 0.2);
        Assert.Equal(-200_000, rig.Out.PowerW);
        Assert.Equal(300_000, rig.Out.ShortfallW, 3);
    }

    [Theory]
    [InlineData(3600)]
    [InlineData(-3600)]
    public void ClockStep_DurationsRunOnTheMonotonicClock(int seconds)
    {
        var rig = ControllerRig.For("NORDIC-FFR-49.7");
        rig.Feed(50, 1);
        rig.Feed(49.65, 2);
        Assert.Equal(1e6, rig.Out.PowerW);
        rig.WallAhead += Duration.FromSeconds(seconds);
        rig.Feed(49.65, 2.5);
        Assert.Equal(1e6, rig.Out.PowerW);
        Assert.True(rig.Out.Reasons.HasFlag(ControlReasons.ClockStep));
        rig.Feed(49.9, 2.5);
        Assert.InRange(rig.Out.PowerW, 0.5e6, 0.7e6);
        rig.Feed(49.9, 5);
        Assert.Equal(0, rig.Out.PowerW);
    }

    [Theory]
    [InlineData(3600)]
    [InlineData(-7200)]
    public void ClockStep_IsBelievedOnlyOnceItHasStood(int seconds)
    {
        var rig = new ControllerRig(ControllerRig.Settings(ControllerRig.Contract("CE-FCR", length: Duration.FromMinutes(30))));
        rig.Feed(49.9, 1);
        rig.WallAhead += Duration.FromSeconds(seconds);
        rig.Feed(49.9, 50);
        Assert.Equal(0.5e6, rig.Out.PowerW, 3);
        rig.Feed(49.9, 20);
        Assert.Equal(0, rig.Out.PowerW);
        Assert.False(rig.Out.Reasons.HasFlag(ControlReasons.ClockStep));
        Assert.Equal(ServicePhase.Disarmed, rig.Service.Phase);
    }

    [Theory]
    [InlineData(3600)]
    [InlineData(-3600)]
    public void ClockStep_StampsOfAMeterThatGoesOnByTheOldClockContradictIt(int seconds)
    {
        var rig = new ControllerRig(ControllerRig.Settings(ControllerRig.Contract("CE-FCR", length: Duration.FromMinutes(30))));
        var meterAhead = rig.WallAhead;
        rig.Feed(49.9, 1);
        rig.WallAhead += Duration.FromSeconds(seconds);
        for (var i = 0; i < 2000; i++)
        {
            rig.Advance(0.1);
            var stamp = (NodaConstants.UnixEpoch + Duration.FromNanoseconds(rig.Now) + meterAhead).ToUnixTimeTicks() * 100;
            rig.Step(new FrequencySample(49.9 + (i % 2 * 1e-9), double.NaN, double.NaN, rig.Now, stamp, SampleQuality.Good, 0));
        }

        Assert.Equal(0.5e6, rig.Out.PowerW, 1);
        Assert.True(rig.Out.Reasons.HasFlag(ControlReasons.ClockStep));
    }

    [Fact]
    public void ClockStep_MeterAndHostThatStepTogetherGoOnBeingHeard()
    {
        var rig = ControllerRig.For("CE-FCR");
        for (var i = 0; i < 1200; i++)
        {
            rig.Advance(0.1);
            rig.WallAhead += i == 300 ? Duration.FromHours(1) : Duration.Zero;
            rig.Take(49.9 + (i % 2 * 1e-9), stamped: true);
            Assert.Equal(0.5e6, rig.Out.PowerW, 1);
        }
    }

    [Fact]
    public void ArmingWindow_AnEventJustBeforeTheEndIsAnsweredUntilTheEndThenRampedOutOfSettlement()
    {
        var rig = new ControllerRig(ControllerRig.Settings(ControllerRig.Contract("NORDIC-FCR-D-UP", length: Duration.FromSeconds(10))));
        rig.Feed(50, 9.9);
        Assert.Equal(0, rig.Out.PowerW);
        rig.Advance(0.05);
        rig.Take(49.5);
        Assert.Equal(1e6, rig.Out.PowerW, 3);
        Assert.True(rig.Service.Procured);
        rig.Advance(0.05);
        rig.Take(49.5);
        Assert.False(rig.Service.Procured);
        Assert.Equal(ServicePhase.RampingOut, rig.Service.Phase);
        var before = rig.Out.PowerW;
        for (var i = 0; i < 60; i++)
        {
            rig.Feed(49.5, 0.1);
            Assert.InRange(rig.Out.PowerW, 0, before);
            Assert.True(before - rig.Out.PowerW <= 0.2e6 * 0.1 + 1);
            before = rig.Out.PowerW;
        }

        Assert.Equal(0, rig.Out.PowerW);
        Assert.Equal(ServicePhase.Disarmed, rig.Service.Phase);
    }

    [Fact]
    public void ArmingWindow_AServiceThatWaitsIsDisarmedToo()
    {
        var rig = new ControllerRig(ControllerRig.Settings(ControllerRig.Contract("NORDIC-FFR-49.7", length: Duration.FromSeconds(10))));
        rig.Feed(50, 12);
        rig.Feed(49.4, 60);
        Assert.Equal(0, rig.Out.PowerW);
        Assert.False(rig.Out.Reasons.HasFlag(ControlReasons.Armed));
    }

    [Fact]
    public void ArmingWindow_BlocksThatTouchAreOne()
    {
        var contract = ControllerRig.Contract("CE-FCR");
        var noon = ControllerRig.Noon;
        var rig = new ControllerRig(ControllerRig.Settings(contract with
        {
            Windows = [new Interval(noon, noon + Duration.FromSeconds(5)), new Interval(noon + Duration.FromSeconds(5), noon + Duration.FromSeconds(10))],
        }));
        rig.Feed(49.9, 1);
        for (var i = 0; i < 85; i++)
        {
            rig.Feed(49.9, 0.1);
            Assert.Equal(0.5e6, rig.Out.PowerW, 1);
        }
    }
}
