using System.Runtime.InteropServices;

namespace GridServices.FrequencyResponse.Allocation;

/// <summary>What came of a split. W, + = injection.</summary>
/// <param name="GivenW">Sum of the set-points.</param>
/// <param name="ShortfallW">Asked minus given.</param>
[StructLayout(LayoutKind.Auto)]
public readonly record struct AllocationResult(long GivenW, long ShortfallW);

/// <summary>Where the staircase stood at the split before; goes on from plan to plan. <c>default</c> = nothing is known.</summary>
[StructLayout(LayoutKind.Auto)]
public struct AllocationMemory
{
    internal bool Known;

    /// <summary>What the chargers gave, W, + = upwards.</summary>
    internal long StairsW;

    /// <summary>What smaller steps beyond them aimed at, W ≥ 0.</summary>
    internal long MoreW;
}

/// <summary>How a pool's power is split, worked out off the hot path and swapped whole.</summary>
/// <remarks>
/// Chargers move step by step along a staircase, batteries take what the steps leave over, so that the set-points sum to the total to the watt
/// while a battery has room; without one the sum lies within -1/3..+2/3 of the smallest step that a charger can still make.
/// Immutable: safe to read from the hot thread while the next one is built. Pools up to 2 GW each way.
/// </remarks>
public sealed class AllocationPlan
{
    private readonly AllocationRules _rules;
    private readonly PlanSide _raise;
    private readonly PlanSide _lower;

    private AllocationPlan(int count, AllocationRules rules, (SteppedAssets, PlanSide Raise, PlanSide Lower, long BaseW) parts)
    {
        (Count, _rules, _raise, _lower, BaseW) = (count, rules, parts.Raise, parts.Lower, parts.BaseW);
        Shortcomings = [.. PlanValidator.Validate(this, rules, _raise, _lower)];
    }

    /// <summary>Assets, in the order of the set-points.</summary>
    public int Count { get; }

    /// <summary>Total without a response, chargers rounded to their steps, W.</summary>
    public long BaseW { get; }

    /// <summary>Least total injection that the pool can take now, W.</summary>
    public long FloorW => BaseW - _lower.ReachW;

    /// <summary>Most total injection, W.</summary>
    public long CeilingW => BaseW + _raise.ReachW;

    /// <summary>How far batteries are set against the total at the most, while chargers stand on a step beyond it, W ≥ 0.</summary>
    public long MostAgainstW => Math.Max(GetAgainst(_raise, _lower), GetAgainst(_lower, _raise));

    /// <summary>What of the contract this pool can't do, one line each with what would fix it; empty where it can do all.</summary>
    public IReadOnlyList<string> Shortcomings { get; }

    /// <summary>Works the split out; <paramref name="telemetry"/> goes with <paramref name="assets"/> item by item.</summary>
    /// <exception cref="ArgumentException">Lists of unequal length, or a pool above 2 GW.</exception>
    public static AllocationPlan Build(
        IReadOnlyList<AssetCapability> assets, IReadOnlyList<AssetTelemetry> telemetry, AllocationRules rules, long nowNanos)
    {
        ArgumentNullException.ThrowIfNull(assets);
        ArgumentNullException.ThrowIfNull(telemetry);
        ArgumentNullException.ThrowIfNull(rules);
        if (assets.Count != telemetry.Count)
        {
            throw new ArgumentException($"{assets.Count} assets and {telemetry.Count} telemetry items; one belongs to each", nameof(telemetry));
        }

        var plan = new AllocationPlan(assets.Count, rules, PlanBuilder.Build(assets, telemetry, rules, nowNanos));
        return plan.CeilingW - plan.FloorW <= int.MaxValue ? plan
            : throw new ArgumentException($"the pool reaches from {plan.FloorW} to {plan.CeilingW} W; make pools of at most 2 GW", nameof(assets));
    }

    // Hysteresis may hold a step further than half of it.
    private long GetAgainst(PlanSide side, PlanSide other) => Math.Min(other.Vernier.RoomW, (long)Math.Ceiling(side.Stairs.LargestW * Math.Max(1, 0.5 + _rules.StepHysteresis)));

    /// <summary>Set-points for a total, W, + = injection; allocates nothing.</summary>
    public AllocationResult Allocate(long totalW, Span<int> setpointsW)
    {
        var memory = default(AllocationMemory);
        return Allocate(totalW, setpointsW, ref memory);
    }

    /// <summary>Set-points for a total, with the hysteresis of the single charger: a total that dithers moves nobody to and fro. Allocates nothing.</summary>
    public AllocationResult Allocate(long totalW, Span<int> setpointsW, ref AllocationMemory memory)
    {
        // Outside the pool's reach the nearest end is given; the rest is the shortfall.
        var change = Math.Clamp(totalW, FloorW, CeilingW) - BaseW;
        var (side, other, size) = change >= 0 ? (_raise, _lower, change) : (_lower, _raise, -change);
        var same = memory.Known && (memory.StairsW == 0 || (memory.StairsW > 0) == (change >= 0));
        var before = same ? new StairsPosition(side.Stairs.Nearest(Math.Abs(memory.StairsW)), memory.MoreW) : (StairsPosition?)null;
        var (stairs, position) = side.Fill(size, before, other.Vernier.RoomW, _rules, setpointsW);
        var (onward, back) = (Math.Clamp(size - stairs, 0, side.Vernier.RoomW), Math.Clamp(stairs - size, 0, other.Vernier.RoomW));
        if (back > 0)
        {
            other.Vernier.Fill(back, setpointsW);
        }
        else
        {
            side.Vernier.Fill(onward, setpointsW);
        }

        var sign = change >= 0 ? 1 : -1;
        memory = new AllocationMemory { Known = true, StairsW = sign * side.Stairs.GetSum(position.Moves), MoreW = position.MoreW };
        var given = BaseW + (sign * (stairs + onward - back));
        return new AllocationResult(given, totalW - given);
    }
}
