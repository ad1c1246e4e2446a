using GridServices.OpenAdr.Configuration;
using GridServices.OpenAdr.Messages;
using NodaTime;

namespace GridServices.OpenAdr.Signals;

/// <summary>LOAD_DISPATCH (OpenADR 2.0b table 1): a power to go to, or not to exceed, by the program's policy.</summary>
internal static class LoadDispatch
{
    private const string Policy = "LOAD_DISPATCH";

    /// <summary>What the contract's functions take.</summary>
    private const decimal MostVar = 1_000_000_000;

    /// <summary>More than any load, in the unit of the baseline.</summary>
    private const double MostOfBaseline = 1e15;

    private static readonly EffectResult OutsideBaseline = EffectResult.Nothing("the event's baseline has no value there");

    public static SignalMeaning Read(OadrEvent received, EventSignal signal, LoadDispatchPolicy policy, long? siteReferenceW, long? presentLoadW)
    {
        switch (signal.SignalType)
        {
            case SignalType.Level:
                return policy.Levels is { } table
                    ? SignalMeaning.From((value, _, _) => value is >= -10 and <= 10 ? LevelTable.At(table, value, "LOAD_DISPATCH.levels") : EffectResult.Nothing("levels lie between -10 and 10"))
                    : SignalMeaning.Unsupported("type level needs the table LOAD_DISPATCH.levels in the policy");
            case SignalType.Setpoint when policy.ReactivePower && signal.ItemBase is { Kind: ItemKind.PowerReactive } unit:
                return SignalMeaning.From((value, _, _) => EffectResult.From(Math.Abs(value * Watts.Scale(unit)) <= MostVar ? new Effect { TargetVar = Math.Round(value * Watts.Scale(unit), 6) } : null, PowerUnits.TooMuch));
            case SignalType.Setpoint:
                return PowerUnits.Watts(signal.ItemBase, policy.Unit, Policy, policy.PowerFactor, out var watts) is { } fault
                    ? SignalMeaning.Unsupported(fault)
                    : SignalMeaning.From((value, _, _) => Power(policy, value * watts));
            case SignalType.Delta or SignalType.Multiplier:
                return Relative(received, signal, policy, siteReferenceW, presentLoadW);
            default:
                return SignalMeaning.UnsupportedType(signal, "setpoint, delta, multiplier, level");
        }
    }

    private static SignalMeaning Relative(OadrEvent received, EventSignal signal, LoadDispatchPolicy policy, long? siteReferenceW, long? presentLoadW)
    {
        var factor = 1m;
        if (signal.SignalType == SignalType.Delta && PowerUnits.Watts(signal.ItemBase, policy.Unit, Policy, policy.PowerFactor, out factor) is { } fault)
        {
            return SignalMeaning.Unsupported(fault);
        }

        if (Reference(received, policy, siteReferenceW, presentLoadW, out var why) is not { } reference)
        {
            return SignalMeaning.Unsupported($"type {SignalText.FormatType(signal.SignalType)} refers to a load: {why}");
        }

        var meaning = signal.SignalType == SignalType.Delta
            ? SignalMeaning.From((value, at, _) => reference(at) is { } w ? Power(policy, w + (value * factor)) : OutsideBaseline)
            : SignalMeaning.From((value, at, _) => Math.Abs(value) > 1000 ? EffectResult.Nothing("a multiplier lies between -1000 and 1000")
                : reference(at) is { } w ? Power(policy, w * value)
                : OutsideBaseline);

        // OpenADR 2.0b rule 108: the change refers to the baseline of its own time, however long the signal's intervals are.
        return policy.ReferenceW is null && received.Baseline is { } baseline ? meaning with { Edges = Edges(received, baseline) } : meaning;
    }

    // Where a baseline ends within an interval its last value goes on: it is the load that the VTN knows of.
    private static List<Duration> Edges(OadrEvent received, EventBaseline baseline)
    {
        var at = baseline.Start - received.ActivePeriod.Start;
        var edges = new List<Duration>(baseline.Intervals.Count);
        foreach (var interval in baseline.Intervals)
        {
            edges.Add(at);
            at += (interval.Duration ?? baseline.Duration).ToDuration();
        }

        return edges;
    }

    // Signed, + = import, as on our side of the contract: a load dispatch asks for load.
    private static EffectResult Power(LoadDispatchPolicy policy, decimal watts) => EffectResult.From(
        policy.Target
            ? Watts.Truncate(watts) is { } target ? new Effect { TargetW = target } : null
            : Watts.LimitEffect(policy.Limit, watts),
        PowerUnits.TooMuch);

    private static Func<Duration, decimal?>? Reference(OadrEvent received, LoadDispatchPolicy policy, long? siteReferenceW, long? presentLoadW, out string? why)
    {
        why = null;
        if (policy.ReferenceW is { } ours)
        {
            return policy.Reference == LoadReference.PresentLoad && presentLoadW < ours ? _ => presentLoadW : _ => ours;
        }

        // OpenADR 2.0b rule 108: an event may bring its baseline; then that is what the change refers to.
        if (received.Baseline is { } baseline && PowerUnits.Watts(baseline.ItemBase, policy.Unit, Policy, policy.PowerFactor, out var factor) is var fault && fault is null)
        {
            var starts = Edges(received, baseline);
            return at => Baseline(baseline, starts, at, factor);
        }

        if (siteReferenceW is { } sites)
        {
            return _ => sites;
        }

        why = received.Baseline is { } unread && PowerUnits.Watts(unread.ItemBase, policy.Unit, Policy, policy.PowerFactor, out _) is { } complaint
            ? $"the event's baseline can't be read: {complaint}"
            : "the event brings no baseline; set LOAD_DISPATCH.referenceW in the policy, or referenceW of the site";
        return null;
    }

    private static decimal? Baseline(EventBaseline baseline, List<Duration> starts, Duration at, decimal factor)
    {
        var i = starts.BinarySearch(at);
        i = i < 0 ? ~i - 1 : i;

        // Of intervals without length the last counts.
        while (i >= 0 && i + 1 < starts.Count && starts[i + 1] == at)
        {
            i++;
        }

        return i >= 0 && at < starts[i] + (baseline.Intervals[i].Duration ?? baseline.Duration).ToDuration() && Math.Abs(baseline.Intervals[i].Value) < MostOfBaseline
            ? (decimal)baseline.Intervals[i].Value * factor
            : null;
    }
}
