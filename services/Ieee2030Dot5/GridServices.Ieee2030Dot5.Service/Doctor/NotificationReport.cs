using GridServices.Ieee2030Dot5.Devices;
using GridServices.Ieee2030Dot5.Service.Driver;
using GridServices.Ieee2030Dot5.Service.Notifications;
using GridServices.Ieee2030Dot5.Service.Transport;
using GridServices.UtilityClients.Doctor;
using GridServices.UtilityClients.Listening;
using NodaTime;

namespace GridServices.Ieee2030Dot5.Service.Doctor;

/// <summary>Whether the utility's server can notify a client: seen from here, which is not where the server is.</summary>
public sealed record NotificationReport
{
    /// <summary>True: the service's listener takes connections; false: it doesn't, or there is none and notifications come through a proxy.</summary>
    public required bool Listening { get; init; }

    /// <summary>Where it listens; absent: nowhere.</summary>
    public string? Listener { get; init; }

    /// <summary>The address the server was told (notificationURI).</summary>
    public required string NotificationUrl { get; init; }

    public required SubscriptionHealth Subscriptions { get; init; }

    /// <summary>The last notification to this client that the listener refused unread; absent: none since the start.</summary>
    public NotificationRefusal? LastRefused { get; init; }

    /// <summary>Why a caller of whom nothing is known was refused last, whatever client was meant; absent: none was.</summary>
    public string? LastRefusedCaller { get; init; }

    /// <summary>When that was.</summary>
    public Instant? LastRefusedCallerAt { get; init; }
}

/// <summary>Looks at a client's subscriptions and at the listener as a person would.</summary>
internal sealed class NotificationInspector(NotificationOptions options, ListenerStatus status, NotificationRefusals refusals, NotificationCertificates certificates)
{
    public async Task<NotificationReport?> InspectAsync(ClientView client, Instant now, List<string> advice, CancellationToken ct)
    {
        if (client.Engine.Subscriptions.NotificationUrl is not { } url || SubscriptionHealth.For(client.Engine, client.State, now) is not { } health)
        {
            return null;
        }

        var problem = options.Listen is null ? null : await ListenerProbe.ProblemAsync(status, ct) ?? certificates.ProblemFor(new Uri(url).IdnHost);
        var refused = refusals.FindLatest(client.Id);
        advice.AddRange(Advice(url, problem, health, refused));
        if (problem is null && options.Listen is not null)
        {
            advice.AddRange(ExpiryAdvice.Describe(ClientCertificates.ForListener(certificates.Configured), now));
        }

        return new NotificationReport
        {
            Listening = options.Listen is not null && problem is null,
            Listener = status.Address?.ToString(),
            NotificationUrl = url,
            Subscriptions = health,
            LastRefused = refused,
            LastRefusedCaller = status.Refused,
            LastRefusedCallerAt = status.RefusedAt,
        };
    }

    private IEnumerable<string> Advice(string url, string? problem, SubscriptionHealth health, NotificationRefusal? refused)
    {
        if (problem is not null)
        {
            yield return $"The server can't notify us: {UtilityConnection.Clause(problem)}.";
        }

        if (health.Refused is { } refusal)
        {
            yield return $"The server refuses a subscription: {UtilityConnection.Clause(refusal)}. What is not subscribed to is polled as usual; ask the utility whether this client may subscribe.";
        }

        if (refused is not null)
        {
            yield return $"A notification was refused at {refused.At}: {UtilityConnection.Clause(refused.Why)}.";
        }

        if (health.DoubtedSince is { } since)
        {
            yield return $"Notifications are not relied on since {since}: polled as usual until one arrives (see the client's notes).";
        }

        if (problem is null && health is { Held: > 0, LastNotificationAt: null })
        {
            yield return $"Nothing has been notified since the start, which is normal where nothing changes. The server was told {url}: that must lead to "
                + (options.Listen is null ? "the API's port, through a proxy that ends TLS; or set Notifications:Listen." : "the listener, with TLS ended nowhere before it.")
                + (status.Refused is { } why ? $" The listener refused a caller{(status.RefusedAt is { } at ? $" at {at}" : string.Empty)}: {UtilityConnection.Clause(why)}." : string.Empty);
        }
    }
}
