using System.Security.Cryptography.X509Certificates;

namespace GridServices.UtilityClients.Tls;

/// <summary>What the other side of a handshake sent along with its certificate.</summary>
public static class PeerCertificates
{
    private const int Most = 8;

    /// <summary>Copies of at most eight, for what the handshake holds ends with it; none of them is trusted for having been sent.</summary>
    /// <param name="leaf">The certificate itself, which is left out.</param>
    /// <param name="chain">As the handshake had it; null: nothing was sent.</param>
    public static X509Certificate2Collection CopyIntermediates(X509Certificate2 leaf, X509Chain? chain)
    {
        ArgumentNullException.ThrowIfNull(leaf);
        return
        [
            .. (chain?.ChainPolicy.ExtraStore ?? []).Where(c => !c.RawDataMemory.Span.SequenceEqual(leaf.RawDataMemory.Span))
                .Take(Most).Select(c => X509CertificateLoader.LoadCertificate(c.RawData)),
        ];
    }
}
