using System.Collections.Immutable;
using GridServices.Contracts;
using GridServices.Tariffs.Readers;
using GridServices.Wire;
using NodaTime;

namespace GridServices.Tariffs.Intervals;

/// <summary>
/// Values that stand alone: above the site's limit, or far above the rest of their day. The rule for a day is that of North American VEE practice:
/// (highest - third highest) / third highest above a share, so that a load that lasts three intervals is none.
/// </summary>
internal static class SpikeCheck
{
    private const int MostTold = 5;
    private const int FewestOfDay = 12;

    public static void Apply(
        IntervalOptions options, IntervalUnit unit, long step, decimal[] values, bool[] present, bool[] estimated, long start, ImmutableArray<Finding>.Builder findings)
    {
        if (options.Spikes is not { } policy || Find(options, unit, step, values, present) is not { Count: > 0 } spikes)
        {
            return;
        }

        var shown = string.Join(", ", spikes.Take(MostTold).Select(i => $"{values[i]} {unit} at {Instant.FromUnixTimeSeconds(start + i * step)}")) + (spikes.Count > MostTold ? " …" : string.Empty);
        if (policy == SpikePolicy.Refuse)
        {
            throw new IntervalRefusedException(new ReadError(
                ErrorClass.Plausibility, "values", $"{spikes.Count} spikes: {shown}; correct them, declare spikes: mark or leaveOut, or raise spikePercent or siteLimitKw where the load is real"));
        }

        foreach (var i in spikes)
        {
            (values[i], present[i], estimated[i]) = policy == SpikePolicy.Mark ? (values[i], true, true) : (0, false, false);
        }

        findings.Add(new Finding(ErrorClass.Plausibility, "values", $"{spikes.Count} spikes: {shown}; {(policy == SpikePolicy.Mark ? "they count as estimates" : "they count as missing")}"));
    }

    private static List<int> Find(IntervalOptions options, IntervalUnit unit, long step, decimal[] values, bool[] present)
    {
        var most = options.SiteLimitKw is not { } limit ? decimal.MaxValue : unit == IntervalUnit.Kw ? limit : limit * step / 3600;
        var (perDay, found) = ((int)Math.Max(1, 86_400 / step), new List<int>());
        for (var from = 0; from < values.Length; from += perDay)
        {
            var bound = Math.Min(most, DayBound(options, values, present, from, Math.Min(values.Length, from + perDay)));
            for (var i = from; i < Math.Min(values.Length, from + perDay); i++)
            {
                if (present[i] && values[i] > bound)
                {
                    found.Add(i);
                }
            }
        }

        return found;
    }

    /// <summary>What no value of the day may exceed; a day of a few values, or one that is idle but for two, has no bound.</summary>
    private static decimal DayBound(IntervalOptions options, decimal[] values, bool[] present, int from, int until)
    {
        var (first, second, third, known) = (decimal.MinValue, decimal.MinValue, decimal.MinValue, 0);
        for (var i = from; i < until; i++)
        {
            if (!present[i])
            {
                continue;
            }

            known++;
            var value = values[i];
            (first, second, third) = value > first ? (value, first, second) : value > second ? (first, value, second) : value > third ? (first, second, value) : (first, second, third);
        }

        return known < FewestOfDay || third <= 0 ? decimal.MaxValue : third * (1 + options.SpikePercent / 100);
    }
}
