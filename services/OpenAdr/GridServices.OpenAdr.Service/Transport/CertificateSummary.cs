using System.Security.Cryptography.X509Certificates;
using NodaTime;

namespace GridServices.OpenAdr.Service.Transport;

/// <summary>A certificate in a person's words.</summary>
public sealed record CertificateSummary(string Subject, string Issuer, Instant NotBefore, Instant NotAfter, string KeyAlgorithm, int KeyBits, string Fingerprint)
{
    public static CertificateSummary From(X509Certificate2 certificate) => From(CertificateDetails.From(certificate));

    public static CertificateSummary From(CertificateDetails c)
    {
        ArgumentNullException.ThrowIfNull(c);
        return new(c.Subject, c.Issuer, c.NotBefore, c.NotAfter, c.KeyAlgorithm, c.KeyBits, Transport.Fingerprint.Format(c.Sha256));
    }
}
