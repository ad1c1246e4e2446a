namespace GridServices.FrequencyResponse.Measurement;

/// <summary>One meter, as it was measured at commissioning.</summary>
/// <remarks>Immutable. Times in nanoseconds of the monotonic clock.</remarks>
public sealed record SourceConfig
{
    /// <summary>The name that its frames carry.</summary>
    public required string Name { get; init; }

    /// <summary>Time between two new values of the meter itself (not of the poll).</summary>
    public required long PeriodNanos { get; init; }

    /// <summary>From the grid to the arrival here: the meter's own window plus the transport.</summary>
    public long PathNanos { get; init; } = 100_000_000;

    /// <summary>Smallest step of its values; a SunSpec Hz_SF of -2 is 0.01.</summary>
    public double ResolutionHz { get; init; } = 0.001;

    /// <summary>True: its stamps come from a disciplined clock, so that their age counts; false: they only order samples.</summary>
    public bool StampsTrusted { get; init; } = true;

    /// <summary>True: a sample without a voltage is refused.</summary>
    public bool VoltageRequired { get; init; }

    /// <summary>Below this share of nominal the frequency means nothing.</summary>
    public double VoltageFloorPu { get; init; } = 0.5;

    /// <summary>Accept a test signal (prequalification with a simulator instead of the meter).</summary>
    public bool AcceptSimulated { get; init; }

    /// <summary>Fastest change that one sample alone may show; a second sample near it confirms a faster one.</summary>
    public double RocofLimitHzPerS { get; init; } = 8;

    /// <summary>The same bits for this long, and at least ten samples, is a frozen meter. 29 s: thirty samples at one per second.</summary>
    public long FrozenNanos { get; init; } = 29_000_000_000;

    /// <summary>Oldest own stamp with which a sample is taken at all; services have their own, sharper limits.</summary>
    public long StampAgeNanos { get; init; } = 10_000_000_000;

    /// <summary>How far ahead of our clock a stamp may lie.</summary>
    public long StampAheadNanos { get; init; } = 1_000_000_000;

    /// <summary>A stamp further back than this is a clock that was set, not a late frame.</summary>
    public long StampJumpNanos { get; init; } = 30_000_000_000;
}
