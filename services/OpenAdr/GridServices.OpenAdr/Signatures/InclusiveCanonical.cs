using System.Text;
using System.Xml;

namespace GridServices.OpenAdr.Signatures;

/// <summary>Inclusive Canonical XML 1.0 of one element in its document, without comments: what every OpenADR signature is made over, so written for speed.</summary>
/// <remarks>W3C REC-xml-c14n-20010315, sections 2.2 to 2.4. Held against System.Security.Cryptography.Xml by tests.</remarks>
internal sealed class InclusiveCanonical
{
    private const string Xmlns = "http://www.w3.org/2000/xmlns/";
    private const string Xml = "http://www.w3.org/XML/1998/namespace";
    private readonly StringBuilder _text = new(4096);

    // Prefix to namespace as stated by the elements written so far; the empty prefix is the default namespace.
    private readonly List<(string Prefix, string Namespace)> _stated = [];

    private InclusiveCanonical()
    {
    }

    public static byte[] Bytes(XmlElement element)
    {
        var canonical = new InclusiveCanonical();
        canonical.Write(element, Declarations(element, withAncestors: true), Attributes(element, withAncestors: true));
        return Encoding.UTF8.GetBytes(canonical._text.ToString());
    }

    private void Write(XmlElement element, List<(string Prefix, string Namespace)> declared, List<XmlAttribute> attributes)
    {
        var before = _stated.Count;
        _text.Append('<').Append(element.Name);
        declared.RemoveAll(d => string.Equals(Stated(d.Prefix), d.Namespace, StringComparison.Ordinal));
        declared.Sort(static (a, b) => string.CompareOrdinal(a.Prefix, b.Prefix));
        foreach (var (prefix, ns) in declared)
        {
            _text.Append(prefix.Length == 0 ? " xmlns" : " xmlns:").Append(prefix).Append("=\"");
            CanonicalEscape.Append(_text, ns, isAttribute: true);
            _text.Append('"');
        }

        _stated.AddRange(declared);
        attributes.Sort(static (a, b) => string.CompareOrdinal(a.NamespaceURI, b.NamespaceURI) is not 0 and var order ? order : string.CompareOrdinal(a.LocalName, b.LocalName));
        foreach (var attribute in attributes)
        {
            _text.Append(' ').Append(attribute.Name).Append("=\"");
            CanonicalEscape.Append(_text, attribute.Value, isAttribute: true);
            _text.Append('"');
        }

        _text.Append('>');
        Content(element);
        _text.Append("</").Append(element.Name).Append('>');
        _stated.RemoveRange(before, _stated.Count - before);
    }

    private void Content(XmlElement element)
    {
        for (var child = element.FirstChild; child is not null; child = child.NextSibling)
        {
            switch (child)
            {
                case XmlElement inner:
                    Write(inner, Declarations(inner, withAncestors: false), Attributes(inner, withAncestors: false));
                    break;
                case XmlCharacterData text and not XmlComment:
                    CanonicalEscape.Append(_text, text.Value!, isAttribute: false);
                    break;
            }
        }
    }

    /// <summary>What an element of those already written states for the prefix; the empty namespace where none does.</summary>
    private string Stated(string prefix)
    {
        for (var i = _stated.Count - 1; i >= 0; i--)
        {
            if (string.Equals(_stated[i].Prefix, prefix, StringComparison.Ordinal))
            {
                return _stated[i].Namespace;
            }
        }

        return string.Empty;
    }

    private static List<(string Prefix, string Namespace)> Declarations(XmlElement element, bool withAncestors)
    {
        var declared = new List<(string Prefix, string Namespace)>();
        for (var at = element; at is not null; at = withAncestors ? at.ParentNode as XmlElement : null)
        {
            foreach (XmlAttribute attribute in at.Attributes)
            {
                var prefix = attribute.Prefix.Length == 0 ? string.Empty : attribute.LocalName;
                if (attribute.NamespaceURI == Xmlns && prefix != "xml" && !declared.Exists(d => string.Equals(d.Prefix, prefix, StringComparison.Ordinal)))
                {
                    declared.Add((prefix, attribute.Value));
                }
            }
        }

        return declared;
    }

    // C14N 1.0, 2.4: the first element also takes the xml: attributes of those around it.
    private static List<XmlAttribute> Attributes(XmlElement element, bool withAncestors)
    {
        var attributes = element.Attributes.Cast<XmlAttribute>().Where(a => a.NamespaceURI != Xmlns).ToList();
        for (var at = element.ParentNode as XmlElement; withAncestors && at is not null; at = at.ParentNode as XmlElement)
        {
            attributes.AddRange(at.Attributes.Cast<XmlAttribute>().Where(a => a.NamespaceURI == Xml && !attributes.Exists(own => own.Name == a.Name)).ToList());
        }

        return attributes;
    }
}
