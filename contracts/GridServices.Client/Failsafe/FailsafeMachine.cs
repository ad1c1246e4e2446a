using System.Collections.Immutable;
using GridServices.Contracts;
using NodaTime;

namespace GridServices.Client;

/// <summary>
/// Says what a site may do when the hub speaks, and when it no longer does. Pure: no clock, no file, no network.
/// <code>
///            whole set stated                 silence ≥ staleAfter, onStale = failsafe
///   Init ───────────────────▶ stream live ───────────────────────────────────────────▶ stream in fail-safe
///   persisted set,              ▲   │ silence ≥ staleAfter, onStale = holdSchedule          │
///   or init limits              │   ▼                                                       │ minDuration over
///                               │  stream holding: schedule as last stated                  │ AND heartbeat
///                               └───────────────────────────────────────────────────────────┘ AND THEN envelope or set
/// </code>
/// Silence is that of the hub, or that of the utility behind the stream where heartbeats show it lost.
/// </summary>
public static class FailsafeMachine
{
    private static readonly Duration LongestAsking = Duration.FromSeconds(5);

    /// <summary>The state after a start of the controller.</summary>
    /// <param name="siteId">The site.</param>
    /// <param name="persisted">What was held before the restart; null at the very first start.</param>
    /// <param name="options">The controller's own rules.</param>
    /// <param name="now">The present.</param>
    public static SiteHolding Start(string siteId, HeldSet? persisted, FailsafeOptions options, Moment now)
    {
        ArgumentNullException.ThrowIfNull(options);
        var set = persisted is not null && BelongsToSite(siteId, persisted) ? persisted : null;
        var state = new SiteHolding
        {
            Options = options,
            Set = set ?? new HeldSet { SiteId = siteId },
            Blank = set is null or { NeverWhole: true },
            WrittenOrigin = set?.WrittenAt - now.Monotonic,
        };

        // Of the two times that it may be the one that makes the stay shorter: the hub's, once it is heard, sets it right.
        var earliest = Instant.Min(now.Wall, state.TimeAt(now));
        return state with
        {
            Failsafes = (set?.Failsafes ?? []).DistinctBy(f => StreamKey.From(f.Envelope)).ToImmutableDictionary(
                f => StreamKey.From(f.Envelope),
                f => new StreamFailsafe(f.Envelope, now.Monotonic - Since(f.EnteredAt, earliest)) { Persisted = f.EnteredAt }),
            LostUpstreams = (set?.Losses ?? []).DistinctBy(l => l.Stream).ToImmutableDictionary(l => l.Stream, l => now.Monotonic - Since(l.Since, earliest)),
        };
    }

    /// <summary>The state after a word from the hub. A word about another site, or one from before what is held, is no word at all.</summary>
    public static SiteHolding Apply(SiteHolding state, HubMessage message, Moment now)
    {
        ArgumentNullException.ThrowIfNull(state);

        // Silence that ended just now still counts: first what became stale, then what was said.
        var before = Tick(state, now);
        var after = message switch
        {
            SetStated m => Statements.Set(before, m, now),
            ChangeStated m => Statements.Change(before, m, now),
            HeartbeatHeard m => Statements.Heartbeat(before, m.Heartbeat, now),
            EffectiveStated m => Statements.Effective(before, m.Timeline),
            _ => before,
        };
        return Tick(after, now);
    }

