using System.Text;
using System.Xml;
using System.Xml.Linq;
using GridServices.OpenAdr.Signatures;

namespace GridServices.OpenAdr.Codec;

/// <summary>
/// Writes our own elements in canonical form at once (C14N 1.0), so that what is hashed is what is sent: the namespaces are declared on the payload's root,
/// and stated again at the element that is hashed.
/// </summary>
internal sealed class CanonicalText
{
    private readonly Dictionary<XNamespace, string> _prefixes;

    /// <param name="payload">An element of <see cref="OadrXml"/>: no declarations in it, no comments, no layout.</param>
    public CanonicalText(XElement payload)
    {
        var used = payload.DescendantsAndSelf().SelectMany(e => GetAttributes(e).Select(a => a.Name.Namespace).Prepend(e.Name.Namespace)).ToHashSet();
        used.Add(Ns.Oadr);
        _prefixes = Ns.Prefixes.Where(p => used.Contains(p.Namespace)).ToDictionary(p => p.Namespace, p => p.Prefix);

        // A feed within a report brings namespaces of its own.
        foreach (var other in used.Where(n => n != XNamespace.None && n != XNamespace.Xml && !_prefixes.ContainsKey(n)).OrderBy(n => n.NamespaceName, StringComparer.Ordinal).ToList())
        {
            _prefixes.Add(other, $"n{_prefixes.Count}");
        }

        Scope = Declare(_prefixes.Select(p => (p.Value, p.Key.NamespaceName)));
        SignatureScope = Declare(_prefixes.Select(p => (p.Value, p.Key.NamespaceName)).Append(("ds", Dsig.Namespace)));
        var text = new StringBuilder(1024);
        Write(text, payload);
        Payload = text.ToString();
    }

    /// <summary>The declarations of the payload's namespaces, in canonical order, each after a space.</summary>
    public string Scope { get; }

    /// <summary>The same with that of the signature.</summary>
    public string SignatureScope { get; }

    /// <summary>The payload without declarations.</summary>
    public string Payload { get; }

    private static string Declare(IEnumerable<(string Prefix, string Namespace)> all) =>
        string.Concat(all.OrderBy(p => p.Prefix, StringComparer.Ordinal).Select(p => $" xmlns:{p.Prefix}=\"{p.Namespace}\""));

    private void Write(StringBuilder text, XElement element)
    {
        var name = Name(element.Name);
        text.Append('<').Append(name);
        foreach (var attribute in GetAttributes(element).OrderBy(a => a.Name.NamespaceName, StringComparer.Ordinal).ThenBy(a => a.Name.LocalName, StringComparer.Ordinal))
        {
            text.Append(' ').Append(Name(attribute.Name)).Append("=\"");
            CanonicalEscape.Append(text, XmlConvert.VerifyXmlChars(attribute.Value), isAttribute: true);
            text.Append('"');
        }

        text.Append('>');
        foreach (var node in element.Nodes())
        {
            switch (node)
            {
                case XElement child:
                    Write(text, child);
                    break;
                case XText words:
                    CanonicalEscape.Append(text, XmlConvert.VerifyXmlChars(words.Value), isAttribute: false);
                    break;
            }
        }

        text.Append("</").Append(name).Append('>');
    }

    // What declares a prefix declares it at the root.
    private static IEnumerable<XAttribute> GetAttributes(XElement element) => element.Attributes().Where(a => !a.IsNamespaceDeclaration);

    private string Name(XName name) =>
        name.Namespace == XNamespace.None ? name.LocalName : name.Namespace == XNamespace.Xml ? $"xml:{name.LocalName}" : $"{_prefixes[name.Namespace]}:{name.LocalName}";
}
