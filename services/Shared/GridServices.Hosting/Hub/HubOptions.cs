using GridServices.Client.Access;
using GridServices.Hosting.Configuration;

namespace GridServices.Hosting.Hub;

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

    /// <summary>File whose first line is its secret there; read at each fetch. Unset: `ClientCertificate` says who we are.</summary>
    public string? ClientSecretFile { get; init; }

    /// <summary>Scope that is asked for there.</summary>
    public string? Scope { get; init; }

    /// <summary>PEM file of the certificate that is shown to the hub and to the token endpoint, for tokens that are bound to one.</summary>
    public string? ClientCertificate { get; init; }

    /// <summary>PEM file of its key.</summary>
    public string? ClientKey { get; init; }

    /// <summary>PEM file with the roots that the certificates of both lead to; unset: the system's.</summary>
    public string? TrustedRoots { get; init; }

    /// <summary>The tenant that the token belongs to: feedback concerns its sites only.</summary>
    public string Tenant { get; init; } = "default";

    public IEnumerable<string> Validate() =>
    [
        .. Bounds.HttpAddress("Hub:Url", Url, "http://127.0.0.1:5100"),
        .. TokenUrl is { Length: > 0 } ? CredentialFaults() : [],
        .. CertificateFaults(),
        .. string.IsNullOrWhiteSpace(Tenant) ? ["Hub:Tenant is empty; name the tenant of the token, e.g. default."] : Array.Empty<string>(),
    ];

    /// <summary>Null: <see cref="Token"/> is sent.</summary>
    internal ClientCredentials? Credentials => TokenUrl is not { Length: > 0 } address || !Uri.TryCreate(address, UriKind.Absolute, out var url) ? null
        : new ClientCredentials { TokenUrl = url, ClientId = ClientId ?? string.Empty, SecretFile = ClientSecretFile is { Length: > 0 } file ? file : null, Scope = Scope };

    /// <summary>Which settings a refused token is to be looked for in.</summary>
    internal string TokenSettings => TokenUrl is { Length: > 0 } ? "Hub:TokenUrl and Hub:ClientId, and the role of that client at its authorization server" : "Hub:Token";

    /// <summary>Null: none is shown.</summary>
    internal HubCertificate? Certificate => ClientCertificate is { Length: > 0 } certificate && ClientKey is { Length: > 0 } key ? new HubCertificate(certificate, key) : null;

    private IEnumerable<string> CertificateFaults()
    {
        var fault = string.Empty;
        if (string.IsNullOrEmpty(ClientCertificate) != string.IsNullOrEmpty(ClientKey))
        {
            yield return "Hub:ClientCertificate and Hub:ClientKey belong together; set both, or none.";
        }
        else if (Certificate is { } own && own.Load(out fault) is null)
        {
            yield return $"Hub:ClientCertificate, Hub:ClientKey: {fault}";
        }

        if (TrustedRoots is { Length: > 0 } && !File.Exists(TrustedRoots))
        {
            yield return $"Hub:TrustedRoots '{TrustedRoots}' is not there: a PEM file of root certificates.";
        }
    }

    private IEnumerable<string> CredentialFaults()
    {
        if (Token is { Length: > 0 })
        {
            yield return "Hub:Token and Hub:TokenUrl are both set; leave one of them out.";
        }

        if (!File.Exists(ClientSecretFile) && (ClientSecretFile is { Length: > 0 } || Certificate is null))
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
