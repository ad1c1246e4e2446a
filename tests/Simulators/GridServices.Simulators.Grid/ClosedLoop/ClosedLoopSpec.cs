using System.Runtime.InteropServices;
using GridServices.FrequencyResponse;
using GridServices.FrequencyResponse.Catalog;
using GridServices.FrequencyResponse.Response;
using GridServices.Simulators.Grid.Assets;
using GridServices.Simulators.Grid.Meters;
using GridServices.Simulators.Grid.Traces;

namespace GridServices.Simulators.Grid.ClosedLoop;

/// <summary>A grid, a meter, the controller, and a battery or chargers, in one loop.</summary>
public sealed record ClosedLoopSpec
{
    public required ServiceDefinition Service { get; init; }
    public required GridTrace Trace { get; init; }
    public required double Seconds { get; init; }
    public double QuantityW { get; init; } = 50_000;
    public MeterSpec Meter { get; init; } = new() { PeriodSeconds = 0.05, DelaySeconds = 0.1, NoiseHz = 0.0002 };

    /// <summary>Set-point's way to the asset 0.1 s, time constant 50 ms: a battery as most are.</summary>
    public BessSpec Battery { get; init; } = new() { DelaySeconds = 0.1, LagSeconds = 0.05 };

    /// <summary>Chargers instead of the battery.</summary>
    public EvPoolSpec? Chargers { get; init; }

    /// <summary>Null = as the service needs it.</summary>
    public Shaping? Shaping { get; init; }
}

/// <summary>The loop at a moment.</summary>
/// <param name="Second">Of the run.</param>
/// <param name="GridHz">The true frequency.</param>
/// <param name="VoltagePu">The true voltage.</param>
/// <param name="CommandW">Set-point that the controller last sent.</param>
/// <param name="ResponseW">Power of the asset beyond its default.</param>
/// <param name="LowerPu">Least response that the rule allows; NaN where it has no bounds.</param>
/// <param name="UpperPu">Most response that it allows.</param>
/// <param name="Reasons">Why the controller decides as it does.</param>
[StructLayout(LayoutKind.Auto)]
public readonly record struct LoopPoint(
    double Second, double GridHz, double VoltagePu, double CommandW, double ResponseW, double LowerPu, double UpperPu, ControlReasons Reasons);
