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

    internal static SampleFault Check(
        SourceConfig config, double nominalHz, ref SourceState source, in FrequencySample sample, in WallClockState clock, long now)
    {
        var arrived = Math.Min(Nanos.Clip(sample.ReceivedNanos), now);
        var measured = arrived;
        var trusted = sample.SourceUnixNanos != 0 && config.StampsTrusted && (sample.Quality & SampleQuality.ClockUnsynchronised) == SampleQuality.Good;
        var fault = Value(config, nominalHz, in sample);
        fault = fault == SampleFault.None ? Stamp(config, ref source, in sample, in clock, trusted, now, ref measured) : fault;
        fault = fault == SampleFault.None ? Frozen(config, ref source, in sample, arrived) : fault;
        var run = new ValueRun(source.SameCount, Nanos.Since(arrived, source.SameSinceNanos), trusted);
        if (fault == SampleFault.None)
        {
            // A sample refused for its rate alone still contradicts its neighbours.
            source.Pair.Add(config, in run, sample.Hz, measured);
            fault = Rate(config, nominalHz, ref source, in run, sample.Hz, measured);
        }

        if (fault != SampleFault.None)
        {
            source.Last = fault;
            source.Standing |= fault & Lasting;
            return fault;
        }

        Accept(config, ref source, in sample, measured, arrived);
        return SampleFault.None;
    }

    /// <summary>True while a source with a disciplined clock still delivers by the clock as we hold it.</summary>
    internal static bool Contradicts(ControllerConfig config, in SourceStates sources, long now)
    {
        for (var i = 0; i < config.SourceCount; i++)
        {
            ref readonly var source = ref sources[i];
            if (config.Source(i).StampsTrusted && source.Seen && source.Stamp.LastNanos != 0
                && Nanos.Since(now, source.MeasuredNanos) < 5 * Nanos.PerSecond && source.ByHeldClock)
            {
                return true;
            }
        }

        return false;
    }

    private static SampleFault Value(SourceConfig config, double nominalHz, in FrequencySample sample)
    {
        if (!double.IsFinite(sample.Hz))
        {
            return SampleFault.NotANumber;
        }

        if ((sample.Quality & SampleQuality.Invalid) != SampleQuality.Good
            || ((sample.Quality & SampleQuality.Simulated) != SampleQuality.Good && !config.AcceptSimulated))
        {
            return SampleFault.Quality;
        }

        if (Math.Abs(sample.Hz - nominalHz) > RangeHz)
        {
            return SampleFault.Range;
        }

        // A comparison with NaN is false: an absent voltage is judged by the source's configuration alone.
        return double.IsNaN(sample.VoltagePu) ? config.VoltageRequired ? SampleFault.Voltage : SampleFault.None
            : sample.VoltagePu >= config.VoltageFloorPu && double.IsFinite(sample.VoltagePu) ? SampleFault.None : SampleFault.Voltage;
    }

    private static SampleFault Stamp(
        SourceConfig config, ref SourceState source, in FrequencySample sample, in WallClockState clock, bool trusted, long now, ref long measured)
    {
        var (stamp, arrived) = (sample.SourceUnixNanos, measured);
        if (stamp == 0)
        {
            // Without stamps the arrival alone orders samples.
            return source.Seen && measured < source.ReceivedNanos ? SampleFault.Order : SampleFault.None;
        }

        if (stamp is < 0 or > Nanos.LastStamp)
        {
            return SampleFault.SourceTime;
        }

        var newClock = trusted && clock.Stepped && Off(config, stamp, now + clock.OffsetNanos) && !Off(config, stamp, now + clock.SteppedOffsetNanos);
        var age = now + (newClock ? clock.SteppedOffsetNanos : clock.OffsetNanos) - stamp;
        if (trusted && (age < -config.StampAheadNanos || age > config.StampAgeNanos))
        {
            return age < 0 ? SampleFault.SourceTime : StampOrder.ClassifyOlder(config, in source.Stamp, stamp) is var behind and not SampleFault.None ? behind : SampleFault.Stale;
        }

        measured = trusted ? Math.Min(measured, now - Math.Clamp(age, 0, Nanos.Never)) : measured;
        var setWithOurs = newClock && source.ByHeldClock;
        source.ByHeldClock = !newClock;
        if (setWithOurs)
        {
            StampOrder.Begin(ref source.Stamp, stamp, arrived);
            return SampleFault.None;
        }

        return StampOrder.Check(config, ref source.Stamp, stamp, arrived, trusted, BitConverter.DoubleToInt64Bits(sample.Hz) == source.SameBits);
    }

    private static bool Off(SourceConfig config, long stamp, long wall) =>
        wall - stamp < -config.StampAheadNanos || wall - stamp > config.StampAgeNanos;

    private static SampleFault Frozen(SourceConfig config, ref SourceState source, in FrequencySample sample, long received)
    {
        var bits = BitConverter.DoubleToInt64Bits(sample.Hz);
        if (!source.SameKnown || bits != source.SameBits)
        {
            (source.SameKnown, source.SameBits, source.SameSinceNanos, source.SameCount) = (true, bits, received, 1);
            return SampleFault.None;
        }

        source.SameCount = Math.Min(source.SameCount + 1, FrozenSamples);
        return source.SameCount >= FrozenSamples && Nanos.Since(received, source.SameSinceNanos) >= config.FrozenNanos
            ? SampleFault.Frozen : SampleFault.None;
    }

    private static SampleFault Rate(
        SourceConfig config, double nominalHz, ref SourceState source, in ValueRun run, double hz, long measured)
    {
        // At the start and after a gap the nominal frequency is the sample before: an event is believed at once, an absurdity is not.
        var gap = Nanos.Since(measured, source.MeasuredNanos);
        var known = source.Seen && gap <= LongestGap(config);
        var since = Nanos.Since(measured, source.PendingSinceNanos);
        var goesOn = source.Pending && since <= MeasurementPair.LongestNanos(config) && Near(config, hz, source.PendingHz, since);
        var confirms = goesOn && MeasurementPair.IsAnother(config, in run, hz, source.PendingHz, ref source.PendingNanos, measured);
        if (confirms || Near(config, hz, known ? source.Hz : nominalHz, known ? gap : 0))
        {
            source.Pending = false;
            return SampleFault.None;
        }

        if (!goesOn)
        {
            (source.Pending, source.PendingHz, source.PendingNanos, source.PendingSinceNanos) = (true, hz, measured, measured);
        }

        return SampleFault.Rocof;
    }

    private static long LongestGap(SourceConfig config) => Math.Max(4 * config.PeriodNanos, Nanos.PerSecond / 2);

    private static bool Near(SourceConfig config, double hz, double before, long nanos) =>
        Math.Abs(hz - before) <= (config.RocofLimitHzPerS * Nanos.Seconds(Math.Max(nanos, config.PeriodNanos))) + 1e-9;

    private static void Accept(SourceConfig config, ref SourceState source, in FrequencySample sample, long measured, long arrived)
    {
        MeasuredStep.Note(ref source.Step, sample.Hz, source.Seen ? source.Hz : sample.Hz);
        var nanos = Math.Max(Nanos.Since(measured, source.MeasuredNanos), Math.Max(config.PeriodNanos, Nanos.PerMillisecond));
        source.RocofHzPerS = source.Seen ? (sample.Hz - source.Hz) / Nanos.Seconds(nanos) : 0;
        source.Hz = sample.Hz;
        source.MeasuredNanos = measured;
        source.ReceivedNanos = arrived;
        source.Seen = true;
        source.Standing = SampleFault.None;
        source.Last = SampleFault.None;
    }
}
