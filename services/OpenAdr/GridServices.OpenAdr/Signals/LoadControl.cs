using GridServices.OpenAdr.Messages;

namespace GridServices.OpenAdr.Signals;

/// <summary>LOAD_CONTROL (OpenADR 2.0b table 1): how much of the controllable load may run.</summary>
internal static class LoadControl
{
    public static ValueMap? Map(EventSignal signal, LoadControlPolicy policy, long? siteReferenceW)
    {
        var reference = siteReferenceW ?? policy.ReferenceW;
        return (signal.SignalType, reference) switch
        {
            (SignalType.LoadControlCapacity, { } w) => (value, _) => value is >= 0 and <= 1 ? Watts.LimitEffect(policy.Limit, value * w) : null,
            (SignalType.LoadControlPercentOffset, { } w) =>
                (value, _) => value is >= -100 and <= 100 ? Watts.LimitEffect(policy.Limit, (100 + value) * w / 100) : null,
            (SignalType.LoadControlLevelOffset, _) when policy.LevelOffsets is { } table => (value, _) => LevelTable.At(table, value),
            (SignalType.LoadControlSetpoint, _) when Watts.IsPower(signal.ItemBase) =>
                (value, _) => value >= 0 ? Watts.LimitEffect(policy.Limit, value * Watts.Scale(signal.ItemBase)) : null,
            _ => null,
        };
    }
}
