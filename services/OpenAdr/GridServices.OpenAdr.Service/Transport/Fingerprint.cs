using System.Security.Cryptography.X509Certificates;

namespace GridServices.OpenAdr.Service.Transport;

/// <summary>The venFingerprint that is handed to a VTN's operator out of band.</summary>
public static class Fingerprint
{
    private const int Digits = 20;

    /// <summary>Last ten bytes of SHA-256 over the DER, upper-case hex with colons (OpenADR 2.0b 10.5.1).</summary>
    public static string Compute(X509Certificate2 certificate) => Format(CertificateDetails.From(certificate).Sha256);

    /// <param name="sha256">64 upper-case hex digits.</param>
    internal static string Format(string sha256) => string.Join(':', sha256[^Digits..].Chunk(2).Select(pair => new string(pair)));
}
