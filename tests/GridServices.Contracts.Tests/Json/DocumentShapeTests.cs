using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using GridServices.Contracts.Json;
using NodaTime;

namespace GridServices.Contracts.Tests.Json;

/// <summary>A document against the record it is to become: every difference at once.</summary>
public sealed class DocumentShapeTests
{
    [Fact]
    public void A_right_document_becomes_the_record()
    {
        var site = StrictJson.Read<Site>("""{"id":"s","tier":"safety","after":"PT2M","limit":16.50,"names":{"a/b":{"w":1}},"list":[{"w":2}],"any":{"x":[1]}}"""u8.ToArray(), out var faults)!;
        Assert.Empty(faults);
        Assert.Equal(("s", Tier.Safety, Duration.FromMinutes(2), 16.5m, 1L, 2L), (site.Id, site.Tier, site.After, site.Limit, site.Names!["a/b"].W, site.List![0].W));
    }

    [Theory]
    [InlineData("""{"id":"s","tierr":"safety"}""", "/tierr", ErrorClass.SchemaInvalid, "did you mean tier?")]
    [InlineData("""{"id":"s","colour":1}""", "/colour", ErrorClass.SchemaInvalid, "remove it, or use one of ")]
    [InlineData("""{"id":"s","a~/b":1}""", "/a~0~1b", ErrorClass.SchemaInvalid, "is not known here")]
    [InlineData("""{"id":"s","tier":"safty"}""", "/tier", ErrorClass.TypeMismatch, "did you mean safety?")]
    [InlineData("""{"id":"s","tier":"Safety"}""", "/tier", ErrorClass.TypeMismatch, "one of safety,")]
    [InlineData("""{"id":"s","tier":0}""", "/tier", ErrorClass.TypeMismatch, "is wanted here, not 0")]
    [InlineData("""{}""", "", ErrorClass.SchemaInvalid, "'id' is missing; add it")]
    [InlineData("""{"id":null}""", "/id", ErrorClass.TypeMismatch, "can't be null")]
    [InlineData("""{"id":7}""", "/id", ErrorClass.TypeMismatch, "a text is wanted here, not 7")]
    [InlineData("""{"id":"s","list":{}}""", "/list", ErrorClass.TypeMismatch, "must be a list […], not an object {…}")]
    [InlineData("""{"id":"s","list":[null]}""", "/list/0", ErrorClass.TypeMismatch, "an item can't be null")]
    [InlineData("""{"id":"s","list":[{"w":1},{"w":1.5}]}""", "/list/1/w", ErrorClass.TypeMismatch, "a whole number is wanted here, not 1.5")]
    [InlineData("""{"id":"s","list":[{"w":9223372036854775808}]}""", "/list/0/w", ErrorClass.TypeMismatch, "a whole number")]
    [InlineData("""{"id":"s","names":{"a~/b":{"v":1,"w":1}}}""", "/names/a~0~1b/v", ErrorClass.SchemaInvalid, "is not known here")]
    [InlineData("""{"id":"s","names":{"a":null}}""", "/names/a", ErrorClass.TypeMismatch, "can't be null")]
    [InlineData("""{"id":"s","after":"2 min"}""", "/after", ErrorClass.TypeMismatch, "a duration like PT10S")]
    [InlineData("""{"id":"s","limit":"16"}""", "/limit", ErrorClass.TypeMismatch, "a number is wanted here, not \"16\"")]
    [InlineData("""{"id":"s","limit":12345678901234567890123456789}""", "/limit", ErrorClass.TypeMismatch, "a number is wanted here")]
    [InlineData("""{"id":"s","even":3}""", "/even", ErrorClass.SemanticNumber, "an even number is wanted here")]
    [InlineData("""[]""", "", ErrorClass.TypeMismatch, "must be an object {…}, not a list […]")]
    [InlineData("""null""", "", ErrorClass.TypeMismatch, "not null")]
    [InlineData("""{"id":"s","id":"t"}""", "", ErrorClass.Malformed, "/id appears twice")]
    public void A_difference_is_named_with_place_class_and_how_to_fix_it(string json, string pointer, ErrorClass kind, string words)
    {
        Assert.Null(StrictJson.Read<Site>(Encoding.UTF8.GetBytes(json), out var faults));
        var fault = Assert.Single(faults);
        Assert.Equal((pointer, kind), (fault.Pointer, fault.Class));
        Assert.Contains(words, fault.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public void All_differences_are_named_at_once_in_the_order_of_the_document()
    {
        Assert.Null(StrictJson.Read<Site>("""{"tier":"x","list":[{"v":1},{"w":true}],"after":3}"""u8.ToArray(), out var faults));
        Assert.Equal(["/tier", "/list/0/v", "/list/0", "/list/1/w", "/after", ""], faults.Select(f => f.Pointer));
    }

    [Fact]
    public void A_document_with_endless_faults_names_the_first_hundred()
    {
        Assert.Null(StrictJson.Read<Site>(Encoding.UTF8.GetBytes($$"""{"id":"s","list":[{{string.Join(',', Enumerable.Repeat("{\"w\":\"x\"}", 5000))}}]}"""), out var faults));
        Assert.Equal((ConfigFaults.Most, "/list/99/w"), (faults.Count, faults[^1].Pointer));
    }

    [Fact]
    public void A_converter_of_one_member_is_heard_in_its_own_words()
    {
        Assert.Null(StrictJson.Read<Site>("""{"id":"s","odd":[{"odd":2}]}"""u8.ToArray(), out var faults));
        Assert.Equal(new ConfigFault(ErrorClass.SemanticCode, "/odd/0/odd", "an odd number is wanted here"), Assert.Single(faults));
    }

    [Fact]
    public void Kinds_alone_are_judged_where_another_reads_the_values()
    {
        var shape = new DocumentShape(ContractJson.Options, ErrorClass.SchemaInvalid, ErrorClass.SemanticCode) { KindsOnly = true };
        using var document = JsonDocument.Parse("""{"after":"2 min","list":[{"w":1e3},{"w":"1"}],"tier":"x"}""");
        Assert.Equal(
            [("/list/1/w", ErrorClass.SchemaInvalid), ("/tier", ErrorClass.SemanticCode)],
            shape.Faults(document.RootElement, typeof(Site)).Select(f => (f.Pointer, f.Class)));
    }

    [Fact]
    public void Options_that_were_never_used_are_good_enough_and_may_ignore_case()
    {
        var shape = new DocumentShape(new JsonSerializerOptions(JsonSerializerDefaults.Web));
        Assert.Equal(7, StrictJson.Read<Watts>("""{"W":7}"""u8.ToArray(), JsonBounds.Document, shape, out _)!.W);
        Assert.Null(StrictJson.Read<Watts>("""{"v":7}"""u8.ToArray(), JsonBounds.Document, shape, out var faults));
        Assert.Equal("/v", faults[0].Pointer);
    }

    [Fact]
    public void A_pointer_is_made_of_what_the_parser_calls_a_path() =>
        Assert.Equal("/rates/0/a.b/c", JsonPath.FromParser("$.rates[0]['a.b'].c"));

    private sealed record Site
    {
        public required string Id { get; init; }

        public Tier Tier { get; init; }

        public Duration After { get; init; }

        public decimal? Limit { get; init; }

        public IReadOnlyDictionary<string, Watts>? Names { get; init; }

        public IReadOnlyList<Watts>? List { get; init; }

        public JsonElement? Any { get; init; }

        public EvenNumber? Even { get; init; }

        public IReadOnlyList<OddNumber>? Odd { get; init; }
    }

    private sealed record Watts(long W);

    private sealed record OddNumber([property: JsonConverter(typeof(OddConverter))] int Odd);

    [JsonConverter(typeof(EvenConverter))]
    private sealed record EvenNumber(int Value);

    private sealed class EvenConverter : JsonConverter<EvenNumber>
    {
        public override EvenNumber Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            reader.GetInt32() is var value && value % 2 == 0 ? new EvenNumber(value) : throw new JsonFormatException(ErrorClass.SemanticNumber, "an even number is wanted here");

        public override void Write(Utf8JsonWriter writer, EvenNumber value, JsonSerializerOptions options) => writer.WriteNumberValue(value.Value);
    }

    private sealed class OddConverter : JsonConverter<int>
    {
        public override int Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            reader.GetInt32() is var value && value % 2 == 1 ? value : throw new JsonFormatException(ErrorClass.SemanticCode, "an odd number is wanted here");

        public override void Write(Utf8JsonWriter writer, int value, JsonSerializerOptions options) => writer.WriteNumberValue(value);
    }
}
