using System.Runtime.InteropServices;

namespace GridServices.FrequencyResponse.Allocation;

/// <summary>What one asset can be set to until the next plan. W, + = injection.</summary>
/// <param name="LowW">Least.</param>
/// <param name="BaseW">Without a response.</param>
/// <param name="HighW">Most.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct AssetRange(int LowW, int BaseW, int HighW)
{
    private const int Largest = 1_000_000_000;

    internal static AssetRange Compute(AssetCapability asset, in AssetTelemetry telemetry, AllocationRules rules, long now)
    {
        if (!telemetry.Available)
        {
            // Nobody can move it: it goes on with what it does.
            var still = Math.Clamp(telemetry.BaselineW, -Largest, Largest);
            return new AssetRange(still, still, still);
        }

        // Limits of the other envelopes and of the asset come first; 0 W is always allowed.
        var low = Math.Clamp(Math.Max(telemetry.FloorW, -Math.Max(asset.MaxImportW, 0)), -Largest, 0);
        var high = Math.Clamp(Math.Min(telemetry.CeilingW, asset.Kind == AssetKind.Charger ? 0 : Math.Max(asset.MaxExportW, 0)), 0, Largest);
        (low, high) = Store(asset, in telemetry, rules, low, high);
        if (asset.StepAmps == 0)
        {
            return new AssetRange(low, Math.Clamp(telemetry.BaselineW, low, high), high);
        }

        var grid = AmpGrid.For(asset);
        var (first, last) = Locked(asset, in telemetry, grid, grid.AtLeast(low), grid.AtMost(high), now);
        return new AssetRange(grid.Watts(first), grid.Watts(Math.Clamp(grid.Nearest(Math.Clamp(telemetry.BaselineW, low, high)), first, last)), grid.Watts(last));
    }

    /// <summary>Energy bounds power: what is needed stays in, and a full store draws nothing.</summary>
    private static (int Low, int High) Store(AssetCapability asset, in AssetTelemetry telemetry, AllocationRules rules, int low, int high)
    {
        if (double.IsNaN(telemetry.EnergyWh))
        {
            return (low, high);
        }

        var perWh = 3600 / Math.Max(rules.EnergySeconds, 1);
        var spare = (telemetry.EnergyWh - (double.IsNaN(telemetry.NeededWh) ? 0 : telemetry.NeededWh)) * perWh;
        high = (int)Math.Min(high, Math.Max(spare, 0));
        if (!double.IsNaN(telemetry.CapacityWh))
        {
            low = (int)Math.Max(low, -Math.Max((telemetry.CapacityWh - telemetry.EnergyWh) * perWh, 0));
        }

        // A vehicle that does not have yet what it needs to leave is not cut.
        return asset.Kind == AssetKind.Storage || spare >= 0 ? (low, high) : (low, Math.Clamp(telemetry.BaselineW, low, high));
    }

    /// <summary>Shortest on and off times hold for the charger itself, never for the pool's sum.</summary>
    private static (int First, int Last) Locked(AssetCapability asset, in AssetTelemetry telemetry, AmpGrid grid, int first, int last, long now)
    {
        var since = Nanos.Since(now, telemetry.SwitchedNanos);
        var index = grid.Nearest(Math.Clamp(telemetry.LastCommandW, -Largest, Largest));
        if (index == 0)
        {
            return since < asset.MinOffNanos ? (0, 0) : (first, last);
        }

        if (since >= asset.MinOnNanos)
        {
            return (first, last);
        }

        // An envelope that leaves nothing but 0 W goes before the shortest on time.
        return index < 0 ? (first, first < 0 ? Math.Min(last, -1) : last) : (last > 0 ? Math.Max(first, 1) : first, last);
    }
}
