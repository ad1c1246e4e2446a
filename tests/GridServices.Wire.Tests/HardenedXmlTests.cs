using System.Text;
using System.Xml;
using System.Xml.Linq;
using GridServices.Contracts;
using GridServices.Testing;

namespace GridServices.Wire.Tests;

public sealed class HardenedXmlTests
{
    private static readonly XmlLimits Limits = new();

    [Fact]
    public void Names_text_and_attributes_come_through_without_prefixes_comments_and_instructions()
    {
        var root = Load("""<?xml version="1.0"?><?pi x?><!-- c --><a:r xmlns:a="urn:a" a:k="v" l="&lt;"><b>x<!-- c -->y<![CDATA[<z>]]></b><b/></a:r>""");
        Assert.True(root.Is((XNamespace)"urn:a" + "r"));
        Assert.Equal([new ReceivedAttribute("urn:a", "k", "v"), new ReceivedAttribute("", "l", "<")], root.Attributes);
        Assert.Equal(["xy<z>", ""], root.Children.Select(c => c.Text));
        Assert.Equal(["/r/b[1]", "/r/b[2]"], root.Children.Select(c => c.Path));
    }

    [Theory]
    [InlineData("<!DOCTYPE a><a/>")]
    [InlineData("<?xml version='1.0'?>\n<!-- x -->\n<!DOCTYPE a [<!ENTITY e 'x'>]><a>&e;</a>")]
    [InlineData("<!DOCTYPE a SYSTEM 'http://127.0.0.1:9/x.dtd'><a/>")]
    [InlineData("<!DOCTYPE a [<!ENTITY % p SYSTEM 'file:///etc/hostname'> %p;]><a/>")]
    public void A_document_type_is_refused_as_such(string xml) => Assert.Equal(ErrorClass.DtdForbidden, Refused(xml).Class);

    [Theory]
    [InlineData("")]
    [InlineData("   ")]
    [InlineData("{}")]
    [InlineData("<a>")]
    [InlineData("<a></b>")]
    [InlineData("<a/><a/>")]
    [InlineData("<a/>trailing")]
    [InlineData("<a x='1' x='2'/>")]
    [InlineData("<a>&unknown;</a>")]
    [InlineData("<a>&#0;</a>")]
    [InlineData("<a>\u0001</a>")]
    [InlineData("<a>\0</a>")]
    [InlineData("<p:a/>")]
    [InlineData("<?xml version='1.0' encoding='UTF-7'?><a/>")]
    [InlineData("<?xml version='1.0' encoding='no-such'?><a/>")]
    [InlineData("<?xml version='1.0' encoding='utf-16'?><a/>")]
    [InlineData("<a>'<!DOCTYPE a>'</a>")]
    public void What_is_not_well_formed_is_malformed(string xml) => Assert.Equal(ErrorClass.Malformed, Refused(xml).Class);

    [Fact]
    public void Invalid_utf8_is_malformed() => Assert.Equal(ErrorClass.Malformed, Refused([.. "<a>"u8, 0xC3, 0x28, .. "</a>"u8]).Class);

    [Fact]
    public void Sixty_four_levels_are_read_and_one_more_is_refused()
    {
        Assert.Equal("l", Load(Nested(64)).Name);
        Assert.Equal(ErrorClass.LimitDepth, Refused(Nested(65)).Class);
        Assert.Equal(ErrorClass.LimitDepth, Refused(Nested(100_000)).Class);
    }

    [Theory]
    [InlineData("<a x='{0}'/>", 1_500_000)]
    [InlineData("<a>{0}</a>", 1_500_000)]
    [InlineData("<a>{0}</a>", 65_537)]
    [InlineData("<a x='{0}'/>", 65_537)]
    [InlineData("<a{0}/>", 257)]
    [InlineData("<a><!--{0}--></a>", 1_500_000)]
    public void Too_long_is_refused(string format, int length) =>
        Assert.Equal(ErrorClass.LimitSize, Refused(format.Replace("{0}", new string('A', length), StringComparison.Ordinal)).Class);

    [Fact]
    public void Too_many_attributes_are_refused_soon()
    {
        var xml = $"<a {string.Join(' ', Enumerable.Range(0, 60_000).Select(i => $"a{i}='1'"))}/>";
        var watch = ThreadTime.Start();
        Assert.Equal(ErrorClass.LimitSize, Refused(xml).Class);
        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(2), watch.Elapsed.ToString());
    }

    [Fact]
    public void Too_many_neighbours_are_refused_before_the_rest_is_looked_at()
    {
        Assert.Equal(4096, Load($"<a>{string.Concat(Enumerable.Repeat("<b/>", 4096))}</a>").Children.Count);
        Assert.Equal(ErrorClass.LimitCount, Refused($"<a>{string.Concat(Enumerable.Repeat("<b/>", 4097))}<not well formed").Class);
    }

    [Fact]
    public void Text_cut_into_many_pieces_costs_no_more_than_its_length()
    {
        var watch = ThreadTime.Start();
        Assert.Equal(60_000, Load($"<a>{string.Concat(Enumerable.Repeat("x<?p?>", 60_000))}</a>").Text.Length);
        Load($"<a>{string.Concat(Enumerable.Repeat("x<b/><c/>", 40_000))}</a>");
        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(2), watch.Elapsed.ToString());
    }

    [Fact]
    public void Foreign_text_in_a_message_stays_on_one_line()
    {
        var detail = SafeText.Quote("a\r\nb\u202Ec" + new string('d', 100));
        Assert.Equal("'a\uFFFD\uFFFDb\uFFFDc" + new string('d', 58) + "…'", detail);
    }

    [Fact]
    public void The_very_nodes_of_a_document_can_be_read()
    {
        var document = new XmlDocument { XmlResolver = null, PreserveWhitespace = true };
        document.LoadXml("<a><b> x </b></a>");
        using var reader = new XmlNodeReader(document);
        Assert.Equal("x", HardenedXml.Load(reader, Limits).Child("b").Trimmed());
    }

    private static string Nested(int depth) => string.Concat(Enumerable.Repeat("<l>", depth)) + string.Concat(Enumerable.Repeat("</l>", depth));

    private static ReceivedElement Load(string xml) => HardenedXml.Load(Encoding.UTF8.GetBytes(xml), Limits);

    private static ReadError Refused(string xml) => Refused(Encoding.UTF8.GetBytes(xml));

    private static ReadError Refused(byte[] xml) => Assert.Throws<WireFormatException>(() => HardenedXml.Load(xml, Limits)).Refusal;
}
