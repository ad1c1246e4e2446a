using System.Collections.Immutable;
using GridServices.Contracts;
using GridServices.Contracts.Functions;
using NodaTime;

namespace GridServices.Client;

/// <summary>How the site stands to its hub.</summary>
public enum SitePhase
{
    /// <summary>
    /// No contact since the start: the persisted set holds, fail-safe streams in fail-safe; with nothing persisted, the configured init limits. So do they where the hub has never
    /// heard of the site and nothing is held.
    /// </summary>
    Init,

    /// <summary>The hub is heard; no stream is stale.</summary>
    Controlled,

    /// <summary>Some stream is stale and runs on its schedule as last stated, or its utility is lost while it states nothing.</summary>
    Holding,

    /// <summary>Some stream is in fail-safe.</summary>
    Failsafe,
}

/// <summary>How one stream is followed.</summary>
public enum StreamPhase
{
    Live,
    Holding,
    Failsafe,
}

/// <summary>One stream and why it is followed as it is.</summary>
/// <param name="Key">Site, target, stream.</param>
/// <param name="Phase">How it is followed.</param>
/// <param name="Why">In words.</param>
public sealed record StreamStanding(StreamKey Key, StreamPhase Phase, string Why);

/// <summary>The limits in force at a moment, who binds them, until when, and what comes next.</summary>
public sealed record SiteLimits
{
    public required string SiteId { get; init; }

    /// <summary>The instant they are for, by the hub's clock.</summary>
    public required Instant At { get; init; }

    public required SitePhase Phase { get; init; }
    public required ImmutableArray<StreamStanding> Streams { get; init; }

    /// <summary>
    /// True while all is known: a heartbeat confirmed not long ago (<see cref="FailsafeOptions.Default"/>, <c>staleAfter</c>) that a complete set is held, no stream is stale, no utility lost,
    /// and nothing is known to be missing. Only then does a quantity that nobody states mean "no limit"; otherwise a limit may have been lost on the way.
    /// </summary>
    public bool IsKnown { get; init; }

    /// <summary>Since the hub's last word about this site that was up to date, time asleep included; null: none since the start.</summary>
    public Duration? SinceHeard { get; init; }

    /// <summary>By how much this machine's clock is ahead of the hub's (negative: behind); zero before the first heartbeat. Schedules go by the hub's.</summary>
    public Duration ClockAhead { get; init; }

    /// <summary>
    /// The publishers that the hub, after its store was lost or set back, still waits for; null: its history is complete.
    /// Meanwhile what was held before stays in force.
    /// </summary>
    public ImmutableArray<string>? WaitingFor { get; init; }

    /// <summary>The merge of all that is followed, from <see cref="At"/> on.</summary>
    public required EffectiveTimeline Timeline { get; init; }

    /// <summary>
    /// What would hold from <see cref="At"/> on if nobody were heard any more: fail-safe limits of the streams that have them, the others as last stated. Who leaves somebody behind with limits that nobody
    /// will renew leaves no more than this. Merged when it is asked for; null: not known.
    /// </summary>
    public EffectiveTimeline? WhenSilent => Silence?.Value;

    internal Lazy<EffectiveTimeline>? Silence { get; init; }

    /// <summary>Limits of the site's connection point now.</summary>
    public EffectiveLimits Site => FindSegment(TargetKind.Site, SiteId)?.Limits ?? EffectiveLimits.None;

    /// <summary>
    /// The most that may be drawn from the grid now, W. Null: no limit, and that is known; where it is not known (<see cref="IsKnown"/>), the fail-safe limit. 0 where the site is told to
    /// disconnect or to cease to energize. Limits per phase, of load and of charging are numbers of their own.
    /// </summary>
    /// <param name="failsafeW">What may be drawn while nobody knows, W, 0 or more.</param>
    public long? MostImportW(long failsafeW) => Most(Site.ImportLimitW, failsafeW);

    /// <summary>The same for what is fed in.</summary>
    /// <param name="failsafeW">What may be fed in while nobody knows, W, 0 or more.</param>
    public long? MostExportW(long failsafeW) => Most(Site.ExportLimitW, failsafeW);

    /// <summary>When the site's limits change next; null: not as things stand.</summary>
    public Instant? Until => FindSegment(TargetKind.Site, SiteId)?.Until;

