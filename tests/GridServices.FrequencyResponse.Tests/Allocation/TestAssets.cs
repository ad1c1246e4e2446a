using GridServices.FrequencyResponse.Allocation;

namespace GridServices.FrequencyResponse.Tests.Allocation;

/// <summary>Pools for tests.</summary>
internal static class TestAssets
{
    public const long Second = 1_000_000_000;
    public const long Now = 10_000 * Second;

    public static AssetCapability Charger(int nth, Phases phases = Phases.All, int amps = 32) => new()
    {
        Id = $"ev-{nth}",
        Kind = AssetKind.Charger,
        MaxImportW = amps * 230 * int.PopCount((int)phases),
        Phases = phases,
        LatencyNanos = Second,
    };

    public static AssetCapability Battery(int nth, int watts, Phases phases = Phases.All) => new()
    {
        Id = $"bess-{nth}",
        Kind = AssetKind.Storage,
        MaxImportW = watts,
        MaxExportW = watts,
        Phases = phases,
        LatencyNanos = Second / 20,
        StepAmps = 0,
    };

    public static AssetCapability Vehicle(int nth, int amps = 16) => Charger(nth, amps: amps) with
    {
        Id = $"v2g-{nth}",
        Kind = AssetKind.BidirectionalCharger,
        MaxExportW = amps * 690,
    };

    /// <summary>Free to do all it can, at this power.</summary>
    public static AssetTelemetry At(this AssetCapability asset, int watts) =>
        new(watts, -asset.MaxImportW, asset.MaxExportW, double.NaN, double.NaN, 0, watts, 0, true);

    /// <summary>A pool of which every charger draws so many amps.</summary>
    public static (AssetCapability[] Assets, AssetTelemetry[] Telemetry) Chargers(int count, int amps, Phases phases = Phases.All)
    {
        var assets = Enumerable.Range(0, count).Select(i => Charger(i, phases)).ToArray();
        return (assets, [.. assets.Select(a => a.At(-amps * 230 * int.PopCount((int)phases)))]);
    }
}
