using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using GridServices.Operations.Registry.Identifiers;
using NodaTime;

namespace GridServices.Operations.Enrollments;

/// <summary>What a certificate file says, before anything is stored.</summary>
public static class CertificateReader
{
    // IEEE 2030.5 6.11.7: device certificates do not end; GeneralizedTime 99991231235959Z says so (RFC 5280 4.1.2.5).
    private const int NoEndYear = 9999;

    /// <summary>Fills subject, issuer, dates and identities from the first certificate of PEM text or from DER bytes.</summary>
    /// <param name="request">The entity that it belongs to: kind, key reference and state are kept.</param>
    /// <param name="pemOrDer">The file.</param>
    /// <param name="refusal">Why it is none; null where it was read.</param>
    public static Certificate? Read(Certificate request, ReadOnlySpan<byte> pemOrDer, out string? refusal)
    {
        ArgumentNullException.ThrowIfNull(request);
        refusal = null;
        try
        {
            using var file = pemOrDer.IndexOf("-----BEGIN CERTIFICATE-----"u8) >= 0
                ? X509Certificate2.CreateFromPem(System.Text.Encoding.ASCII.GetString(pemOrDer))
                : X509CertificateLoader.LoadCertificate(pemOrDer);
            refusal = FindFault(request.Kind, file);
            return refusal is null ? Filled(request, file) : null;
        }
        catch (CryptographicException)
        {
            refusal = "this is no certificate; upload the PEM file that the issuer sent (it begins with -----BEGIN CERTIFICATE-----)";
            return null;
        }
    }

    private static string? FindFault(CertificateKind kind, X509Certificate2 file)
    {
        var isRsa = file.GetKeyAlgorithm() == "1.2.840.113549.1.1.1";
        return kind == CertificateKind.OpenAdrRsa == isRsa ? null : isRsa
            ? "this certificate has an RSA key; an elliptic-curve one is needed here"
            : "this certificate has an elliptic-curve key; an RSA one is needed here";
    }

    private static Certificate Filled(Certificate request, X509Certificate2 file)
    {
        var isOpenAdr = request.Kind is CertificateKind.OpenAdrRsa or CertificateKind.OpenAdrEc;
        var lfdi = isOpenAdr ? null : DeviceIdentifiers.ComputeLfdi(file.RawData);
        return request with
        {
            Subject = file.Subject,
            Issuer = file.Issuer,
            NotBefore = Instant.FromDateTimeUtc(file.NotBefore.ToUniversalTime()),
            NotAfter = file.NotAfter.ToUniversalTime().Year >= NoEndYear ? null : Instant.FromDateTimeUtc(file.NotAfter.ToUniversalTime()),
            Fingerprint10 = isOpenAdr ? DeviceIdentifiers.ComputeFingerprint10(file.RawData) : null,
            Lfdi = lfdi,
            Sfdi = lfdi is null ? null : DeviceIdentifiers.ComputeSfdi(lfdi),
            State = CertificateState.Installed,
        };
    }
}
