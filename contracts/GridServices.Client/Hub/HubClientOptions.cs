using GridServices.Client.Access;
using NodaTime;

namespace GridServices.Client;

/// <summary>Where the hub is and how patiently it is asked.</summary>
public sealed record HubClientOptions
{
    /// <summary>Base address of the hub, e.g. <c>http://127.0.0.1:5100</c>.</summary>
    public required Uri Hub { get; init; }

    /// <summary>Bearer token of role controller; empty where <see cref="Credentials"/> fetch one.</summary>
    public required string Token { get; init; }

    /// <summary>Fetches the tokens from an authorization server instead; <see cref="Token"/> is then not sent.</summary>
    public ClientCredentials? Credentials { get; init; }

    /// <summary>
    /// Transport to the authorization server, where it needs a client certificate (<see cref="ClientCredentials.SecretFile"/> null), roots of its own or a proxy: the hub's transport is not
    /// used for it. Null: a plain one that follows no redirects. Disposed with the client, so one for each.
    /// </summary>
    public HttpMessageHandler? CredentialsHandler { get; init; }

    public required string SiteId { get; init; }

    /// <summary>A stream that says nothing for this long is cut and opened anew. Default 40 s: the hub beats every 15 s.</summary>
    public Duration IdleLimit { get; init; } = Duration.FromSeconds(40);

    /// <summary>Longest wait for an answer other than the stream. Default 15 s.</summary>
    public Duration RequestTimeout { get; init; } = Duration.FromSeconds(15);

    /// <summary>First wait before another attempt; doubles each time. Default 0.5 s.</summary>
    public Duration FirstRetry { get; init; } = Duration.FromMilliseconds(500);

    /// <summary>Longest wait before another attempt. Default 30 s.</summary>
    public Duration LongestRetry { get; init; } = Duration.FromSeconds(30);

    /// <summary>Largest event or answer that is read, bytes. Default 16 MiB.</summary>
    public int MaxBytes { get; init; } = 16 * 1024 * 1024;

    /// <summary>Seed of the jitter; null: drawn, so that a thousand controllers do not come back at one instant.</summary>
    public int? JitterSeed { get; init; }

    /// <summary>Without the token: options end up in logs.</summary>
    public override string ToString() => $"{SiteId} at {Hub}";
}
