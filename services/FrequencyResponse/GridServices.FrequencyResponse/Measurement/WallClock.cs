namespace GridServices.FrequencyResponse.Measurement;

/// <summary>The relation of wall and monotonic clock that arming windows and stamps are judged by.</summary>
internal struct WallClockState
{
    internal bool Anchored;

    /// <summary>Unix nanoseconds minus monotonic nanoseconds.</summary>
    internal long OffsetNanos;

    /// <summary>The wall clock has jumped and is not believed yet.</summary>
    internal bool Stepped;
    internal long SteppedOffsetNanos;
    internal long SteppedSinceNanos;
}

/// <summary>Follows the slow corrections of a wall clock and distrusts its jumps.</summary>
internal static class WallClock
{
    /// <summary>Corrections up to this are followed at once.</summary>
    private const long SlackNanos = 500 * Nanos.PerMillisecond;

    /// <summary>The time to judge windows by, Unix nanoseconds.</summary>
    /// <param name="clock">What is known of the clock.</param>
    /// <param name="now">Monotonic.</param>
    /// <param name="unix">What the wall clock says.</param>
    /// <param name="patience">A jump is believed after this.</param>
    /// <param name="contradicted">A trusted source's stamps still go with the clock as it was: the jump is ours, and wrong.</param>
    internal static long Follow(ref WallClockState clock, long now, long unix, long patience, bool contradicted)
    {
        var offset = unix - now;
        if (!clock.Anchored || Math.Abs(offset - clock.OffsetNanos) <= SlackNanos)
        {
            (clock.Anchored, clock.OffsetNanos, clock.Stepped) = (true, offset, false);
        }
        else if (!clock.Stepped || Math.Abs(offset - clock.SteppedOffsetNanos) > SlackNanos)
        {
            (clock.Stepped, clock.SteppedOffsetNanos, clock.SteppedSinceNanos) = (true, offset, now);
        }
        else if (!contradicted && Nanos.Since(now, clock.SteppedSinceNanos) >= patience)
        {
            (clock.OffsetNanos, clock.Stepped) = (offset, false);
        }

        return now + clock.OffsetNanos;
    }
}
