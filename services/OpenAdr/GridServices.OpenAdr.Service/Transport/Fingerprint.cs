using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace GridServices.OpenAdr.Service.Transport;

/// <summary>The venFingerprint that is handed to a VTN's operator out of band.</summary>
public static class Fingerprint
{
    private const int Bytes = 10;

    /// <summary>Last ten bytes of SHA-256 over the DER, upper-case hex with colons (OpenADR 2.0b 10.5.1).</summary>
    public static string Of(X509Certificate2 certificate)
    {
        ArgumentNullException.ThrowIfNull(certificate);
        var hash = SHA256.HashData(certificate.RawDataMemory.Span);
        return string.Join(':', hash[^Bytes..].Select(b => b.ToString("X2")));
    }
}
