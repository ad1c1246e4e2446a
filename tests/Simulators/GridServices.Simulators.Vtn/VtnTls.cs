using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using Microsoft.AspNetCore.Server.Kestrel.Https;

namespace GridServices.Simulators.Vtn;

/// <summary>Mutual TLS as OpenADR 2.0b wants it.</summary>
internal static class VtnTls
{
    public static Action<HttpsConnectionAdapterOptions> Configure(VtnOptions options, SimLog log)
    {
        using var pem = X509Certificate2.CreateFromPemFile(options.CertFile!, options.KeyFile!);
        var certificate = X509CertificateLoader.LoadPkcs12(pem.Export(X509ContentType.Pkcs12), null);
        var authorities = new X509Certificate2Collection();
        authorities.ImportFromPemFile(options.CaFile!);
        var chain = Intermediates(options);
        return https =>
        {
            https.ServerCertificate = certificate;
            https.ServerCertificateChain = chain;
            https.SslProtocols = options.StrictTls ? SslProtocols.Tls12 : SslProtocols.Tls12 | SslProtocols.Tls13;
            https.ClientCertificateMode = ClientCertificateMode.RequireCertificate;
            https.ClientCertificateValidation = (client, _, _) => Accepts(client, authorities, log);
            https.OnAuthenticate = (_, ssl) =>
            {
                if (options.StrictTls && !OperatingSystem.IsWindows())
                {
                    ssl.CipherSuitesPolicy = Strict20b();
                }
            };
        };
    }

    /// <summary>What follows the VTN's certificate in its file: sent in the handshake, and not in signatures.</summary>
    public static X509Certificate2Collection Intermediates(VtnOptions options)
    {
        var chain = new X509Certificate2Collection();
        chain.ImportFromPemFile(options.CertFile!);
        chain.RemoveAt(0);
        return chain;
    }

    // Rules 67 and 68: exactly these two by default.
    [System.Runtime.Versioning.UnsupportedOSPlatform("windows")]
    private static CipherSuitesPolicy Strict20b() => new([
        TlsCipherSuite.TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA256, TlsCipherSuite.TLS_RSA_WITH_AES_128_CBC_SHA256]);

    private static bool Accepts(X509Certificate2 client, X509Certificate2Collection authorities, SimLog log)
    {
        var accepted = IsIssuedBy(authorities, client);
        if (!accepted)
        {
            log.Add("tls-refused", null, $"refuses client certificate {client.Subject}");
        }

        return accepted;
    }

    public static bool IsIssuedBy(X509Certificate2Collection authorities, X509Certificate2 certificate)
    {
        using var chain = new X509Chain();
        chain.ChainPolicy.TrustMode = X509ChainTrustMode.CustomRootTrust;
        chain.ChainPolicy.CustomTrustStore.AddRange(authorities);
        chain.ChainPolicy.RevocationMode = X509RevocationMode.NoCheck;
        return chain.Build(certificate);
    }
}
