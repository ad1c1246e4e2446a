using System.Runtime.InteropServices;
using GridServices.FrequencyResponse.Instructions;
using GridServices.FrequencyResponse.Performance;
using GridServices.FrequencyResponse.Safety;

namespace GridServices.FrequencyResponse;

/// <summary>What the shell knows of the pool at present. <c>default</c> allows nothing.</summary>
/// <remarks>Powers in W, + = injection; energies in Wh. The shell replaces it whole, whenever something changed.</remarks>
[StructLayout(LayoutKind.Auto)]
public readonly record struct SiteConditions
{
    /// <summary>Power that the pool would have without any response.</summary>
    public double BaselineW { get; init; }

    /// <summary>Least injection that the envelopes of other services allow, ≤ 0: minus the import limit. -infinity = no statement.</summary>
    public double FloorW { get; init; }

    /// <summary>Most injection that they allow, ≥ 0: the export limit. +infinity = no statement.</summary>
    public double CeilingW { get; init; }

    /// <summary>How much more than the baseline the assets can inject, W ≥ 0. +infinity = no statement.</summary>
    public double RaiseHeadroomW { get; init; }

    /// <summary>How much less than the baseline they can inject, W ≥ 0. +infinity = no statement.</summary>
    public double LowerHeadroomW { get; init; }

    /// <summary>Energy in the store, Wh; NaN = unknown.</summary>
    public double EnergyWh { get; init; }

    /// <summary>When the energy was measured, monotonic nanoseconds.</summary>
    public long EnergyAtNanos { get; init; }

    /// <summary>The operator's regulation signal, -1..1, + = raise; NaN = none.</summary>
    public double SignalPu { get; init; }

    /// <summary>When the signal arrived, monotonic nanoseconds.</summary>
    public long SignalAtNanos { get; init; }

    /// <summary>The operator called switched services back.</summary>
    public bool Recalled { get; init; }

    /// <summary>By contract: the grid operator's instruction that runs or comes next.</summary>
    public InstructedOrders Orders { get; init; }

    public WriterLease Lease { get; init; }

    /// <summary>Metered power of the pool's assets; for scores and settlement only, nothing is commanded by it.</summary>
    public MeasuredPower Measured { get; init; }

    /// <summary>No statement about anything, baseline 0.</summary>
    public static SiteConditions Unbound { get; } = new()
    {
        FloorW = double.NegativeInfinity,
        CeilingW = double.PositiveInfinity,
        RaiseHeadroomW = double.PositiveInfinity,
        LowerHeadroomW = double.PositiveInfinity,
        EnergyWh = double.NaN,
        SignalPu = double.NaN,
    };
}
