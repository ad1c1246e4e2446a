using GridServices.FrequencyResponse.Allocation;

namespace GridServices.FrequencyResponse.Tests.Allocation;

public sealed class AllocateMemoryTests
{
    /// <summary>Chargers in steps and vehicles both ways, with batteries for what the steps leave over and without: every way through the split.</summary>
    [Theory, InlineData(5), InlineData(0)]
    public void ASplitAllocatesNothing(int batteries)
    {
        AssetCapability[] assets =
        [
            .. Enumerable.Range(0, 90).Select(i => TestAssets.Charger(i, (Phases)(1 << (i % 3)))), .. Enumerable.Range(0, 5).Select(i => TestAssets.Vehicle(i)),
            .. Enumerable.Range(0, batteries).Select(i => TestAssets.Battery(i, 1_500)),
        ];
        AssetTelemetry[] telemetry = [.. assets.Select(a => a.At(a.Kind == AssetKind.Storage ? 0 : -16 * 230))];
        var plan = AllocationPlan.Build(assets, telemetry, new AllocationRules { ContractedRaiseW = 50_000, ContractedLowerW = 50_000 }, TestAssets.Now);
        var (setpoints, memory) = (new int[assets.Length], default(AllocationMemory));
        var sum = Turn(plan, setpoints, ref memory, 100);
        var before = GC.GetAllocatedBytesForCurrentThread();
        sum += Turn(plan, setpoints, ref memory, 20_000);
        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
        Assert.NotEqual(0, sum);
    }

    private static long Turn(AllocationPlan plan, int[] setpoints, ref AllocationMemory memory, int times)
    {
        var sum = 0L;
        for (var i = 0; i < times; i++)
        {
            // From beyond the floor to beyond the ceiling and back, in strides that hit steps and what lies between.
            var total = plan.FloorW - 5_000 + ((i * 977L) % (plan.CeilingW - plan.FloorW + 10_000));
            sum += plan.Allocate(total, setpoints, ref memory).GivenW + plan.Allocate(-total, setpoints).GivenW;
        }

        return sum;
    }
}
