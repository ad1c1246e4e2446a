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

    /// <exception cref="GridServices.Wire.WireFormatException">None, several, or not legible.</exception>
    internal static (X509Certificate2 Leaf, X509Certificate2Collection Others) Read(XmlElement signature)
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

        return texts.Count <= MaxCertificates ? Sort([.. texts.Select(Parse)]) : throw Refuse(ErrorClass.AuthnKeyinfo, $"KeyInfo holds {texts.Count} certificates");
    }

    /// <summary>True for what .NET throws over the bytes of a certificate: its parts are read one by one, each when it is asked for.</summary>
    public static bool IsIllegible(Exception fault) =>
        fault is CryptographicException or AsnContentException or NotSupportedException or ArgumentException or FormatException or OverflowException;

    private static (X509Certificate2 Leaf, X509Certificate2Collection Others) Sort(List<X509Certificate2> certificates)
    {
        var leaves = certificates.Count == 1 ? certificates : certificates.FindAll(c => !IsAuthority(c));
        if (leaves is not [var leaf])
        {
            throw Refuse(ErrorClass.AuthnKeyinfo, $"KeyInfo holds {leaves.Count} certificates of signers; one is expected");
        }

        return (leaf, [.. certificates.Where(c => !ReferenceEquals(c, leaf))]);
    }

    private static bool IsAuthority(X509Certificate2 certificate) => certificate.Extensions.OfType<X509BasicConstraintsExtension>().Any(e => e.CertificateAuthority);

    private static X509Certificate2 Parse(XmlElement text)
    {
        try
        {
            return X509CertificateLoader.LoadCertificate(SignedReference.Base64(text));
        }
        catch (CryptographicException)
        {
            throw Refuse(ErrorClass.AuthnKeyinfo, "an X509Certificate in KeyInfo is not legible");
        }
    }
}
