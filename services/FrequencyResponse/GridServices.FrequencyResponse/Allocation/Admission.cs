using GridServices.FrequencyResponse.Catalog;

namespace GridServices.FrequencyResponse.Allocation;

/// <summary>Whether an asset is fast enough for a service; refused with the reason.</summary>
/// <param name="Admitted">It may be put behind the service.</param>
/// <param name="Reason">Why not, and what would fix it; empty where it is admitted.</param>
/// <param name="StartNanos">From the grid to the first response, as calculated.</param>
/// <param name="FullNanos">From the grid to full response, as calculated.</param>
public sealed record Admission(bool Admitted, string Reason, long StartNanos, long FullNanos)
{
    /// <summary>
    /// Meter and transport + what the controller holds back + the asset's latency must stay inside the service's initiation time,
    /// and with the asset's ramp over its whole range inside the full activation time.
    /// </summary>
    public static Admission Check(AssetCapability asset, ServiceDefinition service, long meterNanos, long holdNanos)
    {
        ArgumentNullException.ThrowIfNull(asset);
        ArgumentNullException.ThrowIfNull(service);
        var start = meterNanos + holdNanos + asset.LatencyNanos;
        var range = Math.Max(asset.MaxImportW, asset.MaxExportW);
        var ramp = asset.RampWPerS > 0 ? range / asset.RampWPerS : double.PositiveInfinity;
        var full = ramp > 1e6 ? long.MaxValue : start + (long)(ramp * 1e9);
        return Verdict(asset, service, start, full);
    }

    private static Admission Verdict(AssetCapability asset, ServiceDefinition service, long start, long full)
    {
        if (service.InitiationSeconds is { } initiation && start > initiation * 1e9)
        {
            return new Admission(false,
                $"{asset.Id} starts {start / 1e9:0.###} s after the frequency, {service.Id} asks for {initiation:0.###} s; "
                + "let the asset run the curve itself, or contract a slower service", start, full);
        }

        if (service.FullActivationSeconds is { } limit && full > limit * 1e9)
        {
            return new Admission(false,
                $"{asset.Id} reaches full power {(full == long.MaxValue ? "never" : $"{full / 1e9:0.###} s after the frequency")}, "
                + $"{service.Id} asks for {limit:0.###} s; offer less of its range, or contract a slower service", start, full);
        }

        return new Admission(true, string.Empty, start, full);
    }
}
