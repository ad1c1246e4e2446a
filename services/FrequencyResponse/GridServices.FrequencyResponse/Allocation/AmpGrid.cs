using System.Runtime.InteropServices;

namespace GridServices.FrequencyResponse.Allocation;

/// <summary>The powers that a charger can be set to, numbered: 0 = off, -1 = drawing its least current, -2 = one step more, …, +1 = injecting its least.</summary>
/// <param name="FloorW">At the least current.</param>
/// <param name="StepW">Per further step.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct AmpGrid(int FloorW, int StepW)
{
    internal static AmpGrid For(AssetCapability asset)
    {
        var perAmp = Math.Clamp(asset.VoltageV, 1, 1000) * Math.Max(1, System.Numerics.BitOperations.PopCount((uint)asset.Phases));
        return new AmpGrid((int)Math.Round(Math.Clamp(asset.FloorAmps, 1, 1000) * perAmp), (int)Math.Round(Math.Clamp(asset.StepAmps, 1, 1000) * perAmp));
    }

    internal int Watts(int index) =>
        index == 0 ? 0 : index > 0 ? FloorW + ((index - 1) * StepW) : -(FloorW + ((-index - 1) * StepW));

    /// <summary>Highest index whose power is at most so much.</summary>
    internal int AtMost(int watts) =>
        watts >= FloorW ? 1 + ((watts - FloorW) / StepW)
        : watts >= 0 ? 0
        : watts > -FloorW ? -1
        : -1 - ((-watts - FloorW + StepW - 1) / StepW);

    /// <summary>Lowest index whose power is at least so much.</summary>
    internal int AtLeast(int watts) => -AtMost(-watts);

    internal int Nearest(int watts)
    {
        var (low, high) = (AtMost(watts), AtLeast(watts));
        return watts - Watts(low) <= Watts(high) - watts ? low : high;
    }
}
