using GridServices.Client.Access;

namespace GridServices.Hosting;

/// <summary>Where a publisher finds the hub, and as whom it comes.</summary>
public sealed record HubOptions : ISettings
{
    public static string Section => "Hub";

    /// <summary>The hub's address.</summary>
    public string Url { get; init; } = "http://127.0.0.1:5100";

    /// <summary>The publisher token for it.</summary>
    public string? Token { get; init; }

    /// <summary>Token endpoint of an authorization server (OAuth 2.0 client credentials): tokens for the hub are fetched there instead.</summary>
    public string? TokenUrl { get; init; }

    /// <summary>The id under which this service is known there.</summary>
    public string? ClientId { get; init; }

    /// <summary>File whose first line is its secret there; read at each fetch.</summary>
    public string? ClientSecretFile { get; init; }

    /// <summary>Scope that is asked for there.</summary>
    public string? Scope { get; init; }

    /// <summary>The tenant that the token belongs to: feedback concerns its sites only.</summary>
    public string Tenant { get; init; } = "default";

    public IEnumerable<string> Validate() =>
    [
        .. Bounds.HttpAddress("Hub:Url", Url, "http://127.0.0.1:5100"),
        .. TokenUrl is { Length: > 0 } ? CredentialFaults() : [],
        .. string.IsNullOrWhiteSpace(Tenant) ? ["Hub:Tenant is empty; name the tenant of the token, e.g. default."] : Array.Empty<string>(),
    ];

    /// <summary>Null: <see cref="Token"/> is sent.</summary>
    internal ClientCredentials? Credentials => TokenUrl is not { Length: > 0 } address || !Uri.TryCreate(address, UriKind.Absolute, out var url) ? null
        : new ClientCredentials { TokenUrl = url, ClientId = ClientId ?? string.Empty, SecretFile = ClientSecretFile, Scope = Scope };

    private IEnumerable<string> CredentialFaults()
    {
        if (Token is { Length: > 0 })
        {
            yield return "Hub:Token and Hub:TokenUrl are both set; leave one of them out.";
        }

        if (!File.Exists(ClientSecretFile))
        {
            yield return $"Hub:ClientSecretFile '{ClientSecretFile}' is not there: a file whose first line is the secret of Hub:ClientId.";
        }

        foreach (var fault in Credentials?.Faults() ?? [$"Hub:TokenUrl '{TokenUrl}' is no address."])
        {
            yield return $"Hub:TokenUrl, Hub:ClientId: {fault}";
        }
    }
}

/// <summary>Which of several publishers of one kind this is.</summary>
public sealed record PublisherOptions : ISettings
{
    public static string Section => string.Empty;

    /// <summary>Names the publisher where several of one kind publish to one hub: <c>/gridservices/{service}/{Instance}</c>.</summary>
    public string Instance { get; init; } = "1";

    public IEnumerable<string> Validate() => string.IsNullOrWhiteSpace(Instance) || Instance.Any(c => !char.IsAsciiLetterOrDigit(c) && c is not ('-' or '_' or '.'))
        ? [$"Instance '{Instance}' must be letters, digits, '-', '_' or '.', e.g. 1."]
        : [];
}
