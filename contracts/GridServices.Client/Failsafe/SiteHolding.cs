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

    /// <summary>Monotonic time since which something is known to have been missed; null: nothing is.</summary>
    internal Duration? MissedSince { get; init; }

    /// <summary>
    /// Monotonic time of the last heartbeat that named the very place held, of a complete history and a site that the hub knows; null: none since the start,
    /// or since the hub began another history.
    /// </summary>
    internal Duration? ConfirmedAt { get; init; }

    /// <summary>
    /// True when the whole set must be asked for (<c>GET …/envelopes</c>): something was missed, or a stream in fail-safe has its heartbeat
    /// and waits for the statement that must follow it.
    /// </summary>
    public bool NeedsSet => Missed || Failsafes.Values.Any(f => f is { HeartbeatSeen: true, StatementSeen: false });

    /// <summary>The hub's time when the persisted set was written, put back to a monotonic time of zero; null: not known.</summary>
    public Instant? WrittenOrigin { get; init; }

    /// <summary>What this machine's wall clock showed at a monotonic time of zero, by the last heartbeat that was believed; null before the first.</summary>
    public Instant? WallOrigin { get; init; }

    /// <summary>The time that schedules go by: the hub's where it is known, otherwise this machine's, corrected by what was wrong with it when it last was.</summary>
    public Instant TimeAt(Moment now) => Clock?.At(now.Monotonic) ?? now.Wall - Duration.FromMilliseconds(Set.ClockAheadMs ?? 0);

    /// <summary>
    /// Other times that it may be: until the hub has told its own twice, this machine's clock may be right although it was wrong, or have stopped when the
    /// set was written; the hub's may just have been set; and a wall clock that leapt ahead since the last heartbeat may have done so because the machine
    /// stood still, its monotonic clock with it. What holds at any of them is obeyed.
    /// </summary>
    public IEnumerable<Instant> DoubtedTimesAt(Moment now)
    {
        var at = TimeAt(now);
        var stopped = WrittenOrigin + now.Monotonic;
        Instant?[] times =
        [
            Clock is null or { Origins.Length: 1 } ? now.Wall : null,
            Clock is null && stopped > at && stopped > now.Wall ? stopped : null,
            Clock?.Doubted + now.Monotonic,
            Clock?.SetBack + now.Monotonic,
            Clock is not null && now.Wall - now.Monotonic - WallOrigin is { } leapt && leapt > Tolerance ? at + leapt : null,
        ];
        return times.OfType<Instant>().Where(time => Abs(time - at) > Tolerance).Distinct();
    }

    /// <summary>By how many milliseconds this machine's clock is ahead of the hub's; null: by less than a second.</summary>
    public long? ClockAheadMsAt(Moment now) => Clock is null ? Set.ClockAheadMs : Wrong(now.Wall - TimeAt(now));

    /// <summary>The set as it is to be written down.</summary>
    public HeldSet ToPersist(Moment now)
    {
        var at = TimeAt(now);
        return Set with
        {
            ClockAheadMs = ClockAheadMsAt(now),
            NeverWhole = Blank ? true : null,
            WrittenAt = Clock is null ? Set.WrittenAt : at,
            Failsafes = [.. Failsafes.Values.Select(f => new HeldFailsafe(f.Envelope, at - (now.Monotonic - f.EnteredAt)))],
            Losses = [.. LostUpstreams.Select(lost => new HeldLoss(lost.Key, at - (now.Monotonic - lost.Value)))],
        };
    }

    private static readonly Duration Tolerance = Duration.FromSeconds(1);

    private static long? Wrong(Duration ahead) => Abs(ahead) > Tolerance ? (long)ahead.TotalMilliseconds : null;

    private static Duration Abs(Duration duration) => duration < Duration.Zero ? -duration : duration;
}

/// <summary>One stream in fail-safe.</summary>
/// <param name="Envelope">The envelope whose fail-safe limits hold.</param>
/// <param name="EnteredAt">Monotonic.</param>
/// <param name="HeartbeatSeen">A heartbeat came since, and shows the stream's upstream alive.</param>
/// <param name="StatementSeen">After that heartbeat the stream's envelope, or the whole set, was stated.</param>
/// <param name="Restated">Since the entry the hub stated the stream anew; its schedule then holds as well, so the site obeys the tighter of both.</param>
public sealed record StreamFailsafe(Envelope Envelope, Duration EnteredAt, bool HeartbeatSeen = false, bool StatementSeen = false, bool Restated = false)
{
    /// <summary>When it was entered before a restart, by the hub's clock: <see cref="EnteredAt"/> is a guess until the hub has told its time; null: it is none.</summary>
    public Instant? Persisted { get; init; }
}
