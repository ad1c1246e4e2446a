using System.Xml;
using GridServices.Contracts;
using GridServices.Wire;
using static GridServices.OpenAdr.Signatures.Dsig;

namespace GridServices.OpenAdr.Signatures;

/// <summary>
/// The parts of a signed payload, taken apart by rules of structure before any cryptography: exactly one signature, beside exactly one signed object,
/// and no element that two readers could take for another one.
/// <code>
///   oadrPayload ─┬─ ds:Signature ─── SignedInfo · SignatureValue · KeyInfo · Object/…/ReplayProtect
///                └─ oadrSignedObject Id="…"
/// </code>
/// </summary>
/// <remarks>Profile section 10.6, OpenADR 2.0b rule 514. What is more, less, nested or named twice is refused as an attempt at signature wrapping.</remarks>
internal sealed class SignedPayload
{
    private const int MaxReferences = 2;

    private SignedPayload(XmlElement signature, XmlElement signedObject, IReadOnlyDictionary<string, XmlElement> ids) =>
        (Signature, SignedObject, Ids) = (signature, signedObject, ids);

    public XmlElement Signature { get; }

    public XmlElement SignedObject { get; }

    private IReadOnlyDictionary<string, XmlElement> Ids { get; }

    /// <param name="xml">Has passed <see cref="HardenedXml"/>: size, depth and counts are bounded.</param>
    /// <param name="maxCharacters">The same bound again.</param>
    /// <exception cref="WireFormatException">The structure is not that of one signed payload.</exception>
    public static SignedPayload Load(ReadOnlyMemory<byte> xml, long maxCharacters)
    {
        var document = new XmlDocument { PreserveWhitespace = true, XmlResolver = null };
        using (var reader = XmlReader.Create(new MemoryStream(xml.ToArray(), writable: false), new XmlReaderSettings { DtdProcessing = DtdProcessing.Prohibit, XmlResolver = null, MaxCharactersInDocument = maxCharacters }))
        {
            document.Load(reader);
        }

        var elements = Elements(document);
        var root = document.DocumentElement!;
        var children = root.ChildNodes.OfType<XmlElement>().ToList();
        var signature = Only(elements, Namespace, "Signature");
        var signedObject = Only(elements, Oadr, "oadrSignedObject");

        // Either order is met; anything beside or between them is not.
        if (!Is(root, Oadr, "oadrPayload") || children.Count != 2 || !children.Contains(signature) || !children.Contains(signedObject))
        {
            throw Refuse(ErrorClass.Wrapping, "a signed payload is oadrPayload with one Signature and one oadrSignedObject in it, and nothing else");
        }

        return new SignedPayload(signature, signedObject, UniqueIds(elements));
    }

    /// <summary>The one ReplayProtect; null: there is none.</summary>
    public XmlElement? ReplayProtect()
    {
        var found = Signature.OwnerDocument.GetElementsByTagName("ReplayProtect", Properties);
        return found.Count switch
        {
            0 => null,
            1 => (XmlElement)found[0]!,
            _ => throw Refuse(ErrorClass.ReplayMultiple, "there is more than one ReplayProtect"),
        };
    }

    /// <summary>The references of SignedInfo: to the signed object, and to what holds the ReplayProtect.</summary>
    public IReadOnlyList<SignedReference> References(XmlElement signedInfo)
    {
        var references = signedInfo.ChildNodes.OfType<XmlElement>().Where(e => Is(e, Namespace, "Reference")).ToList();
        if (references.Count > MaxReferences)
        {
            throw Refuse(ErrorClass.LimitReferences, $"the signature has {references.Count} references; {MaxReferences} are expected");
        }

        IReadOnlyList<SignedReference> read = [.. references.Select(r => SignedReference.Read(r, Ids))];
        if (read.Count(r => ReferenceEquals(r.Target, SignedObject)) != 1)
        {
            throw Refuse(ErrorClass.RefsPayloadNotCovered, "the signature does not cover the oadrSignedObject");
        }

        return read;
    }

    public static WireFormatException Refuse(ErrorClass error, string detail) => new(error, "/oadrPayload/Signature", detail);

    public static bool Is(XmlElement element, string ns, string name) => element.LocalName == name && element.NamespaceURI == ns;

    /// <summary>The one child of that name.</summary>
    public static XmlElement Child(XmlElement parent, string name)
    {
        var found = parent.ChildNodes.OfType<XmlElement>().Where(e => Is(e, Namespace, name)).ToList();
        return found.Count == 1 ? found[0] : throw Refuse(ErrorClass.SchemaInvalid, $"{parent.LocalName} has {found.Count} {name}; one is expected");
    }

    private static List<XmlElement> Elements(XmlNode parent)
    {
        var elements = new List<XmlElement>();
        var open = new Stack<XmlNode>([parent]);
        while (open.TryPop(out var node))
        {
            foreach (XmlNode child in node.ChildNodes)
            {
                switch (child)
                {
                    case XmlElement element:
                        elements.Add(element);
                        open.Push(element);
                        break;
                    case XmlComment or XmlProcessingInstruction:
                        // Readers differ in what text around a comment is; none is taken in a signed payload.
                        throw Refuse(ErrorClass.SchemaComment, "comments and processing instructions are not accepted in a signed payload");
                }
            }
        }

        return elements.Exists(e => e.NamespaceURI == Encryption && e.LocalName is "EncryptedData" or "EncryptedKey")
            ? throw Refuse(ErrorClass.AlgEncrypted, "encrypted parts are not accepted")
            : elements;
    }

    private static XmlElement Only(List<XmlElement> elements, string ns, string name)
    {
        var found = elements.FindAll(e => Is(e, ns, name));
        return found.Count == 1 ? found[0] : throw Refuse(ErrorClass.Wrapping, $"there are {found.Count} {name} in the payload; one is expected");
    }

    // Whatever one reader could take for an Id counts: Id, id, ID, in any namespace.
    private static Dictionary<string, XmlElement> UniqueIds(List<XmlElement> elements)
    {
        var ids = new Dictionary<string, XmlElement>(StringComparer.Ordinal);
        foreach (var element in elements)
        {
            foreach (XmlAttribute attribute in element.Attributes)
            {
                if (string.Equals(attribute.LocalName, "id", StringComparison.OrdinalIgnoreCase) && !ids.TryAdd(attribute.Value, element))
                {
                    throw Refuse(ErrorClass.Wrapping, $"the Id {SafeText.Quote(attribute.Value)} is used twice");
                }
            }
        }

        return ids;
    }
}
