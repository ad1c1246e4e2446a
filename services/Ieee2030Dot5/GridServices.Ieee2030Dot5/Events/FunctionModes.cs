using System.Collections.Frozen;
using GridServices.Contracts.Functions;
using GridServices.Ieee2030Dot5.Messages;

namespace GridServices.Ieee2030Dot5.Events;

/// <summary>Which mode of the standard is which autonomous function, its bit in modesSupported, and the type that its curve must have.</summary>
internal static class FunctionModes
{
    private static readonly (ControlMode Mode, FunctionKind Kind, uint Bit, byte? CurveType)[] All =
    [
        (ControlMode.FreqDroop, FunctionKind.FrequencyDroop, DerModes.FreqDroop, null),
        (ControlMode.FixedPFAbsorbW, FunctionKind.FixedPowerFactorAbsorb, DerModes.FixedPFAbsorbW, null),
        (ControlMode.FixedPFInjectW, FunctionKind.FixedPowerFactorInject, DerModes.FixedPFInjectW, null),
        (ControlMode.FixedVar, FunctionKind.FixedVar, DerModes.FixedVar, null),
        (ControlMode.TargetVar, FunctionKind.TargetVar, DerModes.TargetVar, null),
        (ControlMode.EnterService, FunctionKind.EnterService, 0, null),
        (ControlMode.FreqWatt, FunctionKind.FrequencyWatt, DerModes.FreqWatt, 0),
        (ControlMode.HFRTMayTrip, FunctionKind.HighFrequencyMayTrip, DerModes.HFRTMayTrip, 1),
        (ControlMode.HFRTMustTrip, FunctionKind.HighFrequencyMustTrip, DerModes.HFRTMustTrip, 2),
        (ControlMode.HVRTMayTrip, FunctionKind.HighVoltageMayTrip, DerModes.HVRTMayTrip, 3),
        (ControlMode.HVRTMomentaryCessation, FunctionKind.HighVoltageMomentaryCessation, DerModes.HVRTMomentaryCessation, 4),
        (ControlMode.HVRTMustTrip, FunctionKind.HighVoltageMustTrip, DerModes.HVRTMustTrip, 5),
        (ControlMode.LFRTMayTrip, FunctionKind.LowFrequencyMayTrip, DerModes.LFRTMayTrip, 6),
        (ControlMode.LFRTMustTrip, FunctionKind.LowFrequencyMustTrip, DerModes.LFRTMustTrip, 7),
        (ControlMode.LVRTMayTrip, FunctionKind.LowVoltageMayTrip, DerModes.LVRTMayTrip, 8),
        (ControlMode.LVRTMomentaryCessation, FunctionKind.LowVoltageMomentaryCessation, DerModes.LVRTMomentaryCessation, 9),
        (ControlMode.LVRTMustTrip, FunctionKind.LowVoltageMustTrip, DerModes.LVRTMustTrip, 10),
        (ControlMode.VoltVar, FunctionKind.VoltVar, DerModes.VoltVar, 11),
        (ControlMode.VoltWatt, FunctionKind.VoltWatt, DerModes.VoltWatt, 12),
        (ControlMode.WattPF, FunctionKind.WattPowerFactor, DerModes.WattPF, 13),
        (ControlMode.WattVar, FunctionKind.WattVar, DerModes.WattVar, 14),
    ];

    private static readonly FrozenDictionary<ControlMode, (FunctionKind Kind, byte? CurveType)> ByMode = All.ToFrozenDictionary(m => m.Mode, m => (m.Kind, m.CurveType));
    private static readonly FrozenDictionary<string, ControlMode> CurveModes =
        All.Where(m => m.CurveType is not null).ToFrozenDictionary(m => SettingReading.WireName(m.Mode), m => m.Mode, StringComparer.Ordinal);

    /// <summary>The function; null for modes that are none.</summary>
    public static FunctionKind? FindKind(ControlMode mode) => ByMode.TryGetValue(mode, out var found) ? found.Kind : null;

    /// <summary>IEEE 2030.5 curveType; null for modes without a curve.</summary>
    public static byte? FindCurveType(ControlMode mode) => ByMode.GetValueOrDefault(mode).CurveType;

    /// <summary>The mode of an element that refers to a curve; null: none that is known.</summary>
    public static ControlMode? FindCurveMode(string wireName) => CurveModes.TryGetValue(wireName, out var mode) ? mode : null;

    /// <summary>DERControlType bits of the functions.</summary>
    public static uint ToBits(IEnumerable<FunctionKind> functions) => functions.Aggregate(0u, (bits, kind) => bits | All.First(m => m.Kind == kind).Bit);
}
