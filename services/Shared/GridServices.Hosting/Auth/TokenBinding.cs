using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text.Json;
using Microsoft.IdentityModel.Tokens;

namespace GridServices.Hosting.Auth;

/// <summary>The claim <c>cnf</c>: what a token is bound to (RFC 7800), for us a client certificate (RFC 8705 3.1).</summary>
internal static class TokenBinding
{
    private const string Thumbprint = "x5t#S256";

    /// <summary>Whether the token may be used on a connection that has shown this certificate, or none.</summary>
    /// <param name="claims">The token's payload.</param>
    /// <param name="shown">The connection's client certificate.</param>
    /// <param name="isRequired">Tokens that are bound to nothing don't count.</param>
    internal static bool Fits(JsonElement claims, X509Certificate2? shown, bool isRequired)
    {
        if (!claims.TryGetProperty("cnf", out var bound))
        {
            return !isRequired;
        }

        // Bound to something else (a DPoP key, a symmetric one): we can't tell whether the caller holds it, so it does not.
        return shown is not null && bound.ValueKind == JsonValueKind.Object && bound.EnumerateObject().Count() == 1
            && bound.TryGetProperty(Thumbprint, out var thumbprint) && thumbprint.ValueKind == JsonValueKind.String
            && string.Equals(thumbprint.GetString(), ComputeThumbprint(shown), StringComparison.Ordinal);
    }

    /// <summary>SHA-256 of the certificate (DER), base64url without padding.</summary>
    internal static string ComputeThumbprint(X509Certificate2 certificate) => Base64UrlEncoder.Encode(certificate.GetCertHash(HashAlgorithmName.SHA256));
}
