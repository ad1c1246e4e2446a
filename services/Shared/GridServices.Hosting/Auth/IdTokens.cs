using System.Text.Json;

namespace GridServices.Hosting.Auth;

/// <summary>Tells ID tokens (OpenID Connect) from access tokens, where one audience stands for sign-in and for this service: they pass browsers, addresses and logs.</summary>
internal static class IdTokens
{
    private const string PayloadType = "typ";
    private static readonly string[] OfIdTokensAlone = ["nonce", "at_hash", "c_hash", "s_hash"];

    /// <param name="type">The head's <c>typ</c>; RFC 9068 says at+jwt, which no ID token has.</param>
    /// <param name="claims">The token's payload.</param>
    internal static bool IsOne(string? type, JsonElement claims)
    {
        if (type?.EndsWith("at+jwt", StringComparison.OrdinalIgnoreCase) == true)
        {
            return false;
        }

        // Keycloak says in the payload what it is; older ones repeat the nonce in access tokens.
        return claims.TryGetProperty(PayloadType, out var said)
            ? said.ValueKind != JsonValueKind.String || !string.Equals(said.GetString(), "Bearer", StringComparison.OrdinalIgnoreCase)
            : OfIdTokensAlone.Any(name => claims.TryGetProperty(name, out _));
    }
}
