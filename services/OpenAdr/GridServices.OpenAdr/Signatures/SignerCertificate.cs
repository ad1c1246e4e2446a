using System.Formats.Asn1;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;
using System.Xml;
using GridServices.Contracts;
using static GridServices.OpenAdr.Signatures.Dsig;
using static GridServices.OpenAdr.Signatures.SignedPayload;

namespace GridServices.OpenAdr.Signatures;

/// <summary>The certificate that a signature names, and what came with it. It is only a claim: nothing in KeyInfo is trusted.</summary>
public static class SignerCertificate
{
    private const int MaxCertificates = 8;

    /// <summary>The certificates that KeyInfo holds, DER, in their order.</summary>
    /// <exception cref="GridServices.Wire.WireFormatException">None, too many, or not base64.</exception>
    internal static IReadOnlyList<byte[]> Read(XmlElement signature)
    {
        var infos = signature.ChildNodes.OfType<XmlElement>().Where(e => Is(e, Namespace, "KeyInfo")).ToList();
        if (infos is not [var info])
        {
            throw Refuse(ErrorClass.AuthnKeyinfo, $"there are {infos.Count} KeyInfo; one with the signer's certificate is expected");
        }

        var inside = info.GetElementsByTagName("*", Namespace).OfType<XmlElement>().ToList();
        if (inside.Exists(e => e.LocalName is "RetrievalMethod"))
        {
            throw Refuse(ErrorClass.AuthnKeyinfo, "KeyInfo points elsewhere; the signer's certificate is expected in it");
        }

        var texts = inside.FindAll(e => Is(e, Namespace, "X509Certificate"));
        if (texts.Count == 0)
        {
            throw Refuse(ErrorClass.AuthnUntrusted, "KeyInfo holds no certificate; a bare key is trusted by nobody");
        }

        return texts.Count <= MaxCertificates
            ? [.. texts.Select(t => SignedReference.Base64(t))]
            : throw Refuse(ErrorClass.AuthnKeyinfo, $"KeyInfo holds {texts.Count} certificates");
    }

    /// <summary>The signer among the certificates: the only one that issued none of the others, or the only one of these that is no authority's.</summary>
    /// <exception cref="GridServices.Wire.WireFormatException">There is none, or several; or one is not legible.</exception>
    internal static Signer Parse(IReadOnlyList<byte[]> encoded)
    {
        var certificates = encoded.DistinctBy(Convert.ToBase64String, StringComparer.Ordinal).Select(Parse).ToList();
        var ends = certificates.FindAll(c => !certificates.Exists(other => other != c && IsIssuer(c, other)));
        var leaves = ends.Count == 1 ? ends : ends.FindAll(c => !IsAuthority(c));
        return leaves is [var leaf]
            ? new Signer(encoded, leaf, [.. certificates.Where(c => !ReferenceEquals(c, leaf))])
            : throw Refuse(ErrorClass.AuthnKeyinfo, $"KeyInfo holds {leaves.Count} certificates of signers; one is expected");
    }

    /// <summary>True for what .NET throws over the bytes of a certificate: its parts are read one by one, each when it is asked for.</summary>
    public static bool IsIllegible(Exception fault) =>
        fault is CryptographicException or AsnContentException or NotSupportedException or ArgumentException or FormatException or OverflowException;

    // By the names alone: whether it did sign it is for the chain to say.
    private static bool IsIssuer(X509Certificate2 certificate, X509Certificate2 of) => of.IssuerName.RawData.AsSpan().SequenceEqual(certificate.SubjectName.RawData);

    private static bool IsAuthority(X509Certificate2 certificate) => certificate.Extensions.OfType<X509BasicConstraintsExtension>().Any(e => e.CertificateAuthority);

    private static X509Certificate2 Parse(byte[] encoded)
    {
        try
        {
            return X509CertificateLoader.LoadCertificate(encoded);
        }
        catch (CryptographicException)
        {
            throw Refuse(ErrorClass.AuthnKeyinfo, "an X509Certificate in KeyInfo is not legible");
        }
    }
}
