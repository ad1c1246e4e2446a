using System.Globalization;
using GridServices.Contracts;
using GridServices.Contracts.Functions;
using GridServices.Ieee2030Dot5.Messages;
using GridServices.Wire;

namespace GridServices.Ieee2030Dot5.Events;

/// <summary>Judges what a control sets of an autonomous function, and says it in the contract's terms.</summary>
internal static class CurveReading
{
    // IEEE 2030.5: at most ten points.
    private const int MostPoints = 10;
    private const decimal Widest = 1_000_000_000m;

    /// <summary>The function that a curve sets, or why it can't be meant.</summary>
    public static Checked<FunctionSetting> Read(ControlMode mode, DerCurve curve)
    {
        var name = SettingReading.WireName(mode);
        if (curve.CurveType != FunctionModes.FindCurveType(mode))
        {
            return Bad($"{name} refers to a curve of type {curve.CurveType}; write one of type {FunctionModes.FindCurveType(mode)}");
        }

        if (curve.Points.Count is 0 or > MostPoints)
        {
            return Bad($"the curve of {name} has {curve.Points.Count} points; write 1 to {MostPoints}");
        }

        if (Math.Abs(curve.XMultiplier) > PowerOfTen.Limit || Math.Abs(curve.YMultiplier) > PowerOfTen.Limit)
        {
            return Bad($"the curve of {name} has multipliers {curve.XMultiplier} and {curve.YMultiplier}; write -{PowerOfTen.Limit} to {PowerOfTen.Limit}");
        }

        var points = curve.Points.Select(p => ToKnot(mode, curve, p)).ToList();
        if (points.Exists(p => Math.Abs(p.X) > Widest || Math.Abs(p.Y) > Widest))
        {
            return Bad($"a point of the curve of {name} lies beyond {Widest}; check xMultiplier and yMultiplier");
        }

        if (points.Zip(points.Skip(1)).Any(n => n.Second.X < n.First.X || (n.Second.X == n.First.X && !IsRideThrough(mode))))
        {
            return Bad($"the points of the curve of {name} do not ascend in xvalue");
        }

        if (mode == ControlMode.WattPF && points.Exists(p => p.Y is < 0 or > 1 || p.OverExcited is null))
        {
            return Bad($"each yvalue of {name} is a power factor within 0 to 1, with its excitation");
        }

        return new FunctionSetting
        {
            Kind = FunctionModes.FindKind(mode)!.Value,
            Curve = points,
            PercentOf = ToBase(curve.YRefType),
            OpenLoopS = Hundredths(curve.OpenLoopTms),
            IncreasePercentPerS = Hundredths(curve.RampIncTms),
            DecreasePercentPerS = Hundredths(curve.RampDecTms),
            Pt1S = Hundredths(curve.RampPt1Tms),
            VRefPercent = Hundredths(curve.VRef),
            AutonomousVRefS = curve.AutonomousVRefEnable == true ? Hundredths(curve.AutonomousVRefTimeConstant) : null,
        };
    }

    /// <summary>A power factor to be held.</summary>
    public static Checked<ModeSetting> Read(ControlMode mode, PowerFactorWithExcitation factor)
    {
        var value = PowerOfTen.Scale(factor.Displacement, factor.Multiplier);
        return value is < 0 or > 1
            ? Bad($"{SettingReading.WireName(mode)} is {value}; a power factor lies within 0 to 1")
            : new ModeSetting(mode, value) { Function = new FunctionSetting { Kind = FunctionModes.FindKind(mode)!.Value, Value = Rounded(value), OverExcited = !factor.Excitation } };
    }

    /// <summary>Reactive power in per cent.</summary>
    public static Checked<ModeSetting> Read(FixedVar fixedVar) => Math.Abs(fixedVar.Value) > 10_000
        ? Bad($"opModFixedVar is {fixedVar.Value}; write hundredths of a per cent, -10000 to 10000")
        : new ModeSetting(ControlMode.FixedVar, fixedVar.Value)
        {
            Function = new FunctionSetting { Kind = FunctionKind.FixedVar, Value = fixedVar.Value / 100m, PercentOf = ToBase(fixedVar.RefType) },
        };

    /// <summary>Reactive power in var.</summary>
    public static Checked<ModeSetting> Read(Quantity targetVar) => Math.Abs(targetVar.Amount) > Widest
        ? Bad($"opModTargetVar is {targetVar.Amount} var; that is more than any site has")
        : new ModeSetting(ControlMode.TargetVar, targetVar.Amount) { Function = new FunctionSetting { Kind = FunctionKind.TargetVar, Value = Rounded(targetVar.Amount) } };

    /// <summary>How to come back to the grid; null where the default says nothing of it.</summary>
    public static ModeSetting? FindEnterService(DefaultDerControl d)
    {
        var service = new EnterService
        {
            DelayS = Hundredths(d.SetEsDelay),
            RandomDelayS = Hundredths(d.SetEsRandomDelay),
            RampS = Hundredths(d.SetEsRampTms),
            LowVoltagePercent = Hundredths(NotNegative(d.SetEsLowVolt)),
            HighVoltagePercent = Hundredths(NotNegative(d.SetEsHighVolt)),
            LowHz = Hundredths(d.SetEsLowFreq),
            HighHz = Hundredths(d.SetEsHighFreq),
        };
        return service == new EnterService() ? null : new ModeSetting(ControlMode.EnterService, 0) { Function = new FunctionSetting { Kind = FunctionKind.EnterService, EnterService = service } };
    }

    private static CurveKnot ToKnot(ControlMode mode, DerCurve curve, CurvePoint point) => new(
        Rounded(PowerOfTen.Scale(point.X, curve.XMultiplier)),
        Rounded(PowerOfTen.Scale(point.Y, curve.YMultiplier)),
        mode == ControlMode.WattPF ? !point.Excitation : null);

    // IEEE 2030.5 DERUnitRefType.
    private static PercentBase? ToBase(int refType) => refType switch
    {
        1 => PercentBase.MaxW,
        2 => PercentBase.MaxVar,
        3 => PercentBase.AvailableVar,
        4 => PercentBase.NominalVoltage,
        5 => PercentBase.MaxChargeW,
        6 => PercentBase.MaxDischargeW,
        7 => PercentBase.AvailableW,
        _ => null,
    };

    private static bool IsRideThrough(ControlMode mode) => mode is >= ControlMode.HFRTMayTrip and <= ControlMode.LVRTMustTrip;

    // A voltage below none is a mistake that costs no limit: the equipment's own bound holds.
    private static int? NotNegative(int? value) => value >= 0 ? value : null;

    private static decimal? Hundredths(long? value) => value / 100m;

    // The contract carries six digits after the point.
    private static decimal Rounded(decimal value) => decimal.Round(value, 6);

    private static ControlFault Bad(FormattableString text) => ControlFault.Invalid(ErrorClass.SemanticNumber, text.ToString(CultureInfo.InvariantCulture));
}
