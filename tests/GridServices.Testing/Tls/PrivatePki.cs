using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace GridServices.Testing.Tls;

/// <summary>A throw-away PKI (root, and as many intermediates as the depth asks for) with the files a client would be given.</summary>
public sealed class PrivatePki : IDisposable
{
    private readonly List<X509Certificate2> _authorities = [];

    /// <param name="depth">Certificates in a chain, from root to device: 2 = root and device.</param>
    public PrivatePki(int depth = 3)
    {
        Folder = Directory.CreateTempSubdirectory("pki-").FullName;
        for (var level = 0; level < depth - 1; level++)
        {
            _authorities.Add(Authority($"CN=Test authority {level}", level == 0 ? null : _authorities[^1]));
        }

        CaFile = Path.Combine(Folder, "ca.pem");
        File.WriteAllText(CaFile, Root.ExportCertificatePem());
    }

    public string Folder { get; }

    /// <summary>Holds the root alone.</summary>
    public string CaFile { get; }

    public X509Certificate2 Root => _authorities[0];

    /// <summary>Nearest to the device first.</summary>
    public X509Certificate2Collection Intermediates => [.. _authorities.Skip(1).Reverse()];

    private static DateTimeOffset Now => TimeProvider.System.GetUtcNow();

    /// <param name="dnsName">Null: no name, as IEEE 2030.5 devices have none.</param>
    /// <param name="endsIn">Counted from now; negative: it has ended.</param>
    /// <param name="rsa">An RSA key.</param>
    public X509Certificate2 Issue(string? dnsName = null, TimeSpan? endsIn = null, bool rsa = false)
    {
        using AsymmetricAlgorithm key = rsa ? RSA.Create(2048) : ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var name = $"CN={dnsName ?? "device"}";
        var request = key is RSA r
            ? new CertificateRequest(name, r, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1)
            : new CertificateRequest(name, (ECDsa)key, HashAlgorithmName.SHA256);
        if (dnsName is not null)
        {
            var names = new SubjectAlternativeNameBuilder();
            names.AddDnsName(dnsName);
            request.CertificateExtensions.Add(names.Build());
        }

        var issuer = _authorities[^1];
        using var bare = request.Create(
            issuer.SubjectName, X509SignatureGenerator.CreateForECDsa(issuer.GetECDsaPrivateKey()!), Now.AddDays(-1.5), Now + (endsIn ?? TimeSpan.FromDays(365)), RandomNumberGenerator.GetBytes(12));
        using var withKey = key is RSA own ? bare.CopyWithPrivateKey(own) : bare.CopyWithPrivateKey((ECDsa)key);
        return X509CertificateLoader.LoadPkcs12(withKey.Export(X509ContentType.Pkcs12), null, X509KeyStorageFlags.Exportable);
    }

    /// <summary>Signs itself.</summary>
    public static X509Certificate2 SelfSigned(string dnsName)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={dnsName}", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName(dnsName);
        request.CertificateExtensions.Add(names.Build());
        using var bare = request.CreateSelfSigned(Now.AddDays(-1), Now.AddDays(30));
        return X509CertificateLoader.LoadPkcs12(bare.Export(X509ContentType.Pkcs12), null, X509KeyStorageFlags.Exportable);
    }

    /// <summary>Writes certificate (with its intermediates, unless told not to) and key as PEM files; gives their paths.</summary>
    public (string Certificate, string Key) Write(string name, X509Certificate2 certificate, bool withChain = true)
    {
        var (certificateFile, keyFile) = (Path.Combine(Folder, name + ".pem"), Path.Combine(Folder, name + ".key"));
        File.WriteAllText(certificateFile, string.Join('\n', Intermediates.Where(_ => withChain).Prepend(certificate).Select(c => c.ExportCertificatePem())));
        File.WriteAllText(keyFile, certificate.GetECDsaPrivateKey()?.ExportPkcs8PrivateKeyPem() ?? certificate.GetRSAPrivateKey()!.ExportPkcs8PrivateKeyPem());
        return (certificateFile, keyFile);
    }

    public void Dispose()
    {
        _authorities.ForEach(a => a.Dispose());
        Directory.Delete(Folder, recursive: true);
    }

    private static X509Certificate2 Authority(string name, X509Certificate2? issuer)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest(name, key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign, true));
        if (issuer is null)
        {
            using var root = request.CreateSelfSigned(Now.AddDays(-2), Now.AddDays(3650));
            return X509CertificateLoader.LoadPkcs12(root.Export(X509ContentType.Pkcs12), null, X509KeyStorageFlags.Exportable);
        }

        using var bare = request.Create(issuer, new DateTimeOffset(issuer.NotBefore), new DateTimeOffset(issuer.NotAfter), RandomNumberGenerator.GetBytes(12));
        using var withKey = bare.CopyWithPrivateKey(key);
        return X509CertificateLoader.LoadPkcs12(withKey.Export(X509ContentType.Pkcs12), null, X509KeyStorageFlags.Exportable);
    }
}
