using GridServices.Contracts;
using NodaTime;

namespace GridServices.Client;

/// <summary>What comes from the hub about one site.</summary>
public abstract record HubMessage
{
    private protected HubMessage()
    {
    }
}

/// <summary>All that is live at a cursor: what is not listed is not live.</summary>
/// <param name="Cursor">Where it stands.</param>
/// <param name="Set">What is live.</param>
public sealed record SetStated(Cursor Cursor, SiteEnvelopes Set) : HubMessage
{
    /// <summary>True where it answers a question or opens the stream, and so tells how things are now: it can't be an old one, late on its way.</summary>
    public bool Asked { get; init; }
}

/// <summary>One change: an envelope published or withdrawn, or prices.</summary>
/// <param name="Cursor">Its own place in the site's sequence.</param>
/// <param name="Publication">What was published, read and found valid.</param>
public sealed record ChangeStated(Cursor Cursor, Publication Publication) : HubMessage;

/// <summary>The hub's own merge; for show, since a controller recomputes it from what it holds.</summary>
/// <param name="Timeline">As the hub sent it.</param>
public sealed record EffectiveStated(EffectiveTimeline Timeline) : HubMessage;

/// <summary>The hub lives, and how well each publisher hears its utility.</summary>
/// <param name="Heartbeat">As the hub sent it.</param>
public sealed record HeartbeatHeard(Heartbeat Heartbeat) : HubMessage;

/// <summary>The line came up or went down. Going down is no silence yet: only time makes a stream stale.</summary>
/// <param name="Up">True: the hub answered the subscription.</param>
/// <param name="Detail">Why it went down, in words.</param>
/// <param name="RetryIn">When the next attempt is made, where it is down.</param>
public sealed record LinkChanged(bool Up, string? Detail, Duration? RetryIn) : HubMessage;
