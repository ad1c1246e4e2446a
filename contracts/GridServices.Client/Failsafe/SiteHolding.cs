using System.Collections.Immutable;
using GridServices.Contracts;
using NodaTime;

namespace GridServices.Client;

/// <summary>The state of <see cref="FailsafeMachine"/>: immutable, changed only by it.</summary>
public sealed record SiteHolding
{
    public required FailsafeOptions Options { get; init; }

    public required HeldSet Set { get; init; }

    /// <summary>False until the hub stated the whole set for the first time since the start.</summary>
    public bool Contacted { get; init; }

    /// <summary>
    /// True while nothing is known to be whole: nothing was persisted to start from, and the hub has not yet stated a complete set of a site that it knows.
    /// What it has stated holds, together with the limits of the beginning.
    /// </summary>
    public bool Blank { get; init; }

    /// <summary>Monotonic time of the last word from the hub about this site; null before the first.</summary>
    public Duration? HeardAt { get; init; }

    /// <summary>The hub's time; null before its first heartbeat.</summary>
    public HubClock? Clock { get; init; }

    /// <summary>True where the hub says that nothing was ever published for this site.</summary>
    public bool SiteUnknown { get; init; }

    /// <summary>The publishers that a hub with another history still waits for; null when its history is complete.</summary>
    public ImmutableArray<string>? WaitingFor { get; init; }

    /// <summary>Where the held set stands in the hub's log; null before the first contact.</summary>
    public Cursor? Cursor => Contracts.Cursor.TryParse(Set.Cursor, out var cursor) ? cursor : null;

    /// <summary>Streams whose publisher can't hear its utility, and since when (monotonic).</summary>
    public ImmutableDictionary<StreamId, Duration> LostUpstreams { get; init; } = ImmutableDictionary<StreamId, Duration>.Empty;

    /// <summary>Streams in fail-safe.</summary>
    public ImmutableDictionary<StreamKey, StreamFailsafe> Failsafes { get; init; } = ImmutableDictionary<StreamKey, StreamFailsafe>.Empty;

    /// <summary>True when something was missed since the whole set was last stated.</summary>
    public bool Missed { get; init; }

    /// <summary>
    /// True when the whole set must be asked for (<c>GET …/envelopes</c>): something was missed, or a stream in fail-safe has its heartbeat
    /// and waits for the statement that must follow it.
    /// </summary>
    public bool NeedsSet => Missed || Failsafes.Values.Any(f => f is { HeartbeatSeen: true, StatementSeen: false });

    /// <summary>The time that schedules go by: the hub's where it is known, otherwise this machine's, corrected by what was wrong with it when it last was.</summary>
    public Instant TimeAt(Moment now) => Clock?.At(now.Monotonic) ?? now.Wall - Duration.FromMilliseconds(Set.ClockAheadMs ?? 0);

    /// <summary>The set as it is to be written down.</summary>
    public HeldSet ToPersist(Moment now) => Set with
    {
        ClockAheadMs = Clock is null ? Set.ClockAheadMs : Wrong(now.Wall - TimeAt(now)),
        Failsafes = [.. Failsafes.Values.Select(f => new HeldFailsafe(f.Envelope, now.Wall - (now.Monotonic - f.EnteredAt)))],
    };

    private static long? Wrong(Duration ahead) => Math.Abs(ahead.TotalMilliseconds) > 1_000 ? (long)ahead.TotalMilliseconds : null;
}

/// <summary>One stream in fail-safe.</summary>
/// <param name="Envelope">The envelope whose fail-safe limits hold.</param>
/// <param name="EnteredAt">Monotonic.</param>
/// <param name="HeartbeatSeen">A heartbeat came since, and shows the stream's upstream alive.</param>
/// <param name="StatementSeen">After that heartbeat the stream's envelope, or the whole set, was stated.</param>
/// <param name="Restated">Since the entry the hub stated the stream anew; its schedule then holds as well, so the site obeys the tighter of both.</param>
public sealed record StreamFailsafe(Envelope Envelope, Duration EnteredAt, bool HeartbeatSeen = false, bool StatementSeen = false, bool Restated = false);
