using GridServices.Contracts;

namespace GridServices.EnvelopeHub.Sites;

/// <summary>A validated publication on its way to the store: what the hub needs to decide, keep and send.</summary>
public sealed record PublicationEntry
{
    public required SiteKey Site { get; init; }
    public required Publication Publication { get; init; }

    /// <summary>SHA-256 of the canonical data: the same revision with another content is a conflict.</summary>
    public required string Content { get; init; }

    /// <summary>The CloudEvent as one JSON object, without the hub's own members.</summary>
    public required ReadOnlyMemory<byte> Event { get; init; }
}

/// <summary>An accepted publication with its place in the site's order; a withdrawal too, as a tombstone.</summary>
public sealed record Entry
{
    public required StreamKey Key { get; init; }
    public required long Revision { get; init; }
    public required long Sequence { get; init; }

    /// <summary>SHA-256 of the canonical data, lower-case hex.</summary>
    public required string Content { get; init; }

    /// <summary>An <see cref="Envelope"/>, a <see cref="Withdrawal"/> or a <see cref="PriceSeries"/>.</summary>
    public required object Data { get; init; }

    /// <summary>The CloudEvent with <c>epoch</c> and <c>sequence</c>, as it is stored and sent.</summary>
    public required ReadOnlyMemory<byte> Event { get; init; }
}
