using GridServices.OpenAdr.Configuration;
using GridServices.OpenAdr.Messages;

namespace GridServices.OpenAdr.Signals;

/// <summary>LOAD_CONTROL (OpenADR 2.0b table 1): how much of the controllable load may run.</summary>
internal static class LoadControl
{
    public static SignalMeaning Read(EventSignal signal, LoadControlPolicy policy, long? siteReferenceW, long? presentLoadW) => signal.SignalType switch
    {
        SignalType.LoadControlCapacity or SignalType.LoadControlPercentOffset => Reference(policy, siteReferenceW, presentLoadW) is { } reference
            ? SignalMeaning.From(WithoutUnit(signal, signal.SignalType == SignalType.LoadControlCapacity ? Capacity(policy, reference) : PercentOffset(policy, reference)))
            : SignalMeaning.Unsupported(
                $"{SignalText.FormatType(signal.SignalType)} is a share of a load that is not stated: set LOAD_CONTROL.referenceW in the policy, or referenceW of the site"),
        SignalType.LoadControlLevelOffset => policy.LevelOffsets is { } table
            ? SignalMeaning.From(WithoutUnit(signal, (value, _, _) => LevelTable.At(table, value, "LOAD_CONTROL.levelOffsets")))
            : SignalMeaning.Unsupported("x-loadControlLevelOffset needs the table LOAD_CONTROL.levelOffsets in the policy"),
        SignalType.LoadControlSetpoint => PowerUnits.Watts(signal.ItemBase, policy.Unit, "LOAD_CONTROL", policy.PowerFactor, out var watts) is { } fault
            ? SignalMeaning.Unsupported(fault)
            : SignalMeaning.From((value, _, _) => value >= 0
                ? EffectResult.From(Watts.LimitEffect(policy.Limit, value * watts), PowerUnits.TooMuch)
                : EffectResult.Nothing("a set-point of LOAD_CONTROL is not negative")),
        _ => SignalMeaning.UnsupportedType(signal, "x-loadControlCapacity, x-loadControlPercentOffset, x-loadControlLevelOffset, x-loadControlSetpoint"),
    };

    // No load above the stated one counts: a meter that says too much must not take the limit away.
    private static long? Reference(LoadControlPolicy policy, long? siteReferenceW, long? presentLoadW) => (siteReferenceW ?? policy.ReferenceW) is not { } stated ? null
        : policy.Reference == LoadReference.PresentLoad && presentLoadW is { } present ? Math.Min(present, stated)
        : stated;

    // 0.5 kW is no half of the load: who says so means a set-point.
    private static ValueMap WithoutUnit(EventSignal signal, ValueMap map) =>
        signal.ItemBase is { Kind: ItemKind.PowerReal or ItemKind.PowerApparent or ItemKind.PowerReactive or ItemKind.EnergyReal or ItemKind.EnergyApparent or ItemKind.EnergyReactive } unit
            ? (_, _, _) => EffectResult.Nothing($"{SignalText.FormatType(signal.SignalType)} has no unit, and this number comes in {SignalText.FormatUnit(unit)}")
            : map;

    private static ValueMap Capacity(LoadControlPolicy policy, long reference) => (value, _, _) => value is >= 0 and <= 1
        ? EffectResult.From(Watts.LimitEffect(policy.Limit, value * reference), PowerUnits.TooMuch)
        : EffectResult.Nothing("x-loadControlCapacity lies between 0 and 1");

    private static ValueMap PercentOffset(LoadControlPolicy policy, long reference) => (value, _, _) => value is >= -100 and <= 100
        ? EffectResult.From(Watts.LimitEffect(policy.Limit, (100 + value) * reference / 100), PowerUnits.TooMuch)
        : EffectResult.Nothing("x-loadControlPercentOffset lies between -100 and 100");
}
