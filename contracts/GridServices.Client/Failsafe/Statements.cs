using System.Collections.Immutable;
using GridServices.Contracts;
using NodaTime;

namespace GridServices.Client;

/// <summary>What each kind of message changes of what is held.</summary>
internal static class Statements
{
    public static SiteHolding Set(SiteHolding state, SetStated message, Moment now)
    {
        var set = message.Set;
        var sameEpoch = state.Cursor is { } held && HaveSameEpoch(held, message.Cursor);
        var rewound = sameEpoch && message.Cursor.Sequence < state.Cursor!.Value.Sequence;
        if (!IsOurs(state, set.SiteId) || !set.Envelopes.All(e => IsOurs(state, e.SiteId)) || (rewound && !message.Asked))
        {
            return state; // of another site, or of before what is held and late on its way
        }

        // A hub that is asked and knows less than it once said was set back without knowing it: its word alone ends nothing.
        var rewoundFrom = rewound ? state.Set.Cursor : sameEpoch ? state.Set.RewoundFrom : null;
        var failsafes = state.Failsafes.ToImmutableDictionary(f => f.Key, f => f.Value with { Restated = true, StatementSeen = f.Value.HeartbeatSeen });
        return state with
        {
            Set = new HeldSet
            {
                SiteId = state.Set.SiteId,
                Cursor = message.Cursor.ToString(),
                Envelopes = [.. set.Envelopes],
                Withdrawn = [.. set.Withdrawn ?? []],
                Prices = [.. set.Prices],
                Retained = set.Incomplete is true || set.SiteKnown is false || rewoundFrom is not null ? Retention.NotRestated(state.Set, set) : [],
                RewoundFrom = rewoundFrom,
                ClockAheadMs = state.Set.ClockAheadMs,
                WrittenAt = state.Set.WrittenAt,
                Hub = state.Set.Hub,
            },
            WaitingFor = WaitingFor(set.Incomplete, set.WaitingFor),
            Contacted = true,
            Blank = state.Blank && (set.Incomplete is true || set.SiteKnown is false),
            SiteUnknown = set.SiteKnown is false,
            Missed = false,
            MissedSince = null,
            ConfirmedAt = sameEpoch ? state.ConfirmedAt : null,
            HeardAt = now.Monotonic,
            Failsafes = failsafes,
        };
    }

    public static SiteHolding Change(SiteHolding state, ChangeStated message, Moment now)
    {
        var held = state.Cursor;
        if (!state.Contacted || !IsOurs(state, message.Publication.SiteId) || (held is { } cursor && HaveSameEpoch(cursor, message.Cursor) && message.Cursor.Sequence <= cursor.Sequence))
        {
            return state; // before the set is known a change alone says too little; one already held says nothing
        }

        if (held is not { } last || !HaveSameEpoch(last, message.Cursor))
        {
            return Miss(state, now); // of another history: what that holds, the whole set must say first
        }

        var key = message.Publication.Key;
        var failsafes = state.Failsafes.TryGetValue(key, out var failsafe)
            ? state.Failsafes.SetItem(key, failsafe with { Restated = true, StatementSeen = failsafe.HeartbeatSeen })
            : state.Failsafes;
        var hasGap = message.Cursor.Sequence > last.Sequence + 1; // a lost message, or a number that the hub left out: the whole set, asked for once, settles both
        return (hasGap ? Miss(state, now) : state) with
        {
            Set = Retention.Restate(state.Set, message.Publication).With(message.Publication) with { Cursor = message.Cursor.ToString() },
            Blank = state.Blank && !(state.SiteUnknown && state.WaitingFor is null),
            SiteUnknown = false,
            HeardAt = now.Monotonic,
            Failsafes = failsafes,
        };
    }

    public static SiteHolding Heartbeat(SiteHolding state, Heartbeat heartbeat, Moment now)
    {
        if (!IsOurs(state, heartbeat.SiteId) || !Cursor.TryParse($"{heartbeat.Epoch}.{heartbeat.Sequence}", out var told))
        {
            return state;
        }

        var timed = Timed(state, heartbeat.At, now);
        if (state.Cursor is { } held && (!HaveSameEpoch(held, told) || told.Sequence < held.Sequence))
        {
            return Miss(timed, now); // of another history, or delayed: it says nothing about what is held
        }

        var lost = Lost(state, heartbeat, now);
        var failsafes = timed.Failsafes.ToImmutableDictionary(f => f.Key,
            f => f.Value with { HeartbeatSeen = !lost.ContainsKey(f.Key.Stream), StatementSeen = f.Value.StatementSeen && !lost.ContainsKey(f.Key.Stream) });
        var caughtUp = state.Contacted && told == state.Cursor;
        var heard = (caughtUp ? timed : Miss(timed, now)) with
        {
            HeardAt = caughtUp || !state.Contacted ? now.Monotonic : state.HeardAt, // a line that brings heartbeats and no changes is as good as silent
            LostUpstreams = lost,
            Failsafes = failsafes,
            ConfirmedAt = caughtUp && heartbeat.Incomplete is not true && !state.SiteUnknown ? now.Monotonic : state.ConfirmedAt,
        };
        return caughtUp ? Progress(heard, heartbeat.Incomplete, heartbeat.WaitingFor) : heard;
    }

