using System.Text;
using FsCheck;
using FsCheck.Fluent;
using GridServices.Contracts.Json;

namespace GridServices.Contracts.Tests.Json;

/// <summary>What is not read at all: one fault for the document, with the place in words.</summary>
public sealed class StrictJsonTests
{
    private static readonly JsonBounds Bounds = new(4096)
    {
        MaxDepth = 4,
        MaxTokens = 64,
        MaxMembers = 8,
        TooDeep = ErrorClass.LimitDepth,
        Repeated = ErrorClass.SchemaInvalid,
        BadText = ErrorClass.SemanticText,
    };

    [Theory]
    [InlineData("", ErrorClass.Malformed, "line 1, byte 1")]
    [InlineData("{\n \"a\": ", ErrorClass.Malformed, "line 2")]
    [InlineData("{\"a\":NaN}", ErrorClass.Malformed, "NaN")]
    [InlineData("{\"a\":Infinity}", ErrorClass.Malformed, "not JSON")]
    [InlineData("{\"a\":+1}", ErrorClass.Malformed, "not JSON")]
    [InlineData("{\"a\":01}", ErrorClass.Malformed, "not JSON")]
    [InlineData("{\"a\":1,}", ErrorClass.Malformed, "trailing")]
    [InlineData("{} // no", ErrorClass.Malformed, "comments")]
    [InlineData("{} {}", ErrorClass.Malformed, "line 1, byte 4")]
    [InlineData("\uFEFF{}", ErrorClass.Malformed, "byte order mark")]
    [InlineData("[[[[[1]]]]]", ErrorClass.LimitDepth, "deeper than 4")]
    [InlineData("{\"a\":1,\"b\":{\"c\":1,\"c\":1}}", ErrorClass.SchemaInvalid, "/b/c appears twice")]
    [InlineData("{\"a/b~c\":[{\"d\":1,\"\\u0064\":2}]}", ErrorClass.SchemaInvalid, "/a~1b~0c/0/d appears twice")]
    [InlineData("{\"a\":1,\"b\":2,\"c\":3,\"d\":4,\"e\":5,\"f\":6,\"g\":7,\"h\":8,\"i\":9}", ErrorClass.LimitCount, "at most 8")]
    [InlineData("{\"a\":[1,\"\\ud800\"]}", ErrorClass.SemanticText, "/a/1 a text")]
    [InlineData("{\"a\":\"\\udc00\\ud800\"}", ErrorClass.SemanticText, "half of a surrogate pair")]
    [InlineData("{\"a\":\"\\\\\\ud800x\"}", ErrorClass.SemanticText, "half of a surrogate pair")]
    [InlineData("{\"\\ud800\":1}", ErrorClass.SemanticText, "the document a text or a member's name")]
    public void Is_refused_as_a_whole(string json, ErrorClass kind, string words)
    {
        using var document = StrictJson.Open(Encoding.UTF8.GetBytes(json), Bounds, out var fault);
        Assert.Null(document);
        Assert.Equal((kind, string.Empty), (fault!.Class, fault.Pointer));
        Assert.Contains(words, fault.Detail, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("null")]
    [InlineData(" 1e400 ")]
    [InlineData("{\"a\":{},\"A\":[[[]]],\"\":null}")]
    [InlineData("{\"a\":\"\\ud83d\\ude00 \\\\ud800 \\u202e\"}")]
    [InlineData("[[[[\"😀\"]]]]")]
    public void What_is_JSON_is_opened(string json)
    {
        using var document = StrictJson.Open(Encoding.UTF8.GetBytes(json), Bounds, out var fault);
        Assert.Null(fault);
        Assert.Equal(json.Trim(), document!.RootElement.GetRawText());
    }

    [Fact]
    public void Bytes_that_are_no_UTF8_are_refused() =>
        Assert.Equal((ErrorClass.SemanticText, "the body is not UTF-8; encode JSON in UTF-8"), Refusal(Encoding.Latin1.GetBytes("{\"a\":\"ü\"}"), Bounds));

    [Fact]
    public void Size_and_count_are_bounded()
    {
        Assert.Equal(ErrorClass.LimitSize, Refusal(new byte[4097], Bounds).Class);
        Assert.Equal(ErrorClass.LimitCount, Refusal(Encoding.UTF8.GetBytes($"[{string.Join(',', Enumerable.Repeat("0", 63))}]"), Bounds).Class);
        using var document = StrictJson.Open(Encoding.UTF8.GetBytes($"[{string.Join(',', Enumerable.Repeat("0", 62))}]"), Bounds, out _);
        Assert.NotNull(document);
    }

    [Theory]
    [InlineData("\\u202e")]
    [InlineData("\\u2067")]
    [InlineData("\\u0000")]
    [InlineData("\\u009b")]
    public void Hidden_text_is_refused_where_that_is_asked_for(string hidden)
    {
        var json = Encoding.UTF8.GetBytes($"{{\"a\":[\"x{hidden}y\"]}}");
        Assert.Equal(ErrorClass.SemanticText, Refusal(json, Bounds with { RefusesHiddenText = true }).Class);
        using var document = StrictJson.Open(json, Bounds, out var fault);
        Assert.Null(fault);
    }

    [Fact]
    public void Line_ends_and_tabs_hide_nothing()
    {
        using var document = StrictJson.Open("[\"a\\r\\n\\tb\"]"u8.ToArray(), Bounds with { RefusesHiddenText = true }, out var fault);
        Assert.Null(fault);
    }

    [Fact]
    public void The_classes_of_a_document_are_malformed_unless_said_otherwise()
    {
        foreach (var json in new[] { $"{new string('[', 65)}{new string(']', 65)}", "{\"a\":1,\"a\":1}", "[\"\\ud800\"]" })
        {
            Assert.Equal(ErrorClass.Malformed, Refusal(Encoding.UTF8.GetBytes(json), JsonBounds.Document).Class);
        }
    }

    [Fact]
    public void No_bytes_make_it_throw_and_it_gives_a_document_or_a_fault() => Prop.ForAll(ArbMap.Default.ArbFor<byte[]>(), bytes =>
    {
        using var document = StrictJson.Open(bytes, Bounds, out var fault);
        return document is null != fault is null;
    }).QuickCheckThrowOnFailure();

    [Fact]
    public void Cut_and_flipped_documents_never_throw()
    {
        var good = "{\"a\":[1.5,-2e3,\"\\u00e4\\ud83d\\ude00\",{\"b\":true}],\"c\":null}"u8.ToArray();
        Prop.ForAll(Gen.Choose(0, good.Length - 1).Zip(Gen.Choose(0, 255)).ToArbitrary(), at =>
        {
            var flipped = good.ToArray();
            flipped[at.Item1] = (byte)at.Item2;
            using var whole = StrictJson.Open(flipped, Bounds, out var fault);
            using var cut = StrictJson.Open(good.AsMemory(0, at.Item1), Bounds, out var refusal);
            return whole is null != fault is null && refusal?.Class == ErrorClass.Malformed;
        }).QuickCheckThrowOnFailure();
    }

    private static (ErrorClass Class, string Detail) Refusal(byte[] json, JsonBounds bounds)
    {
        using var document = StrictJson.Open(json, bounds, out var fault);
        Assert.Null(document);
        return (fault!.Class, fault.Detail);
    }
}
