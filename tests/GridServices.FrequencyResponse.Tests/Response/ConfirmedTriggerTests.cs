using FsCheck;
using FsCheck.Fluent;
using GridServices.FrequencyResponse.Catalog;

namespace GridServices.FrequencyResponse.Tests.Response;

/// <summary>What a switch does rests on two measurements of every source that votes: no single one of any source moves it.</summary>
public sealed class ConfirmedTriggerTests
{
    private static readonly string[] Switched = [.. ServiceCatalog.BuiltIn.Services.Where(s => s is { Kind: ServiceKind.Switched, TriggerHz: not null }).Select(s => s.Id)];

    private static readonly double[] Periods = [0.02, 0.05, 0.1, 0.2, 0.5, 1.0];

    /// <summary>Every switched service with every meter that may drive it.</summary>
    private static readonly Arbitrary<(string Service, double Period)> Drives = Gen.Elements(
        from service in Switched from period in Periods where period <= ServiceCatalog.BuiltIn.Find(service)!.SampleAgeLimitSeconds select (service, period)).ToArbitrary();

    [Theory]
    [InlineData("GB-STATIC-FFR", 49.3, 0.1)]
    [InlineData("GB-STATIC-FFR", 45.2, 1.0)]
    [InlineData("ERCOT-RRS-UFR", 59.3, 0.05)]
    [InlineData("AEMO-L6-SWITCHED", 50.9, 0.1)]
    public void OneBadSampleSwitchesNothing(string service, double bad, double period)
    {
        var nominal = ServiceCatalog.BuiltIn.Find(service)!.NominalHz;
        var rig = new ControllerRig(ControllerRig.Settings(ControllerRig.Contract(service)) with { Sources = [ControllerRig.Meter((long)(period * 1e9))] });
        rig.Feed(nominal, 10, period);
        rig.Advance(period);
        rig.Take(bad);
        rig.Feed(nominal, 60, period);
        Assert.Equal(0, rig.Out.PowerW);
        Assert.NotEqual(ServicePhase.Blocked, rig.Service.Phase);
    }

    [Fact]
    public void ASampleDeliveredTwiceIsStillOneSample()
    {
        var rig = ControllerRig.For("GB-STATIC-FFR");
        rig.Feed(50, 10);
        rig.Advance(0.1);
        rig.Take(49.6);
        rig.Advance(0.1);
        rig.Take(49.6);
        Assert.Equal(0, rig.Out.PowerW);
        rig.Advance(0.001);
        rig.Take(49.6000001);
        Assert.Equal(0, rig.Out.PowerW);
    }

    [Fact]
    public void ACoarseMetersRepetitionConfirmsOnceNoSkippedUpdateExplainsIt()
    {
        var rig = ControllerRig.For("GB-STATIC-FFR");
        rig.Feed(50, 10);
        for (var i = 0; i < 4; i++)
        {
            Assert.Equal(0, rig.Out.PowerW);
            rig.Advance(0.1);
            rig.Take(49.6);
        }

        Assert.Equal(1e6, rig.Out.PowerW);
    }

    [Fact]
    public void OneMeasurementThatASlowMeterShowsForNearlyTwoPeriodsTriggersNothing()
    {
        // Measures once a second, is polled five times a second, and skips one update with a bad value.
        var rig = new ControllerRig(ControllerRig.Settings(ControllerRig.Contract("GB-STATIC-FFR")) with { Sources = [ControllerRig.Meter(1_000_000_000) with { Name = "meter" }] });
        for (var i = 0; i < 60; i++)
        {
            rig.Advance(0.2);
            rig.Take(i is >= 30 and < 40 ? 49.3 : 50 + (0.001 * (i / 5)), stamped: false);
            Assert.Equal(0, rig.Out.PowerW);
        }
    }

    [Fact]
    public void OneBadSampleDoesNotEndAnActivationThatTheFrequencyEnds()
    {
        var rig = ControllerRig.For("AEMO-R6-SWITCHED");
        rig.Feed(49.6, 60);
        Assert.Equal(1e6, rig.Out.PowerW);
        rig.Advance(0.1);
        rig.Take(49.9);
        rig.Feed(49.6, 1);
        Assert.Equal(1e6, rig.Out.PowerW);
    }

