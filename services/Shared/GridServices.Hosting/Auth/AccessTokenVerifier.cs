using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using GridServices.Contracts;
using Microsoft.IdentityModel.JsonWebTokens;
using Microsoft.IdentityModel.Tokens;

namespace GridServices.Hosting.Auth;

/// <summary>
/// Access tokens of the configured issuer: form, algorithm, key, signature, issuer, audience, time, binding, claims, in this order; the first that does not
/// hold refuses it. Signatures are the library's work; what it is lenient about (time, types, <c>crit</c>, doubled claims) is judged here.
/// </summary>
internal sealed class AccessTokenVerifier(AccessTokenOptions options, IssuerKeys keys, TimeProvider time)
{
    private const int LongestToken = 16 * 1024;
    private static readonly string[] Types = ["JWT", "at+jwt", "application/at+jwt"];
    private static readonly JsonDocumentOptions Strict = new() { AllowDuplicateProperties = false, MaxDepth = 16 };
    private readonly JsonWebTokenHandler _handler = new() { MaximumTokenSizeInBytes = LongestToken };
    private readonly CallerClaims _claims = new(options);

    internal bool IsOn => options.IsOn;

    /// <summary>Three parts with dots between: no token of the tokens file that we made looks so.</summary>
    internal static bool LooksSo(string token) => token.Length <= LongestToken && token.Count(c => c == '.') == 2;

    /// <param name="text">The token.</param>
    /// <param name="shown">The connection's client certificate, if any.</param>
    /// <param name="ct">The caller has gone.</param>
    internal async ValueTask<AccessTokenVerdict> VerifyAsync(string text, X509Certificate2? shown, CancellationToken ct)
    {
        if (Parse(text) is not { } token || Claims(token) is not { } claims)
        {
            return Refuse(RefusalReason.Malformed, "The access token can't be read, or asks for what is not known here (crit).");
        }

        using (claims)
        {
            return FaultOfHead(token) ?? await FaultOfSignatureAsync(token, ct) ?? Judge(claims.RootElement, shown);
        }
    }

    private static JsonWebToken? Parse(string text)
    {
        try
        {
            return new JsonWebToken(text);
        }
        catch (Exception wrong) when (wrong is ArgumentException or SecurityTokenException or JsonException or FormatException)
        {
            return null;
        }
    }

    private static JsonDocument? Claims(JsonWebToken token)
    {
        try
        {
            // The head is read strictly too: what the library takes from a doubled member may not be what we would, and what it must know (crit) it would not ask.
            using var head = JsonDocument.Parse(Base64UrlEncoder.DecodeBytes(token.EncodedHeader), Strict);
            var claims = JsonDocument.Parse(Base64UrlEncoder.DecodeBytes(token.EncodedPayload), Strict);
            var isPlain = head.RootElement.ValueKind == JsonValueKind.Object && !head.RootElement.TryGetProperty("crit", out _) && claims.RootElement.ValueKind == JsonValueKind.Object;
            return isPlain ? claims : Without(claims);
        }
        catch (Exception wrong) when (wrong is JsonException or FormatException or ArgumentException)
        {
            return null;
        }
    }

    private static JsonDocument? Without(JsonDocument claims)
    {
        claims.Dispose();
        return null;
    }

    private AccessTokenVerdict.Refused? FaultOfHead(JsonWebToken token) =>
        !options.AllowedAlgorithms.Contains(token.Alg, StringComparer.Ordinal) ? Refuse(RefusalReason.Signature, $"The access token is signed with {SafeText.Quote(token.Alg)}; taken are {string.Join(", ", options.AllowedAlgorithms)}.")
        : token.Typ is { Length: > 0 } type && !Types.Contains(type, StringComparer.OrdinalIgnoreCase) ? Refuse(RefusalReason.Malformed, $"{SafeText.Quote(type)} is no type of access tokens.")
        : null;

    private async ValueTask<AccessTokenVerdict?> FaultOfSignatureAsync(JsonWebToken token, CancellationToken ct)
    {
        IReadOnlyList<JsonWebKey> fitting;
        try
        {
            fitting = await keys.FindAsync(string.IsNullOrEmpty(token.Kid) ? null : token.Kid, token.Alg, ct);
        }
        catch (IssuerAwayException away)
        {
            return new AccessTokenVerdict.Undecided(away.Message);
        }

        if (fitting.Count == 0)
        {
            return Refuse(RefusalReason.Signature, "The access token is signed with a key that its issuer does not publish for this algorithm.");
        }

        var result = await _handler.ValidateTokenAsync(token, new TokenValidationParameters
        {
            ValidIssuer = options.Issuer,
            ValidAudience = options.Audience,
            ValidAlgorithms = options.AllowedAlgorithms,
            IssuerSigningKeys = fitting,
            TryAllIssuerSigningKeys = true,
            RequireSignedTokens = true,
            ValidateLifetime = false, // ours, by the service's clock
        });
        return result.IsValid ? null : result.Exception switch
        {
            SecurityTokenInvalidAudienceException => Refuse(RefusalReason.Audience, "The access token is for another audience."),
            SecurityTokenInvalidIssuerException => Refuse(RefusalReason.Audience, "The access token is of another issuer."),
            _ => Refuse(RefusalReason.Signature, "The access token's signature does not hold."),
        };
    }

    private AccessTokenVerdict Judge(JsonElement claims, X509Certificate2? shown)
    {
        var now = time.GetUtcNow();
        if (Instant(claims, "exp") is not { } end)
        {
            return Refuse(RefusalReason.Malformed, "The access token does not say when it ends (exp).");
        }

        if (now >= end + options.ClockSkew)
        {
            return new AccessTokenVerdict.Refused(ErrorClass.AuthnExpired, RefusalReason.Expired, "The access token has expired: fetch a new one.");
        }

        if (Begins(claims, "nbf") > now + options.ClockSkew || Begins(claims, "iat") > now + options.ClockSkew)
        {
            return Refuse(RefusalReason.Expired, "The access token begins in the future: one of the clocks is wrong.");
        }

        if (!TokenBinding.Fits(claims, shown, options.RequireCertificate))
        {
            return new AccessTokenVerdict.Refused(
                ErrorClass.AuthnUntrusted, RefusalReason.Certificate, "The access token is not bound to the client certificate of this connection; connect with the one it is bound to.");
        }

        return _claims.Read(claims, out var fault) is { } caller
            ? new AccessTokenVerdict.Good(caller, end + options.ClockSkew)
            : new AccessTokenVerdict.Refused(ErrorClass.AuthnToken, RefusalReason.Claims, fault);
    }

    /// <summary>A claim that is there and can't be read lies for ever ahead.</summary>
    private static DateTimeOffset Begins(JsonElement claims, string name) =>
        !claims.TryGetProperty(name, out _) ? DateTimeOffset.MinValue : Instant(claims, name) ?? DateTimeOffset.MaxValue;

    // RFC 7519 2, NumericDate: seconds since 1970, perhaps with a fraction.
    private static DateTimeOffset? Instant(JsonElement claims, string name) =>
        claims.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Number && value.TryGetDouble(out var seconds) && seconds is >= 0 and < 250_000_000_000
            ? DateTimeOffset.UnixEpoch.AddSeconds(seconds)
            : null;

    private static AccessTokenVerdict.Refused Refuse(RefusalReason reason, string detail) => new(ErrorClass.AuthnToken, reason, detail);
}
