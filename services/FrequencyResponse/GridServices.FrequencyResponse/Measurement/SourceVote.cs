using System.Runtime.InteropServices;

namespace GridServices.FrequencyResponse.Measurement;

/// <summary>The one frequency that several sources stand for, or why there is none.</summary>
/// <param name="Hz">NaN where there is none.</param>
/// <param name="Faults">What is wrong with the sources that do not drive.</param>
/// <param name="MeasuredNanos">When it was true, monotonic.</param>
/// <param name="ExpiresNanos">When it ends to be valid unless a sample follows.</param>
/// <param name="PathNanos">From the grid to here, by the source that drives.</param>
/// <param name="Degraded">Valid, with a source out or outvoted.</param>
/// <param name="Confirmed">Between which values the last two measurements of every source that votes lie.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct Voted(double Hz, SampleFault Faults, long MeasuredNanos, long ExpiresNanos, long PathNanos, bool Degraded, ConfirmedHz Confirmed)
{
    internal bool Valid => !double.IsNaN(Hz);
}

/// <summary>
/// The band that the last two measurements of every voting source agree on: a switch acts on a frequency below (above) its threshold
/// only when the whole band is. One bad sample widens the band to the true frequency, and so moves nothing.
/// </summary>
/// <param name="Lowest">NaN where nothing is confirmed: comparisons with it are false.</param>
/// <param name="Highest">NaN where nothing is confirmed.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct ConfirmedHz(double Lowest, double Highest)
{
    /// <summary>How many consecutive measurements the band is made of.</summary>
    internal const int Measurements = 2;

    internal static ConfirmedHz None => new(double.NaN, double.NaN);

    /// <summary>A frequency known for certain.</summary>
    internal static ConfirmedHz At(double hz) => new(hz, hz);
}

/// <summary>Votes among the sources that are fine and fresh enough for one service.</summary>
/// <remarks>
/// One valid source drives. Two must agree, and the first by order of preference drives; where they contradict one another, neither does.
/// Of three the median drives when at least one other agrees with it. A contradiction never picks a side: the fail-safe ladder takes over.
/// </remarks>
internal static class SourceVote
{
    private const double SteepestHzPerS = 2;

    internal static Voted Compute(ControllerConfig config, in SourceStates sources, int mask, long ageLimit, double resolutionHz, long now)
    {
        var (faults, wanted, valid) = (SampleFault.None, 0, 0);
        Span<int> at = stackalloc int[ControllerConfig.MaxSources];
        for (var i = 0; i < config.SourceCount; i++)
        {
            if ((mask & (1 << i)) == 0)
            {
                continue;
            }

            wanted++;
            var fault = Fault(config.Source(i), in sources[i], ageLimit, now);

            // What is measured binds, not what the settings say of the meter.
            fault |= sources[i].Step.StepHz > resolutionHz ? SampleFault.Resolution : SampleFault.None;
            faults |= fault;
            if (fault == SampleFault.None)
            {
                at[valid++] = i;
            }
        }

        var driver = valid switch
        {
            0 => -1,
            1 => at[0],
            2 => Agree(config, in sources, at[0], at[1]) ? at[0] : -1,
            _ => Median(config, in sources, at),
        };
        if (driver < 0)
        {
            return new Voted(double.NaN, faults | (valid > 1 ? SampleFault.Disagree : SampleFault.None), 0, now, 0, false, ConfirmedHz.None);
        }

        var rules = config.Source(driver);
        ref readonly var source = ref sources[driver];
        return new Voted(source.Hz, faults, source.MeasuredNanos, Expires(rules, in source, ageLimit), rules.PathNanos, valid < wanted, Confirm(config, in sources, at[..valid], driver));
    }

    // The others may stand apart by the tolerance of the vote; one that is outvoted has no say.
    private static ConfirmedHz Confirm(ControllerConfig config, in SourceStates sources, ReadOnlySpan<int> valid, int driver)
    {
        ref readonly var source = ref sources[driver];
        var (lowest, highest) = (source.Pair.Lowest, source.Pair.Highest);
        foreach (var other in valid)
        {
            if (other != driver && Agree(config, in sources, driver, other))
            {
                ref readonly var voter = ref sources[other];
                lowest = Math.Min(lowest, voter.Pair.Lowest + config.VoteToleranceHz);
                highest = Math.Max(highest, voter.Pair.Highest - config.VoteToleranceHz);
            }
        }

        return new ConfirmedHz(lowest, highest);
    }

    private static SampleFault Fault(SourceConfig config, in SourceState source, long ageLimit, long now)
    {
        if (source.Standing != SampleFault.None)
        {
            return source.Standing;
        }

        return !source.Seen ? SampleFault.NoSample | source.Last
            : now > Expires(config, in source, ageLimit) ? SampleFault.Stale | source.Last
            : SampleFault.None;
    }

    /// <summary>Two periods after its arrival, and never older than the service allows.</summary>
    private static long Expires(SourceConfig config, in SourceState source, long ageLimit) =>
        Math.Min(source.ReceivedNanos + (2 * config.PeriodNanos), source.MeasuredNanos + ageLimit);

    /// <summary>Within the tolerance, widened by what the frequency moves between samples that were not taken at once.</summary>
    private static bool Agree(ControllerConfig config, in SourceStates sources, int left, int right)
    {
        ref readonly var a = ref sources[left];
        ref readonly var b = ref sources[right];
        // The smaller rate decides: a bad sample's own leap must not excuse it.
        var rate = Math.Min(Math.Min(Math.Abs(a.RocofHzPerS), Math.Abs(b.RocofHzPerS)), SteepestHzPerS);
        var apart = Math.Abs(a.MeasuredNanos - b.MeasuredNanos) + Math.Max(config.Source(left).PeriodNanos, config.Source(right).PeriodNanos);
        return Math.Abs(a.Hz - b.Hz) <= config.VoteToleranceHz + (rate * Nanos.Seconds(apart));
    }

    private static int Median(ControllerConfig config, in SourceStates sources, ReadOnlySpan<int> at)
    {
        var (a, b, c) = (sources[at[0]].Hz, sources[at[1]].Hz, sources[at[2]].Hz);
        var middle = (a <= b) == (b <= c) ? 1 : (b <= a) == (a <= c) ? 0 : 2;
        for (var i = 0; i < 3; i++)
        {
            if (i != middle && Agree(config, in sources, at[middle], at[i]))
            {
                return at[middle];
            }
        }

        return -1;
    }
}
