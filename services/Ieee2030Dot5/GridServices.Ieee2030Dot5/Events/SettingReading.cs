using System.Globalization;
using GridServices.Contracts;
using GridServices.Contracts.Functions;
using GridServices.Ieee2030Dot5.Messages;
using GridServices.Wire;

namespace GridServices.Ieee2030Dot5.Events;

/// <summary>Judges the values of a DERControlBase: what can't be meant refuses the whole, so that a mistake never loosens a limit.</summary>
internal static class SettingReading
{
    /// <summary>Ten gigawatts: no connection point is wider.</summary>
    private const decimal MostWatts = 10_000_000_000m;

    private const int MaxPercent = 10_000;

    /// <summary>The settings of modes that are carried out, in ascending order of mode; the others are left out.</summary>
    public static Checked<ReadSettings> Read(DerScheduleConfig config, DerControlBase received)
    {
        if (received.Load is { } load)
        {
            return LoadReading.Read(config, load);
        }

        var all = Received(received).ToList();
        if (Functions(config, received) is var functions && functions.Select(f => f.Fault).FirstOrDefault(f => f is not null) is { } wrong)
        {
            return wrong;
        }

        all.AddRange(functions.Select(f => f.Good!));
        if (all.Select(s => FindFault(config, s)).FirstOrDefault(f => f is not null) is { } fault)
        {
            return fault;
        }

        if (received.RampTms is < 0)
        {
            return ControlFault.Invalid(ErrorClass.SemanticNumber, $"rampTms is {received.RampTms}; write hundredths of a second, 0 or more");
        }

        var supported = all.Where(s => IsSupported(config, s)).OrderBy(s => s.Mode).ToValueList();
        return new ReadSettings(supported, [.. all.Where(s => !IsSupported(config, s)).Select(s => WireName(s.Mode)), .. OtherModes(received)]);
    }

    /// <summary>The name on the wire.</summary>
    public static string WireName(ControlMode mode) => mode == ControlMode.EnterService ? "setES…" : $"opMod{mode}";

    private static IEnumerable<ModeSetting> Received(DerControlBase b)
    {
        if (b.OpModConnect is { } connect)
        {
            yield return new(ControlMode.Connect, connect ? 1 : 0);
        }

        if (b.OpModEnergize is { } energize)
        {
            yield return new(ControlMode.Energize, energize ? 1 : 0);
        }

        if (b.OpModFreqDroop is { } d)
        {
            yield return new(ControlMode.FreqDroop, 0, new DroopSetting(d.DeadbandOver, d.DeadbandUnder, d.SlopeOver, d.SlopeUnder, d.OpenLoopTms));
        }

        foreach (var (mode, power) in Powers(b))
        {
            if (power is { } p)
            {
                yield return new(mode, p.Watts);
            }
        }

        foreach (var (mode, percent) in new[] { (ControlMode.MaxLimW, b.OpModMaxLimW), (ControlMode.FixedW, b.OpModFixedW) })
        {
            if (percent is { } p)
            {
                yield return new(mode, p);
            }
        }
    }

    private static (ControlMode Mode, ActivePower? Power)[] Powers(DerControlBase b) =>
    [
        (ControlMode.ImpLimW, b.OpModImpLimW),
        (ControlMode.ExpLimW, b.OpModExpLimW),
        (ControlMode.GenLimW, b.OpModGenLimW),
        (ControlMode.LoadLimW, b.OpModLoadLimW),
        (ControlMode.TargetW, b.OpModTargetW),
        (ControlMode.StorageTargetW, b.OpModStorageTargetW),
    ];

    private static List<Checked<ModeSetting>> Functions(DerScheduleConfig config, DerControlBase b)
    {
        var read = new List<Checked<ModeSetting>>();
        if (b.OpModFixedPFAbsorbW is { } absorb)
        {
            read.Add(CurveReading.Read(ControlMode.FixedPFAbsorbW, absorb));
        }

        if (b.OpModFixedPFInjectW is { } inject)
        {
            read.Add(CurveReading.Read(ControlMode.FixedPFInjectW, inject));
        }

        if (b.OpModFixedVar is { } fixedVar)
        {
            read.Add(CurveReading.Read(fixedVar));
        }

        if (b.OpModTargetVar is { } targetVar)
        {
            read.Add(CurveReading.Read(targetVar));
        }

        read.AddRange(b.Curves.Select(c => (c, Mode: FunctionModes.FindCurveMode(c.Mode))).Where(c => c.Mode is not null).Select(c => Curve(config, c.Mode!.Value, c.c)));
        return read;
    }

