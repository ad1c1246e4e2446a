using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Security.Cryptography.Xml;
using System.Xml;
using GridServices.Simulators.Vtn.Messages;

namespace GridServices.Simulators.Vtn;

/// <summary>What the VTN does about signatures: signs what it says with its own key, by .NET's SignedXml, and says whether a VEN's message is signed well.</summary>
public sealed class Signing
{
    private const string Dsp = "http://openadr.org/oadr-2.0b/2012/07/xmldsig-properties";
    private const string EcdsaSha256 = "http://www.w3.org/2001/04/xmldsig-more#ecdsa-sha256";
    private readonly X509Certificate2 _own;

    /// <param name="certFile">PEM.</param>
    /// <param name="keyFile">PEM; null: in the same file.</param>
    public Signing(string certFile, string? keyFile)
    {
        _own = X509Certificate2.CreateFromPemFile(certFile, keyFile);
        CryptoConfig.AddAlgorithm(typeof(EcdsaDescription), EcdsaSha256);
    }

    /// <param name="wrapped">oadrPayload with its oadrSignedObject.</param>
    /// <param name="now">The time of sending.</param>
    /// <param name="habits">What is wrong with its signatures; null: nothing.</param>
    public byte[] Sign(byte[] wrapped, DateTimeOffset now, Habits? habits = null)
    {
        var document = Load(wrapped);
        var signedObject = (XmlElement)document.DocumentElement!.GetElementsByTagName("oadrSignedObject", Ns.Oadr.NamespaceName)[0]!;
        signedObject.SetAttribute("Id", Ns.Oadr.NamespaceName, "oadrSignedObject");
        using var rsa = _own.GetRSAPrivateKey();
        using var ec = _own.GetECDsaPrivateKey();
        var signed = new OadrSignedXml(document) { SigningKey = (AsymmetricAlgorithm?)rsa ?? ec };
        signed.SignedInfo!.SignatureMethod = rsa is null ? EcdsaSha256 : SignedXml.XmlDsigRSASHA256Url;
        signed.SignedInfo.CanonicalizationMethod = SignedXml.XmlDsigC14NTransformUrl;
        signed.AddObject(new DataObject { Id = "prop", Data = Properties(document, now, habits?.Has(Habit.OneNonce) == true ? "always-the-same" : Guid.NewGuid().ToString("N")) });
        signed.AddReference(Reference("#oadrSignedObject"));
        signed.AddReference(Reference("#prop"));
        signed.KeyInfo = new KeyInfo();
        signed.KeyInfo.AddClause(new KeyInfoX509Data(_own));
        signed.ComputeSignature();
        var signature = (XmlElement)document.DocumentElement.PrependChild(document.ImportNode(signed.GetXml(), deep: true))!;
        if (habits?.Has(Habit.BrokenKeyInfo) == true)
        {
            AddScrap(signature);
        }

        return System.Text.Encoding.UTF8.GetBytes(document.OuterXml);
    }

    /// <summary>What is wrong with a VEN's signature; null: nothing.</summary>
    public static string? FindProblem(byte[] body)
    {
        var document = Load(body);
        if (document.GetElementsByTagName("Signature", SignedXml.XmlDsigNamespaceUrl) is not { Count: 1 } found)
        {
            return "the message is not signed";
        }

        var signed = new OadrSignedXml(document);
        signed.LoadXml((XmlElement)found[0]!);
        var certificate = signed.KeyInfo.OfType<KeyInfoX509Data>().SelectMany(data => data.Certificates!.OfType<X509Certificate2>()).FirstOrDefault();
        return certificate is null ? "it names no certificate"
            : signed.SignedInfo!.References.Count != 2 ? "it does not have two references"
            : signed.CheckSignature(certificate, verifySignatureOnly: true) ? null
            : "the signature does not hold";
    }

