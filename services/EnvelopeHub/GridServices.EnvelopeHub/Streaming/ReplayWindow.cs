using System.Collections.Immutable;

namespace GridServices.EnvelopeHub.Streaming;

/// <summary>
/// The newest events of a site in memory, as frames: every event in (<see cref="After"/>, <see cref="Last"/>], without gaps.
/// Subscribers read from it by their own cursors, so the window is the bounded queue of them all;
/// one that has fallen behind <see cref="After"/> reads the stored log instead.
/// </summary>
public sealed record ReplayWindow
{
    private ReplayWindow(long after, ImmutableArray<Frame> frames)
    {
        After = after;
        Frames = frames;
    }

    public long After { get; }
    public ImmutableArray<Frame> Frames { get; }
    public long Last => After + Frames.Length;

    /// <summary>A window that holds nothing yet.</summary>
    public static ReplayWindow StartingAfter(long sequence) => new(sequence, []);

    /// <summary>The window with the next event, and without the oldest ones beyond the capacity.</summary>
    /// <exception cref="ArgumentException">The frame isn't the next one: a gap would be shown to every reader.</exception>
    public ReplayWindow Add(Frame frame, int capacity)
    {
        ArgumentNullException.ThrowIfNull(frame);
        if (frame.Sequence != Last + 1)
        {
            throw new ArgumentException($"After {Last} comes {Last + 1}, not {frame.Sequence}.", nameof(frame));
        }

        var surplus = Math.Max(0, Frames.Length + 1 - capacity);
        var frames = ImmutableArray.CreateBuilder<Frame>(Frames.Length + 1 - surplus);
        frames.AddRange(Frames.AsSpan()[Math.Min(surplus, Frames.Length)..]);
        frames.Add(frame);
        return new ReplayWindow(After + surplus, frames.DrainToImmutable());
    }

    /// <summary>What comes after a cursor; only to be asked when <paramref name="cursor"/> ≥ <see cref="After"/>.</summary>
    public ReadOnlySpan<Frame> Since(long cursor) => Frames.AsSpan()[(int)Math.Min(cursor - After, Frames.Length)..];
}
