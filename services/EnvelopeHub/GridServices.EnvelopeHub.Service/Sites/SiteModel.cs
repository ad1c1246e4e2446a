using GridServices.EnvelopeHub.History;
using GridServices.EnvelopeHub.Sites;
using GridServices.EnvelopeHub.Streaming;
using NodaTime;

namespace GridServices.EnvelopeHub.Service.Sites;

/// <summary>A site as everybody sees it at one moment. Replaced whole, never changed.</summary>
/// <param name="Set">What is live.</param>
/// <param name="Window">The newest events, ready for the socket.</param>
/// <param name="TrimmedTo">The stored log holds everything after this sequence.</param>
/// <param name="Epoch">The history that sequences and cursors belong to.</param>
internal sealed record SiteModel(SiteSet Set, ReplayWindow Window, long TrimmedTo, string Epoch)
{
    public LatestFrame? Snapshot { get; init; }
    public LatestFrame? Effective { get; init; }
    public LatestFrame? Heartbeat { get; init; }

    /// <summary>Where this start of the hub left sequences out; null: nowhere yet.</summary>
    public Leap? Leap { get; init; }

    /// <summary>Who has everything before the sequences that were left out has missed none of them.</summary>
    public long SkipLeap(long cursor) => Leap is { } leap && cursor == leap.From ? leap.To : cursor;

    /// <summary>True for a cursor that memory can't vouch for: beyond the end, or of what lies in the store alone.</summary>
    public bool IsDoubtful(Resume resume) => resume is Resume.Gone { IsAhead: true } || (resume is Resume.After after && after.Sequence < Window.After && after.Sequence != Leap?.From);

    public Offer Offer => new(Window, Effective?.Number ?? 0, Heartbeat?.Number ?? 0);
}

/// <summary>A frame that says how things stand, made at an instant; a newer one makes it worthless.</summary>
/// <param name="Number">Counts up.</param>
/// <param name="Frame">Ready for the socket.</param>
/// <param name="MadeAt">When.</param>
/// <param name="About">What was told of the history with it.</param>
internal sealed record LatestFrame(long Number, Frame Frame, Instant MadeAt, TenantHistory About)
{
    /// <summary>Still true of the sequence and of the history, and made less than <paramref name="most"/> ago; by a clock that was set back since, it is not.</summary>
    public bool IsFresh(long sequence, TenantHistory history, Instant now, Duration most) => Frame.Sequence == sequence && ReferenceEquals(About, history) && !IsOlderThan(most, now);

    /// <summary>Made <paramref name="most"/> ago or longer, or at a time that has not come yet by a clock that was set back.</summary>
    public bool IsOlderThan(Duration most, Instant now) => now < MadeAt || now - MadeAt >= most;
}

/// <summary>
/// Sequences of a site that a start of the hub leaves out by lot before its first publication there. A store that was put back so never gives the
/// sequences of its lost tail out again, and who has seen one of them can be told from all others.
/// </summary>
/// <param name="From">The last sequence before.</param>
/// <param name="To">The last one that was left out.</param>
internal sealed record Leap(long From, long To)
{
    /// <summary>At most so many at once: 2^53, the last exact number of JSON, is reached after 8 million starts.</summary>
    public const int Longest = 1 << 30;
}
