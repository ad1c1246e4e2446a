using System.Collections.Immutable;

namespace GridServices.Tariffs.Intervals;

/// <summary>Estimates for missing intervals, by the declared policy; what cannot be estimated stays missing.</summary>
internal static class GapFilling
{
    public static void Fill(GapPolicy policy, decimal[] values, bool[] present, bool[] estimated, ImmutableArray<IndexRange> gaps, int stepSeconds)
    {
        foreach (var gap in gaps)
        {
            for (var i = gap.From; i < gap.From + gap.Count; i++)
            {
                if (Estimate(policy, values, present, gap, i, stepSeconds) is { } value)
                {
                    (values[i], present[i], estimated[i]) = (value, true, true);
                }
            }
        }
    }

    private static decimal? Estimate(GapPolicy policy, decimal[] values, bool[] present, IndexRange gap, int at, int stepSeconds)
    {
        switch (policy)
        {
            case GapPolicy.Previous:
                return gap.From == 0 ? null : values[gap.From - 1];
            case GapPolicy.Linear:
                if (gap.From == 0 || gap.From + gap.Count == values.Length)
                {
                    return null;
                }

                var (before, after) = (values[gap.From - 1], values[gap.From + gap.Count]);
                return before + (after - before) * (at - gap.From + 1) / (gap.Count + 1);
            case GapPolicy.SameTimeBefore:
                var day = 86_400 / stepSeconds;
                return FindValue(values, present, at - 7 * day) ?? FindValue(values, present, at - day);
            default:
                return null;
        }
    }

    private static decimal? FindValue(decimal[] values, bool[] present, int at) => at >= 0 && present[at] ? values[at] : null;
}
