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

    public Offer Offer => new(Window, Effective?.Number ?? 0, Heartbeat?.Number ?? 0);
}

/// <summary>A frame that says how things stand, made at an instant; a newer one makes it worthless.</summary>
/// <param name="Number">Counts up.</param>
/// <param name="Frame">Ready for the socket.</param>
/// <param name="MadeAt">When.</param>
/// <param name="About">What was told of the history with it.</param>
internal sealed record LatestFrame(long Number, Frame Frame, Instant MadeAt, TenantHistory About)
{
    /// <summary>Still true of the sequence and of the history, and made less than <paramref name="most"/> ago.</summary>
    public bool IsFresh(long sequence, TenantHistory about, Instant now, Duration most) => Frame.Sequence == sequence && ReferenceEquals(About, about) && now - MadeAt < most;
}
