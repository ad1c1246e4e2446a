using System.Security.Cryptography.Xml;
using System.Text;
using System.Xml;
using GridServices.OpenAdr.Signatures;

namespace GridServices.OpenAdr.Tests.Signatures;

/// <summary>Canonical form, held against .NET's own over documents drawn by chance.</summary>
public sealed class CanonicalTests
{
    [Theory]
    [InlineData("<a xmlns='urn:a' xmlns:b='urn:b'><b:c z='1' b:y='2' xmlns='' a=' &#9;&#10;&#13;&quot;&lt;&amp;>'><d xmlns:b='urn:b'/>t&#13;&gt;&lt;&amp;<![CDATA[<x>]]></b:c></a>")]
    [InlineData("<a xml:lang='en'><b xmlns:z='urn:z' xmlns:y='urn:y'><c xmlns:z='urn:other' z:k='v' y:k='w' k='u'/> \n </b></a>")]
    [InlineData("<p:a xmlns:p='urn:1'><p:b xmlns:p='urn:2'><p:c xmlns:p='urn:1'/><q xmlns='urn:d'><r xmlns=''/></q></p:b></p:a>")]
    public void Known_traps_come_out_as_the_library_has_them(string xml) => Same(xml);

    [Fact]
    public void Documents_drawn_by_chance_come_out_as_the_library_has_them()
    {
        for (var seed = 0; seed < 500; seed++)
        {
            var draw = new Random(seed); // seeded: the same documents in every run
            var text = new StringBuilder();
            Element(text, draw, depth: 0);
            Same(text.ToString());
        }
    }

    private static void Same(string xml)
    {
        var document = new XmlDocument { PreserveWhitespace = true };
        document.LoadXml(xml);
        var transform = new XmlDsigC14NTransform();
        transform.LoadInput(document);
        using var output = (MemoryStream)transform.GetOutput(typeof(Stream));
        Assert.Equal(Encoding.UTF8.GetString(output.ToArray()), Encoding.UTF8.GetString(Canonical.Bytes(document.DocumentElement!, Dsig.C14N, null)));

        // An element inside: as a document of its own, with all that is declared around it.
        foreach (var inner in document.DocumentElement!.ChildNodes.OfType<XmlElement>())
        {
            var own = Encoding.UTF8.GetString(Canonical.Bytes(inner, Dsig.C14N, null));
            var again = new XmlDocument { PreserveWhitespace = true };
            again.LoadXml(own);
            Assert.Equal(own, Encoding.UTF8.GetString(Canonical.Bytes(again.DocumentElement!, Dsig.C14N, null)));
            Assert.Equal(inner.GetNamespaceOfPrefix("p"), again.DocumentElement!.GetNamespaceOfPrefix("p"));
            Assert.Equal(inner.GetNamespaceOfPrefix(string.Empty), again.DocumentElement.GetNamespaceOfPrefix(string.Empty));
        }
    }

    private static void Element(StringBuilder text, Random draw, int depth)
    {
        string[] prefixes = ["p", "q", "r"];
        var prefix = draw.Next(3) == 0 ? string.Empty : prefixes[draw.Next(3)];
        var name = (prefix.Length == 0 ? string.Empty : prefix + ":") + (char)('a' + draw.Next(4));
        text.Append('<').Append(name);
        foreach (var declared in prefixes)
        {
            if (depth == 0 || draw.Next(3) == 0)
            {
                text.Append($" xmlns:{declared}='urn:{draw.Next(3)}{declared}'");
            }
        }

        if (draw.Next(3) == 0)
        {
            text.Append(draw.Next(3) == 0 ? " xmlns=''" : $" xmlns='urn:d{draw.Next(2)}'");
        }

        foreach (var attribute in new[] { "k", "p:k", "q:m", "xml:space" }.Where(_ => draw.Next(2) == 0))
        {
            text.Append($" {attribute}='{(attribute == "xml:space" ? "preserve" : "v&#9;&lt;" + draw.Next(9))}'");
        }

        text.Append('>');
        for (var i = draw.Next(4); i > 0 && depth < 4; i--)
        {
            text.Append(draw.Next(2) == 0 ? " x&amp;\n" : string.Empty);
            Element(text, draw, depth + 1);
        }

        text.Append("</").Append(name).Append('>');
    }
}
