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
    private const string SchemaFile = "openadr/xsd_20b/oadr_20b.xsd";

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

    [Fact]
    public void Every_record_of_the_profile_is_a_part_of_a_message()
    {
        var reached = new HashSet<Type>();
        Specimens.MessageTypes.ToList().ForEach(Reach);
        var all = typeof(OadrMessage).Assembly.GetExportedTypes()
            .Where(t => t.Namespace == typeof(OadrMessage).Namespace && t is { IsClass: true, IsAbstract: false, IsGenericType: false } && t.GetMethod("<Clone>$") is not null);
        Assert.Empty(all.Where(t => !reached.Contains(t)).Select(t => t.Name));

        void Reach(Type type)
        {
            if (reached.Add(type) && type.Namespace != nameof(System))
            {
                type.GetProperties().Select(p => p.PropertyType).SelectMany(t => t.GetGenericArguments().Append(t)).ToList().ForEach(Reach);
            }
        }
    }

    [Theory]
    [MemberData(nameof(Values))]
    public void Every_value_of_every_enumeration_reads_back_equal_and_has_the_shape_of_the_profile(Enum value)
    {
        foreach (var message in Specimens.MessageTypes.Select(type => new Specimens(Fill.Everything) { Always = value }.Message(type)))
        {
            var xml = OadrXml.Write(message);
            Assert.Equal(message, OadrXml.Read(xml).Message);
            Assert.Empty(PayloadShapes.Errors(xml).Select(e => $"{message.Name} with {value}: {e}"));
        }
    }

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
    public void What_is_written_has_the_shape_of_the_profile()
    {
        foreach (var (name, xml) in Written())
        {
            Assert.Empty(PayloadShapes.Errors(xml).Select(e => $"{name}: {e}"));
        }
    }

    [Theory]
    [MemberData(nameof(Kinds))]
    public void Every_unit_reads_back_equal_and_has_the_shape_of_the_profile(ItemKind kind)
    {
        var withUnit = WithUnit(kind);
        var xml = OadrXml.Write(withUnit);
        Assert.Equal(withUnit, OadrXml.Read(xml).Message);
        Assert.Empty(PayloadShapes.Errors(xml));
    }

    [Fact]
    public void What_is_written_is_valid_by_the_schema()
    {
        var schemas = Schemas();
        foreach (var (name, xml) in Written().Concat(Enum.GetValues<ItemKind>().Select(k => ($"{k}", OadrXml.Write(WithUnit(k))))))
        {
            Assert.Empty(Validate(xml, schemas).Select(e => $"{name}: {e}"));
        }
    }

    /// <summary>Our table of shapes is as strict as the schema itself, and no stricter.</summary>
    [Fact]
    public void The_shapes_judge_as_the_schema_does()
    {
        var schemas = Schemas();
        var (good, bad, different) = (0, 0, new HashSet<string>(StringComparer.Ordinal));
        foreach (var (name, xml) in Written().SelectMany(w => Damaged.CreateAll(w.Xml).Where((_, i) => i % 5 == 0).Select(d => (w.Name, d))))
        {
            var (shapes, schema) = (PayloadShapes.Errors(xml), Validate(xml, schemas));
            if (shapes.Count == 0 != (schema.Count == 0))
            {
                different.Add($"{name}: by shapes '{string.Join("; ", shapes)}', by the schema '{string.Join("; ", schema)}'");
            }

            _ = schema.Count == 0 ? good++ : bad++;
        }

        Assert.Empty(different);
        Assert.True(good > 50 && bad > 500, $"{good} good and {bad} bad payloads");
    }

    [Fact]
    public void The_shapes_refuse_a_payload_with_a_child_left_out_or_twice_or_out_of_order()
    {
        var xml = OadrXml.Write(new Specimens(Fill.Everything).Message(typeof(OadrCancelReport)), wrapped: false);
        Assert.Empty(PayloadShapes.Errors(xml));
        var damaged = Damaged.CreateAll(xml).ToList();
        Assert.True(damaged.Count > 10);
        Assert.True(damaged.Count(d => PayloadShapes.Errors(d).Count > 0) > damaged.Count / 2);
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

    public static TheoryData<Enum> Values =>
        [.. typeof(OadrMessage).Assembly.GetExportedTypes().Where(t => t.IsEnum && t.Namespace == typeof(OadrMessage).Namespace).SelectMany(t => Enum.GetValues(t).Cast<Enum>())];

    public static TheoryData<ItemKind> Kinds => [.. Enum.GetValues<ItemKind>()];

    private static readonly Lazy<XmlSchemaSet> SchemaSet = new(LoadSchemas);

    private static IEnumerable<(string Name, byte[] Xml)> Written() =>
        from type in Specimens.MessageTypes
        from fill in Enum.GetValues<Fill>()
        select ($"{type.Name} {fill}", OadrXml.Write(new Specimens(fill).Message(type), wrapped: fill != Fill.Nothing));

    private static OadrCreateReport WithUnit(ItemKind kind)
    {
        var specimens = new Specimens(Fill.Lists);
        var message = specimens.Build<OadrCreateReport>();
        var request = message.ReportRequests[0];
        return message with
        {
            ReportRequests = [request with { Specifier = request.Specifier with { Payloads = [new SpecifierPayload("r", specimens.Item(kind), "x-RMS")] } }],
        };
    }

    private static XmlSchemaSet Schemas()
    {
        TestData.NotCarried(SchemaFile);
        return SchemaSet.Value;
    }

    private static XmlSchemaSet LoadSchemas()
    {
        var set = new XmlSchemaSet { XmlResolver = new XmlUrlResolver() };
        using var reader = XmlReader.Create(
            TestData.NotCarried(SchemaFile), new XmlReaderSettings { DtdProcessing = DtdProcessing.Parse, XmlResolver = new XmlUrlResolver() });
        set.Add(null, reader);
        set.Compile();
        return set;
    }

    private static List<string> Validate(byte[] xml, XmlSchemaSet schemas)
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
