using System.Security.Cryptography.X509Certificates;
using System.Xml.Linq;
using GridServices.OpenAdr.Codec;
using GridServices.OpenAdr.Signatures;
using GridServices.Testing;
using NodaTime;
using NodaTime.Text;

namespace GridServices.OpenAdr.Tests.Signatures;

/// <summary>Signed payloads that others made, and who may sign them.</summary>
internal static class Specimens
{
    public static Duration Window { get; } = Duration.FromMinutes(5);

    public static X509Certificate2Collection Pem(params string[] files)
    {
        var certificates = new X509Certificate2Collection();
        foreach (var file in files)
        {
            certificates.ImportFromPemFile(TestData.Path(file));
        }

        return certificates;
    }

    public static SignerTrust Chain(X509Certificate2Collection roots, string name) => new([], roots, name, Weakness);

    public static SignerTrust Pinned(X509Certificate2Collection certificates) => new(certificates, null, "nobody", Weakness);

    public static ReadOutcome Read(byte[] xml, SignerTrust trust, Instant now, bool required = true, bool exclusive = false) =>
        Read(xml, new SignatureVerifier(Window, exclusive, trust.Validate), now, required);

    public static ReadOutcome Read(byte[] xml, SignatureVerifier verifier, Instant now, bool required = true) =>
        OadrXml.Read(xml, null, new SignatureCheck(verifier, required, now));

    /// <summary>When it was signed, by its own words.</summary>
    public static Instant SentAt(byte[] xml)
    {
        using var stream = new MemoryStream(xml);
        var text = XDocument.Load(stream).Descendants().First(e => e.Name.LocalName == "timestamp").Value;
        return OffsetDateTimePattern.Rfc3339.Parse(text).Value.ToInstant();
    }

    private static string? Weakness(X509Certificate2 certificate)
    {
        using var rsa = certificate.GetRSAPublicKey();
        return rsa is { KeySize: < 2048 } ? $"an RSA key of {rsa.KeySize} bits" : null;
    }
}
