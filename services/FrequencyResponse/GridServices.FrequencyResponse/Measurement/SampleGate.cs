namespace GridServices.FrequencyResponse.Measurement;

/// <summary>Judges each sample by its source's own history; only what it accepts is ever a frequency.</summary>
/// <remarks>
/// <code>
/// (1) a number  (2) the device vouches for it  (3) range  (4) voltage  (5) stamp: order, age, future
/// (6) not frozen  (7) rate of change, or confirmed by a second sample  ──▶ accepted
/// </code>
/// Faults of the measurement itself (1-4, 6) silence the source at once; a late, doubled or single odd sample (5, 7) is only dropped,
/// and the source runs out of age by itself when nothing better follows.
/// </remarks>
internal static class SampleGate
{
    /// <summary>Plausible deviation from nominal: 45..55 Hz, 55..65 Hz.</summary>
    internal const double RangeHz = 5;

    /// <summary>A frozen meter repeats itself at least this often.</summary>
    private const int FrozenSamples = 10;

    private const SampleFault Lasting =
        SampleFault.NotANumber | SampleFault.Quality | SampleFault.Range | SampleFault.Voltage | SampleFault.Frozen;

    internal static SampleFault Judge(
        SourceConfig rules, double nominalHz, ref SourceState source, in FrequencySample sample, in WallClockState clock, long now)
    {
        var measured = Math.Min(Nanos.Clip(sample.ReceivedNanos), now);
        var fault = Value(rules, nominalHz, in sample);
        fault = fault == SampleFault.None ? Stamp(rules, ref source, in sample, in clock, now, ref measured) : fault;
        fault = fault == SampleFault.None ? Frozen(rules, ref source, in sample, now) : fault;
        var byPending = false;
        fault = fault == SampleFault.None ? Rate(rules, nominalHz, ref source, in sample, measured, out byPending) : fault;
        source.StampNanos = (fault & ~SampleFault.Rocof) == SampleFault.None && sample.SourceUnixNanos != 0 ? sample.SourceUnixNanos : source.StampNanos;
        if (fault != SampleFault.None)
        {
            source.Last = fault;
            source.Standing |= fault & Lasting;
            return fault;
        }

        Remember(rules, ref source, in sample, measured, byPending);
        Accept(rules, ref source, in sample, measured, now);
        return SampleFault.None;
    }

    /// <summary>True while a source with a disciplined clock still delivers by the clock as we hold it.</summary>
    internal static bool Contradicts(ControllerConfig config, in SourceStates sources, long now)
    {
        for (var i = 0; i < config.SourceCount; i++)
        {
            ref readonly var source = ref sources[i];
            if (config.Source(i).StampsTrusted && source.Seen && source.StampNanos != 0
                && Nanos.Since(now, source.MeasuredNanos) < 5 * Nanos.PerSecond && source.ByHeldClock)
            {
                return true;
            }
        }

        return false;
    }

    private static SampleFault Value(SourceConfig rules, double nominalHz, in FrequencySample sample)
    {
        if (!double.IsFinite(sample.Hz))
        {
            return SampleFault.NotANumber;
        }

        if ((sample.Quality & SampleQuality.Invalid) != SampleQuality.Good
            || ((sample.Quality & SampleQuality.Simulated) != SampleQuality.Good && !rules.AcceptSimulated))
        {
            return SampleFault.Quality;
        }

        if (Math.Abs(sample.Hz - nominalHz) > RangeHz)
        {
            return SampleFault.Range;
        }

        // A comparison with NaN is false: an absent voltage is judged by the source's configuration alone.
        return double.IsNaN(sample.VoltagePu) ? rules.VoltageRequired ? SampleFault.Voltage : SampleFault.None
            : sample.VoltagePu >= rules.VoltageFloorPu && double.IsFinite(sample.VoltagePu) ? SampleFault.None : SampleFault.Voltage;
    }

    private static SampleFault Stamp(
        SourceConfig rules, ref SourceState source, in FrequencySample sample, in WallClockState clock, long now, ref long measured)
    {
        var stamp = sample.SourceUnixNanos;
        if (stamp == 0)
        {
            // Without stamps the arrival alone orders samples.
            return source.Seen && measured < source.ReceivedNanos ? SampleFault.Order : SampleFault.None;
        }

        if (stamp is < 0 or > Nanos.LastStamp)
        {
            return SampleFault.SourceTime;
        }

        var trusted = rules.StampsTrusted && (sample.Quality & SampleQuality.ClockUnsynchronised) == SampleQuality.Good;
        var newClock = trusted && clock.Stepped && Off(rules, stamp, now + clock.OffsetNanos) && !Off(rules, stamp, now + clock.SteppedOffsetNanos);
        var order = newClock && source.ByHeldClock ? SampleFault.None : Order(rules, in source, sample.Hz, stamp, trusted);
        source.ByHeldClock = !newClock;
        if (order != SampleFault.None || !trusted)
        {
            return order;
        }

        var age = now + (newClock ? clock.SteppedOffsetNanos : clock.OffsetNanos) - stamp;
        measured = Math.Min(measured, now - Math.Clamp(age, 0, Nanos.Never));
        return age < -rules.StampAheadNanos ? SampleFault.SourceTime : age > rules.StampAgeNanos ? SampleFault.Stale : SampleFault.None;
    }

