using System.Runtime.InteropServices;
using FsCheck;
using FsCheck.Fluent;
using GridServices.FrequencyResponse.Catalog;
using GridServices.FrequencyResponse.Energy;
using GridServices.FrequencyResponse.Measurement;
using GridServices.FrequencyResponse.Response;
using NodaTime;

namespace GridServices.FrequencyResponse.Tests;

/// <summary>Whatever arrives, in whatever order, at whatever time.</summary>
public sealed class ControllerPropertyTests
{
    private static readonly string[] Fifty =
        ["GB-DCL", "GB-DCH", "GB-DML", "GB-DRH", "CE-FCR", "NORDIC-FCR-N", "NORDIC-FCR-D-UP", "NORDIC-FFR-49.7", "GB-STATIC-FFR", "AEMO-R6-VARIABLE", "AEMO-L6-SWITCHED"];

    private static readonly string[] Droops =
        ["CE-FCR", "NORDIC-FCR-N", "NORDIC-FCR-D-UP", "NORDIC-FCR-D-DN", "GB-DRL", "GB-DRH", "AEMO-R6-VARIABLE"];

    private static readonly double[] Odd =
        [double.NaN, double.PositiveInfinity, double.NegativeInfinity, 0, -50, 44.9, 55.1, 60, 50_000, 1e308, -0.0, 47, 53];

    /// <summary>One thing that happens; times in milliseconds.</summary>
    private sealed record Happening(int After, bool Sample, double Hz, double Voltage, int StampAhead, SampleQuality Quality, byte Source, int ClockStep);

