using System.Net.Security;
using System.Security.Authentication;
using System.Security.Cryptography.X509Certificates;
using GridServices.Ieee2030Dot5.Certificates;
using GridServices.Ieee2030Dot5.Configuration;
using GridServices.Ieee2030Dot5.Identity;

namespace GridServices.Ieee2030Dot5.Service.Transport;

/// <summary>Who we are by the files of a <see cref="DerTransport"/>, and whom never to trust.</summary>
internal sealed class ClientIdentity : IDisposable
{
    private ClientIdentity(ClientCertificateFiles files, DenyList denied)
    {
        (Files, Denied) = (files, denied);
        Lfdi = Certificate is null ? null : Lfdi.FromCertificate(Certificate.RawDataMemory.Span);
    }

    /// <summary>Every suite of the standard signs by elliptic curve: an RSA certificate would only show as "no shared cipher".</summary>
    public static CertificateFileRules Rules { get; } = new(
        "transport",
        AllowsPfx: false,
        KeyFault,
        roots => roots.Any(ClientCertificateFiles.IsRoot) ? null : "no root certificate (one that signed itself); give a PEM file with the root of the utility's PKI");

    public ClientCertificateFiles Files { get; }

    public DenyList Denied { get; }

    /// <summary>With its private key; null where the profile names none.</summary>
    public X509Certificate2? Certificate => Files.Certificate;

    /// <summary>Who we are to the server; null without a certificate.</summary>
    public Lfdi? Lfdi { get; }

    /// <summary>The manufacturer's enterprise number by the certificate's hardware type; 0: it names none.</summary>
    public int Pen => Certificate is not null && HardwareModuleName.TryRead(Certificate, out var name) ? Pens.FromHardwareType(name.HardwareType) : 0;

    /// <exception cref="CertificateFileException">A file can't be read or doesn't hold what it should; the message says which, and how to fix it.</exception>
    public static ClientIdentity Load(DerTransport transport, string? denyList = null)
    {
        ArgumentNullException.ThrowIfNull(transport);
        return new ClientIdentity(ClientCertificateFiles.Load(GetPaths(transport, denyList), Rules), DenyList.Load(transport.DenyList, denyList));
    }

    public static CertificatePaths GetPaths(DerTransport transport, string? denyList = null) => new()
    {
        ClientCertificate = transport.ClientCertificate,
        ClientKey = transport.ClientKey,
        ClientKeyPasswordFile = transport.ClientKeyPasswordFile,
        TrustedRoots = transport.TrustedRoots,
        Lists = new[] { transport.DenyList, denyList }.OfType<string>().ToValueList(),
    };

    public ServerCertificatePolicy PolicyFor(DerTransport transport, string host) => new(host, transport, Files.Trust is not null, Denied);

    // IEEE 2030.5 and its suite know TLS 1.2 only.
    public SslClientAuthenticationOptions Options(DerTransport transport, ServerCertificateValidator server) =>
        server.Options(Certificate, Files.Chain, SslProtocols.Tls12, CipherSuites.For(transport.CipherSuites));

    /// <summary>The root above our own chain, where the trusted roots hold it.</summary>
    public IEnumerable<X509Certificate2> FindRoot()
    {
        var top = Files.Chain.Count > 0 ? Files.Chain[^1] : Certificate;
        return top is null || ClientCertificateFiles.IsRoot(top) || Files.Trust is null
            ? []
            : Files.Trust.Where(t => ClientCertificateFiles.IsRoot(t) && t.SubjectName.RawData.AsSpan().SequenceEqual(top.IssuerName.RawData)).Take(1);
    }

    public void Dispose() => Files.Dispose();

    private static string? KeyFault(X509Certificate2 certificate)
    {
        using var ec = certificate.GetECDsaPublicKey();
        return ec is null ? "no elliptic-curve key, but the cipher suites of IEEE 2030.5 ask for one; ask the PKI for an EC P-256 certificate" : null;
    }
}
