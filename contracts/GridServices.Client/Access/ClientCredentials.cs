using NodaTime;

namespace GridServices.Client.Access;

/// <summary>
/// Where, and as whom, access tokens are fetched: OAuth 2.0 client credentials (RFC 6749 4.4). Beside it the secret stays in a file of its own, which is read
/// at each fetch, so that a changed one needs no restart.
/// </summary>
public sealed record ClientCredentials
{
    /// <summary>The authorization server's token endpoint; https, or http on this machine.</summary>
    public required Uri TokenUrl { get; init; }

    /// <summary>The id under which this program is known there.</summary>
    public required string ClientId { get; init; }

    /// <summary>File whose first line is the secret; null: the connection's client certificate says who we are (RFC 8705 2); the transport of the source must show it.</summary>
    public string? SecretFile { get; init; }

    /// <summary>Asked for, where the server wants that said; words with spaces between.</summary>
    public string? Scope { get; init; }

    /// <summary>Asked for, where the server wants that said.</summary>
    public string? Audience { get; init; }

    /// <summary>Longest wait for the server's answer. Default 15 s.</summary>
    public Duration Timeout { get; init; } = Duration.FromSeconds(15);

    /// <summary>First wait after a failure; doubles each time. Default 1 s.</summary>
    public Duration FirstRetry { get; init; } = Duration.FromSeconds(1);

    /// <summary>Longest wait after a failure. Default 1 min.</summary>
    public Duration LongestRetry { get; init; } = Duration.FromMinutes(1);

    /// <summary>What can't be meant, a sentence each; none where all is well.</summary>
    public IEnumerable<string> Faults()
    {
        if (!TokenUrl.IsAbsoluteUri || !(TokenUrl.Scheme == Uri.UriSchemeHttps || (TokenUrl.Scheme == Uri.UriSchemeHttp && TokenUrl.IsLoopback)))
        {
            yield return $"The token endpoint '{TokenUrl}' must be an https address, e.g. https://login.example/token: the secret goes there.";
        }

        if (string.IsNullOrWhiteSpace(ClientId))
        {
            yield return "The client id is missing: the id under which this program is known at the token endpoint.";
        }

        if (SecretFile is not null && string.IsNullOrWhiteSpace(SecretFile))
        {
            yield return "The secret file has no name: name the file whose first line is the client's secret, or leave it out where a client certificate says who we are.";
        }
    }
}
