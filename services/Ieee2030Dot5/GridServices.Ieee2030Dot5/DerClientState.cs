using NodaTime;

namespace GridServices.Ieee2030Dot5;

/// <summary>
/// All that a client must know to go on after a crash: immutable, equal by content, written and read back exactly by <see cref="DerClientStateJson"/>.
/// </summary>
public sealed record DerClientState
{
    /// <summary>A client that has never spoken to anybody.</summary>
    public static DerClientState Initial { get; } = new();

    /// <summary>Number of the last request that was answered.</summary>
    public long Requests { get; init; }

    /// <summary>Times and counters of the line. Losing them in a crash costs one early read, nothing else.</summary>
    public DerLine Line { get; init; } = new();
}

/// <summary>When to speak next, and how often in vain.</summary>
public sealed record DerLine
{
    /// <summary>Nothing is sent before this (exponential back-off with jitter, or the server's Retry-After).</summary>
    public Instant? QuietUntil { get; init; }

    /// <summary>Failures in a row.</summary>
    public int Failures { get; init; }

    /// <summary>Since when the server isn't heard; null: it is.</summary>
    public Instant? LostSince { get; init; }
}
