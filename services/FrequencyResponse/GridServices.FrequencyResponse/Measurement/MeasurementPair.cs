using System.Runtime.InteropServices;

namespace GridServices.FrequencyResponse.Measurement;

/// <summary>What the last two measurements of a source showed, whatever the rate that they were sampled at.</summary>
/// <remarks>
/// Every sample that could be one of the grid belongs to one of the two, so that one good sample among bad ones keeps the band between them wide.
/// A meter that is polled faster than it measures shows one measurement several times; a meter that is faster than its declared period
/// shows several within it.
/// </remarks>
[StructLayout(LayoutKind.Auto)]
internal struct MeasurementPair
{
    private bool _known;
    private long _sinceNanos;
    private long _lastNanos;
    private double _firstHz;
    private double _lowest;
    private double _highest;
    private double _lowestBefore;
    private double _highestBefore;

    /// <summary>Lowest of both; NaN while there is only one.</summary>
    internal readonly double Lowest => _known ? Math.Min(_lowest, _lowestBefore) : double.NaN;

    /// <summary>Highest of both; NaN while there is only one.</summary>
    internal readonly double Highest => _known ? Math.Max(_highest, _highestBefore) : double.NaN;

    /// <summary>Two that were measured further apart than this do not follow one another: in between the measurement was lost.</summary>
    internal static long LongestNanos(SourceConfig config) => (2 * config.PeriodNanos) + Nanos.PerSecond;

    /// <summary>The next sample.</summary>
    /// <param name="config">Of the source.</param>
    /// <param name="run">How long its value has been shown.</param>
    /// <param name="hz">Its value.</param>
    /// <param name="measured">When it was measured, monotonic.</param>
    internal void Add(SourceConfig config, in ValueRun run, double hz, long measured)
    {
        var longest = LongestNanos(config);
        if (!_known || Nanos.Since(measured, _lastNanos) > longest || Nanos.Since(_sinceNanos, measured) > longest)
        {
            (_known, _lowestBefore, _highestBefore) = (true, double.NaN, double.NaN);
            (_sinceNanos, _firstHz, _lowest, _highest) = (measured, hz, hz, hz);
        }
        else if (IsAnother(config, in run, hz, _firstHz, ref _sinceNanos, measured))
        {
            (_lowestBefore, _highestBefore) = (_lowest, _highest);
            (_sinceNanos, _firstHz, _lowest, _highest) = (measured, hz, hz, hz);
        }
        else
        {
            (_lowest, _highest) = (Math.Min(_lowest, hz), Math.Max(_highest, hz));
        }

        _lastNanos = measured;
    }

    /// <summary>The sample is certainly of another measurement than the one that began with <paramref name="firstHz"/>.</summary>
    internal static bool IsAnother(SourceConfig config, in ValueRun run, double hz, double firstHz, ref long sinceNanos, long measured)
    {
        if (Nanos.Since(measured, sinceNanos) < config.PeriodNanos / 2)
        {
            return false;
        }

        if (!hz.Equals(firstHz) || run.MeasuredTwice(config.PeriodNanos))
        {
            return true;
        }

        // It may itself be a new measurement of the same value: what comes right behind it is not one more.
        sinceNanos = measured;
        return false;
    }
}

/// <summary>How often and how long a source has shown one value, without a break.</summary>
/// <param name="Count">Samples of it.</param>
/// <param name="Nanos">From the first to the last.</param>
/// <param name="OwnStamp">The last has a trusted stamp of its own.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct ValueRun(int Count, long Nanos, bool OwnStamp)
{
    /// <summary>
    /// More than one measurement showed it: each sample has a trusted stamp and they come no faster than the meter measures,
    /// or the second repetition is there and it lasts longer than a meter shows one value that skips an update and is late with the next.
    /// </summary>
    internal bool MeasuredTwice(long periodNanos) =>
        Count > 1 && ((OwnStamp && Nanos >= (Count - 1) * (periodNanos / 2)) || (Count > 2 && Nanos >= (2 * periodNanos) + (periodNanos / 4)));
}