    /// <summary>The state after time passed: enters fail-safes that are due, leaves those that may be left.</summary>
    public static SiteHolding Tick(SiteHolding state, Moment now)
    {
        ArgumentNullException.ThrowIfNull(state);
        if (!state.Contacted)
        {
            return state;
        }

        var failsafes = state.Failsafes.ToBuilder();
        foreach (var envelope in state.Set.Envelopes.Concat(Retention.Alone(state.Set)))
        {
            if (!failsafes.ContainsKey(StreamKey.From(envelope)) && FallsBackToFailsafe(state, envelope) && IsStale(state, envelope, now))
            {
                failsafes[StreamKey.From(envelope)] = new StreamFailsafe(envelope, now.Monotonic);
            }
        }

        foreach (var (key, failsafe) in state.Failsafes)
        {
            if (IsStale(state, failsafe.Envelope, now))
            {
                failsafes[key] = failsafe with { HeartbeatSeen = false, StatementSeen = false }; // what was heard before this silence releases nothing
            }
            else if (MayLeave(state, failsafe, now))
            {
                failsafes.Remove(key);
            }
        }

        return state with { Failsafes = failsafes.ToImmutable() };
    }

    /// <summary>The limits in force, merged from what is held: a controller needs no hub to go on (architecture law 8).</summary>
    public static SiteLimits LimitsAt(SiteHolding state, Moment now)
    {
        ArgumentNullException.ThrowIfNull(state);
        var standings = Standings(state, now);
        var phase = GetPhase(state, standings);
        var at = state.TimeAt(now);
        return new SiteLimits
        {
            SiteId = state.Set.SiteId,
            At = at,
            ClockAhead = now.Wall - at,
            Phase = phase,
            IsKnown = phase == SitePhase.Controlled && IsConfirmed(state, now),
            SinceHeard = now.Monotonic - state.HeardAt,
            Streams = standings,
            WaitingFor = state.WaitingFor,
            Timeline = EffectiveEnvelope.Merge(state.Set.SiteId, AtAllTimes(state, now, at), at),
            Silence = new Lazy<EffectiveTimeline>(() => EffectiveEnvelope.Merge(state.Set.SiteId, AtAllTimes(state with { Contacted = false }, now, at), at)),
        };
    }

    // While the time is in doubt each schedule stands there once more, moved so that it says now what it says at the other time: the tighter of both holds.
    private static IEnumerable<Envelope> AtAllTimes(SiteHolding state, Moment now, Instant at)
    {
        var followed = Followed(state).ToList();
        var schedules = followed.Where(e => e.Obligation == Obligation.Mandatory && e.Segments.Count > 0).ToList();
        return followed.Concat(state.DoubtedTimesAt(now).SelectMany((time, nth) => schedules.Select(e => Moved(e, at - time, nth + 1))));
    }

    private static Envelope Moved(Envelope envelope, Duration by, int nth) => envelope with
    {
        Stream = envelope.Stream with { Key = $"{envelope.Stream.Key}~clock{nth}" },
        Segments = [.. envelope.Segments.Select(s => s with { From = s.From + by, Until = s.Until + by, Functions = null, Ramp = null })],
        Targets = [],
    };

    /// <summary>The envelopes that are followed now: those of live and holding streams, fail-safe limits of the others.</summary>
    internal static IEnumerable<Envelope> Followed(SiteHolding state)
    {
        foreach (var envelope in state.Set.Envelopes.Concat(Retention.Followed(state.Set)))
        {
            var failsafe = state.Failsafes.GetValueOrDefault(StreamKey.From(envelope));
            if (failsafe is null ? state.Contacted || !FallsBackToFailsafe(state, envelope) : failsafe.Restated)
            {
                yield return envelope;
                continue;
            }

            // Limits that the stream states itself take its schedule's place; those of the controller only tighten it.
            if (envelope.Failsafe?.Limits is null)
            {
                yield return LimitsAlone(envelope);
            }

            if (failsafe is null)
            {
                yield return ToFailsafe(envelope, GetRule(state, envelope));
            }
        }

        foreach (var failsafe in state.Failsafes.Values)
        {
            yield return ToFailsafe(failsafe.Envelope, GetRule(state, failsafe.Envelope));
        }

        if (state.Options.InitLimits is { } init && (state.Blank || IsUnknownAndEmpty(state)))
        {
            yield return InitEnvelope(state.Set.SiteId, init);
        }
    }