    [Fact]
    public void NothingIsActivatedWithoutAValidSample() => Prop.ForAll(Services(), Happenings(onlyOdd: true), (services, happenings) =>
    {
        Run(services, happenings, (rig, _) =>
        {
            Assert.Equal(0, rig.Out.PowerW);
            Assert.Equal(0, rig.Out.WantedW);
        });
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void TheOutputIsBoundedByTheContractsAndTheLimits() => Prop.ForAll(Services(), Happenings(onlyOdd: false), Sites(), (services, happenings, site) =>
    {
        Run(services, happenings, (rig, _) =>
        {
            var contracts = rig.Config.Settings.Contracts;
            for (var i = 0; i < contracts.Count; i++)
            {
                Assert.InRange(rig.Out.Services[i].ResponseW, -contracts[i].QuantityW * 1.2 - 1e-6, contracts[i].QuantityW * 1.2 + 1e-6);
                Assert.True(contracts[i].Service.Direction != ResponseDirection.Raise || rig.Out.Services[i].ResponseW >= 0);
                Assert.True(contracts[i].Service.Direction != ResponseDirection.Lower || rig.Out.Services[i].ResponseW <= 0);
            }

            Assert.InRange(rig.Out.PowerW, Math.Min(site.FloorW, 0), Math.Max(site.CeilingW, 0));
            Assert.True(double.IsFinite(rig.Out.PowerW) && double.IsFinite(rig.Out.ShortfallW) && rig.Out.ShortfallW >= 0);
            Assert.InRange(rig.Out.NextDueNanos, rig.Now + 1, rig.Now + (101 * ControllerRig.Millisecond));
        }, site);
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void TheResponseComesToRestOnceTheMeasurementIsLost() => Prop.ForAll(Services(), Happenings(onlyOdd: false), (services, happenings) =>
    {
        var rig = Run(services, happenings, (_, _) => { });
        rig.Wait(6);
        Assert.Equal(0, rig.Out.WantedW);
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void AReplayIsIdenticalToTheBit() => Prop.ForAll(Services(), Happenings(onlyOdd: false), Sites(), (services, happenings, site) =>
    {
        var (first, second) = (new List<ControllerOutput>(), new List<ControllerOutput>());
        var one = Run(services, happenings, (rig, _) => first.Add(rig.Out), site);
        var two = Run(services, happenings, (rig, _) => second.Add(rig.Out), site);
        Assert.Equal(first.SelectMany(Bits), second.SelectMany(Bits));
        var (a, b) = (one.State, two.State);
        Assert.True(MemoryMarshal.AsBytes(new ReadOnlySpan<ControllerState>(in a)).SequenceEqual(MemoryMarshal.AsBytes(new ReadOnlySpan<ControllerState>(in b))));
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void ALowerFrequencyIsNeverAnsweredWithLess() => Prop.ForAll(
        Gen.Elements(Droops).ToArbitrary(), Milliherz(), Milliherz(), (service, one, other) =>
    {
        Assert.True(Settled(service, Math.Min(one, other)) >= Settled(service, Math.Max(one, other)));
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void AStackIsTheSumOfItsCurves() => Prop.ForAll(Milliherz(), hz =>
    {
        var rig = new ControllerRig(ControllerRig.Settings(
            [.. Droops.Select((service, i) => ControllerRig.Contract(service, 1000 * (i + 1)))]));
        rig.Feed(50, 1);
        rig.Feed(hz, 3);
        var sum = Droops.Select((service, i) => 1000 * (i + 1) * Math.Clamp(ServiceCatalog.BuiltIn.Find(service)!.Curve!.Evaluate(hz), -1, 1)).Sum();
        Assert.Equal(sum, rig.Out.PowerW, 1e-3);
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void AStepAllocatesNothing()
    {
        var contracts = new[] { "GB-DCL", "GB-DCH", "CE-FCR", "NORDIC-FFR-49.7" }.Select(s => ControllerRig.Contract(s)).ToList();
        contracts[2] = contracts[2] with { Freedom = new FreedomRules(), RelaySteps = 14 };
        var rig = new ControllerRig(ControllerRig.Settings([.. contracts]) with
        {
            Energy = new EnergyRules { CapacityWh = 1e6, Scheme = EnergyScheme.GreatBritain, SubmitsBaseline = true },
            Sources = [ControllerRig.Meter(), ControllerRig.Meter() with { Name = "pmu-2" }, ControllerRig.Meter() with { Name = "pmu-3" }],
        });
        rig.Site(SiteConditions.Unbound with { EnergyWh = 5e5, EnergyAtNanos = rig.Now });
        var state = rig.State;
        Turn(rig, ref state, 2000);
        var before = GC.GetAllocatedBytesForCurrentThread();
        Turn(rig, ref state, 20_000);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    private static void Turn(ControllerRig rig, ref ControllerState state, int times)
    {
        for (var i = 0; i < times; i++)
        {
            rig.Now += 40 * ControllerRig.Millisecond;
            FrequencySample? sample = i % 5 == 0 ? null : FrequencySample.FromHz(i % 97 == 0 ? 0 : 50 - (i % 600 * 0.001), rig.Now, (byte)(i % 4));
            state = FrequencyController.Step(rig.Config, in state, in sample, rig.Now, rig.Wall).State;
        }
    }

    private static double Settled(string service, double hz)
    {
        var rig = ControllerRig.For(service);
        rig.Feed(50, 1);
        rig.Feed(hz, 3);
        return rig.Out.PowerW;
    }

    private static ControllerRig Run(string[] services, Happening[] happenings, Action<ControllerRig, Happening> after, SiteConditions? site = null)
    {
        var contracts = services.Select((s, i) => ControllerRig.Contract(s) with { Id = $"{s}/{i}" }).ToArray();
        var rig = new ControllerRig(ControllerRig.Settings(contracts) with
        {
            Sources = [ControllerRig.Meter(), ControllerRig.Meter() with { Name = "pmu-2" }],
        });
        rig.Site(site ?? SiteConditions.Unbound);
        foreach (var it in happenings)
        {
            rig.Now += it.After * ControllerRig.Millisecond;
            rig.WallAhead += Duration.FromMilliseconds(it.ClockStep);
            var stamp = it.StampAhead == 0 ? 0 : (rig.Wall + Duration.FromMilliseconds(it.StampAhead)).ToUnixTimeTicks() * 100;
            rig.Step(it.Sample ? new FrequencySample(it.Hz, double.NaN, it.Voltage, rig.Now, stamp, it.Quality, it.Source) : null);
            after(rig, it);
        }

        return rig;
    }

    private static IEnumerable<byte> Bits(ControllerOutput output)
    {
        foreach (var number in new[] { output.PowerW, output.BaselineW, output.WantedW, output.ShortfallW, output.FrequencyHz, output.NextDueNanos, (double)output.Reasons })
        {
            foreach (var part in BitConverter.GetBytes(number))
            {
                yield return part;
            }
        }

        yield return output.Dispatch ? (byte)1 : (byte)0;
    }

    private static Arbitrary<double> Milliherz() => Gen.Choose(49_000, 51_000).Select(m => m / 1000.0).ToArbitrary();

    private static Arbitrary<string[]> Services() =>
        (from count in Gen.Choose(1, 6) from services in Gen.Elements(Fifty).ArrayOf(count) select services).ToArbitrary();

    private static Arbitrary<SiteConditions> Sites() =>
        (from floor in Gen.Choose(-2_000_000, 0)
         from ceiling in Gen.Choose(0, 2_000_000)
         from baseline in Gen.Choose(-500_000, 500_000)
         select SiteConditions.Unbound with { FloorW = floor, CeilingW = ceiling, BaselineW = baseline }).ToArbitrary();

    /// <param name="onlyOdd">Nothing that a gate may accept.</param>
    private static Arbitrary<Happening[]> Happenings(bool onlyOdd) =>
        (from count in Gen.Choose(1, 80)
         from happenings in (from after in Gen.Elements(0, 1, 20, 100, 100, 100, 300, 2000)
                             from kind in Gen.Choose(0, 9)
                             from fine in Gen.Choose(49_000, 51_000)
                             from odd in Gen.Elements(Odd)
                             from voltage in Gen.Elements(double.NaN, 1.0, 0.97, 0.2, 0)
                             from ahead in Gen.Elements(0, 0, 0, -1, -50, -2000, -60_000, 5000)
                             from quality in Gen.Elements(SampleQuality.Good, SampleQuality.Good, SampleQuality.Good, SampleQuality.Invalid, SampleQuality.ClockUnsynchronised)
                             from source in Gen.Elements<byte>(0, 0, 0, 1, 200)
                             from step in Gen.Elements(0, 0, 0, 0, 0, 0, 0, 0, 3_600_000, -3_600_000)
                             select onlyOdd
                                 ? new Happening(after, kind < 8, odd is 47 or 53 ? 0 : odd, voltage, ahead, quality, source, step)
                                 : new Happening(after, kind < 8, kind < 6 ? fine / 1000.0 : odd, voltage, ahead, quality, source, step)).ArrayOf(count)
         select happenings).ToArbitrary();
}
