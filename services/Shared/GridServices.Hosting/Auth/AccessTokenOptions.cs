using System.Net;
using GridServices.Hosting.Configuration;

namespace GridServices.Hosting.Auth;

/// <summary>Access tokens of an authorization server (OAuth 2.0, OpenID Connect; JWT as in RFC 9068), taken beside those of the tokens file.</summary>
public sealed record AccessTokenOptions : ISettings
{
    internal static readonly IReadOnlyList<string> KnownAlgorithms = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "ES512"];

    public static string Section => "AccessTokens";

    /// <summary>The authorization server's issuer URL, exactly as it stands in its tokens; its keys are found by `/.well-known/openid-configuration`. Unset: no such tokens are taken.</summary>
    public string? Issuer { get; init; }

    /// <summary>A file with the issuer's keys (JWKS), watched; then the issuer itself is never asked.</summary>
    public string? KeysFile { get; init; }

    /// <summary>What the token's `aud` must name: this installation, as the issuer knows it.</summary>
    public string? Audience { get; init; }

    /// <summary>Signature algorithms that count, of RS256, RS384, RS512, PS256, PS384, PS512, ES256, ES384, ES512.</summary>
    public string Algorithms { get; init; } = "RS256 PS256 ES256";

    /// <summary>How far the issuer's clock and ours may differ.</summary>
    public TimeSpan ClockSkew { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>For how long keys count after they were last fetched; then tokens are answered 503 until the issuer is heard again.</summary>
    public TimeSpan KeysGoodFor { get; init; } = TimeSpan.FromHours(1);

    /// <summary>The claim that names the tenant. Here and below: the claim's name, or a path of names with dots (`realm_access.roles`).</summary>
    public string TenantClaim { get; init; } = "tenant";

    /// <summary>The tenant of every token of this issuer, where tokens name none.</summary>
    public string? Tenant { get; init; }

    /// <summary>The claim with the roles: a list, or words with spaces between.</summary>
    public string RolesClaim { get; init; } = "roles";

    /// <summary>The issuer's words for our roles, e.g. `grid-operators=operator, site-gateways=controller`. Unset: the words are our own. What is not listed is no role.</summary>
    public string? Roles { get; init; }

    /// <summary>The claim with the sites, or `*` for every site of the tenant. Only tokens of publishers, operators and admins may do without it.</summary>
    public string SitesClaim { get; init; } = "sites";

    /// <summary>Only tokens that are bound to a client certificate (RFC 8705) count.</summary>
    public bool RequireCertificate { get; init; }

    /// <summary>Client certificates of any authority, or of none, pass the handshake, so that tokens can be bound to self-signed ones; alone they open nothing.</summary>
    public bool AnyClientCertificate { get; init; }

    internal bool IsOn => Issuer is { Length: > 0 };

    internal IReadOnlyList<string> AllowedAlgorithms => SplitWords(Algorithms);

    public IEnumerable<string> Validate() => IsOn ? ValidateIssuer() : Audience is { Length: > 0 } || KeysFile is { Length: > 0 }
        ? ["AccessTokens:Issuer is missing: the issuer URL as in its tokens, e.g. https://login.example/realms/grid."]
        : [];

    private IEnumerable<string> ValidateIssuer() =>
    [
        .. MayBeTrusted(Issuer) ? Array.Empty<string>() : [$"AccessTokens:Issuer '{Issuer}' must be an https address, e.g. https://login.example/realms/grid; http only on this machine."],
        .. Audience is { Length: > 0 } ? Array.Empty<string>() : ["AccessTokens:Audience is missing: what the issuer's tokens for this installation name in 'aud', e.g. gridservices."],
        .. AllowedAlgorithms is { Count: > 0 } named && named.All(KnownAlgorithms.Contains) ? Array.Empty<string>()
            : [$"AccessTokens:Algorithms '{Algorithms}' must be of {string.Join(", ", KnownAlgorithms)}: what anybody who knows the public key could sign with is never taken."],
        .. Bounds.Within("AccessTokens:ClockSkew", ClockSkew, TimeSpan.Zero, TimeSpan.FromMinutes(5)),
        .. Bounds.Within("AccessTokens:KeysGoodFor", KeysGoodFor, TimeSpan.FromMinutes(1), TimeSpan.FromDays(1)),
        .. RoleMap.Read(Roles, out var faults) is not null ? Array.Empty<string>() : faults,
    ];

    /// <summary>Keys and tokens come by TLS, or from this machine.</summary>
    internal static bool MayBeTrusted(string? address) => Uri.TryCreate(address, UriKind.Absolute, out var uri)
        && (uri.Scheme == Uri.UriSchemeHttps || (uri.Scheme == Uri.UriSchemeHttp && (uri.IsLoopback || (IPAddress.TryParse(uri.Host, out var ip) && IPAddress.IsLoopback(ip)))));

    internal static IReadOnlyList<string> SplitWords(string text) => text.Split([' ', ','], StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
}
