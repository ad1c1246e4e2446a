using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using GridServices.OpenAdr.Configuration;

namespace GridServices.OpenAdr.Service.Transport;

/// <summary>What OpenADR 2.0b asks of certificate files and handshakes.</summary>
internal static class VtnTls
{
    internal static readonly TlsCipherSuite[] OpenAdr20b =
    [
        // OpenADR 2.0b rule 67 names the first two; the others are their kin with an authenticated cipher.
        TlsCipherSuite.TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256,
        TlsCipherSuite.TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256,
        TlsCipherSuite.TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA256,
        TlsCipherSuite.TLS_RSA_WITH_AES_128_CBC_SHA256,
    ];

    public static CertificateFileRules Files { get; } = new(
        "profile", AllowsPfx: true, KeySize.FindProblem, roots => roots.Count > 0 ? null : "no certificate; give a PEM file with the VTN's root");

    public static CertificateFileRules Pinned { get; } = new(
        "profile", AllowsPfx: false, _ => null, pinned => pinned.Count > 0 ? null : "no certificate; give a PEM file with the certificate by which the VTN signs");

    /// <exception cref="CertificateFileException">The profile's files can't be used.</exception>
    public static ClientCertificateFiles Load(TlsProfile profile) => ClientCertificateFiles.Load(profile, Files);

    /// <summary>The certificates in a PEM file; none where no file is named.</summary>
    /// <exception cref="CertificateFileException">The file can't be used.</exception>
    public static X509Certificate2Collection LoadPinned(string? path) =>
        path is null ? [] : ClientCertificateFiles.Load(new CertificatePaths { TrustedRoots = path }, Pinned).Trust!;

    public static ServerCertificateValidator Validator(TlsProfile profile, ClientCertificateFiles files, string host) =>
        new(new VtnCertificatePolicy(profile.ExpectedHostName ?? host), files.Trust);

    public static SslClientAuthenticationOptions Options(TlsProfile profile, ClientCertificateFiles files, ServerCertificateValidator server) =>
        profile.Policy == TlsPolicy.OpenAdr20b
            ? server.Options(files.Certificate, files.Chain, SslProtocols.Tls12, OpenAdr20b)
            : server.Options(files.Certificate, files.Chain, SslProtocols.Tls12 | SslProtocols.Tls13, null);

    /// <summary>True where the other side answered the first TLS record with something that is none, as a port for plain HTTP does.</summary>
    public static bool IsPlainHttpPort(Exception? failure)
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
}
