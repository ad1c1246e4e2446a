using GridServices.Contracts.Functions;
using GridServices.Ieee2030Dot5.Events;
using ContractRamp = GridServices.Contracts.Functions.Ramp;

namespace GridServices.Ieee2030Dot5.Envelopes;

/// <summary>Autonomous functions and ramps of 2030.5 in the contract's terms.</summary>
internal static class FunctionMapping
{
    /// <summary>The functions that the pieces set, by kind; of two that set one the first counts. Null: none.</summary>
    public static IReadOnlyList<FunctionSetting>? FindFunctions(DerScheduleConfig config, IReadOnlyList<HeldCurve> curves, IReadOnlyList<ModePiece> strongestFirst)
    {
        var set = strongestFirst.Select(p => FindFunction(config, curves, p.Setting)).OfType<FunctionSetting>().DistinctBy(f => f.Kind).OrderBy(f => f.Kind).ToList();
        return set.Count == 0 ? null : set;
    }

    /// <summary>
    /// How fast the change into the pieces is to be made; null: at once. CSIP-AUS ALL-25, ALL-28: rampTms of the control wins over setGradW. A segment has
    /// one ramp: that of the control that began last, as its beginning is the change.
    /// </summary>
    public static ContractRamp? ComputeRamp(Gradient? gradient, IReadOnlyList<ModePiece> strongestFirst)
    {
        // Where a default begins shows the time of the look, and is no change.
        var last = strongestFirst.Where(p => p.Source == PieceSource.Control).OrderByDescending(p => p.From).ThenBy(p => p.RampTms is null).FirstOrDefault();
        var ramp = Events.Ramp.Into(last ?? (strongestFirst.Count > 0 ? strongestFirst[0] : null), gradient);
        return ramp == Events.Ramp.Unlimited ? null : new ContractRamp
        {
            Seconds = (decimal?)ramp.Over?.TotalSeconds,
            PercentPerS = ramp.PercentPerMinute is { } rate ? decimal.Round(rate / 60, 6) : null,
            SoftPercentPerS = ramp.PercentPerMinute is not null && gradient?.SetSoftGradW is { } soft and > 0 ? soft / 100m : null,
        };
    }

    private static FunctionSetting? FindFunction(DerScheduleConfig config, IReadOnlyList<HeldCurve> curves, ModeSetting setting) => setting switch
    {
        { Droop: { } droop } when config.Functions.Contains(FunctionKind.FrequencyDroop) => new FunctionSetting
        {
            Kind = FunctionKind.FrequencyDroop,
            OpenLoopS = droop.OpenLoopTms / 100m,
            Droop = new FrequencyDroop(droop.DeadbandOverMHz / 1000m, droop.DeadbandUnderMHz / 1000m, droop.SlopeOver / 1000m, droop.SlopeUnder / 1000m),
        },
        { CurvePath: { } path } => curves.FirstOrDefault(c => c.Mode == setting.Mode && string.Equals(c.Path, path, StringComparison.Ordinal))?.Function,
        _ => setting.Function,
    };
}
