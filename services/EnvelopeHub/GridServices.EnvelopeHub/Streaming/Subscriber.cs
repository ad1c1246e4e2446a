using System.Runtime.InteropServices;

namespace GridServices.EnvelopeHub.Streaming;

/// <summary>What a subscriber does next.</summary>
public enum SubscriberAction
{
    /// <summary>State the whole current set.</summary>
    Snapshot,

    /// <summary>Cut to cursor mode: it is behind the window; read the stored log from its cursor.</summary>
    CatchUp,

    /// <summary>Send what the window holds after its cursor.</summary>
    Events,

    /// <summary>Send the merged timeline.</summary>
    Effective,

    /// <summary>Send the heartbeat.</summary>
    Heartbeat,

    /// <summary>Nothing is due.</summary>
    Wait,
}

/// <summary>What all subscribers of a site see of it at one moment.</summary>
/// <param name="Window">The newest events.</param>
/// <param name="Effective">Number of the newest merged timeline; 0: none was made yet.</param>
/// <param name="Heartbeat">Number of the newest heartbeat; 0: none was made yet.</param>
[StructLayout(LayoutKind.Auto)]
public readonly record struct Offer(ReplayWindow Window, long Effective, long Heartbeat);

/// <summary>
/// How far one subscriber is. It holds no queue: it pulls by its cursor, so a slow one costs nothing and slows nobody.
/// </summary>
/// <param name="Cursor">It has every event up to and including this sequence; null: it was told nothing yet.</param>
/// <param name="Effective">Number of the newest merged timeline it has.</param>
/// <param name="Heartbeat">Number of the newest heartbeat it has.</param>
[StructLayout(LayoutKind.Auto)]
public readonly record struct Subscriber(long? Cursor, long Effective, long Heartbeat)
{
    /// <summary>Events before the timeline that they make, both before the heartbeat that says nothing is missing.</summary>
    public SubscriberAction Next(Offer offer)
    {
        if (Cursor is not { } cursor)
        {
            return SubscriberAction.Snapshot;
        }

        if (cursor < offer.Window.After)
        {
            return SubscriberAction.CatchUp;
        }

        if (cursor < offer.Window.Last)
        {
            return SubscriberAction.Events;
        }

        if (Effective < offer.Effective)
        {
            return SubscriberAction.Effective;
        }

        return Heartbeat < offer.Heartbeat ? SubscriberAction.Heartbeat : SubscriberAction.Wait;
    }
}
