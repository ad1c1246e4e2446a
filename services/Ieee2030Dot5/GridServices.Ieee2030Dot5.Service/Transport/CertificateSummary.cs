using System.Security.Cryptography.X509Certificates;
using NodaTime;

namespace GridServices.Ieee2030Dot5.Service.Transport;

/// <summary>A certificate in a person's words.</summary>
/// <param name="Subject">Often empty on IEEE 2030.5 devices, whose name is their serial number in subjectAltName.</param>
/// <param name="Issuer">Who signed it.</param>
/// <param name="NotBefore">Start of validity.</param>
/// <param name="NotAfter">End of validity; 9999-12-31 stands for "never".</param>
/// <param name="Key">Kind and size.</param>
/// <param name="Lfdi">Leftmost 160 bits of its SHA-256, 40 hex digits.</param>
/// <param name="Sha256">64 hex digits.</param>
public sealed record CertificateSummary(string Subject, string Issuer, Instant NotBefore, Instant NotAfter, string Key, string Lfdi, string Sha256)
{
    public static CertificateSummary From(X509Certificate2 certificate) => From(CertificateDetails.From(certificate));

    public static CertificateSummary From(CertificateDetails c)
    {
        ArgumentNullException.ThrowIfNull(c);
        var key = c.KeyBits > 0 ? $"{c.KeyAlgorithm} {c.KeyBits}" : c.KeyAlgorithm;
        return new(c.Subject, c.Issuer, c.NotBefore, c.NotAfter, key, c.Sha256[..CertificateFingerprint.LfdiDigits], c.Sha256);
    }
}
