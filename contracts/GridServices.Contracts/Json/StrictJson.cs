using System.Text.Json;
using System.Text.Unicode;

namespace GridServices.Contracts.Json;

/// <summary>
/// The strict reader of all JSON from outside. What it refuses: more bytes, depth or values than the bounds, what is not RFC 8259 (comments, trailing
/// commas, NaN, text after the end, a byte order mark), text that is not UTF-8 or holds half of a surrogate pair, a member that is there twice.
/// </summary>
/// <remarks>
/// Three ways to go on from the bytes:
/// <list type="bullet">
/// <item><see cref="Open"/> gives the document, or the one fault for which nothing of it is read; its pointer is the empty one, and the detail says where.</item>
/// <item><see cref="Read{T}(ReadOnlyMemory{byte}, JsonBounds, DocumentShape, out IReadOnlyList{ConfigFault})"/> gives a record, or every difference between the
/// document and the record, up to <see cref="ConfigFaults.Most"/>, each with its JSON Pointer (see <see cref="DocumentShape"/>).</item>
/// <item><see cref="JsonMember"/> reads member by member, where the rules ask for more than a record can say.</item>
/// </list>
/// Numbers are exact (<see cref="ExactDecimal"/>): refused where they do not fit, never rounded.
/// </remarks>
public static class StrictJson
{
    private static readonly JsonDocumentOptions Syntax = new() { CommentHandling = JsonCommentHandling.Disallow, AllowTrailingCommas = false, AllowDuplicateProperties = true };

    /// <returns>The document, or null and why nothing of it is read.</returns>
    public static JsonDocument? Open(ReadOnlyMemory<byte> json, JsonBounds bounds, out ConfigFault? fault)
    {
        if (Parse(json, bounds, out fault) is not { } document)
        {
            return null;
        }

        // The parser would find a member that is there twice, but neither its place nor half of a surrogate pair.
        fault = new JsonForm(bounds).Check(document.RootElement, JsonPath.Root);
        if (fault is null)
        {
            return document;
        }

        document.Dispose();
        var place = fault.Pointer.Length == 0 ? "the document" : SafeText.Line(fault.Pointer);
        fault = fault with { Pointer = string.Empty, Detail = $"not well-formed: {place} {fault.Detail}" };
        return null;
    }

    /// <summary>A document of the contract's form that a person wrote.</summary>
    /// <returns>The record, or null and every fault; at least one.</returns>
    public static T? Read<T>(ReadOnlyMemory<byte> json, out IReadOnlyList<ConfigFault> faults)
        where T : class => Read<T>(json, JsonBounds.Document, DocumentShape.Contract, out faults);

    /// <returns>The record, or null and every fault; at least one.</returns>
    public static T? Read<T>(ReadOnlyMemory<byte> json, JsonBounds bounds, DocumentShape shape, out IReadOnlyList<ConfigFault> faults)
        where T : class
    {
        using var document = Open(json, bounds, out var fault);
        faults = fault is null ? [] : [fault];
        return document is null ? null : shape.Read<T>(document.RootElement, out faults);
    }

    /// <summary>All but the form within: for a batch, of which only the item at fault is refused.</summary>
    internal static JsonDocument? Parse(ReadOnlyMemory<byte> json, JsonBounds bounds, out ConfigFault? fault)
    {
        fault = json.Length > bounds.MaxBytes ? CreateFault(ErrorClass.LimitSize, $"{json.Length} bytes; at most {bounds.MaxBytes}")
            : json.Span.StartsWith("\uFEFF"u8) ? CreateFault(ErrorClass.Malformed, "this is not JSON: not well-formed, it begins with a byte order mark; leave that out")
            : null;
        JsonDocument? document = null;
        try
        {
            // As many tokens as bytes is the most there can be: what is short needs no count.
            fault ??= json.Length > bounds.MaxTokens ? Count(json.Span, bounds) : null;
            document = fault is null ? JsonDocument.Parse(json, Syntax with { MaxDepth = bounds.MaxDepth }) : null;
        }
        catch (JsonException e)
        {
            fault = IsTooDeep(json.Span, bounds.MaxDepth)
                ? CreateFault(bounds.TooDeep, $"nested deeper than {bounds.MaxDepth}; flatten it")
                : CreateFault(ErrorClass.Malformed, $"this is not JSON: not well-formed at line {e.LineNumber + 1}, byte {e.BytePositionInLine + 1}: {Reason(e)}; NaN, comments and trailing commas are not JSON either");
        }

        if (document is not null && !Utf8.IsValid(json.Span))
        {
            document.Dispose();
            document = null;
            fault = CreateFault(bounds.BadText, "the body is not UTF-8; encode JSON in UTF-8");
        }

        return document;
    }

    private static ConfigFault? Count(ReadOnlySpan<byte> json, JsonBounds bounds)
    {
        var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = bounds.MaxDepth });
        var tokens = 0;
        while (reader.Read())
        {
            if (++tokens > bounds.MaxTokens)
            {
                return CreateFault(ErrorClass.LimitCount, $"more than {bounds.MaxTokens} values; send less at once");
            }
        }

        return null;
    }

    /// <summary>Why the parser gave up: it says so in words only.</summary>
    private static bool IsTooDeep(ReadOnlySpan<byte> json, int most)
    {
        var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = most + 1 });
        try
        {
            while (reader.Read())
            {
                if (reader.CurrentDepth + (reader.TokenType is JsonTokenType.StartObject or JsonTokenType.StartArray ? 1 : 0) > most)
                {
                    return true;
                }
            }
        }
        catch (JsonException)
        {
            return false;
        }

        return false;
    }

    private static ConfigFault CreateFault(ErrorClass kind, string detail) => new(kind, string.Empty, detail);

    /// <summary>The parser's message without the place, which is in front of it already.</summary>
    private static string Reason(JsonException e)
    {
        var end = e.Message.IndexOf(" LineNumber:", StringComparison.Ordinal);
        return SafeText.Clause(SafeText.Line(end < 0 ? e.Message : e.Message[..end]));
    }
}
