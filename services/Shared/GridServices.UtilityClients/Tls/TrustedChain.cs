using System.Security.Cryptography.X509Certificates;

namespace GridServices.UtilityClients.Tls;

/// <summary>How a peer's chain is built, whichever side opened the connection.</summary>
public static class TrustedChain
{
    /// <param name="trust">What the file of trusted roots holds, intermediates among them; null: the system's trust.</param>
    public static X509ChainPolicy Policy(X509Certificate2Collection? trust)
    {
        var chain = new X509ChainPolicy
        {
            // Neither PKI publishes revocation that a gateway could reach; an answer must not depend on it.
            RevocationMode = X509RevocationMode.NoCheck,
            DisableCertificateDownloads = true,
        };
        if (trust is not null)
        {
            chain.TrustMode = X509ChainTrustMode.CustomRootTrust;
            foreach (var certificate in trust)
            {
                (ClientCertificateFiles.IsRoot(certificate) ? chain.CustomTrustStore : chain.ExtraStore).Add(certificate);
            }
        }

        return chain;
    }
}