    private static bool IsStale(SiteHolding state, Envelope envelope, Moment now)
    {
        var staleAfter = GetRule(state, envelope).StaleAfter;
        return (state.HeardAt is { } heard && now.Monotonic - heard >= staleAfter)
            || (state.LostUpstreams.TryGetValue(envelope.Stream, out var lost) && now.Monotonic - lost >= staleAfter);
    }

    // Architecture law 6: the shortest stay, and a heartbeat, and after it a statement; none of the three alone.
    private static bool MayLeave(SiteHolding state, StreamFailsafe failsafe, Moment now) =>
        failsafe is { HeartbeatSeen: true, StatementSeen: true }
        && now.Monotonic - failsafe.EnteredAt >= (GetRule(state, failsafe.Envelope).MinDuration ?? Duration.Zero);

    // Fail-safe without limits would lift the stream's own: then the schedule is held instead.
    private static bool FallsBackToFailsafe(SiteHolding state, Envelope envelope) =>
        envelope.Obligation == Obligation.Mandatory && GetRule(state, envelope) is { OnStale: OnStale.Failsafe, Limits: not null };

    private static Failsafe GetRule(SiteHolding state, Envelope envelope) => envelope.Failsafe is not { } stated
        ? state.Options.Default
        : stated with { Limits = stated.Limits ?? state.Options.Default.Limits };

    // Set-points and functions end with the stream's silence, as they do where its own fail-safe limits hold.
    private static Envelope LimitsAlone(Envelope envelope) => envelope with { Segments = [.. envelope.Segments.Select(s => s with { Functions = null, Ramp = null })], Targets = [] };

    // A site that the hub has never heard of, and of which nothing is held: an empty set that was whole once says nothing of it.
    private static bool IsUnknownAndEmpty(SiteHolding state) => state.SiteUnknown && state.Set.Envelopes.IsEmpty && state.Set.Retained.IsEmpty;

    // By a heartbeat that named the very place held, not long ago; and nothing is known to have been missed for longer than asking for it takes.
    private static bool IsConfirmed(SiteHolding state, Moment now) =>
        state is { Clock: not null, Set.RewoundFrom: null, ConfirmedAt: { } at } && now.Monotonic - at < state.Options.Default.StaleAfter
        && !(now.Monotonic - state.MissedSince >= LongestAsking);

    // A stream of its own name, so that the merge neither drops it for the live revision nor hides who binds.
    private static Envelope ToFailsafe(Envelope envelope, Failsafe rule) => envelope with
    {
        Stream = envelope.Stream with { Key = envelope.Stream.Key + "~failsafe" },
        Segments = [],
        Targets = [],
        Default = new DefaultLimits { Limits = rule.Limits ?? Limits.None },
        Failsafe = null,
    };

    private static Envelope InitEnvelope(string siteId, Limits limits) => new()
    {
        EnvelopeId = Guid.Empty,
        Revision = 1,
        SiteId = siteId,
        Target = new EnvelopeTarget(TargetKind.Site, siteId),
        Stream = new StreamId("controller", "init"),
        Tier = Tier.Safety,
        Obligation = Obligation.Mandatory,
        Segments = [],
        Default = new DefaultLimits { Limits = limits },
        Provenance = new Provenance { Protocol = "GridServices", Authority = "controller" },
    };

    private static ImmutableArray<StreamStanding> Standings(SiteHolding state, Moment now)
    {
        var failing = state.Failsafes.Select(f => new StreamStanding(f.Key, StreamPhase.Failsafe, ExplainFailsafe(state, f.Value, now)));
        var others = state.Set.Envelopes.Concat(Retention.Alone(state.Set)).Where(e => !state.Failsafes.ContainsKey(StreamKey.From(e))).Select(e => Standing(state, e, now));
        return [.. failing.Concat(others).Concat(GetLostUpstreams(state, now)).OrderBy(s => s.Key.Stream.ToString(), StringComparer.Ordinal)];
    }

