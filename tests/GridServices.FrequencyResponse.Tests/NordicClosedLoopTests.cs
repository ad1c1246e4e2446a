using GridServices.FrequencyResponse.Allocation;
using GridServices.FrequencyResponse.Catalog;
using GridServices.FrequencyResponse.Curves;
using GridServices.FrequencyResponse.Performance;
using GridServices.FrequencyResponse.Tests.Allocation;

namespace GridServices.FrequencyResponse.Tests;

/// <summary>The test programme of the Nordic TSOs through controller, allocation and plant: a battery with a lag of 100 ms, and chargers alone.</summary>
public sealed class NordicClosedLoopTests
{
    private const double Step = 0.1;
    private const int Chargers = 30;

    /// <summary>Thirty chargers at 16 A, of which 10 A each way can be moved without switching any of them off.</summary>
    private const long PoolW = Chargers * 10 * 690L;

    [Fact]
    public void ABatteryPassesTheStepOfFcrN() => Passes(NordicChecks.NormalStep(Battery("NORDIC-FCR-N", NordicSequence.NormalStep)));

    [Fact]
    public void ChargersAlonePassTheStepOfFcrN() => Passes(NordicChecks.NormalStep(Pool("NORDIC-FCR-N", NordicSequence.NormalStep)));

    [Fact]
    public void ABatteryPassesTheLinearityOfFcrN() =>
        Passes(NordicChecks.Linearity(Battery("NORDIC-FCR-N", NordicSequence.NormalLinearity), Curve("NORDIC-FCR-N")));

    [Fact]
    public void ChargersAlonePassTheLinearityOfFcrN() =>
        Passes(NordicChecks.Linearity(Pool("NORDIC-FCR-N", NordicSequence.NormalLinearity), Curve("NORDIC-FCR-N")));

    [Theory]
    [InlineData("NORDIC-FCR-D-UP", true)]
    [InlineData("NORDIC-FCR-D-DN", false)]
    public void ABatteryPassesTheRampOfFcrD(string service, bool upwards) =>
        Passes(NordicChecks.DisturbanceRamp(Turned(Battery(service, NordicSequence.DisturbanceRamp(upwards)), upwards)));

    [Theory]
    [InlineData("NORDIC-FCR-D-UP", true)]
    [InlineData("NORDIC-FCR-D-DN", false)]
    public void ChargersAlonePassTheRampOfFcrD(string service, bool upwards) =>
        Passes(NordicChecks.DisturbanceRamp(Turned(Pool(service, NordicSequence.DisturbanceRamp(upwards)), upwards)));

    [Fact]
    public void ABatteryLetsGoAfterTheNadirAsFcrDAsks()
    {
        var sequence = new NordicSequence("down and up", [new(0, 49.95), new(30, 49.95), new(33, 49.4), new(63, 49.4), new(66, 49.95), new(120, 49.95)]);
        var hz = Enumerable.Range(0, 1200).Select(i => new TimedValue(i * Step, sequence.At(i * Step))).ToArray();
        Passes([NordicChecks.Deactivation(hz, Battery("NORDIC-FCR-D-UP", sequence), Curve("NORDIC-FCR-D-UP"), 63)]);
    }

    private static TimedValue[] Battery(string service, NordicSequence sequence) => Run(service, sequence, 1_000_000, new Plant(0.1, 0.1, Step), output => output.PowerW);

    private static TimedValue[] Pool(string service, NordicSequence sequence)
    {
        var (assets, telemetry) = TestAssets.Chargers(Chargers, 16);
        var rules = new AllocationRules { ContractedRaiseW = PoolW, ContractedLowerW = PoolW, MinSteps = 14 };
        var plan = AllocationPlan.Build(assets, telemetry, rules, TestAssets.Now);
        Assert.Empty(plan.Shortcomings);
        var (setpoints, memory) = (new int[Chargers], default(AllocationMemory));

        // A second from the command to the current, as chargers take.
        return Run(service, sequence, PoolW, new Plant(1, 0.2, Step), output => plan.Allocate(plan.BaseW + (long)Math.Round(output.ResponseW), setpoints, ref memory).GivenW - plan.BaseW);
    }

    private static TimedValue[] Run(string service, NordicSequence sequence, long watts, Plant plant, Func<ControllerOutput, double> command)
    {
        var rig = new ControllerRig(ControllerRig.Settings(ControllerRig.Contract(service, watts)));
        var (series, last) = (new List<TimedValue>(), 0.0);
        for (var i = 0; i <= (int)(sequence.EndSeconds / Step); i++)
        {
            rig.Feed(sequence.At(i * Step), Step);
            last = rig.Out.Dispatch ? command(rig.Out) : last;
            series.Add(new TimedValue(i * Step, plant.Step(last) / watts));
        }

        return [.. series];
    }

    private static TimedValue[] Turned(TimedValue[] series, bool upwards) => upwards ? series : [.. series.Select(p => p with { Value = -p.Value })];

    private static ResponseCurve Curve(string service) => ServiceCatalog.BuiltIn.Find(service)!.Curve!;

    private static void Passes(IEnumerable<NordicVerdict> verdicts) => Assert.All(verdicts, v => Assert.True(v.Holds, v.ToString()));
}
