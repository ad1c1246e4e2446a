using System.Xml;
using GridServices.Contracts;
using static GridServices.OpenAdr.Signatures.Dsig;
using static GridServices.OpenAdr.Signatures.SignedPayload;

namespace GridServices.OpenAdr.Signatures;

/// <summary>One reference of a signature: an element of the same document, at most one canonicalization, its SHA-256.</summary>
internal sealed record SignedReference(XmlElement Target, string Canonicalization, string? Prefixes, byte[] Digest)
{
    private const int Sha256Bytes = 32;

    public static SignedReference Read(XmlElement reference, IReadOnlyDictionary<string, XmlElement> ids)
    {
        if (reference.GetAttributeNode("URI")?.Value is not ['#', .. var id] || id.Length == 0 || id.Contains('('))
        {
            throw Refuse(ErrorClass.RefsExternal, "a reference points to something else than an Id of this payload");
        }

        var (algorithm, prefixes) = Transform(reference);
        if (Algorithm(Child(reference, "DigestMethod")) is not Sha256)
        {
            throw Refuse(ErrorClass.AlgWeak, "the digest is not SHA-256 (OpenADR 2.0b 10.6.3)");
        }

        return ids.TryGetValue(id, out var target)
            ? new SignedReference(target, algorithm, prefixes, Base64(Child(reference, "DigestValue"), Sha256Bytes))
            : throw Refuse(ErrorClass.RefsPayloadNotCovered, $"there is no element with the Id {SafeText.Quote(id)}");
    }

    /// <summary>The algorithm that an element names.</summary>
    public static string Algorithm(XmlElement element) => element.GetAttribute("Algorithm");

    /// <summary>The canonicalization that an element names, with the prefixes of an exclusive one.</summary>
    public static (string Algorithm, string? Prefixes) ReadCanonicalization(XmlElement element, ErrorClass otherwise)
    {
        var algorithm = Algorithm(element);
        if (!Canonicalizations.Contains(algorithm))
        {
            throw Refuse(otherwise, $"{SafeText.Quote(algorithm, 80)} is not accepted here; use {C14N}");
        }

        var children = element.ChildNodes.OfType<XmlElement>().ToList();
        return children switch
        {
            [] => (algorithm, null),
            [var only] when IsExclusive(algorithm) && Is(only, ExclusiveC14N, "InclusiveNamespaces") => (algorithm, only.GetAttribute("PrefixList")),
            _ => throw Refuse(otherwise, $"{element.LocalName} has parameters that are not accepted"),
        };
    }

    /// <exception cref="GridServices.Wire.WireFormatException">It is none, or of another length.</exception>
    public static byte[] Base64(XmlElement element, int? length = null)
    {
        var bytes = new byte[(element.InnerText.Length * 3 / 4) + 3];
        return element.ChildNodes.OfType<XmlElement>().Any() || !Convert.TryFromBase64String(element.InnerText, bytes, out var count) || (length is { } wanted && wanted != count)
            ? throw Refuse(ErrorClass.AuthnSignature, $"{element.LocalName} is not what base64 of it looks like")
            : bytes[..count];
    }

    private static (string Algorithm, string? Prefixes) Transform(XmlElement reference)
    {
        var transforms = reference.ChildNodes.OfType<XmlElement>().Where(e => Is(e, Namespace, "Transforms")).SelectMany(t => t.ChildNodes.OfType<XmlElement>()).ToList();
        IReadOnlyList<(string Algorithm, string? Prefixes)> read = [.. transforms.Select(t => ReadCanonicalization(t, ErrorClass.AlgTransform))];
        return read switch
        {
            [] => (C14N, null),
            [var only] => only,
            _ => throw Refuse(ErrorClass.LimitTransforms, $"a reference has {read.Count} transforms; one is expected"),
        };
    }
}
