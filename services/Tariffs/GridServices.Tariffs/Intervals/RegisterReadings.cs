using GridServices.Contracts;
using GridServices.Wire;
using NodaTime;

namespace GridServices.Tariffs.Intervals;

/// <summary>A register that only rises, as the energy between its readings.</summary>
internal static class RegisterReadings
{
    private const int FewestRises = 3;
    private const int LargeAgainstRises = 10;

    /// <summary>Whether values could be readings of a register: they never fall, rise several times, and are on average much larger than their mean rise.</summary>
    public static bool AreLikely(decimal[] values, bool[] present)
    {
        var (count, rises, sum, first, last) = (0, 0, 0m, 0m, 0m);
        for (var i = 0; i < values.Length; i++)
        {
            if (!present[i])
            {
                continue;
            }

            if (count > 0 && values[i] < last)
            {
                return false;
            }

            rises += count > 0 && values[i] > last ? 1 : 0;
            (first, last) = (count == 0 ? values[i] : first, values[i]);
            (count, sum) = (count + 1, sum + values[i]);
        }

        return rises >= FewestRises && sum / count >= LargeAgainstRises * (last - first) / (count - 1);
    }

    /// <summary>
    /// Each reading less the one before, on the period that ends with it. What was used over missing readings is known in sum only: it is spread evenly and
    /// marked as estimated, so that no energy is lost and none is called measured.
    /// </summary>
    /// <param name="readings">In any order; each stands at the end of its period [Stamp, Stamp + <paramref name="stepSeconds"/>).</param>
    /// <param name="stepSeconds">Length of a period; 0 = the readings are moments, and their commonest distance is the length.</param>
    /// <param name="href">Where they come from, for refusals.</param>
    /// <param name="areMoments">Each reading was taken at its stamp, also where the length is known.</param>
    /// <exception cref="IntervalRefusedException">The register falls, or has one reading only.</exception>
    public static IEnumerable<IntervalRow> Differences(IReadOnlyList<IntervalRow> readings, long stepSeconds, string href, bool areMoments = false)
    {
        var sorted = readings.OrderBy(r => r.Stamp).ThenBy(r => r.Line).DistinctBy(r => (r.Stamp, r.Value)).ToArray();
        if (sorted.Length < 2)
        {
            throw new IntervalRefusedException(new ReadError(ErrorClass.DataGap, href, "a register needs two readings at least: energy is what lies between them"));
        }

        var isMoment = areMoments || stepSeconds == 0;
        var step = Duration.FromSeconds(stepSeconds == 0 ? IntervalLength.Commonest(sorted.Select(r => r.Stamp)) ?? 1 : stepSeconds);
        for (var i = 1; i < sorted.Length; i++)
        {
            var (before, after) = (sorted[i - 1], sorted[i]);
            if (after.Value < before.Value || after.Stamp == before.Stamp)
            {
                throw new IntervalRefusedException(new ReadError(
                    after.Stamp == before.Stamp ? ErrorClass.DataConflict : ErrorClass.Plausibility, $"{href} reading {after.Line}", after.Stamp == before.Stamp
                        ? $"two readings at {after.Stamp} differ; remove the wrong one"
                        : $"the register falls at {after.Stamp}: it rolled over or the meter was changed; give the readings before and after as two feeds, or as amounts per interval"));
            }

            var parts = (int)Math.Max(1, Math.Min(1_000_000, (long)Math.Round((after.Stamp - before.Stamp) / step)));
            var (left, share) = (after.Value - before.Value, decimal.Round((after.Value - before.Value) / parts, 6));
            for (var part = 0; part < parts; part++)
            {
                var from = isMoment ? before.Stamp + step * part : after.Stamp - step * (parts - 1 - part);
                yield return new IntervalRow(after.Line, from, part == parts - 1 ? left : share, parts > 1 || after.Estimated || before.Estimated);
                left -= share;
            }
        }
    }
}
