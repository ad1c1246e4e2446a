using System.Runtime.InteropServices;
using GridServices.FrequencyResponse.Performance;

namespace GridServices.FrequencyResponse.Evidence;

/// <summary>What an asset was told in a minute, and what of it was measured. Energies in Wh, + = injection.</summary>
/// <param name="Asset">Index in the segment's settings; <see cref="Rest"/> = the sum of those that are not named there.</param>
/// <param name="SetpointWh">What its set-points come to.</param>
/// <param name="SetpointSeconds">Time in which it had one.</param>
/// <param name="MeasuredWh">Of this time, what readings tell: each speaks for the time until the next one, 10 s at most.</param>
/// <param name="SetpointMeasuredWh">What the set-points of the measured time come to: what the measured energy stands beside.</param>
/// <param name="MeasuredSeconds">Of the time in which it had a set-point, that which readings cover; the rest was commanded and not measured.</param>
/// <param name="Source">The least sure that was used; None = nothing was measured.</param>
[StructLayout(LayoutKind.Auto)]
public readonly record struct AssetMinute(int Asset, double SetpointWh, long SetpointSeconds, double MeasuredWh, double SetpointMeasuredWh, long MeasuredSeconds, MeterSource Source)
{
    /// <summary>All assets beyond those that the settings name, in sum.</summary>
    public const int Rest = ushort.MaxValue;

    /// <summary>Nothing of one asset.</summary>
    public static AssetMinute None(int asset) => new(asset, 0, 0, 0, 0, 0, MeterSource.None);

    /// <summary>Both together, as of this asset.</summary>
    public AssetMinute Plus(in AssetMinute other) => new(
        Asset, SetpointWh + other.SetpointWh, SetpointSeconds + other.SetpointSeconds, MeasuredWh + other.MeasuredWh, SetpointMeasuredWh + other.SetpointMeasuredWh,
        MeasuredSeconds + other.MeasuredSeconds, Least(Source, other.Source));

    private static MeterSource Least(MeterSource one, MeterSource other) => one == MeterSource.None ? other : other == MeterSource.None || one < other ? one : other;
}
