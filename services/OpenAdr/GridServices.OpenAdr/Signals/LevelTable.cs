using GridServices.Contracts;

namespace GridServices.OpenAdr.Signals;

/// <summary>Integer levels around 0 = normal operation.</summary>
internal static class LevelTable
{
    /// <summary>Nothing where the number is no level of the table; level 0 left out is "no statement".</summary>
    public static EffectResult At(IReadOnlyDictionary<string, Limits> table, decimal level, string name)
    {
        if (level != decimal.Truncate(level))
        {
            return EffectResult.Nothing("a level is a whole number");
        }

        var key = decimal.Truncate(level).ToString("0");
        return table.TryGetValue(key, out var limits)
            ? new Effect { Limits = limits, Unstated = level == 0 || limits.Canonical() != Limits.None ? null : $"level {key} ({name})" }
            : level == 0 ? Effect.None
            : EffectResult.Nothing($"the policy's table {name} has no level {key}");
    }
}
