namespace GridServices.FrequencyResponse.Response;

/// <summary>How a service's target becomes power over time.</summary>
/// <remarks>GB DC is scored worst when the response comes at once: the delay fills the path up to the middle of the window that the scorer looks at.</remarks>
public sealed record Shaping
{
    /// <summary>Whole delay from the grid to the power, meter and transport and asset included; 0 = as fast as can be.</summary>
    public long TotalDelayNanos { get; init; }

    /// <summary>Fastest change, share of the quantity per second; infinity = at once.</summary>
    public double RampPuPerS { get; init; } = double.PositiveInfinity;

    /// <summary>Time constant of a first-order lag (IEEE 1547 open-loop response time ÷ ln 10); 0 = none.</summary>
    public long LagNanos { get; init; }

    /// <summary>Ramp to zero once the contracted block is over.</summary>
    public double RampOutPuPerS { get; init; } = 0.2;

    public static Shaping Immediate { get; } = new();
}
