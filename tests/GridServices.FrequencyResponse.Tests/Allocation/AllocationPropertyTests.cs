using FsCheck;
using FsCheck.Fluent;
using GridServices.FrequencyResponse.Allocation;

namespace GridServices.FrequencyResponse.Tests.Allocation;

/// <summary>Whatever the pool and the total: inside every asset's headroom, exact while a battery has room, and fair to the phases.</summary>
public sealed class AllocationPropertyTests
{
    private static readonly Phases[] EveryPhases = [Phases.L1, Phases.L2, Phases.L3, Phases.All, Phases.L1 | Phases.L2];

    private sealed record Pool(AssetCapability[] Assets, AssetTelemetry[] Telemetry);

    [Fact]
    public void SetPointsStayInsideHeadroomAndSumToWhatIsReported() => Prop.ForAll(Pools(), Totals(), (pool, total) =>
    {
        var plan = AllocationPlan.Build(pool.Assets, pool.Telemetry, new AllocationRules(), TestAssets.Now);
        var setpoints = new int[pool.Assets.Length];
        var result = plan.Allocate(total, setpoints);
        Assert.Equal(result.GivenW, setpoints.Sum(w => (long)w));
        Assert.Equal(total, result.GivenW + result.ShortfallW);
        for (var i = 0; i < setpoints.Length; i++)
        {
            var told = pool.Telemetry[i];
            var (low, high) = told.Available
                ? (Math.Max(told.FloorW, -pool.Assets[i].MaxImportW), Math.Min(told.CeilingW, pool.Assets[i].MaxExportW))
                : (told.BaselineW, told.BaselineW);
            Assert.InRange(setpoints[i], Math.Min(low, told.Available ? 0 : low), Math.Max(high, told.Available ? 0 : high));
        }
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void TheSumIsTheTotalToTheWattWhereABatteryBridgesTheSteps() => Prop.ForAll(Pools(), Totals(), (pool, total) =>
    {
        var battery = TestAssets.Battery(99, 40_000);
        var plan = AllocationPlan.Build(
            [.. pool.Assets, battery], [.. pool.Telemetry, battery.At(0)], new AllocationRules(), TestAssets.Now);
        var inside = Math.Clamp(total, plan.FloorW, plan.CeilingW);
        Assert.Equal(inside, plan.Allocate(total, new int[pool.Assets.Length + 1]).GivenW);
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void WithoutABatteryTheSumIsOffByAStepAtMost() => Prop.ForAll(Pools(), Totals(), (pool, total) =>
    {
        var plan = AllocationPlan.Build(pool.Assets, pool.Telemetry, new AllocationRules(), TestAssets.Now);
        var inside = Math.Clamp(total, plan.FloorW, plan.CeilingW);
        var given = plan.Allocate(total, new int[pool.Assets.Length]).GivenW;
        Assert.InRange(given - inside, -4140L * 2, 4140L * 2);
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void MoreIsNeverAnsweredWithLess() => Prop.ForAll(Pools(), pool =>
    {
        var plan = AllocationPlan.Build(pool.Assets, pool.Telemetry, new AllocationRules(), TestAssets.Now);
        var setpoints = new int[pool.Assets.Length];
        var before = long.MinValue;
        for (var i = 0; i <= 200; i++)
        {
            var given = plan.Allocate(plan.FloorW + ((plan.CeilingW - plan.FloorW) * i / 200), setpoints).GivenW;
            Assert.True(given >= before, $"{given} W after {before} W");
            before = given;
        }
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void TheChangeOfEveryPhaseStaysNearTheMean() => Prop.ForAll(Pools(), Totals(), (pool, total) =>
    {
        const int bound = 9_000;
        var rules = new AllocationRules { MaxUnbalanceW = bound };
        var plan = AllocationPlan.Build(pool.Assets, pool.Telemetry, rules, TestAssets.Now);
        var (still, moved) = (new int[pool.Assets.Length], new int[pool.Assets.Length]);
        plan.Allocate(plan.BaseW, still);
        plan.Allocate(total, moved);
        var change = new double[3];
        for (var i = 0; i < moved.Length; i++)
        {
            for (var phase = 0; phase < 3; phase++)
            {
                change[phase] += ((int)pool.Assets[i].Phases & (1 << phase)) == 0 ? 0
                    : (moved[i] - still[i]) / (double)int.PopCount((int)pool.Assets[i].Phases);
            }
        }

        Assert.All(change, c => Assert.InRange(c - change.Average(), -bound, bound));
    }).QuickCheckThrowOnFailure();

    private static Arbitrary<long> Totals() => Gen.Choose(-400_000, 400_000).Select(w => (long)w).ToArbitrary();

    private static Arbitrary<Pool> Pools() =>
        (from count in Gen.Choose(1, 12)
         from items in Items().ArrayOf(count)
         select new Pool([.. items.Select(i => i.Asset)], [.. items.Select(i => i.Told)])).ToArbitrary();

    private static Gen<(AssetCapability Asset, AssetTelemetry Told)> Items() =>
        from kind in Gen.Choose(0, 2)
        from phases in Gen.Elements(EveryPhases)
        from size in Gen.Choose(6, 32)
        from used in Gen.Choose(-100, 100)
        from cut in Gen.Choose(0, 100)
        from available in Gen.Elements(true, true, true, false)
        let amps = 230 * int.PopCount((int)phases)
        let asset = kind switch
        {
            0 => TestAssets.Battery(0, size * amps, phases),
            1 => TestAssets.Charger(0, phases, size),
            _ => TestAssets.Charger(0, phases, size) with { Kind = AssetKind.BidirectionalCharger, MaxExportW = size * amps },
        }
        let baseline = used * size * amps / 100
        let told = asset.At(kind == 1 ? -Math.Abs(baseline) : baseline)
        select (asset, told with { FloorW = told.FloorW * cut / 100, CeilingW = told.CeilingW * cut / 100, Available = available });
}
