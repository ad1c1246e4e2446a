using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace GridServices.FrequencyResponse.Energy;

/// <summary>
/// The least energy that a GB response unit must hold in one direction at the start of each settlement period
/// (NESO Response Service Terms 6.11): it falls by what was delivered and rises again as that must have been bought back.
/// </summary>
/// <remarks>
/// Wh at the grid. A value: each period gives the next. The adjustment added after period k is the smaller of 20 % of the response energy volume
/// and the shortfall of period k - 3, net of what was adjusted since.
/// </remarks>
[StructLayout(LayoutKind.Auto)]
public struct SoeRequirement
{
    private Ring _required;
    private Ring _adjusted;

    /// <summary>The start of a contracted block.</summary>
    /// <param name="volumeWh">Contracted response energy volume: power times duration, summed over the contracts of the direction.</param>
    /// <param name="recoveryShare">Share of the volume that may be recovered per period.</param>
    public SoeRequirement(double volumeWh, double recoveryShare = 0.2)
    {
        VolumeWh = volumeWh;
        RecoveryShare = recoveryShare;
        RequiredWh = volumeWh;
        _required[0] = volumeWh;
    }

    public double VolumeWh { get; }

    public double RecoveryShare { get; }

    /// <summary>Settlement periods that have ended since the start of the block.</summary>
    public int Periods { get; private set; }

    /// <summary>What must be held at the start of the present period.</summary>
    public double RequiredWh { get; private set; }

    /// <summary>Ends a period in which this much was delivered, Wh ≥ 0.</summary>
    public void EndPeriod(double deliveredWh)
    {
        var k = Periods;
        var adjustment = 0.0;
        if (k >= 3)
        {
            var since = _adjusted[(k - 3) % Ring.Size] + _adjusted[(k - 2) % Ring.Size] + _adjusted[(k - 1) % Ring.Size];
            adjustment = Math.Min(RecoveryShare * VolumeWh, Math.Max(0, VolumeWh - _required[(k - 3) % Ring.Size] - since));
        }

        _adjusted[k % Ring.Size] = adjustment;
        RequiredWh = Math.Max(0, RequiredWh - deliveredWh + adjustment);
        Periods = k + 1;
        _required[Periods % Ring.Size] = RequiredWh;
    }

    [InlineArray(Size)]
    private struct Ring
    {
        internal const int Size = 4;
        private double _first;
    }
}
