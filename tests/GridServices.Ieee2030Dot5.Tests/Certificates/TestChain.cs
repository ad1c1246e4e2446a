using System.Formats.Asn1;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace GridServices.Ieee2030Dot5.Tests.Certificates;

/// <summary>Chains by the profile, and with one thing wrong.</summary>
internal static class TestChain
{
    public const string DevicePolicy = "1.3.6.1.4.1.40732.1.1";
    public const string AnyPolicy = "2.5.29.32.0";

    private static readonly DateTimeOffset From = new(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
    private static readonly DateTimeOffset Never = new(9999, 12, 31, 23, 59, 59, TimeSpan.Zero);

    /// <summary>Device first, root last; <paramref name="spoil"/> changes the request at a depth before it is signed.</summary>
    public static IReadOnlyList<X509Certificate2> Create(int length, Action<int, Draft>? spoil = null)
    {
        var chain = new List<X509Certificate2>();
        (X509Certificate2 Certificate, ECDsa Key)? issuer = null;
        for (var depth = length - 1; depth >= 0; depth--)
        {
            var draft = depth == 0 ? Draft.Device() : Draft.Authority(depth);
            spoil?.Invoke(depth, draft);
            var certificate = Sign(draft, issuer);
            chain.Insert(0, certificate);
            issuer = (certificate, draft.Key);
        }

        return chain;
    }

    public static X509Extension Policies(bool critical, params string[] oids)
    {
        var writer = new AsnWriter(AsnEncodingRules.DER);
        using (writer.PushSequence())
        {
            foreach (var oid in oids)
            {
                using (writer.PushSequence())
                {
                    writer.WriteObjectIdentifier(oid);
                }
            }
        }

        return new X509Extension("2.5.29.32", writer.Encode(), critical);
    }

    public static X509Extension HardwareName(bool critical, string otherNameOid = "1.3.6.1.5.5.7.8.4")
    {
        var writer = new AsnWriter(AsnEncodingRules.DER);
        var context = new Asn1Tag(TagClass.ContextSpecific, 0, isConstructed: true);
        using (writer.PushSequence())
        using (writer.PushSequence(context))
        {
            writer.WriteObjectIdentifier(otherNameOid);
            using (writer.PushSequence(context))
            using (writer.PushSequence())
            {
                writer.WriteObjectIdentifier("1.3.6.1.4.1.99999.1");
                writer.WriteOctetString([0x01, 0xAB]);
            }
        }

        return new X509Extension("2.5.29.17", writer.Encode(), critical);
    }

    private static X509Certificate2 Sign(Draft draft, (X509Certificate2 Certificate, ECDsa Key)? issuer)
    {
        var request = new CertificateRequest(new X500DistinguishedName(draft.Subject), draft.Key, draft.Hash);
        draft.Extensions.ForEach(request.CertificateExtensions.Add);
        if (issuer is not { } by)
        {
            return request.CreateSelfSigned(From, Never);
        }

        if (!draft.Extensions.Exists(e => e.Oid?.Value is "2.5.29.35"))
        {
            request.CertificateExtensions.Add(X509AuthorityKeyIdentifierExtension.CreateFromCertificate(by.Certificate, true, false));
        }

        return request.Create(draft.Issuer is { } name ? new(name) : by.Certificate.SubjectName, X509SignatureGenerator.CreateForECDsa(by.Key), From, draft.Until, RandomNumberGenerator.GetBytes(8));
    }

    /// <summary>A certificate not yet signed.</summary>
    internal sealed class Draft
    {
        public required string Subject { get; set; }

        public string? Issuer { get; set; }

        public ECDsa Key { get; set; } = ECDsa.Create(ECCurve.NamedCurves.nistP256);

        public HashAlgorithmName Hash { get; set; } = HashAlgorithmName.SHA256;

        public DateTimeOffset Until { get; set; } = Never;

        public List<X509Extension> Extensions { get; } = [];

        public static Draft Device()
        {
            var draft = new Draft { Subject = string.Empty };
            draft.Extensions.AddRange(
            [
                new X509BasicConstraintsExtension(false, false, 0, true),
                new X509KeyUsageExtension(X509KeyUsageFlags.DigitalSignature | X509KeyUsageFlags.KeyAgreement, true),
                Policies(true, DevicePolicy),
                HardwareName(true),
                new X509SubjectKeyIdentifierExtension(new PublicKey(draft.Key), false),
            ]);
            return draft;
        }

        public static Draft Authority(int depth)
        {
            var draft = new Draft { Subject = $"CN=Test authority {depth}, O=Test" };
            draft.Extensions.AddRange(
            [
                new X509BasicConstraintsExtension(true, true, depth - 1, true),
                new X509KeyUsageExtension(X509KeyUsageFlags.KeyCertSign | X509KeyUsageFlags.CrlSign, true),
                Policies(true, AnyPolicy),
                new X509SubjectKeyIdentifierExtension(new PublicKey(draft.Key), false),
            ]);
            return draft;
        }

        /// <summary>Puts an extension in the place of one with the same OID, or adds it.</summary>
        public void Put(X509Extension extension)
        {
            Drop(extension.Oid!.Value!);
            Extensions.Add(extension);
        }

        public void Drop(string oid) => Extensions.RemoveAll(e => string.Equals(e.Oid?.Value, oid, StringComparison.Ordinal));
    }
}
