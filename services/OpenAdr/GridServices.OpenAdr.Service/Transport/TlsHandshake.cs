using System.Net.Security;
using System.Runtime.Versioning;
using System.Security.Authentication;

namespace GridServices.OpenAdr.Service.Transport;

/// <summary>The client side of a handshake by a <see cref="TlsProfile"/>; the same for the VEN's own traffic and for the doctor's probe.</summary>
internal static class TlsHandshake
{
    [UnsupportedOSPlatform("windows")]
    private static CipherSuitesPolicy OpenAdr20b { get; } = new(
    [
        // OpenADR 2.0b rule 67 names the first two; the others are their kin with an authenticated cipher.
        TlsCipherSuite.TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256,
        TlsCipherSuite.TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,
        TlsCipherSuite.TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA256,
        TlsCipherSuite.TLS_RSA_WITH_AES_128_CBC_SHA256,
    ]);

    /// <summary>True where the other side answered the first TLS record with something that is none, as a port for plain HTTP does.</summary>
    public static bool SaysPlainPort(Exception? failure)
    {
        for (; failure is not null; failure = failure.InnerException)
        {
            if (failure.Message.Contains("frame size", StringComparison.OrdinalIgnoreCase) || failure.Message.Contains("wrong version number", StringComparison.OrdinalIgnoreCase))
            {
                return true;
            }
        }

        return false;
    }

    public static SslClientAuthenticationOptions Options(TlsProfile profile, ClientIdentity identity, ServerTrust trust)
    {
        var options = new SslClientAuthenticationOptions
        {
            EnabledSslProtocols = profile.Policy == TlsPolicy.OpenAdr20b ? SslProtocols.Tls12 : SslProtocols.Tls12 | SslProtocols.Tls13,
            CertificateChainPolicy = trust.ChainPolicy(),
            RemoteCertificateValidationCallback = (_, certificate, chain, errors) => trust.Accept(certificate, chain, errors),
            AllowRenegotiation = false,
        };
        if (identity.Certificate is { } certificate)
        {
            options.ClientCertificateContext = SslStreamCertificateContext.Create(certificate, identity.Chain, offline: true);
        }

        // On Windows the suites are the system's to choose (Schannel has no such setting).
        if (profile.Policy == TlsPolicy.OpenAdr20b && !OperatingSystem.IsWindows())
        {
            options.CipherSuitesPolicy = OpenAdr20b;
        }

        return options;
    }
}
