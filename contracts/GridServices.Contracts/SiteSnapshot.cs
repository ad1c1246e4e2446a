using NodaTime;

namespace GridServices.Contracts;

/// <summary>
/// All that is live at a site at one cursor: the <c>snapshot</c> event of the stream, and what a late joiner starts from.
/// A controller that holds it and applies every later change holds what a full replay would give.
/// </summary>
public sealed record SiteSnapshot
{
    public required string SiteId { get; init; }
    public required string Epoch { get; init; }

    /// <summary>The last change that is contained, a decimal string.</summary>
    public required string Sequence { get; init; }

    public required Instant AsOf { get; init; }

    /// <summary>Live envelopes, mandatory and advisory.</summary>
    public required IReadOnlyList<Envelope> Envelopes { get; init; }

    /// <summary>Tombstones, so that a late lower revision can't bring a withdrawn envelope back.</summary>
    public IReadOnlyList<Withdrawal>? Withdrawn { get; init; }

    public required IReadOnlyList<PriceSeries> Prices { get; init; }

    public required EffectiveTimeline Effective { get; init; }

    /// <summary>
    /// True: the hub's store is of a new history and not every publisher has restated in it, so that limits may be missing here;
    /// keep to what was in force before. Absent: nothing is known to be missing.
    /// </summary>
    public bool? Incomplete { get; init; }

    /// <summary>The publishers that have not yet restated; absent unless <see cref="Incomplete"/>, empty where none is known yet.</summary>
    public IReadOnlyList<string>? WaitingFor { get; init; }

    /// <summary>False: nothing was ever published for a site of this name; it may be mistyped, and is not one without limits. Absent: something was.</summary>
    public bool? SiteKnown { get; init; }
}

/// <summary>
/// The answer of <c>GET /v1/sites/{siteId}/envelopes</c>: without <c>since</c> all that is live (<see cref="Complete"/>),
/// with it what changed after that cursor.
/// </summary>
public sealed record SiteEnvelopes
{
    public required string SiteId { get; init; }
    public required string Epoch { get; init; }

    /// <summary>The next <c>since</c> is <c>{epoch}.{sequence}</c>.</summary>
    public required string Sequence { get; init; }

    public required Instant AsOf { get; init; }

    /// <summary>True: what is not listed is not live. False: what is not listed has not changed.</summary>
    public required bool Complete { get; init; }

    public required IReadOnlyList<Envelope> Envelopes { get; init; }
    public IReadOnlyList<Withdrawal>? Withdrawn { get; init; }
    public required IReadOnlyList<PriceSeries> Prices { get; init; }

    /// <summary>
    /// True: the hub's store is of a new history and not every publisher has restated in it, so that limits may be missing here;
    /// keep to what was in force before. Absent: nothing is known to be missing.
    /// </summary>
    public bool? Incomplete { get; init; }

    /// <summary>The publishers that have not yet restated; absent unless <see cref="Incomplete"/>, empty where none is known yet.</summary>
    public IReadOnlyList<string>? WaitingFor { get; init; }

    /// <summary>False: nothing was ever published for a site of this name; it may be mistyped, and is not one without limits. Absent: something was.</summary>
    public bool? SiteKnown { get; init; }
}
