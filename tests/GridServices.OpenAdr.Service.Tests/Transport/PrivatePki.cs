using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace GridServices.OpenAdr.Service.Tests.Transport;

/// <summary>A throw-away certificate authority in a folder of its own, with the files a VEN would be given.</summary>
internal sealed class PrivatePki : IDisposable
{
    private readonly X509Certificate2 _root;

    public PrivatePki(KeyKind kind = KeyKind.Ec)
    {
        Kind = kind;
        Folder = Directory.CreateTempSubdirectory("pki-").FullName;
        var request = Request("CN=Test root", kind, out _);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign, true));
        _root = request.CreateSelfSigned(Now.AddDays(-2), Now.AddDays(3650));
        BundlePath = Path.Combine(Folder, "ca.pem");
        File.WriteAllText(BundlePath, _root.ExportCertificatePem());
    }

    public string Folder { get; }
    public string BundlePath { get; }
    private KeyKind Kind { get; }
    private static DateTimeOffset Now => TimeProvider.System.GetUtcNow();

    public X509Certificate2Collection Roots => [_root];

    public X509Certificate2 Issue(string name, TimeSpan? validFor = null, TimeSpan? age = null, int rsaBits = 2048)
    {
        var request = Request($"CN={name}", Kind, out var key, rsaBits);
        using (key)
        {
            var names = new SubjectAlternativeNameBuilder();
            names.AddDnsName(name);
            request.CertificateExtensions.Add(names.Build());
            var start = Now - (age ?? TimeSpan.FromHours(1));
            using var bare = request.Create(_root, start, start + (age ?? TimeSpan.FromHours(1)) + (validFor ?? TimeSpan.FromDays(365)), RandomNumberGenerator.GetBytes(12));
            using var withKey = key is RSA rsa ? bare.CopyWithPrivateKey(rsa) : bare.CopyWithPrivateKey((ECDsa)key);
            return X509CertificateLoader.LoadPkcs12(withKey.Export(X509ContentType.Pkcs12), null, X509KeyStorageFlags.Exportable);
        }
    }

    /// <summary>Writes certificate and key in one PEM file.</summary>
    public string Write(string file, X509Certificate2 certificate)
    {
        var path = Path.Combine(Folder, file);
        var key = certificate.GetRSAPrivateKey()?.ExportPkcs8PrivateKeyPem() ?? certificate.GetECDsaPrivateKey()!.ExportPkcs8PrivateKeyPem();
        File.WriteAllText(path, certificate.ExportCertificatePem() + "\n" + key);
        return path;
    }

    public void Dispose()
    {
        _root.Dispose();
        Directory.Delete(Folder, recursive: true);
    }

    private static CertificateRequest Request(string subject, KeyKind kind, out AsymmetricAlgorithm key, int rsaBits = 2048)
    {
        if (kind == KeyKind.Rsa)
        {
            var rsa = RSA.Create(rsaBits);
            key = rsa;
            return new CertificateRequest(subject, rsa, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        }

        var ec = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        key = ec;
        return new CertificateRequest(subject, ec, HashAlgorithmName.SHA256);
    }
}

public enum KeyKind
{
    Rsa,
    Ec,
}
