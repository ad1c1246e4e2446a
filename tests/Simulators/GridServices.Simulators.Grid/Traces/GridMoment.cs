using System.Runtime.InteropServices;

namespace GridServices.Simulators.Grid.Traces;

/// <summary>How the meter behaves.</summary>
public enum MeterMood
{
    /// <summary>It measures.</summary>
    Works,

    /// <summary>It says nothing.</summary>
    Silent,

    /// <summary>It says the same value again and again.</summary>
    Frozen,
}

/// <summary>The grid at a moment.</summary>
/// <param name="Hz">Its frequency.</param>
/// <param name="VoltagePu">Lowest phase voltage, share of nominal.</param>
/// <param name="Meter">What the meter does then.</param>
[StructLayout(LayoutKind.Auto)]
public readonly record struct GridMoment(double Hz, double VoltagePu = 1, MeterMood Meter = MeterMood.Works);
