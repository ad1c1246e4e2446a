using GridServices.FrequencyResponse.Catalog;
using GridServices.FrequencyResponse.Curves;
using GridServices.FrequencyResponse.Response;

namespace GridServices.FrequencyResponse.Tests;

/// <summary>Meter 0.1 s, transport 0.1 s, battery with a time constant of 50 ms: what the GB performance rule makes of it.</summary>
public sealed class ClosedLoopTests
{
    [Fact]
    public void OwnScorerAgreesWithTheReferenceTraces()
    {
        foreach (var trace in FrequencyData.Json("open/gb_dc_performance.json.gz").GetProperty("cases").EnumerateArray())
        {
            var curve = ServiceCatalog.BuiltIn.Find(trace.GetProperty("service").GetString()!)!.Curve!;
            var pu = trace.Numbers("response_MW").Select(mw => mw / trace.Double("MW")).ToList();
            Assert.Equal(trace.Double("expected_error"), DcError.Compute(curve, trace.Numbers("f_hz"), pu), 1e-5);
        }
    }

    [Fact]
    public void EveryReferenceTraceIsAnsweredWithAnErrorOfAtMostOnePercent()
    {
        foreach (var trace in FrequencyData.Json("open/gb_dc_performance.json.gz").GetProperty("cases").EnumerateArray())
        {
            var service = trace.GetProperty("service").GetString()!;
            var kind = trace.GetProperty("kind").GetString();
            var hz = trace.Numbers("f_hz");
            foreach (var meter in new[] { 0.02, 0.05, 0.1 })
            {
                var error = DcError.Compute(ServiceCatalog.BuiltIn.Find(service)!.Curve!, hz, Loop(service, hz, meter));
                Assert.True(error <= 0.01, $"{service} {kind}, a meter every {meter} s: {error}");
            }
        }
    }

    [Theory]
    [InlineData("GB-DCL")]
    [InlineData("GB-DCL", "GB-DCH")]
    public void TheBritishEventOf2019IsAnsweredWithAnErrorOfAtMostOnePercent(params string[] services)
    {
        var rows = FrequencyData.Csv("real/synthetic_gb_2019-08-09_1s.csv.gz").Skip(1)
            .Select(r => double.Parse(r[1], System.Globalization.CultureInfo.InvariantCulture)).ToList();
        var hz = Enumerable.Range(0, (rows.Count - 1) * 20).Select(i => rows[i / 20] + ((rows[(i / 20) + 1] - rows[i / 20]) * (i % 20) / 20)).ToList();
        var curve = services.Length == 1 ? ServiceCatalog.BuiltIn.Find(services[0])!.Curve!
            : ResponseCurve.Sum([.. services.Select(s => (ServiceCatalog.BuiltIn.Find(s)!.Curve!, 1.0))]);
        Assert.InRange(DcError.Compute(curve, hz, Loop(services, hz, 0.05)), 0, 0.01);
    }

    [Fact]
    public void WithoutShapingTheSameLoopIsPenalisedOnAStepWhenThePathIsShort()
    {
        var hz = Enumerable.Range(0, 200).Select(i => i < 60 ? 50.0 : 49.6).ToList();
        var curve = ServiceCatalog.BuiltIn.Find("GB-DCL")!.Curve!;
        var immediate = ControllerRig.Contract("GB-DCL") with { Shaping = Shaping.Immediate };
        Assert.True(DcError.Compute(curve, hz, Loop([immediate], hz, 0.05, path: 0, transport: 0)) > 0.2);
        Assert.InRange(DcError.Compute(curve, hz, Loop([ControllerRig.Contract("GB-DCL")], hz, 0.05, path: 0, transport: 0)), 0, 0.01);
    }

    private static List<double> Loop(string service, IReadOnlyList<double> hz, double meter) => Loop([service], hz, meter);

    private static List<double> Loop(string[] services, IReadOnlyList<double> hz, double meter) =>
        Loop([.. services.Select(s => ControllerRig.Contract(s))], hz, meter, 0.1, 0.1);

    /// <summary>Power at 20 Hz, share of the quantity.</summary>
    private static List<double> Loop(ServiceContract[] contracts, IReadOnlyList<double> hz, double meter, double path, double transport)
    {
        const double step = 0.005;
        var rig = new ControllerRig(ControllerRig.Settings(contracts) with
        {
            Sources = [ControllerRig.Meter((long)(meter * 1e9)) with { PathNanos = (long)(path * 1e9) }],
            AssetDelayNanos = (long)((transport + 0.05) * 1e9),
        });
        var plant = new Plant(transport, 0.05, step);
        var pu = new List<double>();
        var perMeter = (int)Math.Round(meter / step);
        var setpoint = 0.0;
        for (var i = 0; i < hz.Count * 10; i++)
        {
            rig.Advance(step);
            var output = i % perMeter == 0
                ? rig.Take(hz[Math.Max(i - (int)Math.Round(path / step), 0) / 10] + (i % 3 * 1e-12))
                : i % 2 == 0 ? rig.Tick() : rig.Out;
            setpoint = output.Dispatch ? output.PowerW : setpoint;
            var power = plant.Step(setpoint);
            if (i % 10 == 9)
            {
                pu.Add(power / 1e6);
            }
        }

        return pu;
    }
}
