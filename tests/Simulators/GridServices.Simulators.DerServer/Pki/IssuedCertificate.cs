using System.Formats.Asn1;
using System.Net;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;

namespace GridServices.Simulators.DerServer.Pki;

/// <summary>A certificate by the 2030.5 profile, its key and who issued it.</summary>
internal sealed class IssuedCertificate
{
    private const string AnyPolicy = "2.5.29.32.0";
    private const string DevicePolicy = "1.3.6.1.4.1.40732.1.1";
    private static readonly DateTimeOffset Never = new(9999, 12, 31, 23, 59, 59, TimeSpan.Zero);

    private IssuedCertificate(X509Certificate2 certificate, ECDsa key, IssuedCertificate? issuer) => (Certificate, Key, Issuer) = (certificate, key, issuer);

    public X509Certificate2 Certificate { get; }

    public ECDsa Key { get; }

    public IssuedCertificate? Issuer { get; }

    public static IssuedCertificate Authority(string name, int below, IssuedCertificate? issuer, DateTimeOffset from) => Sign($"CN={name}, O=GridServices test", issuer, from,
    [
        new X509BasicConstraintsExtension(true, issuer is not null, below, true),
        new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign, true),
        Policies(AnyPolicy),
    ]);

    public static IssuedCertificate Server(IssuedCertificate issuer, DateTimeOffset from)
    {
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName("localhost");
        names.AddIpAddress(IPAddress.Loopback);
        return Sign("CN=localhost, O=GridServices test utility", issuer, from, [.. Leaf(), names.Build(critical: true)]);
    }

    public static IssuedCertificate Device(byte serial, IssuedCertificate? issuer, DateTimeOffset from) => Sign(string.Empty, issuer, from, [.. Leaf(), HardwareName(serial)]);

    /// <summary>The certificate and its intermediates, without the root.</summary>
    public string ChainPem()
    {
        var pem = new StringBuilder(Certificate.ExportCertificatePem()).Append('\n');
        for (var next = Issuer; next?.Issuer is not null; next = next.Issuer)
        {
            pem.Append(next.Certificate.ExportCertificatePem()).Append('\n');
        }

        return pem.ToString();
    }

    private static X509Extension[] Leaf() =>
    [
        new X509BasicConstraintsExtension(false, false, 0, true),
        new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature | X509KeyUsageFlags.KeyAgreement, true),
        Policies(DevicePolicy),
    ];

    private static IssuedCertificate Sign(string subject, IssuedCertificate? issuer, DateTimeOffset from, IEnumerable<X509Extension> extensions)
    {
        var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest(subject, key, HashAlgorithmName.SHA256);
        foreach (var extension in extensions.Append(new X509SubjectKeyIdentifierExtension(request.PublicKey, false)))
        {
            request.CertificateExtensions.Add(extension);
        }

        if (issuer is null)
        {
            return new IssuedCertificate(request.CreateSelfSigned(from, Never), key, null);
        }

        request.CertificateExtensions.Add(X509AuthorityKeyIdentifierExtension.CreateFromCertificate(issuer.Certificate, true, false));
        var certificate = request.Create(
            issuer.Certificate.SubjectName, X509SignatureGenerator.CreateForECDsa(issuer.Key), from, Never, RandomNumberGenerator.GetBytes(8));
        return new IssuedCertificate(certificate, key, issuer);
    }

    private static X509Extension Policies(string oid)
    {
        var writer = new AsnWriter(AsnEncodingRules.DER);
        using (writer.PushSequence())
        using (writer.PushSequence())
        {
            writer.WriteObjectIdentifier(oid);
        }

        return new X509Extension("2.5.29.32", writer.Encode(), critical: true);
    }

    private static X509Extension HardwareName(byte serial)
    {
        var writer = new AsnWriter(AsnEncodingRules.DER);
        var context = new Asn1Tag(TagClass.ContextSpecific, 0, isConstructed: true);
        using (writer.PushSequence())
        using (writer.PushSequence(context))
        {
            writer.WriteObjectIdentifier("1.3.6.1.5.5.7.8.4");
            using (writer.PushSequence(context))
            using (writer.PushSequence())
            {
                writer.WriteObjectIdentifier("1.3.6.1.4.1.40732.99.1");
                writer.WriteOctetString([0, 0, 0, serial]);
            }
        }

        return new X509Extension("2.5.29.17", writer.Encode(), critical: true);
    }
}
