using System.Runtime.InteropServices;

namespace GridServices.FrequencyResponse.Measurement;

/// <summary>What is known of a source's own clock: its last stamp that was believed, and one that is not believed yet.</summary>
[StructLayout(LayoutKind.Auto)]
internal struct StampState
{
    /// <summary>Unix nanoseconds; 0 = none yet.</summary>
    internal long LastNanos;

    /// <summary>Stamp minus arrival of the samples that came fastest.</summary>
    internal long AheadNanos;

    /// <summary>A stamp that does not go with those before it; 0 = none.</summary>
    internal long OtherNanos;
    internal long OtherAheadNanos;

    /// <summary>Arrival of the first of an unbroken row of such stamps.</summary>
    internal long OtherSinceNanos;
}

/// <summary>Orders the samples of a source by their stamps; no single stamp moves the order by more than a period.</summary>
/// <remarks>
/// A stamp that runs ahead of the arrivals is set aside: its sample counts, but a right one after it is not late. A stamp that is behind is a late frame.
/// A whole row of either, without one in order between, is a clock that was set.
/// </remarks>
internal static class StampOrder
{
    private const long ShortestRowNanos = 100 * Nanos.PerMillisecond;

    /// <summary>The source's clock was set: the order begins with this stamp.</summary>
    internal static void Begin(ref StampState state, long stamp, long arrived) =>
        state = new StampState { LastNanos = stamp, AheadNanos = stamp - arrived };

    /// <summary>Judges a stamp and remembers it.</summary>
    /// <param name="config">Of the source.</param>
    /// <param name="state">What came before.</param>
    /// <param name="stamp">Unix nanoseconds.</param>
    /// <param name="arrived">Monotonic.</param>
    /// <param name="trusted">From a disciplined clock.</param>
    /// <param name="repeats">The value is that of the sample before.</param>
    internal static SampleFault Check(SourceConfig config, ref StampState state, long stamp, long arrived, bool trusted, bool repeats)
    {
        var ahead = stamp - arrived;
        if (state.LastNanos == 0)
        {
            Begin(ref state, stamp, arrived);
            return SampleFault.None;
        }

        if (stamp == state.LastNanos || stamp == state.OtherNanos)
        {
            // A meter whose clock shows whole seconds gives new values under an old stamp.
            return trusted || repeats ? SampleFault.Duplicate : SampleFault.None;
        }

        if (stamp > state.LastNanos && ahead <= state.AheadNanos + config.PeriodNanos)
        {
            var slow = Math.Max(ahead, state.AheadNanos - ((state.AheadNanos - ahead) / 256));
            state = new StampState { LastNanos = stamp, AheadNanos = slow };
            return SampleFault.None;
        }

        return Other(config, ref state, stamp, arrived, trusted);
    }

    private static SampleFault Other(SourceConfig config, ref StampState state, long stamp, long arrived, bool trusted)
    {
        var ahead = stamp - arrived;
        var behindOther = state.OtherNanos != 0 && stamp < state.OtherNanos;
        var follows = state.OtherNanos != 0 && !behindOther && ahead <= state.OtherAheadNanos + config.PeriodNanos;
        var row = follows ? Nanos.Since(arrived, state.OtherSinceNanos) : 0;
        var setBack = stamp < state.LastNanos - config.StampJumpNanos && !trusted;
        if (setBack || row >= Math.Max(2 * config.PeriodNanos, ShortestRowNanos))
        {
            Begin(ref state, stamp, arrived);
            return SampleFault.None;
        }

        state.OtherSinceNanos = follows ? state.OtherSinceNanos : arrived;
        (state.OtherNanos, state.OtherAheadNanos) = (stamp, ahead);
        return behindOther && stamp > state.LastNanos ? SampleFault.Order : ClassifyOlder(config, in state, stamp);
    }

    /// <summary>Late, or further back than a late frame can be.</summary>
    internal static SampleFault ClassifyOlder(SourceConfig config, in StampState state, long stamp) =>
        stamp < state.LastNanos - config.StampJumpNanos ? SampleFault.SourceTime
        : stamp < state.LastNanos ? SampleFault.Order
        : SampleFault.None;
}
