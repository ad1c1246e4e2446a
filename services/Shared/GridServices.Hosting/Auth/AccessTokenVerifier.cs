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
    private const int MostTried = 8;
    private static readonly TimeSpan LongestAnswer = TimeSpan.FromDays(1);
    private static readonly string[] Types = ["JWT", "at+jwt", "application/at+jwt"];
    private static readonly JsonDocumentOptions Strict = new() { AllowDuplicateProperties = false, MaxDepth = 16 };
    private readonly JsonWebTokenHandler _handler = new() { MaximumTokenSizeInBytes = LongestToken };
    private readonly CallerClaims _claims = new(options);

    internal bool IsOn => options.IsOn;

    /// <summary>Three parts with dots between: no token of the tokens file that we made looks so.</summary>
    internal static bool IsTokenShaped(string token) => token.Length <= LongestToken && token.Count(c => c == '.') == 2;

    /// <param name="text">The token.</param>
    /// <param name="shown">The connection's client certificate, if any.</param>
    /// <param name="ct">The caller has gone.</param>
    internal async ValueTask<AccessTokenVerdict> VerifyAsync(string text, X509Certificate2? shown, CancellationToken ct)
    {
        if (Parse(text) is not { } token || Claims(token) is not { } claims)
        {
            return Unreadable();
        }

        using (claims)
        {
            try
            {
                return FindHeaderFault(token, claims.RootElement) ?? await VerifyAsync(token, claims.RootElement, shown, ct);
            }
            catch (IssuerAwayException away)
            {
                return new AccessTokenVerdict.Undecided(away.Message);
            }
            catch (Exception wrong) when (IsUnreadable(wrong))
            {
                return Unreadable();
            }
        }
    }

    /// <summary>Whether an endless answer that began with a token may go on: it is not over, and its key was not withdrawn.</summary>
    internal bool StillHolds(AccessTokenTerm term) => time.GetUtcNow() < term.EndsAt && keys.StillHolds(term.Key);

    private async ValueTask<AccessTokenVerdict> VerifyAsync(JsonWebToken token, JsonElement claims, X509Certificate2? shown, CancellationToken ct)
    {
        var id = string.IsNullOrEmpty(token.Kid) ? null : token.Kid;
        var found = await keys.FindAsync(id, token.Alg, ct);
        var (fault, key) = await CheckAsync(token, found.Fitting);
        if (fault?.Reason == RefusalReason.Signature && await keys.FindNewerAsync(found, id, token.Alg, ct) is { } newer)
        {
            (fault, key) = await CheckAsync(token, newer.Fitting);
        }

        return fault ?? CheckClaims(claims, shown, key!);
    }

    private static JsonWebToken? Parse(string text)
    {
        try
        {
            return new JsonWebToken(text);
        }
        catch (Exception wrong) when (IsUnreadable(wrong))
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
        catch (Exception wrong) when (IsUnreadable(wrong))
        {
            return null;
        }
    }

    private static JsonDocument? Without(JsonDocument claims)
    {
        claims.Dispose();
        return null;
    }

    // InvalidOperationException: names and texts with half a surrogate pair.
    private static bool IsUnreadable(Exception wrong) => wrong is ArgumentException or SecurityTokenException or JsonException or FormatException or InvalidOperationException;

    private AccessTokenVerdict.Refused? FindHeaderFault(JsonWebToken token, JsonElement claims) =>
        !options.AllowedAlgorithms.Contains(token.Alg, StringComparer.Ordinal) ? Refuse(RefusalReason.Signature, $"The access token is signed with {SafeText.Quote(token.Alg)}; taken are {string.Join(", ", options.AllowedAlgorithms)}.")
        : token.Typ is { Length: > 0 } type && !Types.Contains(type, StringComparer.OrdinalIgnoreCase) ? Refuse(RefusalReason.Malformed, $"{SafeText.Quote(type)} is no type of access tokens.")
        : IdTokens.IsOne(token.Typ, claims) ? Refuse(RefusalReason.Malformed, "That is an ID token: it tells a program who signed in, and opens nothing here. Send the access token.")
        : null;

    private async ValueTask<(AccessTokenVerdict.Refused? Fault, JsonWebKey? Key)> CheckAsync(JsonWebToken token, IReadOnlyList<JsonWebKey> fitting)
    {
        if (fitting.Count is 0 or > MostTried)
        {
            return (Refuse(RefusalReason.Signature, fitting.Count == 0
                ? "The access token is signed with a key that its issuer does not publish for this algorithm."
                : $"The access token could be signed with {fitting.Count} keys of its issuer, and {MostTried} are tried at most: its head must say with which (kid)."), null);
        }

        var result = await _handler.ValidateTokenAsync(token, new TokenValidationParameters
        {
            ValidIssuer = options.Issuer,
            ValidAudience = options.Audience,
            IgnoreTrailingSlashWhenValidatingAudience = false,
            ValidAlgorithms = options.AllowedAlgorithms,
            IssuerSigningKeys = fitting,
            TryAllIssuerSigningKeys = true,
            RequireSignedTokens = true,
            ValidateLifetime = false, // ours, by the service's clock
        });
        return (result.Exception, result.IsValid ? token.SigningKey as JsonWebKey : null) switch
        {
            (null, { } key) => (null, key),
            (SecurityTokenInvalidAudienceException, _) => (Refuse(RefusalReason.Audience, "The access token is for another audience."), null),
            (SecurityTokenInvalidIssuerException, _) => (Refuse(RefusalReason.Audience, "The access token is of another issuer."), null),
            _ => (Refuse(RefusalReason.Signature, "The access token's signature does not hold."), null),
        };
    }

    private AccessTokenVerdict CheckClaims(JsonElement claims, X509Certificate2? shown, JsonWebKey key)
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
            ? new AccessTokenVerdict.Good(caller, new AccessTokenTerm(Earlier(end + options.ClockSkew, now + LongestAnswer), VerificationKeys.Identity(key)))
            : new AccessTokenVerdict.Refused(ErrorClass.AuthnToken, RefusalReason.Claims, fault);
    }

    private static DateTimeOffset Earlier(DateTimeOffset one, DateTimeOffset other) => one < other ? one : other;

    /// <summary>A claim that is there and can't be read lies for ever ahead.</summary>
    private static DateTimeOffset Begins(JsonElement claims, string name) =>
        !claims.TryGetProperty(name, out _) ? DateTimeOffset.MinValue : Instant(claims, name) ?? DateTimeOffset.MaxValue;

    // RFC 7519 2, NumericDate: seconds since 1970, perhaps with a fraction.
    private static DateTimeOffset? Instant(JsonElement claims, string name) =>
        claims.TryGetProperty(name, out var value) && value.ValueKind == JsonValueKind.Number && value.TryGetDouble(out var seconds) && seconds is >= 0 and < 250_000_000_000
            ? DateTimeOffset.UnixEpoch.AddSeconds(seconds)
            : null;

    private static AccessTokenVerdict.Refused Unreadable() => Refuse(RefusalReason.Malformed, "The access token can't be read, or asks for what is not known here (crit).");

    private static AccessTokenVerdict.Refused Refuse(RefusalReason reason, string detail) => new(ErrorClass.AuthnToken, reason, detail);
}
