using System.Security.Cryptography.X509Certificates;

namespace GridServices.Hosting.Hub;

/// <summary>Connections to the hub, and to the token endpoint: no redirects and no proxy, so that tokens go to the configured place only; TLS by the configured roots and certificate.</summary>
internal static class HubConnections
{
    internal static SocketsHttpHandler CreateHandler(HubOptions options)
    {
        var connections = new SocketsHttpHandler
        {
            AllowAutoRedirect = false,
            UseProxy = false,
            UseCookies = false,
            ConnectTimeout = TimeSpan.FromSeconds(5),
            PooledConnectionLifetime = TimeSpan.FromMinutes(5),
        };
        if (options.Certificate is { } own)
        {
            connections.SslOptions.LocalCertificateSelectionCallback = (_, _, _, _, _) => own.Current!;
        }

        if (options.TrustedRoots is { Length: > 0 } roots)
        {
            var policy = new X509ChainPolicy { TrustMode = X509ChainTrustMode.CustomRootTrust, RevocationMode = X509RevocationMode.NoCheck };
            policy.CustomTrustStore.ImportFromPemFile(roots);
            connections.SslOptions.CertificateChainPolicy = policy;
        }

        return connections;
    }
}
