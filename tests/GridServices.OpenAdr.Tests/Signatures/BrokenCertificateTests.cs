using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using GridServices.Contracts;
using GridServices.OpenAdr.Codec;
using GridServices.OpenAdr.Messages;
using GridServices.OpenAdr.Signatures;
using NodaTime;

namespace GridServices.OpenAdr.Tests.Signatures;

/// <summary>Certificates in KeyInfo are read before anybody is trusted: whatever is in them is a refusal, and never a fault.</summary>
public sealed class BrokenCertificateTests
{
    private const string BasicConstraints = "2.5.29.19";
    private const string AlternativeNames = "2.5.29.17";
    private static readonly Instant Now = Instant.FromUtc(2027, 1, 15, 18, 0);

    public static TheoryData<string> Kinds => ["constraints", "names", "rsa", "curve", "year", "scrap"];

    [Theory]
    [MemberData(nameof(Kinds))]
    public void What_cannot_be_read_is_refused_alone_and_beside_a_good_one(string kind)
    {
        using var good = Certificate();
        var broken = Broken(kind);
        foreach (var (trust, certificates) in new[] { (Chain(good), new[] { broken }), (Chain(good), [good.RawData, broken]), (Pinned(good), [broken]), (Pinned(good), [broken, broken]) })
        {
            var refusal = Specimens.Read(Signed(good, certificates), trust, Now).Refusal;
            Assert.Contains(refusal!.Class, new[] { ErrorClass.AuthnKeyinfo, ErrorClass.AuthnUntrusted, ErrorClass.AuthnWeakKey, ErrorClass.AuthnExpired, ErrorClass.AuthnSubject });
        }
    }

    [Fact]
    public void No_byte_of_a_certificate_changed_is_more_than_a_refusal()
    {
        using var good = Certificate();
        var (trusts, signed) = (new[] { Chain(good), Pinned(good) }, Signed(good, good.RawData));
        Assert.All(trusts, trust => Assert.NotNull(Specimens.Read(signed, trust, Now).Message));
        var text = Encoding.UTF8.GetString(signed);
        for (var at = 0; at < good.RawData.Length; at++)
        {
            var bytes = good.RawData.ToArray();
            bytes[at] ^= (at % 3) switch { 0 => 0x01, 1 => 0x80, _ => 0xFF };
            var forged = Encoding.UTF8.GetBytes(text.Replace(Convert.ToBase64String(good.RawData), Convert.ToBase64String(bytes), StringComparison.Ordinal));
            Assert.All(trusts, trust => Assert.NotNull(Specimens.Read(forged, trust, Now).Refusal));
        }
    }

    private static SignerTrust Chain(X509Certificate2 root) => Specimens.Chain([root], "vtn.example");

    private static SignerTrust Pinned(X509Certificate2 pinned) => Specimens.Pinned([pinned]);

    private static byte[] Signed(X509Certificate2 signer, params byte[][] certificates)
    {
        var text = Encoding.UTF8.GetString(MessageSigner.Sign(new OadrRequestReregistration("ven-1"), signer, Now, new byte[16]));
        var (open, close) = (text.IndexOf("<ds:X509Certificate>", StringComparison.Ordinal), text.IndexOf("</ds:X509Certificate>", StringComparison.Ordinal));
        return Encoding.UTF8.GetBytes(
            text[..open] + string.Concat(certificates.Select(c => $"<ds:X509Certificate>{Convert.ToBase64String(c)}</ds:X509Certificate>")) + text[(close + "</ds:X509Certificate>".Length)..]);
    }

    private static X509Certificate2 Certificate(params X509Extension[] extensions)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=vtn.example", key, HashAlgorithmName.SHA256);
        foreach (var extension in extensions)
        {
            request.CertificateExtensions.Add(extension);
        }

        return request.CreateSelfSigned((Now - Duration.FromDays(1)).ToDateTimeOffset(), (Now + Duration.FromDays(1)).ToDateTimeOffset());
    }

    private static byte[] Broken(string kind)
    {
        switch (kind)
        {
            case "constraints":
                using (var certificate = Certificate(new X509Extension(BasicConstraints, [0x04, 0x01, 0x00], critical: true)))
                {
                    return certificate.RawData;
                }

            case "names":
                using (var certificate = Certificate(new X509Extension(AlternativeNames, [0x30, 0x05, 0x82, 0x7F], critical: false)))
                {
                    return certificate.RawData;
                }

            case "rsa":
                return WithKey(new PublicKey(new Oid("1.2.840.113549.1.1.1"), new AsnEncodedData([0x05, 0x00]), new AsnEncodedData([0x02, 0x01, 0x05])));
            case "curve":
                return WithKey(new PublicKey(new Oid("1.2.840.10045.2.1"), new AsnEncodedData([0x06, 0x03, 0x2A, 0x03, 0x04]), new AsnEncodedData([0x04, 0x01, 0x02])));
            case "year":
                using (var certificate = Certificate())
                {
                    var raw = certificate.RawData.ToArray();
                    var date = raw.AsSpan().IndexOf("270114"u8);
                    "999999"u8.CopyTo(raw.AsSpan(date));
                    return raw;
                }

            default:
                return [0x30, 0x82, 0x01];
        }
    }

    private static byte[] WithKey(PublicKey key)
    {
        using var signing = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest(new X500DistinguishedName("CN=vtn.example"), key, HashAlgorithmName.SHA256);
        using var certificate = request.Create(
            request.SubjectName, X509SignatureGenerator.CreateForECDsa(signing), (Now - Duration.FromDays(1)).ToDateTimeOffset(), (Now + Duration.FromDays(1)).ToDateTimeOffset(), [1, 2, 3]);
        return certificate.RawData;
    }
}
