using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using NodaTime;

namespace GridServices.Simulators.Vtn.Pki;

/// <summary>
/// A private certification authority and certificates for tests and the local demo; never for anything else.
/// Files NAME.crt and NAME.key: ca, vtn-rsa, vtn-ec, ven-rsa, ven-ec, ven-expired, vtn-expired, other-ca, ven-other, vtn-other.
/// </summary>
public static class TestPki
{
    private const string ServerAuth = "1.3.6.1.5.5.7.3.1", ClientAuth = "1.3.6.1.5.5.7.3.2";

    public static int Run(IReadOnlyList<string> args)
    {
        if (args is not ["--out", var folder])
        {
            Console.Error.WriteLine("Say where: pki --out DIR");
            return 2;
        }

        Make(folder, SystemClock.Instance.GetCurrentInstant());
        Console.WriteLine($"Test certificates are in {folder}: ca.crt, vtn-rsa.crt/.key, ven-rsa.crt/.key and others.");
        return 0;
    }

    /// <summary>Writes all files; certificates hold from a day before <paramref name="now"/> for two years.</summary>
    public static void Make(string folder, Instant now)
    {
        Directory.CreateDirectory(folder);
        var from = now.ToDateTimeOffset() - TimeSpan.FromDays(1);
        var (good, expired) = ((from, from.AddYears(2)), (from.AddDays(-30), from));
        using var ca = Authority(folder, "ca", "GridServices test CA", from.AddDays(-60));
        using var other = Authority(folder, "other-ca", "Another test CA", from.AddDays(-60));
        Rsa(folder, "vtn-rsa", ca, ServerAuth, good);
        Ec(folder, "vtn-ec", ca, ServerAuth, good);
        Rsa(folder, "ven-rsa", ca, ClientAuth, good);
        Ec(folder, "ven-ec", ca, ClientAuth, good);
        Rsa(folder, "ven-expired", ca, ClientAuth, expired);
        Rsa(folder, "vtn-expired", ca, ServerAuth, expired);
        Rsa(folder, "ven-other", other, ClientAuth, good);
        Rsa(folder, "vtn-other", other, ServerAuth, good);
    }

    private static X509Certificate2 Authority(string folder, string file, string name, DateTimeOffset from)
    {
        using var key = RSA.Create(2048);
        var request = new CertificateRequest($"CN={name}", key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(true, true, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign, true));
        request.CertificateExtensions.Add(new X509SubjectKeyIdentifierExtension(request.PublicKey, false));
        var certificate = request.CreateSelfSigned(from, from.AddYears(3));
        Write(folder, file, certificate, key);
        return certificate;
    }

    private static void Rsa(string folder, string file, X509Certificate2 ca, string usage, (DateTimeOffset From, DateTimeOffset Until) valid)
    {
        using var key = RSA.Create(2048);
        Issue(folder, file, new(Subject(file), key, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1), key, ca, usage, valid);
    }

    private static void Ec(string folder, string file, X509Certificate2 ca, string usage, (DateTimeOffset From, DateTimeOffset Until) valid)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        Issue(folder, file, new(Subject(file), key, HashAlgorithmName.SHA256), key, ca, usage, valid);
    }

    private static void Issue(
        string folder, string file, CertificateRequest request, AsymmetricAlgorithm key, X509Certificate2 ca, string usage, (DateTimeOffset From, DateTimeOffset Until) valid)
    {
        // TLS_RSA suites encrypt the key to the certificate, so RSA ones need key encipherment.
        var flags = X509KeyUsageFlags.DigitalSignature | (key is RSA ? X509KeyUsageFlags.KeyEncipherment : X509KeyUsageFlags.None);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName("localhost");
        names.AddIpAddress(IPAddress.Loopback);
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(false, false, 0, true));
        request.CertificateExtensions.Add(new X509KeyUsageExtension(flags, true));
        request.CertificateExtensions.Add(new X509EnhancedKeyUsageExtension([new Oid(usage)], false));
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(X509AuthorityKeyIdentifierExtension.CreateFromCertificate(ca, true, false));
        using var certificate = request.Create(
            ca.SubjectName, X509SignatureGenerator.CreateForRSA(ca.GetRSAPrivateKey()!, RSASignaturePadding.Pkcs1), valid.From, valid.Until, RandomNumberGenerator.GetBytes(12));
        Write(folder, file, certificate, key);
    }

    private static X500DistinguishedName Subject(string file) => new($"CN={(file.StartsWith("vtn", StringComparison.Ordinal) ? "localhost" : file)}, O=GridServices test");

    private static void Write(string folder, string file, X509Certificate2 certificate, AsymmetricAlgorithm key)
    {
        File.WriteAllText(Path.Combine(folder, file + ".crt"), certificate.ExportCertificatePem() + "\n");
        var keyFile = Path.Combine(folder, file + ".key");
        File.WriteAllText(keyFile, key.ExportPkcs8PrivateKeyPem() + "\n");
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(keyFile, UnixFileMode.UserRead | UnixFileMode.UserWrite);
        }
    }
}