    // Streams that have no envelope just now: what their lost utilities may have begun meanwhile nobody knows.
    private static IEnumerable<StreamStanding> GetLostUpstreams(SiteHolding state, Moment now)
    {
        var followed = Retention.All(state.Set).Concat(state.Failsafes.Values.Select(f => f.Envelope)).Select(e => e.Stream).ToHashSet();
        return state.LostUpstreams.Where(lost => now.Monotonic - lost.Value >= state.Options.Default.StaleAfter && !followed.Contains(lost.Key)).Select(lost => new StreamStanding(
            new StreamKey(state.Set.SiteId, new EnvelopeTarget(TargetKind.Site, state.Set.SiteId), lost.Key),
            StreamPhase.Holding,
            $"the utility behind the stream, which states nothing, is not heard for {(long)(now.Monotonic - lost.Value).TotalSeconds} s"));
    }

    private static StreamStanding Standing(SiteHolding state, Envelope envelope, Moment now)
    {
        var key = StreamKey.From(envelope);
        if (!state.Contacted)
        {
            return FallsBackToFailsafe(state, envelope)
                ? new(key, StreamPhase.Failsafe, "no contact with the hub since the start")
                : new(key, StreamPhase.Holding, "no contact with the hub since the start; schedule as last stated");
        }

        return Retention.Keeps(state.Set, key) ? new(key, StreamPhase.Holding, ExplainKept(state))
            : IsStale(state, envelope, now) ? new(key, StreamPhase.Holding, ExplainStale(state, envelope, now)) : new(key, StreamPhase.Live, "the hub is heard");
    }

    private static string ExplainKept(SiteHolding state) => state.SiteUnknown
        ? "the hub has never had anything for the site; as last stated"
        : "the hub began another history and has not heard all its publishers; as last stated";

    private static string ExplainFailsafe(SiteHolding state, StreamFailsafe failsafe, Moment now)
    {
        if (!state.Contacted || IsStale(state, failsafe.Envelope, now))
        {
            return ExplainStale(state, failsafe.Envelope, now);
        }

        var left = failsafe.EnteredAt + (GetRule(state, failsafe.Envelope).MinDuration ?? Duration.Zero) - now.Monotonic;
        return !failsafe.HeartbeatSeen ? "waits for a heartbeat"
            : !failsafe.StatementSeen ? "has a heartbeat, waits for an envelope or the whole set"
            : $"heard again; the shortest stay ends in {(long)Math.Ceiling(left.TotalSeconds)} s";
    }

    private static string ExplainStale(SiteHolding state, Envelope envelope, Moment now) =>
        state.LostUpstreams.TryGetValue(envelope.Stream, out var lost) && now.Monotonic - lost >= GetRule(state, envelope).StaleAfter
            ? $"the utility behind the stream is not heard for {(long)(now.Monotonic - lost).TotalSeconds} s"
            : state.HeardAt is { } heard ? $"the hub is not heard for {(long)(now.Monotonic - heard).TotalSeconds} s" : "no contact with the hub since the start";

    private static SitePhase GetPhase(SiteHolding state, ImmutableArray<StreamStanding> standings) =>
        !state.Contacted || (state.Blank && standings.IsEmpty) || IsUnknownAndEmpty(state) ? SitePhase.Init
        : standings.Any(s => s.Phase == StreamPhase.Failsafe) ? SitePhase.Failsafe
        : standings.Any(s => s.Phase == StreamPhase.Holding) ? SitePhase.Holding
        : SitePhase.Controlled;

    private static bool BelongsToSite(string siteId, HeldSet set) =>
        set.Envelopes.Concat(set.Failsafes.Select(f => f.Envelope)).Select(e => e.SiteId).Append(set.SiteId).All(id => string.Equals(id, siteId, StringComparison.Ordinal));

    private static Duration Since(Instant began, Instant now) => Duration.Max(Duration.Zero, now - began);
}
