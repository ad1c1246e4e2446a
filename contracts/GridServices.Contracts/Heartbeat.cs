using NodaTime;

namespace GridServices.Contracts;

/// <summary>Sent on a site's stream every 15 s: a live socket says nothing about a dead utility link, this does.</summary>
public sealed record Heartbeat
{
    public required string SiteId { get; init; }
    public required string Epoch { get; init; }

    /// <summary>The site's last sequence; a controller that holds less has missed something.</summary>
    public required string Sequence { get; init; }

    public required Instant At { get; init; }
    public required IReadOnlyList<UpstreamHealth> Upstreams { get; init; }

    /// <summary>
    /// True: the hub's store is of a new history and not every publisher has restated in it, so that limits may be missing here;
    /// keep to what was in force before. Absent: nothing is known to be missing.
    /// </summary>
    public bool? Incomplete { get; init; }

    /// <summary>The publishers that have not yet restated; absent unless <see cref="Incomplete"/>, empty where none is known yet.</summary>
    public IReadOnlyList<string>? WaitingFor { get; init; }
}

/// <summary>How well a publisher hears the utility behind a stream.</summary>
public sealed record UpstreamHealth
{
    public required StreamId Stream { get; init; }
    public required UpstreamStatus Status { get; init; }

    /// <summary>Since when the status holds.</summary>
    public required Instant Since { get; init; }

    public string? Detail { get; init; }
}

/// <summary>A publisher's report, sent when a status changes and at least every <see cref="ValidFor"/>.</summary>
public sealed record UpstreamReport
{
    /// <summary>The publisher, as in CloudEvents <c>source</c>.</summary>
    public required string Source { get; init; }

    /// <summary>Without a further report for this long the hub shows all of the source's streams as lost.</summary>
    public required Duration ValidFor { get; init; }

    public required IReadOnlyList<UpstreamStream> Streams { get; init; }
}

/// <summary>The status of one stream at the sites it serves.</summary>
public sealed record UpstreamStream
{
    public required StreamId Stream { get; init; }
    public required IReadOnlyList<string> Sites { get; init; }
    public required UpstreamStatus Status { get; init; }
    public required Instant Since { get; init; }
    public string? Detail { get; init; }
}

/// <summary>ok: heard within its interval; stale: late; lost: given up, the stream runs on its own schedule or default.</summary>
public enum UpstreamStatus
{
    Ok,
    Stale,
    Lost,
}
