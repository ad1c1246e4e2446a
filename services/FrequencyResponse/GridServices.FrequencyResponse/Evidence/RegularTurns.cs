using NodaTime;

namespace GridServices.FrequencyResponse.Evidence;

/// <summary>What a table says of one of its instants.</summary>
/// <param name="At">A whole multiple of the step, UTC.</param>
/// <param name="Turn">The last turn by then; null = the log has none that is recent enough.</param>
/// <param name="FrequencyHz">Of the last sample by then; NaN = none is recent enough: a value is never invented for it.</param>
public sealed record RegularRow(Instant At, EvidenceTurn? Turn, double FrequencyHz);

/// <summary>
/// Turns come when samples come, and once more when one is late; the tables of grid operators have rows at regular instants:
/// <code>
///   turns   x    x     x  x      (no sample)         x    x
///   rows    |    |    |    |    |    |    |    |    |    |
///           each row: the last sample, not older than one and a half steps; else no frequency
/// </code>
/// </summary>
public static class RegularTurns
{
    private static readonly Duration[] Steps = [.. new long[] { 10, 20, 50, 100, 200, 500, 1_000, 2_000, 5_000, 10_000 }.Select(Duration.FromMilliseconds)];

    /// <summary>A controller whose last turn is older than this did not run; rows are left out where it did not for a minute.</summary>
    private static readonly Duration Alive = Duration.FromSeconds(1);
    private static readonly Duration LongestGap = Duration.FromMinutes(1);

    /// <summary>The round step nearest to the median time between samples; 50 ms where there are fewer than two.</summary>
    public static Duration ComputeStep(IReadOnlyList<EvidenceTurn> turns)
    {
        ArgumentNullException.ThrowIfNull(turns);
        var sampled = turns.Where(HasSample).Select(turn => turn.NowNanos).ToList();
        var gaps = sampled.Zip(sampled.Skip(1), (a, b) => b - a).Where(gap => gap > 0).Order().ToList();
        var median = gaps.Count == 0 ? Duration.FromMilliseconds(50) : Duration.FromNanoseconds(gaps[gaps.Count / 2]);
        return Steps.MinBy(step => Math.Abs(Math.Log(step.TotalNanoseconds / median.TotalNanoseconds)));
    }

    /// <summary>Rows from the first turn to the last. Turns that a clock set back stamps earlier than those before are left out.</summary>
    public static IEnumerable<RegularRow> Resample(IReadOnlyList<EvidenceTurn> turns, Duration step)
    {
        ArgumentNullException.ThrowIfNull(turns);
        ArgumentOutOfRangeException.ThrowIfLessThanOrEqual(step, Duration.Zero);
        var (next, width) = (0, step.ToInt64Nanoseconds());
        EvidenceTurn? turn = null, sample = null;
        var at = turns.Count == 0 ? 0 : Above(turns[0].WallUnixNanos, width);
        var end = turns.Select(t => t.WallUnixNanos).DefaultIfEmpty(-1).Max();
        while (at <= end)
        {
            for (; next < turns.Count && turns[next].WallUnixNanos <= at; next++)
            {
                if (turns[next].WallUnixNanos >= (turn?.WallUnixNanos ?? long.MinValue))
                {
                    turn = turns[next];
                    sample = HasSample(turn) ? turn : sample;
                }
            }

            if (turn is not null && at - turn.WallUnixNanos > LongestGap.ToInt64Nanoseconds() && next < turns.Count)
            {
                at = Above(turns[next].WallUnixNanos, width);
                continue;
            }

            yield return Row(at, width, turn, sample);
            at += width;
        }
    }

    private static RegularRow Row(long at, long width, EvidenceTurn? turn, EvidenceTurn? sample) => new(
        Instant.FromUnixTimeTicks(at / NodaConstants.NanosecondsPerTick),
        turn is not null && at - turn.WallUnixNanos <= Math.Max(width * 3 / 2, Alive.ToInt64Nanoseconds()) ? turn : null,
        sample is not null && at - sample.WallUnixNanos <= width * 3 / 2 ? sample.FrequencyHz : double.NaN);

    private static bool HasSample(EvidenceTurn turn) => turn.Sample is not null && double.IsFinite(turn.FrequencyHz);

    private static long Above(long nanos, long width) => (nanos + width - 1) / width * width;
}
