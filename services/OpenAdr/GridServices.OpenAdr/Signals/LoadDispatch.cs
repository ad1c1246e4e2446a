using GridServices.OpenAdr.Messages;
using NodaTime;

namespace GridServices.OpenAdr.Signals;

/// <summary>LOAD_DISPATCH (OpenADR 2.0b table 1): a power to go to, or not to exceed, by the program's policy.</summary>
internal static class LoadDispatch
{
    public static ValueMap? Map(OadrEvent received, EventSignal signal, LoadDispatchPolicy policy, long? siteReferenceW)
    {
        var reference = Reference(received, policy, siteReferenceW);
        return signal.SignalType switch
        {
            SignalType.Setpoint when Watts.IsPower(signal.ItemBase) => (value, _) => Power(policy, value * Watts.Scale(signal.ItemBase)),
            SignalType.Delta when reference is not null && Watts.IsPower(signal.ItemBase) =>
                (value, at) => reference(at) is { } w ? Power(policy, w + (value * Watts.Scale(signal.ItemBase))) : null,
            SignalType.Multiplier when reference is not null =>
                (value, at) => Math.Abs(value) <= 1000 && reference(at) is { } w ? Power(policy, w * value) : null,
            SignalType.Level when policy.Levels is { } table => (value, _) => value is >= -10 and <= 10 ? LevelTable.At(table, value) : null,
            _ => null,
        };
    }

    // Signed, + = import, as on our side of the contract: a load dispatch asks for load.
    private static Effect? Power(LoadDispatchPolicy policy, decimal watts) =>
        policy.Target
            ? Watts.Whole(watts) is { } target ? new Effect { TargetW = target } : null
            : Watts.LimitEffect(policy.Limit, watts);

    private static Func<Duration, decimal?>? Reference(OadrEvent received, LoadDispatchPolicy policy, long? siteReferenceW)
    {
        if (policy.ReferenceW is { } ours)
        {
            return _ => ours;
        }

        // OpenADR 2.0b rule 108: an event may bring its baseline; then that is what the change refers to.
        if (received.Baseline is { } baseline && Watts.IsPower(baseline.ItemBase))
        {
            return at => Baseline(baseline, received.ActivePeriod.Start + at);
        }

        return siteReferenceW is { } sites ? _ => sites : null;
    }

    private static decimal? Baseline(EventBaseline baseline, Instant at)
    {
        var from = baseline.Start;
        foreach (var interval in baseline.Intervals)
        {
            var until = from + (interval.Duration ?? baseline.Duration).ToDuration();
            if (at >= from && at < until)
            {
                return Math.Abs(interval.Value) < 1e15 ? (decimal)interval.Value * Watts.Scale(baseline.ItemBase) : null;
            }

            from = until;
        }

        return null;
    }
}