    public static SiteHolding Effective(SiteHolding state, EffectiveTimeline timeline) =>
        IsOurs(state, timeline.SiteId) && Cursor.TryParse($"{timeline.Epoch}.{timeline.Sequence}", out var told) && told == state.Cursor
            ? Progress(state, timeline.Incomplete, timeline.WaitingFor)
            : state;

    // The first time that the hub tells says how long a fail-safe from before the restart has really lasted.
    private static SiteHolding Timed(SiteHolding state, Instant hub, Moment now)
    {
        var clock = HubClock.After(state.Clock, hub, now.Monotonic);
        var wallOrigin = clock is { Doubted: null } ? now.Wall - now.Monotonic : state.WallOrigin;
        return clock is null || state.Clock is not null ? state with { Clock = clock, WallOrigin = wallOrigin } : state with
        {
            Clock = clock,
            WallOrigin = wallOrigin,
            Failsafes = state.Failsafes.ToImmutableDictionary(f => f.Key, f => f.Value.Persisted is { } entered
                ? f.Value with { EnteredAt = now.Monotonic - Duration.Max(Duration.Zero, hub - entered), Persisted = null }
                : f.Value),
        };
    }

    // Only a word about this very set may end what is retained: it is then known that nothing restated is still on its way.
    // A hub that has never heard of the site ends nothing: its store and its publishers' may have been lost together.
    private static SiteHolding Progress(SiteHolding state, bool? incomplete, IReadOnlyList<string>? waitingFor) => state with
    {
        Set = incomplete is true || state.SiteUnknown || state.Set.RewoundFrom is not null || state.Set.Retained.IsEmpty ? state.Set : state.Set with { Retained = [] },
        WaitingFor = WaitingFor(incomplete, waitingFor),
        Blank = state.Blank && (incomplete is true || state.SiteUnknown),
    };

    private static ImmutableArray<string>? WaitingFor(bool? incomplete, IReadOnlyList<string>? publishers) => incomplete is true ? [.. publishers ?? []] : null;

    // Once lost, only "ok" ends it, or the end of the stream: not to hear of a utility, and to hear that it is late, is no news that it is back.
    private static ImmutableDictionary<StreamId, Duration> Lost(SiteHolding state, Heartbeat heartbeat, Moment now)
    {
        var stated = heartbeat.Upstreams.ToLookup(u => u.Stream);
        var lost = stated.Where(lines => lines.Any(u => u.Status == UpstreamStatus.Lost))
            .Select(lines => KeyValuePair.Create(lines.Key, lines.Where(u => u.Status == UpstreamStatus.Lost).Min(u => LostSince(state, heartbeat, u, now))));
        var still = state.LostUpstreams.Where(l => stated.Contains(l.Key) ? stated[l.Key].All(u => u.Status == UpstreamStatus.Stale) : !state.Contacted || IsFollowed(state.Set, l.Key));
        return lost.Concat(still).ToImmutableDictionary();
    }

    private static bool IsFollowed(HeldSet set, StreamId stream) => Retention.All(set).Any(e => e.Stream == stream);

    // Both instants are of the hub's clock, so their distance holds whatever this machine's clock says.
    private static Duration LostSince(SiteHolding state, Heartbeat heartbeat, UpstreamHealth upstream, Moment now)
    {
        var since = now.Monotonic - Duration.Max(Duration.Zero, heartbeat.At - upstream.Since);
        return state.LostUpstreams.TryGetValue(upstream.Stream, out var known) ? Duration.Min(known, since) : since;
    }

    private static SiteHolding Miss(SiteHolding state, Moment now) => state with { Missed = true, MissedSince = state.MissedSince ?? now.Monotonic };

    private static bool HaveSameEpoch(Cursor left, Cursor right) => string.Equals(left.Epoch, right.Epoch, StringComparison.Ordinal);

    private static bool IsOurs(SiteHolding state, string siteId) => string.Equals(state.Set.SiteId, siteId, StringComparison.Ordinal);
}
