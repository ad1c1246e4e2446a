using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Text;
using GridServices.OpenAdr.Messages;
using NodaTime;
using NodaTime.Text;
using static GridServices.OpenAdr.Signatures.Dsig;

namespace GridServices.OpenAdr.Codec;

/// <summary>
/// Signs a message as OpenADR 2.0b 10.6 has it: a detached signature, first in the payload, over the signed object and the ReplayProtect.
/// </summary>
/// <remarks>Inclusive canonicalization and the prefix <c>ds</c> throughout: VTNs built on libxml2 refuse a signature in the default namespace.</remarks>
public static class MessageSigner
{
    private const string SignedObjectId = "oadrSignedObject";
    private const string PropertyId = "replayProtect";
    private const string SignatureId = "signature";

    /// <param name="message">As for <see cref="OadrXml.Write"/>.</param>
    /// <param name="certificate">With its private key: RSA or elliptic curve.</param>
    /// <param name="now">The time of sending: a message that is sent again is signed again.</param>
    /// <param name="nonce">At least 16 random bytes, drawn for this message.</param>
    /// <exception cref="CryptographicException">The key can't be used.</exception>
    public static byte[] Sign(OadrMessage message, X509Certificate2 certificate, Instant now, ReadOnlySpan<byte> nonce)
    {
        ArgumentNullException.ThrowIfNull(certificate);
        if (nonce.Length < 16)
        {
            throw new ArgumentException("A nonce has 16 bytes or more.", nameof(nonce));
        }

        var text = new CanonicalText(OadrXml.ToPayload(message));
        var signedObject = Element("oadr:oadrSignedObject", $"oadr:Id=\"{SignedObjectId}\"", text.Payload);
        var property = Element("ds:SignatureProperty", $"Id=\"{PropertyId}\" Target=\"#{SignatureId}\"", ReplayProtect(now, nonce));
        using var rsa = certificate.GetRSAPrivateKey();
        using var ec = certificate.GetECDsaPrivateKey();
        var signedInfo = Element("ds:SignedInfo", string.Empty, string.Concat(
            Algorithm("CanonicalizationMethod", C14N),
            Algorithm("SignatureMethod", rsa is null ? EcdsaSha256 : RsaSha256),
            Reference(SignedObjectId, signedObject(text.Scope)),
            Reference(PropertyId, property(text.SignatureScope))));
        var signature = Sign(rsa, ec, Encoding.UTF8.GetBytes(signedInfo(text.SignatureScope)));
        return Encoding.UTF8.GetBytes(string.Concat(
            $"<?xml version=\"1.0\" encoding=\"utf-8\"?><oadr:oadrPayload{text.Scope}><ds:Signature xmlns:ds=\"{Namespace}\" Id=\"{SignatureId}\">",
            signedInfo(string.Empty),
            $"<ds:SignatureValue>{Convert.ToBase64String(signature)}</ds:SignatureValue>",
            $"<ds:KeyInfo><ds:X509Data><ds:X509Certificate>{Convert.ToBase64String(certificate.RawDataMemory.Span)}</ds:X509Certificate></ds:X509Data></ds:KeyInfo>",
            $"<ds:Object><ds:SignatureProperties>{property(string.Empty)}</ds:SignatureProperties></ds:Object></ds:Signature>",
            signedObject(string.Empty),
            "</oadr:oadrPayload>"));
    }

    // With the declarations: what is hashed. Without them, as they are on the root: what is sent.
    private static Func<string, string> Element(string name, string attributes, string content) =>
        scope => $"<{name}{scope}{(attributes.Length == 0 ? string.Empty : " ")}{attributes}>{content}</{name}>";

    private static string Algorithm(string name, string algorithm) => $"<ds:{name} Algorithm=\"{algorithm}\"></ds:{name}>";

    private static string Reference(string id, string canonical) => string.Concat(
        $"<ds:Reference URI=\"#{id}\"><ds:Transforms>{Algorithm("Transform", C14N)}</ds:Transforms>{Algorithm("DigestMethod", Sha256)}",
        $"<ds:DigestValue>{Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(canonical)))}</ds:DigestValue></ds:Reference>");

    private static string ReplayProtect(Instant now, ReadOnlySpan<byte> nonce) => string.Concat(
        $"<dsp:ReplayProtect xmlns:dsp=\"{Properties}\"><dsp:timestamp>{InstantPattern.ExtendedIso.Format(TruncateToMilliseconds(now))}</dsp:timestamp>",
        $"<dsp:nonce>{Convert.ToBase64String(nonce)}</dsp:nonce></dsp:ReplayProtect>");

    private static Instant TruncateToMilliseconds(Instant now) => Instant.FromUnixTimeMilliseconds(now.ToUnixTimeMilliseconds());

    private static byte[] Sign(RSA? rsa, ECDsa? ec, byte[] signedInfo) =>
        rsa?.SignData(signedInfo, HashAlgorithmName.SHA256, RSASignaturePadding.Pkcs1)
        ?? ec?.SignData(signedInfo, HashAlgorithmName.SHA256, DSASignatureFormat.IeeeP1363FixedFieldConcatenation)
        ?? throw new CryptographicException("The certificate's private key is neither RSA nor elliptic-curve, or it is missing.");
}
