using System.Text.Json;
using GridServices.Contracts;
using GridServices.Wire;

namespace GridServices.Tariffs;

/// <summary>One pass over foreign JSON before anything is built from it: form, depth, count, repeated members, text.</summary>
internal static class JsonGuard
{
    public const int MostDepth = 64;
    public const int MostBytes = 8 * 1024 * 1024;
    public const int MostTokens = 40_000;

    /// <summary>The first thing that forbids reading, or null.</summary>
    public static ReadError? Check(ReadOnlySpan<byte> json, int mostTokens = MostTokens, int mostBytes = MostBytes)
    {
        if (json.Length > mostBytes)
        {
            return new ReadError(ErrorClass.LimitSize, "/", $"the document has {json.Length} bytes; at most {mostBytes} are read");
        }

        try
        {
            return Walk(json, mostTokens);
        }
        catch (JsonException e)
        {
            return new ReadError(ErrorClass.Malformed, "/", $"this is not JSON: line {e.LineNumber + 1}, byte {e.BytePositionInLine + 1}; NaN, comments and trailing commas are not JSON either");
        }
    }

    private static ReadError? Walk(ReadOnlySpan<byte> json, int mostTokens)
    {
        var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = MostDepth + 2 });
        var open = new Stack<HashSet<string>?>();
        var tokens = 0;
        while (reader.Read())
        {
            if (reader.CurrentDepth > MostDepth)
            {
                return new ReadError(ErrorClass.LimitDepth, "/", $"the document is nested deeper than {MostDepth}; flatten it");
            }

            if (++tokens > mostTokens)
            {
                return new ReadError(ErrorClass.LimitCount, "/", $"the document has more than {mostTokens} values; a tariff never needs so many");
            }

            if (Visit(ref reader, open) is { } refusal)
            {
                return refusal;
            }
        }

        return null;
    }

    private static ReadError? Visit(ref Utf8JsonReader reader, Stack<HashSet<string>?> open)
    {
        switch (reader.TokenType)
        {
            case JsonTokenType.StartObject:
                open.Push(new HashSet<string>(StringComparer.Ordinal));
                return null;
            case JsonTokenType.StartArray:
                open.Push(null);
                return null;
            case JsonTokenType.EndObject or JsonTokenType.EndArray:
                open.Pop();
                return null;
            case JsonTokenType.PropertyName when Text(ref reader) is var name:
                return name is null ? BadText("a member name") : open.Peek()!.Add(name)
                    ? null
                    : new ReadError(ErrorClass.SchemaInvalid, "/", $"the member \"{SafeText.Short(name)}\" stands twice in one object; keep one");
            case JsonTokenType.String when Text(ref reader) is var text:
                return text is null || HasForbidden(text) ? BadText("a text") : null;
            default:
                return null;
        }
    }

    private static string? Text(ref Utf8JsonReader reader)
    {
        try
        {
            return reader.GetString();
        }
        catch (InvalidOperationException)
        {
            return null;
        }
    }

    private static ReadError BadText(string what) =>
        new(ErrorClass.SemanticText, "/", $"{what} has a lone surrogate, a control character or a direction override; remove it");

    /// <summary>Controls (except line ends and tab) and bidirectional overrides, which make text read as something else.</summary>
    internal static bool HasForbidden(string text)
    {
        foreach (var c in text)
        {
            if ((char.IsControl(c) && c is not ('\r' or '\n' or '\t')) || c is (>= '\u202A' and <= '\u202E') or (>= '\u2066' and <= '\u2069'))
            {
                return true;
            }
        }

        return false;
    }
}
