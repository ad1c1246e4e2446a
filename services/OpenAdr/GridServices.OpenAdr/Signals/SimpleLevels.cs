using GridServices.Contracts;
using GridServices.OpenAdr.Configuration;
using GridServices.OpenAdr.Messages;

namespace GridServices.OpenAdr.Signals;

/// <summary>SIMPLE: levels 0..3 by a table (OpenADR 2.0b rule 510).</summary>
internal static class SimpleLevels
{
    public static SignalMeaning Read(EventSignal signal, SimplePolicy policy) =>

        // OpenADR 2.0b rule 116: in profile b SIMPLE is of type level. Interpretation: EPRI's VTN and its followers say delta and mean the level.
        signal.SignalType is SignalType.Level or SignalType.Delta || policy.AnyType
            ? SignalMeaning.From((value, _, _) => value is 0 or 1 or 2 or 3
                ? At(policy, (int)value)
                : EffectResult.Nothing("SIMPLE has the levels 0, 1, 2 and 3"))
            : SignalMeaning.UnsupportedType(signal, "level (SIMPLE.anyType takes every type as a level)");

    /// <summary>A higher level is never looser than a lower one, whatever the table leaves out or says.</summary>
    public static Limits LimitsAt(SimplePolicy policy, int level) => Enumerable.Range(0, level + 1)
        .Aggregate(Limits.None, (limits, l) => policy.Levels.TryGetValue(l.ToString(), out var own) ? limits.Intersect(own) : limits);

    /// <summary>True where the table says something to this level or to a lower one that asks for anything.</summary>
    public static bool IsStated(SimplePolicy policy, int level) =>
        Enumerable.Range(1, level).Any(l => policy.Levels.TryGetValue(l.ToString(), out var own) && own.Canonical() != Limits.None);

    private static Effect At(SimplePolicy policy, int level) => new()
    {
        Limits = LimitsAt(policy, level),
        Unstated = level == 0 || IsStated(policy, level) ? null : $"SIMPLE level {level} (SIMPLE.levels)",
    };
}
