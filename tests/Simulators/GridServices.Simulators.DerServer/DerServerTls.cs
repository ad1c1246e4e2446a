using System.Net.Security;
using System.Runtime.Versioning;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Server.Kestrel.Https;

namespace GridServices.Simulators.DerServer;

/// <summary>Mutual TLS 1.2 as IEEE 2030.5 wants it.</summary>
internal sealed class DerServerTls
{
    private readonly SimLog log;
    private readonly bool isModern;
    private readonly X509Certificate2 certificate;
    private readonly X509Certificate2Collection intermediates = [];
    private readonly X509Certificate2Collection roots = [];

    public DerServerTls(DerServerOptions options, SimLog log)
    {
        this.log = log;
        isModern = options.ModernTls;
        using var pem = X509Certificate2.CreateFromPemFile(options.CertFile!, options.KeyFile!);
        certificate = X509CertificateLoader.LoadPkcs12(pem.Export(X509ContentType.Pkcs12), null);
        intermediates.ImportFromPemFile(options.CertFile!);
        intermediates.Remove(intermediates[0]);
        roots.ImportFromPemFile(options.CaFile!);
    }

    public void Configure(HttpsConnectionAdapterOptions https)
    {
        https.ServerCertificate = certificate;
        https.ServerCertificateChain = intermediates;
        https.SslProtocols = isModern ? SslProtocols.Tls12 | SslProtocols.Tls13 : SslProtocols.Tls12;
        https.ClientCertificateMode = ClientCertificateMode.RequireCertificate;
        https.ClientCertificateValidation = (client, chain, _) => Accepts(client, chain?.ChainPolicy.ExtraStore);
        https.OnAuthenticate = (_, ssl) =>
        {
            if (!isModern && !OperatingSystem.IsWindows())
            {
                ssl.CipherSuitesPolicy = Ccm8();
            }
        };
    }

    /// <summary>For notifications to a client's own server: mutual, and by the same suite.</summary>
    public SslClientAuthenticationOptions Client()
    {
        var client = new SslClientAuthenticationOptions
        {
            ClientCertificateContext = SslStreamCertificateContext.Create(certificate, intermediates, offline: true),
            EnabledSslProtocols = isModern ? SslProtocols.Tls12 | SslProtocols.Tls13 : SslProtocols.Tls12,
            RemoteCertificateValidationCallback = (_, server, chain, _) => server is X509Certificate2 other && Accepts(other, chain?.ChainPolicy.ExtraStore),
        };
        if (!isModern && !OperatingSystem.IsWindows())
        {
            client.CipherSuitesPolicy = Ccm8();
        }

        return client;
    }

    [UnsupportedOSPlatform("windows")]
    private static CipherSuitesPolicy Ccm8() => new([TlsCipherSuite.TLS_ECDHE_ECDSA_WITH_AES_128_CCM_8]);

    private bool Accepts(X509Certificate2 peer, X509Certificate2Collection? sent)
    {
        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.AddRange(roots);
        chain.ChainPolicy.ExtraStore.AddRange(sent ?? []);
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        chain.ChainPolicy.DisableCertificateDownloads = true;
        var accepted = chain.Build(peer);
        if (!accepted)
        {
            log.Write($"Refuses a certificate issued by {peer.Issuer}: {string.Join(", ", chain.ChainStatus.Select(s => s.StatusInformation.Trim()))}");
        }

        return accepted;
    }
}
