namespace GridServices.FrequencyResponse.Measurement;

/// <summary>What the gate remembers of one source.</summary>
internal struct SourceState
{
    /// <summary>At least one sample was accepted.</summary>
    internal bool Seen;

    /// <summary>A sample waits for a second one that confirms it.</summary>
    internal bool Pending;

    /// <summary>Faults that outlive their sample: until the next accepted one, the value before must not drive anything either.</summary>
    internal SampleFault Standing;

    /// <summary>The fault of the last refused sample: said when the source runs out.</summary>
    internal SampleFault Last;

    internal double Hz;
    internal double RocofHzPerS;

    /// <summary>When the accepted value was true, monotonic: its arrival less its age by its stamp.</summary>
    internal long MeasuredNanos;
    internal long ReceivedNanos;
    internal StampState Stamp;

    /// <summary>Its last stamp went with the clock as we hold it, not with one that has jumped.</summary>
    internal bool ByHeldClock;
    internal double PendingHz;
    internal long PendingNanos;
    internal long PendingSinceNanos;

    /// <summary>The last two measurements; with both a threshold counts as passed.</summary>
    internal MeasurementPair Pair;
    internal StepState Step;

    internal bool SameKnown;
    internal long SameBits;
    internal long SameSinceNanos;
    internal int SameCount;
}