    /// <summary>What holds from <see cref="Until"/> on; null: nothing changes.</summary>
    public EffectiveLimits? Next => SiteTimeline?.Segments is { Count: > 1 } segments ? segments[1].Limits : null;

    /// <summary>The set-point asked of the site now, clamped; null: none.</summary>
    public EffectiveSetpoint? Setpoint => SiteTimeline is { } timeline ? FindCurrentSetpoint(timeline, At) : null;

    /// <summary>The autonomous functions set now at a metering boundary, each with the stream that sets it; empty: the equipment keeps its own.</summary>
    public IReadOnlyList<EffectiveFunction> GetFunctions(TargetKind kind, string id) =>
        [.. (FindTimeline(kind, id)?.Functions ?? []).Where(f => f.From <= At && (f.Until is null || f.Until > At))];

    /// <summary>How fast a metering boundary may go into what holds now; null: not stated.</summary>
    public EffectiveRamp? FindRamp(TargetKind kind, string id) => FindTimeline(kind, id)?.Ramps?.FirstOrDefault(r => r.From <= At && (r.Until is null || r.Until > At));

    private TargetTimeline? SiteTimeline => FindTimeline(TargetKind.Site, SiteId);

    /// <summary>The segment in force now at a metering boundary; null: nobody states anything there.</summary>
    public EffectiveSegment? FindSegment(TargetKind kind, string id) => FindTimeline(kind, id)?.Segments is [var first, ..] ? first : null;

    /// <summary>True when nothing that a controller acts on or a person is told differs: phases, limits in force, their end, what follows, set-points of all targets.</summary>
    public bool SaysSameAs(SiteLimits other)
    {
        ArgumentNullException.ThrowIfNull(other);
        return Phase == other.Phase
            && IsKnown == other.IsKnown
            && WaitingFor.HasValue == other.WaitingFor.HasValue
            && Streams.Select(s => (s.Key, s.Phase)).SequenceEqual(other.Streams.Select(s => (s.Key, s.Phase)))
            && Timeline.Targets.Select(InForce).SequenceEqual(other.Timeline.Targets.Select(InForce))
            && Timeline.Targets.SelectMany(t => SetNow(t, At)).SequenceEqual(other.Timeline.Targets.SelectMany(t => SetNow(t, other.At)))
            && Timeline.Targets.Zip(other.Timeline.Targets).All(pair => AreEquivalent(FindCurrentSetpoint(pair.First, At), FindCurrentSetpoint(pair.Second, other.At)));
    }

    private long? Most(Bound<long>? stated, long failsafeW)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(failsafeW);
        return Site.Connect is { Value: false } || Site.Energize is { Value: false } ? 0 : stated?.Value ?? (IsKnown ? null : failsafeW);
    }

    private static EffectiveSetpoint? FindCurrentSetpoint(TargetTimeline t, Instant at) => t.Setpoints.FirstOrDefault(s => s.From <= at && (s.Until is null || s.Until > at));

    // Who asks for what, until when, and what of it can't be met; as time goes on its start goes with it.
    private static bool AreEquivalent(EffectiveSetpoint? left, EffectiveSetpoint? right) => left is null || right is null
        ? left is null && right is null
        : (left with { From = right.From, Droop = right.Droop }) == right && (left.Droop ?? []).SequenceEqual(right.Droop ?? []);

    private static IEnumerable<(EnvelopeTarget, FunctionSetting?, Ramp?)> SetNow(TargetTimeline t, Instant at) =>
        (t.Functions ?? []).Where(f => f.From <= at && (f.Until is null || f.Until > at)).Select(f => (t.Target, (FunctionSetting?)f.Function, (Ramp?)null))
            .Concat((t.Ramps ?? []).Where(r => r.From <= at && (r.Until is null || r.Until > at)).Select(r => (t.Target, (FunctionSetting?)null, (Ramp?)r.Ramp)));

    private static (EnvelopeTarget, EffectiveLimits?, Instant?, EffectiveLimits?) InForce(TargetTimeline t) => (
        t.Target, t.Segments is [var first, ..] ? first.Limits : null, t.Segments is [var now, ..] ? now.Until : null, t.Segments is [_, var next, ..] ? next.Limits : null);

    private TargetTimeline? FindTimeline(TargetKind kind, string id) =>
        Timeline.Targets.FirstOrDefault(t => t.Target.Kind == kind && string.Equals(t.Target.Id, id, StringComparison.Ordinal));
}