    // Of a curve that nobody here carries out nothing was asked for, and nothing is judged.
    private static Checked<ModeSetting> Curve(DerScheduleConfig config, ControlMode mode, CurveLink link) =>
        IsSupported(config, mode) && link.Curve is { } curve && CurveReading.Read(mode, curve).Fault is { } fault
            ? fault
            : new ModeSetting(mode, 0) { CurvePath = link.Href };

    private static IEnumerable<string> OtherModes(DerControlBase b) =>
        b.Curves.Where(c => FunctionModes.FindCurveMode(c.Mode) is null).Select(c => c.Mode).Concat(b.UnknownModes);

    // Behaviour rule 23: a value beyond what the site could ever do is a mistake or an attack, not "unlimited".
    private static ControlFault? FindFault(DerScheduleConfig config, ModeSetting s) => s.Mode switch
    {
        ControlMode.ImpLimW or ControlMode.ExpLimW or ControlMode.GenLimW or ControlMode.LoadLimW when s.Amount < 0 =>
            Bad(s, "a limit is a magnitude; write 0 or more"),
        ControlMode.MaxLimW when s.Amount is < 0 or > MaxPercent => Bad(s, "write hundredths of a per cent, 0 to 10000"),
        ControlMode.FixedW when Math.Abs(s.Amount) > MaxPercent => Bad(s, "write hundredths of a per cent, -10000 to 10000"),
        ControlMode.FreqDroop => DroopFault(s),
        ControlMode.MaxLimW or ControlMode.FixedW or ControlMode.Connect or ControlMode.Energize or > ControlMode.FreqDroop => null,
        _ when Math.Abs(s.Amount) > Plausible(config) => Bad(s, string.Create(CultureInfo.InvariantCulture,
            $"this site is never believed to need more than {Plausible(config)} W; send what is meant, or raise the nameplate")),
        _ => null,
    };

    // Real droops lie between 0.02 and 0.05; a slope of 0 would be a step, a wide one no response at all.
    private static ControlFault? DroopFault(ModeSetting s) =>
        s.Droop is { SlopeOver: < 1 or > 400 } or { SlopeUnder: < 1 or > 400 } or { DeadbandOverMHz: < 0 or > 10_000 } or { DeadbandUnderMHz: < 0 or > 10_000 }
            ? ControlFault.Invalid(ErrorClass.SemanticNumber, "opModFreqDroop takes slopes of 1 to 400 thousandths and dead bands of 0 to 10000 mHz")
            : null;

    private static ControlFault Bad(ModeSetting s, string remedy) => ControlFault.Invalid(ErrorClass.SemanticNumber, string.Create(CultureInfo.InvariantCulture,
        $"{WireName(s.Mode)} is {s.Amount}; {remedy}"));

    private static decimal Plausible(DerScheduleConfig config)
    {
        var greatest = Math.Max(config.Nameplate.MaxW ?? 0, Math.Max(config.Nameplate.MaxImportW ?? 0, config.Nameplate.MaxChargeW ?? 0));
        return greatest > 0 ? Math.Min(MostWatts, (decimal)greatest * config.PlausibleFactor) : MostWatts;
    }

    // Nothing at all is 0 W of any nameplate: a limit to it is followed by whoever knows none.
    private static bool IsSupported(DerScheduleConfig config, ModeSetting setting) => IsSupported(config, setting.Mode)
        || (setting is { Mode: ControlMode.MaxLimW, Amount: 0 } && (config.Modes is null || config.Modes.Contains(ControlMode.MaxLimW)));

    private static bool IsSupported(DerScheduleConfig config, ControlMode mode) =>
        (config.Modes is null || config.Modes.Contains(mode)) && mode switch
        {
            // A percentage of an unknown nameplate is no power.
            ControlMode.MaxLimW or ControlMode.FixedW => config.Nameplate.MaxW is not null,

            // What stores nothing can't charge or discharge; vppModesSupported says the same.
            ControlMode.StorageTargetW => config.Nameplate.MaxChargeW > 0 || config.Nameplate.MaxWh is not null,

            // A droop curve is a set-point around 0 W: only storage can follow it.
            ControlMode.FreqDroop => config.Functions.Contains(FunctionKind.FrequencyDroop) || config.Nameplate is { MaxW: not null, MaxChargeW: > 0 },

            // What the site's controller declared that its equipment does, and nothing else.
            > ControlMode.FreqDroop => config.Functions.Contains(FunctionModes.FindKind(mode)!.Value),
            _ => true,
        };
}

/// <summary>What a DERControlBase says.</summary>
/// <param name="Settings">Of the modes that are carried out.</param>
/// <param name="NotSupported">Wire names of modes that are not.</param>
internal sealed record ReadSettings(ValueList<ModeSetting> Settings, IReadOnlyList<string> NotSupported);
