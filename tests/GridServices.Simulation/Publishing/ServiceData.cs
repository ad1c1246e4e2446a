using System.Collections.Immutable;
using GridServices.Hosting.Publishing;
using NodaTime;

namespace GridServices.Simulation.Publishing;

/// <summary>What a publisher's store holds: the tables of engines, fences, outbox, latest words and the hub as it was seen. Immutable: a commit makes the next.</summary>
internal sealed record ServiceData
{
    public ImmutableSortedDictionary<string, byte[]> States { get; init; } = ImmutableSortedDictionary.Create<string, byte[]>(StringComparer.Ordinal);

    public ImmutableSortedDictionary<string, long> Fences { get; init; } = ImmutableSortedDictionary.Create<string, long>(StringComparer.Ordinal);

    public ImmutableSortedDictionary<long, QueuedItem> Outbox { get; init; } = ImmutableSortedDictionary<long, QueuedItem>.Empty;

    public long LastId { get; init; }

    public ImmutableSortedDictionary<string, SpokenWord> Words { get; init; } = ImmutableSortedDictionary.Create<string, SpokenWord>(StringComparer.Ordinal);

    public HubSeen Seen { get; init; } = new();
}

/// <summary>A row of the table <c>outbox</c>.</summary>
internal sealed record QueuedItem(long Id, string SiteId, byte[] Body, string? Stream, long? Revision)
{
    public string? Restates { get; init; }

    public Instant? ParkedAt { get; init; }

    public WaitReason? Waits { get; init; }
}

/// <summary>A row of the table <c>published_stream</c>.</summary>
internal sealed record SpokenWord(string SiteId, long Revision, bool IsWithdrawn, byte[] Body, Instant At, string Run)
{
    public long RaisedBy { get; init; }

    public Instant RaisedSince { get; init; }

    public long RaisedTimes { get; init; }

    public bool Behind { get; init; }
}

/// <summary>A store that is away: nothing is written, or nobody knows.</summary>
internal sealed class StoreAwayException : Exception;

/// <summary>The engine was started elsewhere.</summary>
internal sealed class FencedException : Exception;
