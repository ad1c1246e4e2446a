using System.Security.Cryptography.X509Certificates;

namespace GridServices.OpenAdr.Service.Transport;

/// <summary>OpenADR 2.0b rule 68: RSA from 2,048 bits, elliptic curves from 224.</summary>
internal static class KeySize
{
    private const int MinRsaBits = 2048;
    private const int MinEcBits = 224;

    /// <summary>Null where the key is long enough, otherwise what is wrong.</summary>
    public static string? FindProblem(X509Certificate2 certificate)
    {
        using var rsa = certificate.GetRSAPublicKey();
        if (rsa is not null)
        {
            return rsa.KeySize >= MinRsaBits ? null : $"an RSA key of {rsa.KeySize} bits; OpenADR 2.0b rule 68 asks for {MinRsaBits}";
        }

        using var ec = certificate.GetECDsaPublicKey();
        return ec switch
        {
            null => "neither an RSA nor an elliptic-curve key",
            { KeySize: < MinEcBits } => $"an elliptic-curve key of {ec.KeySize} bits; OpenADR 2.0b rule 68 asks for {MinEcBits}",
            _ => null,
        };
    }
}