    private static bool Off(SourceConfig rules, long stamp, long wall) =>
        wall - stamp < -rules.StampAheadNanos || wall - stamp > rules.StampAgeNanos;

    private static SampleFault Order(SourceConfig rules, in SourceState source, double hz, long stamp, bool trusted)
    {
        if (source.StampNanos == 0 || stamp > source.StampNanos)
        {
            return SampleFault.None;
        }

        if (stamp == source.StampNanos)
        {
            // A meter whose clock shows whole seconds gives new values under an old stamp.
            return trusted || BitConverter.DoubleToInt64Bits(hz) == source.SameBits ? SampleFault.Duplicate : SampleFault.None;
        }

        // A free-running meter clock that was set starts a new order; a disciplined one never jumps.
        return source.StampNanos - stamp <= rules.StampJumpNanos ? SampleFault.Order
            : trusted ? SampleFault.SourceTime : SampleFault.None;
    }

    private static SampleFault Frozen(SourceConfig rules, ref SourceState source, in FrequencySample sample, long now)
    {
        var bits = BitConverter.DoubleToInt64Bits(sample.Hz);
        var received = Math.Min(Nanos.Clip(sample.ReceivedNanos), now);
        if (!source.SameKnown || bits != source.SameBits)
        {
            (source.SameKnown, source.SameBits, source.SameSinceNanos, source.SameCount) = (true, bits, received, 1);
            return SampleFault.None;
        }

        source.SameCount = Math.Min(source.SameCount + 1, FrozenSamples);
        return source.SameCount >= FrozenSamples && Nanos.Since(received, source.SameSinceNanos) >= rules.FrozenNanos
            ? SampleFault.Frozen : SampleFault.None;
    }

    private static SampleFault Rate(SourceConfig rules, double nominalHz, ref SourceState source, in FrequencySample sample, long measured, out bool byPending)
    {
        // At the start and after a gap the nominal frequency is the sample before: an event is believed at once, an absurdity is not.
        var gap = Nanos.Since(measured, source.MeasuredNanos);
        var known = source.Seen && gap <= LongestGap(rules);
        var since = Nanos.Since(measured, source.PendingNanos);
        var another = source.Pending && since >= rules.PeriodNanos / 2 && !RepeatsPending(ref source, in sample);
        byPending = another && Near(rules, sample.Hz, source.PendingHz, since);
        if (byPending || Near(rules, sample.Hz, known ? source.Hz : nominalHz, known ? gap : 0))
        {
            source.Pending = false;
            return SampleFault.None;
        }

        if (!source.Pending || another)
        {
            (source.Pending, source.PendingHz, source.PendingNanos, source.PendingRepeated) = (true, sample.Hz, measured, false);
        }

        return SampleFault.Rocof;
    }

    /// <summary>The same value without a stamp of its own may be the pending sample, delivered again: its second repetition is not.</summary>
    private static bool RepeatsPending(ref SourceState source, in FrequencySample sample)
    {
        var first = sample.SourceUnixNanos == 0 && sample.Hz.Equals(source.PendingHz) && !source.PendingRepeated;
        source.PendingRepeated |= first;
        return first;
    }

    private static long LongestGap(SourceConfig rules) => Math.Max(4 * rules.PeriodNanos, Nanos.PerSecond / 2);

    /// <summary>
    /// Which measurement confirms this one: the one before it, if it was another one. Two that arrive at once, or a repetition without a stamp
    /// of its own, may be one sample delivered twice; a meter too coarse to show a change confirms with its second repetition.
    /// </summary>
    private static void Remember(SourceConfig rules, ref SourceState source, in FrequencySample sample, long measured, bool byPending)
    {
        var gap = Nanos.Since(measured, source.MeasuredNanos);
        var repeats = source.Seen && sample.SourceUnixNanos == 0 && sample.Hz.Equals(source.Hz);
        source.Repeated = repeats ? Math.Min(source.Repeated + 1, 2) : 0;
        if (byPending)
        {
            source.PreviousHz = source.PendingHz;
        }
        else if (!source.Seen || gap > LongestGap(rules))
        {
            source.PreviousHz = double.NaN;
        }
        else if (gap >= rules.PeriodNanos / 2 && source.Repeated != 1)
        {
            source.PreviousHz = source.Hz;
        }
    }

    private static bool Near(SourceConfig rules, double hz, double before, long nanos) =>
        Math.Abs(hz - before) <= (rules.RocofLimitHzPerS * Nanos.Seconds(Math.Max(nanos, rules.PeriodNanos))) + 1e-9;

    private static void Accept(SourceConfig rules, ref SourceState source, in FrequencySample sample, long measured, long now)
    {
        MeasuredStep.Note(ref source.Step, sample.Hz, source.Seen ? source.Hz : sample.Hz);
        var nanos = Math.Max(Nanos.Since(measured, source.MeasuredNanos), Math.Max(rules.PeriodNanos, Nanos.PerMillisecond));
        source.RocofHzPerS = source.Seen ? (sample.Hz - source.Hz) / Nanos.Seconds(nanos) : 0;
        source.Hz = sample.Hz;
        source.MeasuredNanos = measured;
        source.ReceivedNanos = Math.Min(Nanos.Clip(sample.ReceivedNanos), now);
        source.Seen = true;
        source.Standing = SampleFault.None;
        source.Last = SampleFault.None;
    }
}
