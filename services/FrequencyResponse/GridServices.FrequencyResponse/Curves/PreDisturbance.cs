using System.Runtime.InteropServices;

namespace GridServices.FrequencyResponse.Curves;

/// <summary>Droop around what a resource did before the disturbance, kept inside what it can do (IEEE 1547-2018 frequency-droop).</summary>
/// <param name="PrePu">Active power before the disturbance, share of rating; + = generation. It holds inside the dead band.</param>
/// <param name="AvailablePu">Most that can be generated now: the cap on the way up.</param>
/// <param name="MinPu">Least that can be generated: 0, or negative for storage that charges. The floor on the way down.</param>
[StructLayout(LayoutKind.Auto)]
public readonly record struct PreDisturbance(double PrePu, double AvailablePu, double MinPu)
{
    /// <summary>Total power at a frequency, by a droop curve of changes.</summary>
    public double Evaluate(ResponseCurve droop, double frequencyHz)
    {
        ArgumentNullException.ThrowIfNull(droop);
        var change = droop.Evaluate(frequencyHz);
        if (change > 0)
        {
            return Math.Min(PrePu + change, AvailablePu);
        }

        // Inside the dead band the power before the disturbance stands, whatever is available: 1547 moves nothing there.
        return change < 0 ? Math.Max(PrePu + change, MinPu) : PrePu + change;
    }
}
