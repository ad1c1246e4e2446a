using GridServices.Ieee2030Dot5.Configuration;
using NodaTime;

namespace GridServices.Ieee2030Dot5.Devices;

/// <summary>How a client's subscriptions stand.</summary>
public sealed record SubscriptionHealth
{
    /// <summary>Resources that offer to be subscribed to.</summary>
    public required int Offered { get; init; }

    /// <summary>Of these, how many the server holds a subscription of ours to.</summary>
    public required int Held { get; init; }

    /// <summary>What the server says to the first of those it refuses; null: it refuses none.</summary>
    public string? Refused { get; init; }

    /// <summary>When a notification of something that is ours came last; null: not since the start.</summary>
    public Instant? LastNotificationAt { get; init; }

    /// <summary>usual: by pollRate; heartbeat: what is subscribed to is polled as seldom as <see cref="DerSubscriptions.Heartbeat"/> says.</summary>
    public required SubscribedPolls Polls { get; init; }

    /// <summary>Since when notifications are not relied on though the heartbeat is configured; null: they are.</summary>
    public Instant? DoubtedSince { get; init; }

    /// <summary>Null: the client subscribes to nothing, as it has no notificationUrl.</summary>
    public static SubscriptionHealth? For(DerClientConfig config, DerClientState state, Instant now)
    {
        ArgumentNullException.ThrowIfNull(config);
        ArgumentNullException.ThrowIfNull(state);
        if (config.Subscriptions.NotificationUrl is null)
        {
            return null;
        }

        var offered = state.Nodes.Values.Where(Subscribing.IsOffered).ToList();
        return new SubscriptionHealth
        {
            Offered = offered.Count,
            Held = offered.Count(n => state.Subscriptions.GetValueOrDefault(NotifiedResources.Normalize(n.Href)) is { IsHeld: true }),
            Refused = offered.Select(n => Subscribing.FindRefusal(state, n.Href) is { } why ? $"{n.Href}: {why}" : null).FirstOrDefault(r => r is not null),
            LastNotificationAt = state.Line.NotifiedAt,
            Polls = HeartbeatPolling.Create(config, state, now) is null ? SubscribedPolls.Usual : SubscribedPolls.Heartbeat,
            DoubtedSince = state.Line.DoubtedSince,
        };
    }
}

/// <summary>How what is subscribed to is polled.</summary>
public enum SubscribedPolls
{
    Usual,
    Heartbeat,
}
