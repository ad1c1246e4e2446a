using System.Text.Json.Serialization;
using GridServices.Contracts.Functions;
using NodaTime;

namespace GridServices.Contracts;

/// <summary>
/// A constraint envelope: the whole schedule that one line of authority (<see cref="Stream"/>) states for one target of one site.
/// </summary>
/// <remarks>
/// One live envelope per (site, target, stream): a publication replaces it whole, a higher <see cref="Revision"/> wins (architecture law 7).
/// <code>
///            from        until=from        until
///   ─────────┼───────────┼─────────────────┼──────────────▶ t
///   default  │ segment 0 │ segment 1       │ default
/// </code>
/// </remarks>
public sealed record Envelope
{
    /// <summary>Identity of this revision (UUIDv7); receipts refer to it.</summary>
    public required Guid EnvelopeId { get; init; }

    /// <summary>Monotone in (site, target, stream), from 1; higher replaces, lower is ignored.</summary>
    public required long Revision { get; init; }

    public required string SiteId { get; init; }

    /// <summary>The metering boundary the limits apply at.</summary>
    public required EnvelopeTarget Target { get; init; }

    /// <summary>The line of authority; the unit of supersede.</summary>
    public required StreamId Stream { get; init; }

    public required Tier Tier { get; init; }

    public required Obligation Obligation { get; init; }

    /// <summary>What breaching an advisory envelope costs; only with <see cref="Obligation.Advisory"/>.</summary>
    public BreachPrice? BreachPrice { get; init; }

    /// <summary>Half-open [from, until), sorted, not overlapping; at most 1,024; only the last may be open-ended.</summary>
    public required IReadOnlyList<Segment> Segments { get; init; }

    /// <summary>What the site is asked to do (never a limit), sorted, half-open, not overlapping.</summary>
    public IReadOnlyList<TargetSegment> Targets { get; init; } = [];

    /// <summary>Limits in gaps between, before and after segments while the stream lives. Null: no statement there.</summary>
    public DefaultLimits? Default { get; init; }

    /// <summary>What the controller does once it hears nothing more; null: the controller's own rule.</summary>
    public Failsafe? Failsafe { get; init; }

    public required Provenance Provenance { get; init; }
}

/// <summary>Limits over [<see cref="From"/>, <see cref="Until"/>); <see cref="Until"/> null = no end, in the last segment only.</summary>
public sealed record Segment : ISegment<Segment>
{
    public required Instant From { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public Instant? Until { get; init; }

    public required Limits Limits { get; init; }
    public Cause? Cause { get; init; }

    /// <summary>True where the source lengthened this segment over a gap of a few seconds in its own schedule.</summary>
    public bool? Bridged { get; init; }

    /// <summary>Autonomous functions of the target's equipment while the segment lasts, each kind once; null: none is set.</summary>
    public IReadOnlyList<FunctionSetting>? Functions { get; init => field = EqualList.From(value); }

    /// <summary>How fast the target may go into this segment; null: not stated.</summary>
    public Ramp? Ramp { get; init; }

    public Segment Over(Instant from, Instant? until) => this with { From = from, Until = until };
}

/// <summary>
/// A request over [<see cref="From"/>, <see cref="Until"/>): either a power set-point or a droop curve for local frequency response.
/// Clamped into the merged limits; what can't be met is reported as a shortfall (architecture law 4).
/// </summary>
public sealed record TargetSegment : ISegment<TargetSegment>
{
    public required Instant From { get; init; }

    [JsonIgnore(Condition = JsonIgnoreCondition.Never)]
    public Instant? Until { get; init; }

    /// <summary>Signed W at the target's boundary, + = import/charge, |value| ≤ 2^53. Null when <see cref="Droop"/> is given.</summary>
    public long? TargetW { get; init; }

    /// <summary>Frequency to power, ascending in frequency, linear between points, held beyond the ends.</summary>
    public IReadOnlyList<DroopPoint>? Droop { get; init; }

    public Cause? Cause { get; init; }

