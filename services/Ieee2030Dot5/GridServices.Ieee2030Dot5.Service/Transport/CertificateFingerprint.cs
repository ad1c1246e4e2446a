using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace GridServices.Ieee2030Dot5.Service.Transport;

/// <summary>The SHA-256 of a certificate, of which the LFDI is the beginning: what pins and deny lists hold.</summary>
internal static class CertificateFingerprint
{
    public const int LfdiDigits = 40;
    public const int FullDigits = 64;

    /// <summary>64 upper-case hex digits.</summary>
    public static string Compute(X509Certificate2 certificate) => Convert.ToHexString(SHA256.HashData(certificate.RawDataMemory.Span));

    /// <summary>True where the written LFDI or fingerprint means this certificate; colons, dashes, blanks and case don't count.</summary>
    public static bool Matches(string written, X509Certificate2 certificate) =>
        Normalize(written) is { } print && Compute(certificate).StartsWith(print, StringComparison.Ordinal);

    /// <summary>Null where it is neither 40 nor 64 hex digits.</summary>
    public static string? Normalize(string written)
    {
        var digits = string.Concat(written.Where(c => c is not (':' or '-' or ' '))).ToUpperInvariant();
        return digits.Length is LfdiDigits or FullDigits && digits.All(char.IsAsciiHexDigit) ? digits : null;
    }
}
