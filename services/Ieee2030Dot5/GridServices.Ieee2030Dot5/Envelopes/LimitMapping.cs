using GridServices.Contracts;
using GridServices.Ieee2030Dot5.Events;

namespace GridServices.Ieee2030Dot5.Envelopes;

/// <summary>Modes of 2030.5 in the contract's terms: watts towards zero, magnitudes for limits, import positive for set-points.</summary>
internal static class LimitMapping
{
    private const decimal FullPercent = 10_000;

    /// <summary>The contract takes frequencies up to 1,000 Hz.</summary>
    private const decimal MostReachHz = 500;

    /// <summary>Where a mode applies: limits of the connection point at the site, the others at the DER.</summary>
    public static EnvelopeTarget GetTarget(DerScheduleConfig config, ControlMode mode)
    {
        var site = new EnvelopeTarget(TargetKind.Site, config.SiteId);
        return mode switch
        {
            ControlMode.ImpLimW or ControlMode.ExpLimW => site,
            ControlMode.StorageTargetW => config.StorageTarget ?? config.DerTarget ?? site,
            _ => config.DerTarget ?? site,
        };
    }

    /// <summary>The limit that a setting states; <see cref="Limits.None"/> for set-points.</summary>
    public static Limits ToLimits(DerScheduleConfig config, ModeSetting setting) => setting.Mode switch
    {
        ControlMode.ImpLimW => new Limits { ImportLimitW = Watts(setting.Amount) },
        ControlMode.ExpLimW => new Limits { ExportLimitW = Watts(setting.Amount) },
        ControlMode.GenLimW => new Limits { GenerationLimitW = Watts(setting.Amount) },
        ControlMode.LoadLimW => new Limits { LoadLimitW = Watts(setting.Amount) },
        ControlMode.MaxLimW => new Limits { GenerationLimitW = Watts(Percent(setting.Amount, config.Nameplate.MaxW)) },
        ControlMode.Connect => new Limits { Connect = setting.Amount != 0 },
        ControlMode.Energize => new Limits { Energize = setting.Amount != 0 },
        _ => Limits.None,
    };

    /// <summary>The set-point in W, + = import; null for limits and curves. In 2030.5 generation and discharge are positive.</summary>
    public static long? ToSetPoint(DerScheduleConfig config, ModeSetting setting) => setting.Mode switch
    {
        // Behaviour rule 23: negative percentages charge, and refer to setMaxChargeRateW where there is one.
        ControlMode.FixedW when setting.Amount < 0 => -Watts(Percent(setting.Amount, config.Nameplate.MaxChargeW ?? config.Nameplate.MaxW)),
        ControlMode.FixedW => -Watts(Percent(setting.Amount, config.Nameplate.MaxW)),
        ControlMode.TargetW or ControlMode.StorageTargetW => -Watts(setting.Amount),
        _ => null,
    };

    /// <summary>The curve around a set-point, + = import, held beyond its ends. Below the dead band the DER exports more, above it imports more.</summary>
    public static IReadOnlyList<DroopPoint> ComputeCurve(DerScheduleConfig config, DroopSetting droop, long setPointW)
    {
        var (export, import) = (config.Nameplate.MaxW ?? 0, config.Nameplate.MaxChargeW ?? 0);
        var low = config.NominalHz - (droop.DeadbandUnderMHz / 1000m);
        var high = config.NominalHz + (droop.DeadbandOverMHz / 1000m);
        var under = Math.Max(0, export + setPointW);
        var over = Math.Max(0, import - setPointW);
        var points = new List<DroopPoint>
        {
            new(low - Math.Min(low, Reach(config, droop.SlopeUnder, under)), setPointW - under),
            new(low, setPointW),
            new(high, setPointW),
            new(high + Math.Min(MostReachHz, Reach(config, droop.SlopeOver, over)), setPointW + over),
        };
        return [.. points.Where((p, i) => i == 0 || p.Hz > points[i - 1].Hz)];
    }

    // Hz over which the power changes by so many watts: slope × nominal × per-unit power.
    private static decimal Reach(DerScheduleConfig config, long slope, long watts) =>
        decimal.Round(slope / 1000m * config.NominalHz * watts / Math.Max(1, config.Nameplate.MaxW ?? 1), 6);

    private static decimal Percent(decimal hundredths, long? ofWatts) => hundredths * (ofWatts ?? 0) / FullPercent;

    // Architecture law 1: towards zero.
    private static long Watts(decimal watts) => (long)decimal.Truncate(watts);
}
