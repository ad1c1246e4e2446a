using System.Text;
using System.Xml;
using System.Xml.Linq;
using GridServices.Wire;
using static GridServices.OpenAdr.Codec.Ns;

namespace GridServices.OpenAdr.Codec;

/// <summary>Green Button data (atom:feed), carried through as XML text without being understood.</summary>
internal static class FeedXml
{
    private static readonly XmlLimits Limits = new();
    private static readonly XmlWriterSettings Fragment = new() { OmitXmlDeclaration = true };

    public static string Read(ReceivedElement parent)
    {
        var text = new StringBuilder();
        using (var writer = XmlWriter.Create(text, Fragment))
        {
            Copy(parent.Child(Atom + "feed"), writer);
        }

        return text.ToString();
    }

    /// <exception cref="ArgumentException">The text is not an atom:feed.</exception>
    public static XElement Write(string feed)
    {
        try
        {
            var element = ToXml(HardenedXml.Load(Encoding.UTF8.GetBytes(feed), Limits));
            return element.Name == Atom + "feed" ? element : throw new ArgumentException("Green Button data is an atom:feed", nameof(feed));
        }
        catch (WireFormatException e)
        {
            throw new ArgumentException($"Green Button data is an atom:feed: {e.Message}", nameof(feed), e);
        }
    }

    // Not by way of XElement: it would keep every foreign name for ever.
    private static void Copy(ReceivedElement e, XmlWriter writer)
    {
        writer.WriteStartElement(e.Name, e.Namespace);
        foreach (var attribute in e.Attributes)
        {
            writer.WriteAttributeString(attribute.Name, attribute.Namespace, attribute.Value);
        }

        if (e.Children.Count == 0)
        {
            writer.WriteString(e.Text);
        }

        foreach (var child in e.Children)
        {
            Copy(child, writer);
        }

        writer.WriteEndElement();
    }

    private static XElement ToXml(ReceivedElement e) =>
        new(XName.Get(e.Name, e.Namespace),
            e.Attributes.Select(a => new XAttribute(XName.Get(a.Name, a.Namespace), a.Value)),
            e.Children.Count == 0 ? e.Text : e.Children.Select(ToXml));
}
