using System.Net.Security;
using System.Runtime.Versioning;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;

namespace GridServices.Ieee2030Dot5.Service.Transport;

/// <summary>The client side of a handshake by a <see cref="DerTransport"/>: the same for the client's own traffic, the doctor's probe and the self-test.</summary>
internal static class TlsHandshake
{
    public static SslClientAuthenticationOptions Options(DerTransport transport, ClientIdentity identity, ServerTrust trust) =>
        Options(CipherSuites.Of(transport.CipherSuites), identity.Certificate, identity.Chain, trust);

    public static SslClientAuthenticationOptions Options(
        IReadOnlyList<TlsCipherSuite> suites, X509Certificate2? certificate, X509Certificate2Collection chain, ServerTrust trust)
    {
        var options = new SslClientAuthenticationOptions
        {
            // IEEE 2030.5 and its suite know TLS 1.2 only.
            EnabledSslProtocols = SslProtocols.Tls12,
            CertificateChainPolicy = trust.ChainPolicy(),
            RemoteCertificateValidationCallback = (_, presented, built, errors) => trust.Accept(presented, built, errors),
            AllowRenegotiation = false,
        };
        if (certificate is not null)
        {
            // Servers know the root alone: the intermediates must go out with our own certificate.
            options.ClientCertificateContext = SslStreamCertificateContext.Create(certificate, chain, offline: true);
        }

        // Windows (Schannel) takes no list; the self-test then says that CCM-8 can't be had.
        if (!OperatingSystem.IsWindows())
        {
            options.CipherSuitesPolicy = Policy(suites);
        }

        return options;
    }

    [UnsupportedOSPlatform("windows")]
    private static CipherSuitesPolicy Policy(IReadOnlyList<TlsCipherSuite> suites) => new(suites);
}
