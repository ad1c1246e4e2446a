using GridServices.Contracts;
using GridServices.OpenAdr.Messages;

namespace GridServices.OpenAdr.Signals;

/// <summary>SIMPLE: levels 0..3 by a table (OpenADR 2.0b rule 510).</summary>
internal static class SimpleLevels
{
    public static SignalMeaning Read(EventSignal signal, SimplePolicy policy) =>

        // OpenADR 2.0b rule 116: in profile b SIMPLE is of type level. Interpretation: EPRI's VTN and its followers say delta and mean the level.
        signal.SignalType is SignalType.Level or SignalType.Delta || policy.AnyType
            ? SignalMeaning.Of((value, _) => value is 0 or 1 or 2 or 3
                ? new Effect { Limits = At(policy, (int)value) }
                : Meant.Nothing("SIMPLE has the levels 0, 1, 2 and 3"))
            : SignalMeaning.OfType(signal, "level (SIMPLE.anyType takes every type as a level)");

    private static Limits At(SimplePolicy policy, int level)
    {
        for (var l = level; l >= 0; l--)
        {
            if (policy.Levels.TryGetValue(l.ToString(), out var limits))
            {
                return limits;
            }
        }

        return Limits.None;
    }
}
