using Microsoft.IdentityModel.Tokens;

namespace GridServices.Hosting.Auth;

/// <summary>Which of an issuer's keys may verify signatures. Pure.</summary>
internal static class VerificationKeys
{
    private const int LeastRsaBits = 2048;

    /// <summary>Keys that verify signatures, and nothing else: no symmetric ones, none for encryption, none of whose private half anything is published, none that is weak.</summary>
    /// <exception cref="IssuerAwayException">There is none.</exception>
    internal static IReadOnlyList<JsonWebKey> Select(JsonWebKeySet set)
    {
        List<JsonWebKey> usable = [.. set.Keys.Where(key => IsForSignatures(key) && IsPublic(key) && (key.Kty == "EC" || (key.Kty == "RSA" && Bits(key) >= LeastRsaBits)))];
        return usable.Count > 0 ? usable : throw new IssuerAwayException("The issuer publishes no key that signatures can be verified with (RSA of 2048 bits or more, or EC, for 'sig').");
    }

    /// <summary>What makes a key another one: its numbers, whatever it is called.</summary>
    internal static string Identity(JsonWebKey key) => $"{key.Kty} {key.N} {key.E} {key.Crv} {key.X} {key.Y}";

    // RFC 7517 4.2, 4.3.
    private static bool IsForSignatures(JsonWebKey key) => key.Use is null or "" or "sig" && (key.KeyOps.Count == 0 || key.KeyOps.Contains("verify"));

    // RFC 7518 6.3.2: 'd' alone is enough to sign with; the library calls a key private only where all of them are there.
    private static bool IsPublic(JsonWebKey key) =>
        Array.TrueForAll([key.D, key.P, key.Q, key.DP, key.DQ, key.QI, key.K], string.IsNullOrEmpty) && key.Oth is null or { Count: 0 };

    private static int Bits(JsonWebKey key)
    {
        try
        {
            return key.KeySize;
        }
        catch (Exception wrong) when (wrong is FormatException or ArgumentException)
        {
            return 0;
        }
    }
}
