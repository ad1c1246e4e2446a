using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using GridServices.Contracts;
using NodaTime;

namespace GridServices.UtilityClients.Tls;

/// <summary>A certificate for people.</summary>
/// <param name="Subject">One safe line; often empty on IEEE 2030.5 devices.</param>
/// <param name="Issuer">One safe line.</param>
/// <param name="NotBefore">Start of validity.</param>
/// <param name="NotAfter">End of validity; 9999-12-31 means "never".</param>
/// <param name="KeyAlgorithm">RSA, EC or unknown.</param>
/// <param name="KeyBits">0 where unknown.</param>
/// <param name="Sha256">Over the DER, 64 upper-case hex digits.</param>
public sealed record CertificateDetails(string Subject, string Issuer, Instant NotBefore, Instant NotAfter, string KeyAlgorithm, int KeyBits, string Sha256)
{
    public static CertificateDetails From(X509Certificate2 certificate)
    {
        ArgumentNullException.ThrowIfNull(certificate);
        using AsymmetricAlgorithm? key = certificate.GetRSAPublicKey() ?? (AsymmetricAlgorithm?)certificate.GetECDsaPublicKey();
        return new CertificateDetails(
            SafeText.Line(certificate.Subject),
            SafeText.Line(certificate.Issuer),
            Instant.FromDateTimeUtc(certificate.NotBefore.ToUniversalTime()),
            GetNotAfter(certificate),
            key switch { RSA => "RSA", ECDsa => "EC", _ => "unknown" },
            key?.KeySize ?? 0,
            Convert.ToHexString(SHA256.HashData(certificate.RawDataMemory.Span)));
    }

    public static Instant GetNotAfter(X509Certificate2 certificate) => Instant.FromDateTimeUtc(certificate.NotAfter.ToUniversalTime());
}
