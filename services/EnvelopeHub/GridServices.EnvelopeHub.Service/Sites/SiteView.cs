using GridServices.EnvelopeHub.Sites;
using GridServices.EnvelopeHub.Streaming;
using NodaTime;

namespace GridServices.EnvelopeHub.Service.Sites;

/// <summary>A site as everybody sees it at one moment. Replaced whole, never changed.</summary>
/// <param name="Set">What is live.</param>
/// <param name="Window">The newest events, ready for the socket.</param>
/// <param name="TrimmedTo">The stored log holds everything after this sequence.</param>
internal sealed record SiteView(SiteSet Set, ReplayWindow Window, long TrimmedTo)
{
    public Notice? Snapshot { get; init; }
    public Notice? Effective { get; init; }
    public Notice? Heartbeat { get; init; }

    public Offer Offer => new(Window, Effective?.Number ?? 0, Heartbeat?.Number ?? 0);
}

/// <summary>A frame that says how things stand, made at an instant; a newer one makes it worthless.</summary>
internal sealed record Notice(long Number, Frame Frame, Instant MadeAt)
{
    /// <summary>Still true of the sequence, and made less than <paramref name="most"/> ago.</summary>
    public bool IsFresh(long sequence, Instant now, Duration most) => Frame.Sequence == sequence && now - MadeAt < most;
}
