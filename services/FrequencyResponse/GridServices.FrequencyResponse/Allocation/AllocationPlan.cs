using System.Runtime.InteropServices;

namespace GridServices.FrequencyResponse.Allocation;

/// <summary>What came of a split. W, + = injection.</summary>
/// <param name="GivenW">Sum of the set-points.</param>
/// <param name="ShortfallW">Asked minus given.</param>
[StructLayout(LayoutKind.Auto)]
public readonly record struct AllocationResult(long GivenW, long ShortfallW);

/// <summary>How a pool's power is split, worked out off the hot path and swapped whole.</summary>
/// <remarks>Immutable: safe to read from the hot thread while the next one is built.</remarks>
public sealed partial class AllocationPlan
{
    private AllocationPlan(int count) => Count = count;

    /// <summary>Assets, in the order of the set-points.</summary>
    public int Count { get; }

    /// <summary>Least total injection that the pool can take now, W.</summary>
    public long FloorW { get; private init; }

    /// <summary>Most total injection, W.</summary>
    public long CeilingW { get; private init; }

    /// <summary>Works the split out; <paramref name="telemetry"/> goes with <paramref name="assets"/> item by item.</summary>
    public static AllocationPlan Build(
        IReadOnlyList<AssetCapability> assets, IReadOnlyList<AssetTelemetry> telemetry, AllocationRules rules, long nowNanos)
    {
        ArgumentNullException.ThrowIfNull(assets);
        ArgumentNullException.ThrowIfNull(telemetry);
        ArgumentNullException.ThrowIfNull(rules);
        return new AllocationPlan(assets.Count);
    }

    /// <summary>Set-points for a total, W, + = injection; allocates nothing.</summary>
    public AllocationResult Allocate(long totalW, Span<int> setpointsW)
    {
        setpointsW[..Count].Clear();
        return new AllocationResult(0, totalW);
    }
}
