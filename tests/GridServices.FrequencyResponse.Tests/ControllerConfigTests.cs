using GridServices.FrequencyResponse.Energy;
using GridServices.FrequencyResponse.Safety;
using NodaTime;

namespace GridServices.FrequencyResponse.Tests;

public sealed class ControllerConfigTests
{
    [Theory]
    [InlineData("GB-DCL")]
    [InlineData("CE-FCR")]
    [InlineData("NORDIC-FCR-N")]
    [InlineData("NORDIC-FCR-D-UP")]
    public void ASunSpecScaleFactorOfMinusTwoIsRefusedForAFineService(string service)
    {
        var settings = ControllerRig.Settings(ControllerRig.Contract(service));
        var fault = Assert.Single(ControllerConfig.Build(settings with { Sources = [ControllerRig.Meter() with { ResolutionHz = 0.01 }] }).Faults);
        Assert.Equal("contracts[0].service", fault.Path);
        Assert.Contains("pmu-1 measures in steps of 0.01 Hz", fault.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public void AMeterTooSlowForTheServiceIsRefused()
    {
        var settings = ControllerRig.Settings(ControllerRig.Contract("GB-DCL"));
        var fault = Assert.Single(ControllerConfig.Build(settings with { Sources = [ControllerRig.Meter(ControllerRig.Second)] }).Faults);
        Assert.Contains("has a new value every 1 s, GB-DCL takes none older than 0.5 s", fault.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public void EveryFaultIsToldAtOnce()
    {
        var contract = ControllerRig.Contract("CE-FCR") with { QuantityW = 0, RelaySteps = 3 };
        var settings = new ControllerSettings
        {
            Sources = [ControllerRig.Meter(0)],
            Contracts = [contract, contract, ControllerRig.Contract("ERCOT-PFR")],
            FailSafe = new FailSafeRules { HoldNanos = 3 * ControllerRig.Second, RampPuPerS = 0 },
            Energy = new EnergyRules { CapacityWh = 0, ChargeEfficiency = 2 },
        };
        var build = ControllerConfig.Build(settings);
        Assert.Null(build.Config);
        string[] expected =
        [
            "contracts", "contracts", "failSafe.holdNanos", "failSafe.rampPuPerS", "energy.capacityWh", "energy.chargeEfficiency", "sources[0].periodNanos",
            "contracts[0].quantityW", "contracts[0].relaySteps", "contracts[1].quantityW", "contracts[1].relaySteps",
        ];
        Assert.Equal(expected, build.Faults.Select(f => f.Path));
    }

    [Fact]
    public void WindowsAreSortedAndApartAndHaveEnds()
    {
        var noon = ControllerRig.Noon;
        var hour = Duration.FromHours(1);
        foreach (var windows in new Wire.ValueList<Interval>[]
        {
            [new Interval(noon, null)], [new Interval(null, noon)], [new Interval(noon, noon)], [new Interval(noon, noon + hour), new Interval(noon, noon + hour)],
        })
        {
            var build = ControllerConfig.Build(ControllerRig.Settings(ControllerRig.Contract("CE-FCR") with { Windows = windows }));
            Assert.StartsWith("contracts[0].windows[", Assert.Single(build.Faults).Path, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void AServiceWithoutCurveOrTriggerIsRefused()
    {
        Assert.Contains("names no trigger", Assert.Single(ControllerConfig.Build(
            ControllerRig.Settings(ControllerRig.Contract("IE-DS3-FFR"))).Faults).Detail, StringComparison.Ordinal);
    }

    [Fact]
    public void AUnitAboveTheLargestSaleIsRefused()
    {
        Assert.Equal("contracts[0].quantityW", Assert.Single(ControllerConfig.Build(
            ControllerRig.Settings(ControllerRig.Contract("GB-DCL", 100_000_001))).Faults).Path);
    }

    [Fact]
    public void NothingContractedMeansNothingGiven()
    {
        var rig = new ControllerRig(ControllerRig.Settings());
        rig.Feed(49, 2);
        Assert.Equal(0, rig.Out.PowerW);
        Assert.False(rig.Out.Dispatch);
    }
}
