using System.Xml;
using System.Xml.Schema;
using GridServices.OpenAdr.Codec;
using GridServices.OpenAdr.Messages;
using GridServices.OpenAdr.Tests.Messages;
using GridServices.Testing;

namespace GridServices.OpenAdr.Tests.Codec;

/// <summary>Every message there is, with all its optional members absent, with lists only, and with everything present.</summary>
public sealed class SchemaTests
{
    public static TheoryData<Type, Fill> Messages
    {
        get
        {
            var data = new TheoryData<Type, Fill>();
            foreach (var type in Specimens.MessageTypes)
            {
                data.AddRange(Enum.GetValues<Fill>().Select(fill => new TheoryDataRow<Type, Fill>(type, fill)));
            }

            return data;
        }
    }

    [Fact]
    public void All_23_payloads_of_the_profile_have_a_message() => Assert.Equal(23, Specimens.MessageTypes.Count());

    [Theory]
    [MemberData(nameof(Messages))]
    public void What_is_written_reads_back_equal(Type type, Fill fill)
    {
        var message = new Specimens(fill).Message(type);
        foreach (var wrapped in new[] { true, false })
        {
            var outcome = OadrXml.Read(OadrXml.Write(message, wrapped));
            Assert.Null(outcome.Refusal);
            Assert.Equal(message, outcome.Message);
        }
    }

    [Fact]
    public void What_is_written_is_valid_by_the_schema()
    {
        var schemas = Schemas();
        foreach (var (type, fill) in Specimens.MessageTypes.SelectMany(t => Enum.GetValues<Fill>().Select(f => (t, f))))
        {
            var message = new Specimens(fill).Message(type);
            Assert.Empty(Validate(OadrXml.Write(message, wrapped: fill != Fill.Nothing), schemas).Select(e => $"{type.Name} {fill}: {e}"));
        }
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Every_unit_reads_back_equal_and_is_valid_by_the_schema(ItemKind kind)
    {
        var specimens = new Specimens(Fill.Lists);
        var message = specimens.Build<OadrCreateReport>();
        var request = message.ReportRequests[0];
        var withUnit = message with
        {
            ReportRequests = [request with { Specifier = request.Specifier with { Payloads = [new SpecifierPayload("r", specimens.Item(kind), "x-RMS")] } }],
        };

        var xml = OadrXml.Write(withUnit);
        Assert.Equal(withUnit, OadrXml.Read(xml).Message);
        Assert.Empty(Validate(xml, Schemas()));
    }

    [Fact]
    public void The_same_message_makes_the_same_bytes_without_mark_or_schema_location()
    {
        var message = new Specimens(Fill.Everything).Message(typeof(OadrDistributeEvent));
        var xml = OadrXml.Write(message);
        Assert.Equal(xml, OadrXml.Write(message));
        Assert.Equal((byte)'<', xml[0]);
        Assert.DoesNotContain("schemaLocation", System.Text.Encoding.UTF8.GetString(xml), StringComparison.Ordinal);
        Assert.Contains("ei:schemaVersion=\"2.0b\"", System.Text.Encoding.UTF8.GetString(xml), StringComparison.Ordinal);
    }

    public static TheoryData<ItemKind> Kinds => [.. Enum.GetValues<ItemKind>()];

    private static readonly Lazy<XmlSchemaSet> SchemaSet = new(LoadSchemas);

    internal static XmlSchemaSet Schemas()
    {
        SharedData.Path("openadr/xsd_20b/oadr_20b.xsd");
        return SchemaSet.Value;
    }

    private static XmlSchemaSet LoadSchemas()
    {
        var set = new XmlSchemaSet { XmlResolver = new XmlUrlResolver() };
        using var reader = XmlReader.Create(
            SharedData.Path("openadr/xsd_20b/oadr_20b.xsd"), new XmlReaderSettings { DtdProcessing = DtdProcessing.Parse, XmlResolver = new XmlUrlResolver() });
        set.Add(null, reader);
        set.Compile();
        return set;
    }

    internal static List<string> Validate(byte[] xml, XmlSchemaSet schemas)
    {
        var errors = new List<string>();
        var settings = new XmlReaderSettings
        {
            Schemas = schemas,
            ValidationType = ValidationType.Schema,
            ValidationFlags = XmlSchemaValidationFlags.ReportValidationWarnings,
        };
        settings.ValidationEventHandler += (_, e) => errors.Add(e.Message);
        using var reader = XmlReader.Create(new MemoryStream(xml), settings);
        while (reader.Read())
        {
        }

        return errors;
    }
}