    // A second certificate, whole but for what it says of its use.
    private static void AddScrap(XmlElement signature)
    {
        var holder = signature.GetElementsByTagName("X509Data", SignedXml.XmlDsigNamespaceUrl)[0]!;
        var scrap = signature.OwnerDocument.CreateElement("X509Certificate", SignedXml.XmlDsigNamespaceUrl);
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest("CN=scrap", key, HashAlgorithmName.SHA256);
        request.CertificateExtensions.Add(new X509Extension("2.5.29.19", [0x04, 0x01, 0x00], critical: true));
        using var certificate = request.CreateSelfSigned(DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch.AddYears(79));
        scrap.InnerText = Convert.ToBase64String(certificate.RawData);
        holder.AppendChild(scrap);
    }

    private static Reference Reference(string uri)
    {
        var reference = new Reference(uri) { DigestMethod = SignedXml.XmlDsigSHA256Url };
        reference.AddTransform(new XmlDsigC14NTransform());
        return reference;
    }

    private static XmlNodeList Properties(XmlDocument document, DateTimeOffset now, string nonce)
    {
        var holder = document.CreateElement("holder");
        holder.InnerXml = $"""
            <ds:SignatureProperties xmlns:ds="{SignedXml.XmlDsigNamespaceUrl}"><ds:SignatureProperty Id="replay" Target="#prop"><dsp:ReplayProtect xmlns:dsp="{Dsp}"><dsp:timestamp>{now.UtcDateTime:yyyy-MM-ddTHH:mm:ss.fffZ}</dsp:timestamp><dsp:nonce>{nonce}</dsp:nonce></dsp:ReplayProtect></ds:SignatureProperty></ds:SignatureProperties>
            """;
        return holder.ChildNodes;
    }

    private static XmlDocument Load(byte[] xml)
    {
        var document = new XmlDocument { PreserveWhitespace = true, XmlResolver = null };
        using var reader = XmlReader.Create(new MemoryStream(xml), new XmlReaderSettings { DtdProcessing = DtdProcessing.Prohibit, XmlResolver = null });
        document.Load(reader);
        return document;
    }

    /// <summary>Finds <c>oadr:Id</c> too, which SignedXml does not look for.</summary>
    private sealed class OadrSignedXml(XmlDocument document) : SignedXml(document)
    {
        public override XmlElement? GetIdElement(XmlDocument? document, string idValue) =>
            base.GetIdElement(document, idValue) ?? document?.GetElementsByTagName("oadrSignedObject", Ns.Oadr.NamespaceName)
                .OfType<XmlElement>().FirstOrDefault(e => e.GetAttribute("Id", Ns.Oadr.NamespaceName) == idValue);
    }
}

/// <summary>ECDSA with SHA-256, which SignedXml does not know by itself.</summary>
public sealed class EcdsaDescription : SignatureDescription
{
    public EcdsaDescription() => (KeyAlgorithm, DigestAlgorithm) = (typeof(ECDsa).AssemblyQualifiedName, typeof(SHA256).AssemblyQualifiedName);

    public override HashAlgorithm CreateDigest() => SHA256.Create();

    public override AsymmetricSignatureFormatter CreateFormatter(AsymmetricAlgorithm key) => new Formatter((ECDsa)key);

    public override AsymmetricSignatureDeformatter CreateDeformatter(AsymmetricAlgorithm key) => new Deformatter((ECDsa)key);

    private sealed class Formatter(ECDsa key) : AsymmetricSignatureFormatter
    {
        public override byte[] CreateSignature(byte[] rgbHash) => key.SignHash(rgbHash);

        public override void SetHashAlgorithm(string strName)
        {
        }

        public override void SetKey(AsymmetricAlgorithm key)
        {
        }
    }

    private sealed class Deformatter(ECDsa key) : AsymmetricSignatureDeformatter
    {
        public override bool VerifySignature(byte[] rgbHash, byte[] rgbSignature) => key.VerifyHash(rgbHash, rgbSignature);

        public override void SetHashAlgorithm(string strName)
        {
        }

        public override void SetKey(AsymmetricAlgorithm key)
        {
        }
    }
}
