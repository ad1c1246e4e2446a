using System.Text;
using System.Xml.Linq;

namespace GridServices.OpenAdr.Tests.Codec;

/// <summary>A payload with one thing changed: an element left out, twice, after its neighbour, renamed, or with another text.</summary>
internal static class Damaged
{
    public static IEnumerable<byte[]> CreateAll(byte[] xml)
    {
        var count = Load(xml).Descendants().Count();
        foreach (var at in Enumerable.Range(0, count))
        {
            foreach (var change in Changes)
            {
                var document = Load(xml);
                if (change(document.Descendants().ElementAt(at)))
                {
                    yield return Encoding.UTF8.GetBytes(document.ToString(SaveOptions.DisableFormatting));
                }
            }
        }
    }

    private static readonly Func<XElement, bool>[] Changes =
    [
        e => Within(e, () => e.Remove()),
        e => Within(e, () => e.AddAfterSelf(new XElement(e))),
        e => Within(e, () => e.Name = e.Name.Namespace + "other"),
        e => Within(e, () => e.AddAfterSelf(new XElement(e.Name.Namespace + "surplus"))),
        e => e.ElementsAfterSelf().FirstOrDefault() is { } next && next.Name != e.Name && Within(e, () => { next.Remove(); e.AddBeforeSelf(next); }),
        e => !e.HasElements && Within(e, () => e.Value = "some words"),
        e => !e.HasElements && Within(e, () => e.Value = string.Empty),
        e => !e.HasElements && Within(e, () => e.Value = "-1"),
    ];

    private static XElement Load(byte[] xml) => XDocument.Load(new MemoryStream(xml)).Root!;

    // What a Green Button feed holds is neither ours nor looked into.
    private static bool Within(XElement element, Action change)
    {
        if (element.Parent is null || element.AncestorsAndSelf().Any(a => a.Name.NamespaceName is "http://www.w3.org/2005/Atom" or "http://www.w3.org/2000/09/xmldsig#"))
        {
            return false;
        }

        change();
        return true;
    }
}
