using System.Text;
using System.Xml;
using System.Xml.Linq;

namespace GridServices.Fuzzing.Mutations;

/// <summary>Changes XML as a tree.</summary>
internal static class XmlMutation
{
    private const int MostElements = 5_000;
    private static readonly XNamespace[] Foreign = ["urn:other", "http://www.w3.org/2001/XMLSchema-instance", "urn:ieee:std:2030.5:ns", "http://openadr.org/oadr-2.0b/2012/07", "http://naesb.org/espi", ""];

    /// <summary>The changed document; null where the bytes are no XML that can be changed as a tree.</summary>
    public static byte[]? Apply(byte[] bytes, byte[] other, RandomSource random)
    {
        if (Parse(bytes) is not { Root: not null } document)
        {
            return null;
        }

        for (var n = 1 + random.Below(3); n > 0; n--)
        {
            var elements = document.Root!.DescendantsAndSelf().Take(MostElements).ToList();
            Change(random.Pick(elements), elements, other, random);
        }

        return Text(document.Root!, random.Once(2) ? SaveOptions.DisableFormatting : SaveOptions.None);
    }

    // Null where a prefix would stand for two namespaces.
    private static byte[]? Text(XElement root, SaveOptions options)
    {
        try
        {
            return Encoding.UTF8.GetBytes(root.ToString(options));
        }
        catch (XmlException)
        {
            return null;
        }
    }

    private static XDocument? Parse(byte[] bytes)
    {
        try
        {
            using var reader = XmlReader.Create(new MemoryStream(bytes), new XmlReaderSettings { DtdProcessing = DtdProcessing.Prohibit, XmlResolver = null, MaxCharactersInDocument = 1 << 20 });
            return Depth(bytes) > 200 ? null : XDocument.Load(reader);
        }
        catch (XmlException)
        {
            return null;
        }
    }

    // A tree a hundred thousand levels deep is no seed: taking it apart would end the process.
    private static int Depth(byte[] bytes)
    {
        using var reader = XmlReader.Create(new MemoryStream(bytes), new XmlReaderSettings { DtdProcessing = DtdProcessing.Prohibit, XmlResolver = null });
        var deepest = 0;
        while (reader.Read())
        {
            deepest = Math.Max(deepest, reader.Depth);
        }

        return deepest;
    }

    private static void Change(XElement element, List<XElement> all, byte[] other, RandomSource random)
    {
        switch (random.Below(12))
        {
            case 0 when element.Parent is not null:
                element.Remove();
                break;
            case 1 when element.Parent is not null:
                element.AddAfterSelf(Enumerable.Range(0, random.Pick([1, 2, 40])).Select(_ => new XElement(element)));
                break;
            case 2 when element.Parent is not null && element.NextNode is XElement next:
                next.Remove();
                element.AddBeforeSelf(next);
                break;
            case 3:
                element.Name = random.Pick(Foreign) + element.Name.LocalName;
                break;
            case 4:
                element.Name = element.Name.Namespace + random.Pick(all).Name.LocalName;
                break;
            case 5:
                Nest(element, random);
                break;
            case 6:
                Attribute(element, random);
                break;
            case 7 when Parse(other) is { Root: { } root }:
                element.Add(new XElement(random.Pick(root.DescendantsAndSelf().Take(MostElements).ToList())));
                break;
            case 8:
                element.Add(random.Once(2) ? new XComment("x") : new XProcessingInstruction("x", "y"));
                break;
            default:
                Leaf(element, random).Value = Clean(Extremes.Text(random));
                break;
        }
    }

    private static XElement Leaf(XElement element, RandomSource random)
    {
        while (element.Elements().ToList() is { Count: > 0 } children)
        {
            element = random.Pick(children);
        }

        return element;
    }

    private static void Nest(XElement element, RandomSource random)
    {
        var inner = element;
        for (var depth = random.Pick([1, 10, 60, 70, 150]); depth > 0; depth--)
        {
            var deeper = new XElement(element.Name);
            inner.AddFirst(deeper);
            inner = deeper;
        }
    }

    private static void Attribute(XElement element, RandomSource random)
    {
        var attributes = element.Attributes().Where(a => !a.IsNamespaceDeclaration).ToList();
        if (attributes.Count > 0 && random.Once(2))
        {
            random.Pick(attributes).Value = Clean(Extremes.Text(random));
            return;
        }

        element.SetAttributeValue(random.Pick<XName>([XName.Get("type", "http://www.w3.org/2001/XMLSchema-instance"), XName.Get("nil", "http://www.w3.org/2001/XMLSchema-instance"), "href", "all", "schemaVersion"]), Clean(Extremes.Text(random)));
    }

    private static string Clean(string text) => new([.. text.Where(XmlConvert.IsXmlChar)]);
}
