using System.Text.Json;
using System.Text.Unicode;

namespace GridServices.Contracts;

/// <summary>Reads a body as one object or an array of objects, bounded before anything is built of it.</summary>
internal static class JsonBody
{
    private static readonly JsonDocumentOptions Strict = new()
    {
        MaxDepth = ContractJson.MaxDepth,
        CommentHandling = JsonCommentHandling.Disallow,
        AllowTrailingCommas = false,
        AllowDuplicateProperties = true, // found by JsonShape, so that in a batch only the item at fault is refused
    };

    /// <summary>Up to here a body is small whatever it holds.</summary>
    private const int SmallBytes = 128 * 1024;

    private const int MostValues = 2_000_000;

    public delegate T? ReadItem<out T>(ObjectReader item);

    public static BatchOutcome<T> ReadMany<T>(ReadOnlyMemory<byte> json, BodyLimits limits, ReadItem<T> read)
        where T : class
    {
        using var document = Parse(json, limits, out var refusal);
        if (document is null)
        {
            return new BatchOutcome<T>([], refusal, IsBatch: false);
        }

        var root = document.RootElement;
        if (root.ValueKind != JsonValueKind.Array)
        {
            var only = ReadOne(root, JsonPath.Root, read);
            return root.ValueKind == JsonValueKind.Object
                ? new BatchOutcome<T>([only], null, IsBatch: false)
                : new BatchOutcome<T>([], only.Problem, IsBatch: false);
        }

        if (root.GetArrayLength() > limits.MaxItems)
        {
            var detail = $"{root.GetArrayLength()} items; at most {limits.MaxItems} in one body, send the rest in further ones";
            return new BatchOutcome<T>([], Problems.Create(ErrorClass.LimitCount, detail), IsBatch: true);
        }

        var items = new List<ReadOutcome<T>>(root.GetArrayLength());
        foreach (var element in root.EnumerateArray())
        {
            items.Add(ReadOne(element, JsonPath.Root.Child(items.Count), read));
        }

        return new BatchOutcome<T>(items, null, IsBatch: true);
    }

    public static ReadOutcome<T> ReadSingle<T>(ReadOnlyMemory<byte> json, BodyLimits limits, ReadItem<T> read)
        where T : class
    {
        using var document = Parse(json, limits, out var refusal);
        return document is null ? ReadOutcome<T>.Refused(refusal!) : ReadOne(document.RootElement, JsonPath.Root, read);
    }

    private static ReadOutcome<T> ReadOne<T>(JsonElement element, JsonPath path, ReadItem<T> read)
        where T : class
    {
        var faults = new Faults();
        if (element.ValueKind != JsonValueKind.Object)
        {
            faults.Add(ErrorClass.Malformed, path, $"here stands {NameOf(element.ValueKind)}; send a JSON object");
            return ReadOutcome<T>.Refused(faults.First!);
        }

        new JsonShape().Check(element, path, faults);
        var value = faults.Any ? null : read(new ObjectReader(element, path, faults));
        var id = IdOf(element);
        return faults.Any || value is null ? ReadOutcome<T>.Refused(faults.First!, id) : ReadOutcome<T>.Of(value, id);
    }

    private static JsonDocument? Parse(ReadOnlyMemory<byte> json, BodyLimits limits, out Problem? refusal)
    {
        refusal = json.Length > limits.MaxBytes
            ? Problems.Create(ErrorClass.LimitSize, $"{json.Length} bytes; at most {limits.MaxBytes}")
            : !Utf8.IsValid(json.Span)
                ? Problems.Create(ErrorClass.Malformed, "the body is not UTF-8; encode JSON in UTF-8")
                : null;
        if (refusal is not null)
        {
            return null;
        }

        try
        {
            refusal = json.Length > SmallBytes ? Count(json.Span, limits) : null;
            return refusal is null ? JsonDocument.Parse(json, Strict) : null;
        }
        catch (JsonException e)
        {
            refusal = Problems.Create(ErrorClass.Malformed, $"not well-formed JSON at line {e.LineNumber + 1}, byte {e.BytePositionInLine + 1}: {Reason(e)}");
            return null;
        }
    }

    /// <summary>Counts before anything is built: a document of many tiny values takes many times its bytes in memory.</summary>
    private static Problem? Count(ReadOnlySpan<byte> json, BodyLimits limits)
    {
        var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = Strict.MaxDepth });
        var (values, items, isBatch) = (0, 0, false);
        while (reader.Read())
        {
            isBatch |= values == 0 && reader.TokenType == JsonTokenType.StartArray;
            items += isBatch && reader.CurrentDepth == 1 && reader.TokenType is not (JsonTokenType.EndArray or JsonTokenType.EndObject) ? 1 : 0;
            if (items > limits.MaxItems)
            {
                return Problems.Create(ErrorClass.LimitCount, $"more than {limits.MaxItems} items in one body; send the rest in further ones");
            }

            if (++values > MostValues)
            {
                return Problems.Create(ErrorClass.LimitCount, $"more than {MostValues} values in one body; send less at once");
            }
        }

        return null;
    }

    /// <summary>The parser's message without the place, which stands in front of it already.</summary>
    private static string Reason(JsonException e)
    {
        var end = e.Message.IndexOf(" LineNumber:", StringComparison.Ordinal);
        return end < 0 ? e.Message : e.Message[..end];
    }

    private static string? IdOf(JsonElement element)
    {
        try
        {
            return element.TryGetProperty("id", out var id) && id.ValueKind == JsonValueKind.String && id.GetString() is { } text
                && Identifiers.IsPlainText(text, Identifiers.MaxLength) ? text : null;
        }
        catch (InvalidOperationException)
        {
            // Half of a surrogate pair: the item is refused for it, and has no id that could be written.
            return null;
        }
    }

    internal static string NameOf(JsonValueKind kind) => kind switch
    {
        JsonValueKind.Object => "an object",
        JsonValueKind.Array => "an array",
        JsonValueKind.String => "a text",
        JsonValueKind.Number => "a number",
        JsonValueKind.True or JsonValueKind.False => "a boolean",
        _ => "null",
    };
}