    [Fact]
    public void EverySourceThatVotesConfirms()
    {
        var rig = new ControllerRig(ControllerRig.Settings(ControllerRig.Contract("GB-STATIC-FFR")) with
        {
            Sources = [ControllerRig.Meter(), ControllerRig.Meter() with { Name = "pmu-2" }],
        });
        for (var i = 0; i < 100; i++)
        {
            // One source creeps below the trigger inside the tolerance of the vote; the other never does.
            rig.Advance(0.1);
            rig.Take(Math.Max(49.698, 49.75 - (i * 0.002)) + (i % 2 * 1e-9), 0);
            rig.Take(Math.Max(49.72, 49.76 - (i * 0.002)) + (i % 2 * 1e-9), 1);
        }

        Assert.Equal(0, rig.Out.PowerW);
    }

    [Fact]
    public void ARealEventTriggersWithItsSecondSample() => Prop.ForAll(
        Drives,
        drive =>
        {
            var (service, period) = drive;
            var (rig, nominal, beyond) = Rig(service, period);
            rig.Feed(nominal, 5, period);
            rig.Feed(beyond, 2 * period, period);
            return rig.Service.Phase == ServicePhase.Active;
        }).QuickCheckThrowOnFailure();

    // Toledo, 28 April 2025, 12:32:56 to 12:33:22, every two seconds: the second measurement below 49.7 Hz is still one of a live grid.
    [Fact]
    public void ARecordedBlackoutTriggersWithinTheServicesTime()
    {
        double[] recorded = [49.983, 49.98, 49.975, 49.97, 49.966, 49.963, 49.961, 49.956, 49.952, 49.95, 49.942, 49.902, 48.556, 47.476];
        var rig = new ControllerRig(ControllerRig.Settings(ControllerRig.Contract("GB-STATIC-FFR")) with { Sources = [ControllerRig.Meter(2 * ControllerRig.Second)] });
        foreach (var hz in recorded)
        {
            Assert.Equal(0, rig.Out.PowerW);
            rig.Advance(2);
            rig.Take(hz, voltage: 0.95, stamped: true);
        }

        Assert.Equal(1e6, rig.Out.PowerW);
    }

    [Fact]
    public void NoSingleSampleOfASourceChangesALatchedState() => Prop.ForAll(
        Drives,
        (from mHz in Gen.Choose(-4_900, 4_900) from delivery in Gen.Choose(0, 3) from stamped in Gen.Elements(true, false) select (mHz, delivery, stamped)).ToArbitrary(),
        (drive, odd) =>
        {
            var (service, period) = drive;
            var (clean, nominal, _) = Rig(service, period);
            var (rig, _, _) = Rig(service, period);
            var hz = nominal + (odd.mHz / 1000.0);
            foreach (var one in new[] { clean, rig })
            {
                Run(one, nominal, period, 20, odd.stamped, null);
            }

            Run(clean, nominal, period, 40, odd.stamped, null);
            Run(rig, nominal, period, 40, odd.stamped, (hz, odd.delivery));
            return rig.Service.Phase == clean.Service.Phase && rig.Out.PowerW.Equals(clean.Out.PowerW);
        }).QuickCheckThrowOnFailure();

    // The odd sample comes after ten others: in time, twice at once, late (behind the next), or a second time in place of the next.
    private static void Run(ControllerRig rig, double nominal, double period, int samples, bool stamped, (double Hz, int Delivery)? odd)
    {
        for (var i = 0; i < samples; i++)
        {
            rig.Advance(period);
            var value = nominal + (i % 3 * 1e-9);
            if (odd is not { } one || !(i == 10 || (i == 11 && one.Delivery == 3 && !stamped)))
            {
                rig.Take(value, stamped: stamped);
                continue;
            }

            switch (one.Delivery)
            {
                case 0:
                    rig.Take(one.Hz, stamped: stamped);
                    break;
                case 1:
                    rig.Take(one.Hz, stamped: stamped);
                    rig.Take(one.Hz, stamped: stamped);
                    break;
                case 2:
                    rig.Take(value, stamped: stamped);
                    rig.Take(one.Hz, stamped: stamped);
                    break;
                default:
                    rig.Take(one.Hz, stamped: stamped);
                    break;
            }
        }
    }

    private static (ControllerRig Rig, double Nominal, double Beyond) Rig(string service, double period)
    {
        var definition = ServiceCatalog.BuiltIn.Find(service)!;
        var contract = ControllerRig.Contract(service);
        var rig = new ControllerRig(ControllerRig.Settings(contract) with { Sources = [ControllerRig.Meter((long)(period * 1e9))] });
        var trigger = definition.TriggerHz!.Value;
        return (rig, definition.NominalHz, trigger + (definition.Direction == ResponseDirection.Lower ? 0.01 : -0.01));
    }
}
