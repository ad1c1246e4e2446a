using System.Runtime.InteropServices;

namespace GridServices.FrequencyResponse.Performance;

/// <summary>Where a number of a settlement comes from.</summary>
public enum MeterSource : byte
{
    /// <summary>Nothing: not measured, and not paid.</summary>
    None,

    /// <summary>Derived from commands; shown, never paid.</summary>
    Estimate,

    /// <summary>The devices' own readings.</summary>
    Telemetry,

    /// <summary>Meters at the assets.</summary>
    Meter,
}

/// <summary>Metered power of a pool.</summary>
/// <param name="PowerW">W, + = injection.</param>
/// <param name="AtNanos">When it was measured, monotonic.</param>
/// <param name="Source">None: there is no reading; the other members mean nothing.</param>
[StructLayout(LayoutKind.Auto)]
public readonly record struct MeasuredPower(double PowerW, long AtNanos, MeterSource Source)
{
    internal bool Known => Source >= MeterSource.Telemetry && double.IsFinite(PowerW);
}