    public TargetSegment Over(Instant from, Instant? until) => this with { From = from, Until = until };
}

/// <summary>One corner of a droop curve: at <see cref="Hz"/> the target is <see cref="W"/> (signed, + = import).</summary>
public sealed record DroopPoint(decimal Hz, long W);

/// <summary>Limits that hold where no segment covers.</summary>
public sealed record DefaultLimits
{
    public required Limits Limits { get; init; }
}

/// <summary>Known to the controller before the line is lost (architecture law 6).</summary>
public sealed record Failsafe
{
    /// <summary>Silence after which <see cref="OnStale"/> applies; more than zero.</summary>
    public required Duration StaleAfter { get; init; }

    public required OnStale OnStale { get; init; }

    /// <summary>The fail-safe limits.</summary>
    public Limits? Limits { get; init; }

    /// <summary>Shortest stay in fail-safe; left only on a heartbeat and a following envelope or snapshot.</summary>
    public Duration? MinDuration { get; init; }
}

/// <summary>What the controller does with a stream whose line went dead.</summary>
public enum OnStale
{
    /// <summary>Go on with the schedule as it was last stated (day-ahead programs).</summary>
    HoldSchedule,

    /// <summary>Apply the fail-safe limits.</summary>
    Failsafe,
}

/// <summary>Where limits apply. <c>site</c> is the net connection point.</summary>
public sealed record EnvelopeTarget(TargetKind Kind, string Id);

/// <summary>Kinds of metering boundary.</summary>
public enum TargetKind
{
    Site,
    Circuit,
    EvseGroup,
    Evse,
    Ess,
    Pv,
}

/// <summary>A source's line of authority at a site: service name (<c>openadr</c>) and key (<c>PROG7</c>).</summary>
public sealed record StreamId(string Service, string Key)
{
    public override string ToString() => $"{Service}/{Key}";
}

/// <summary>Explains and chooses among targets; never loosens a limit (architecture law 5). Strongest first.</summary>
public enum Tier
{
    Safety,
    Regulatory,
    Contractual,
    Market,
    Economic,
}

/// <summary>Mandatory envelopes are merged into the limits; advisory ones are listed beside them.</summary>
public enum Obligation
{
    Mandatory,
    Advisory,
}

/// <summary>The price of breaching an advisory limit.</summary>
public sealed record BreachPrice(decimal Amount, string Currency, BreachUnit Per);

/// <summary>What a breach price is charged per.</summary>
public enum BreachUnit
{
    Kw,
    Kwh,
}

/// <summary>Where an envelope comes from (architecture law 9).</summary>
public sealed record Provenance
{
    /// <summary>Protocol and version, e.g. <c>OpenADR 2.0b</c>.</summary>
    public required string Protocol { get; init; }

    /// <summary>VTN id, LFDI, tariff version.</summary>
    public required string Authority { get; init; }

    public string? Program { get; init; }
}

/// <summary>What made a segment: the protocol's own event, and the message it came in.</summary>
public sealed record Cause
{
    /// <summary>OpenADR eventID, IEEE 2030.5 mRID, tariff charge id.</summary>
    public string? EventId { get; init; }

    /// <summary>OpenADR modificationNumber or another version of the event.</summary>
    public long? Modification { get; init; }

    /// <summary>OpenADR priority or IEEE 2030.5 primacy, as the protocol states it.</summary>
    public long? Priority { get; init; }

    /// <summary>Seconds of start randomisation already drawn by the source and contained in the segment's times.</summary>
    public long? RandomizedByS { get; init; }

    public bool? TestEvent { get; init; }
    public Instant? ReceivedAt { get; init; }

    /// <summary>SHA-256 of the raw message, 64 lower-case hex digits.</summary>
    public string? Sha256 { get; init; }
}

/// <summary>A retained tombstone: the stream states nothing more for the target, at this revision.</summary>
public sealed record Withdrawal
{
    public required string SiteId { get; init; }
    public required EnvelopeTarget Target { get; init; }
    public required StreamId Stream { get; init; }
    public required long Revision { get; init; }
    public string? Reason { get; init; }
}
