namespace GridServices.Contracts;

/// <summary>The hub's answer to a publication: one result per event, in order.</summary>
public sealed record PublishAnswer(IReadOnlyList<PublishResult> Results)
{
    /// <summary>The history that the hub's store is in now; another one than before: everything live must be said again.</summary>
    public string? Epoch { get; init; }
}

/// <summary>What became of one event.</summary>
public sealed record PublishResult
{
    /// <summary>The CloudEvents id, where one could be read.</summary>
    public string? Id { get; init; }

    public required PublishStatus Status { get; init; }

    /// <summary>The site's sequence of an accepted event, a decimal string.</summary>
    public string? Sequence { get; init; }

    /// <summary>
    /// On <c>stale</c>, and where the revision is held with other content: the revision of the stream that the hub holds.
    /// A publisher that means what it says publishes again above it.
    /// </summary>
    public long? HeldRevision { get; init; }

    /// <summary>Why an event was rejected.</summary>
    public Problem? Problem { get; init; }
}

/// <summary>accepted: stored; duplicate: seen before with equal content; stale: a higher revision is held; rejected: see the problem.</summary>
public enum PublishStatus
{
    Accepted,
    Duplicate,
    Stale,
    Rejected,
}
