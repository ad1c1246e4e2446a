using GridServices.Contracts;
using GridServices.OpenAdr.Signals;

namespace GridServices.OpenAdr.Configuration;

/// <summary>Holes in a program's tables of levels: usable, but an event at such a level does less than one may think.</summary>
internal static class LevelWarnings
{
    private const int HighestLevel = 3;

    public static IEnumerable<string> Find(SignalPolicies signals, string at) =>
    [
        .. signals.Simple is { } simple ? Simple(simple, $"{at}/SIMPLE/levels") : [],
        .. Table(signals.LoadControl?.LevelOffsets, $"{at}/LOAD_CONTROL/levelOffsets"),
        .. Table(signals.LoadDispatch?.Levels, $"{at}/LOAD_DISPATCH/levels"),
    ];

    private static IEnumerable<string> Simple(SimplePolicy policy, string at)
    {
        for (var level = 1; level <= HighestLevel; level++)
        {
            var own = policy.Levels.GetValueOrDefault(level.ToString())?.Canonical() ?? Limits.None;
            var lower = SimpleLevels.LimitsAt(policy, level - 1);
            if (!SimpleLevels.IsStated(policy, level))
            {
                yield return $"{at}: level {level} states nothing, nor does a lower one: an event at that level alone is answered 460, and as a part of an event it does nothing";
            }
            else if (own == Limits.None)
            {
                yield return $"{at}: level {level} states nothing and means what the next lower level means";
            }
            else if (!own.IsWithin(lower))
            {
                yield return $"{at}/{level}: is looser than a lower level, or leaves out what that limits; the tighter of both holds";
            }
        }
    }

    private static IEnumerable<string> Table(IReadOnlyDictionary<string, Limits>? levels, string at) =>
        (levels ?? new Dictionary<string, Limits>(StringComparer.Ordinal))
            .Where(entry => entry.Key != "0" && entry.Value.Canonical() == Limits.None)
            .Select(entry => $"{at}/{SafeText.Short(entry.Key)}: states nothing: an event at that level alone is answered 460");
}
