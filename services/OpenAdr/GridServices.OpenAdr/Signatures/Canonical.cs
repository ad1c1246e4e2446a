using System.Security.Cryptography.Xml;
using System.Xml;

namespace GridServices.OpenAdr.Signatures;

/// <summary>The canonical bytes of one element of a document: what a signature is made over.</summary>
internal static class Canonical
{
    private const string Xmlns = "http://www.w3.org/2000/xmlns/";

    /// <param name="element">Anywhere in its document.</param>
    /// <param name="algorithm">One of <see cref="Dsig.Canonicalizations"/>.</param>
    /// <param name="inclusivePrefixes">PrefixList of exclusive canonicalization; null or empty = none.</param>
    public static byte[] Bytes(XmlElement element, string algorithm, string? inclusivePrefixes) =>
        Dsig.IsExclusive(algorithm) ? Exclusive(element, inclusivePrefixes) : InclusiveCanonical.Bytes(element);

    private static byte[] Exclusive(XmlElement element, string? inclusivePrefixes)
    {
        var transform = new XmlDsigExcC14NTransform(includeComments: false, inclusivePrefixes);
        transform.LoadInput(Apart(element));
        using var output = (MemoryStream)transform.GetOutput(typeof(Stream));
        return output.ToArray();
    }

    // A document of its own in the same context: what its ancestors declare, canonicalization sees too.
    private static XmlDocument Apart(XmlElement element)
    {
        var document = new XmlDocument { PreserveWhitespace = true, XmlResolver = null };
        var copy = (XmlElement)document.AppendChild(document.ImportNode(element, deep: true))!;
        for (var ancestor = element.ParentNode as XmlElement; ancestor is not null; ancestor = ancestor.ParentNode as XmlElement)
        {
            foreach (XmlAttribute attribute in ancestor.Attributes)
            {
                if (attribute.NamespaceURI is Xmlns && !copy.HasAttribute(attribute.LocalName, attribute.NamespaceURI))
                {
                    copy.SetAttributeNode((XmlAttribute)document.ImportNode(attribute, deep: true));
                }
            }
        }

        return document;
    }
}
