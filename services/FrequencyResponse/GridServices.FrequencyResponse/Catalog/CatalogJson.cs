using System.Text.Json;
using System.Text.Unicode;
using GridServices.Contracts;
using GridServices.FrequencyResponse.Curves;
using GridServices.Wire;

namespace GridServices.FrequencyResponse.Catalog;

/// <summary>A value in a received JSON document and where it stands; every fault is a <see cref="WireFormatException"/> that the door turns into a problem.</summary>
internal readonly struct JsonPlace(JsonElement element, string pointer)
{
    private static readonly JsonDocumentOptions Strict = new()
    {
        MaxDepth = 16,
        CommentHandling = JsonCommentHandling.Disallow,
        AllowTrailingCommas = false,
        AllowDuplicateProperties = false,
    };

    public string Pointer => pointer;

    /// <summary>Opens a body and reads it; whatever is wrong with it comes back as a problem with its pointer.</summary>
    public static ReadOutcome<T> Open<T>(ReadOnlyMemory<byte> json, int maxBytes, Func<JsonPlace, T> read)
        where T : class
    {
        if (json.Length > maxBytes)
        {
            return Refused<T>(ErrorClass.LimitSize, $"{json.Length} bytes; at most {maxBytes}", string.Empty);
        }

        if (!Utf8.IsValid(json.Span))
        {
            return Refused<T>(ErrorClass.Malformed, "the body is not UTF-8; encode JSON in UTF-8", string.Empty);
        }

        try
        {
            using var document = JsonDocument.Parse(json, Strict);
            return ReadOutcome<T>.Of(read(new JsonPlace(document.RootElement, string.Empty)));
        }
        catch (JsonException fault)
        {
            return Refused<T>(ErrorClass.Malformed, $"not well-formed JSON at line {fault.LineNumber + 1}, byte {fault.BytePositionInLine + 1}: {Reason(fault)}", string.Empty);
        }
        catch (InvalidOperationException)
        {
            return Refused<T>(ErrorClass.Malformed, "a text holds half of a surrogate pair; write whole characters", string.Empty);
        }
        catch (WireFormatException fault)
        {
            return Refused<T>(fault.Refusal.Class, fault.Refusal.Detail, fault.Refusal.Path);
        }
    }

    public bool Has(string name) => Member(name) is not null;

    public JsonPlace? Member(string name) =>
        element.TryGetProperty(name, out var value) && value.ValueKind != JsonValueKind.Null ? new JsonPlace(value, $"{pointer}/{name}") : null;

    public JsonPlace Required(string name, string what) =>
        Member(name) ?? throw Fault(ErrorClass.SchemaInvalid, name, $"required, and not there: {what}");

    public JsonPlace AsObject(params ReadOnlySpan<string> known)
    {
        Want(JsonValueKind.Object, "an object");
        foreach (var member in element.EnumerateObject())
        {
            if (!known.Contains(member.Name, StringComparer.Ordinal))
            {
                var near = Nearest(member.Name, known);
                throw new WireFormatException(
                    ErrorClass.SchemaInvalid, pointer, $"{SafeText.Quote(member.Name)} is not known here{near}; known are {string.Join(", ", known.ToArray())}");
            }
        }

        return this;
    }

    /// <summary>The known word that shares most of its pairs of letters with the written one.</summary>
    private static string Nearest(string written, ReadOnlySpan<string> known)
    {
        const double Near = 0.4;
        var (best, share) = (string.Empty, Near);
        var pairs = Pairs(written);
        foreach (var word in known)
        {
            var others = Pairs(word);
            var common = pairs.Count + others.Count == 0 ? 0 : 2.0 * pairs.Intersect(others).Count() / (pairs.Count + others.Count);
            (best, share) = common > share ? (word, common) : (best, share);
        }

        return best.Length == 0 ? string.Empty : $"; did you mean {best}?";

        static HashSet<string> Pairs(string word) => word.Length > 64 ? [] : [.. word.ToUpperInvariant().Zip(word.ToUpperInvariant().Skip(1), (a, b) => $"{a}{b}")];
    }

    public IReadOnlyList<JsonPlace> Items(int least, int most)
    {
        Want(JsonValueKind.Array, "an array");
        var count = element.GetArrayLength();
        if (count < least || count > most)
        {
            throw new WireFormatException(ErrorClass.LimitCount, pointer, $"{count} items; give {least} to {most}");
        }

        var items = new List<JsonPlace>(count);
        foreach (var item in element.EnumerateArray())
        {
            items.Add(new JsonPlace(item, $"{pointer}/{items.Count}"));
        }

        return items;
    }

    public IReadOnlyList<(string Name, JsonPlace Value)> Members(int most)
    {
        Want(JsonValueKind.Object, "an object");
        if (element.GetPropertyCount() is var count && (count == 0 || count > most))
        {
            throw new WireFormatException(ErrorClass.LimitCount, pointer, $"{count} members; give 1 to {most}");
        }

        var at = pointer;
        return [.. element.EnumerateObject().Select(m => (m.Name, new JsonPlace(m.Value, $"{at}/{Escape(m.Name)}")))];
    }

    public string Text()
    {
        Want(JsonValueKind.String, "a text");
        return element.GetString()!;
    }

    /// <summary>A finite number between two bounds, both allowed.</summary>
    public double Number(double least, double most, string what)
    {
        Want(JsonValueKind.Number, "a number without quotes");
        if (!element.TryGetDouble(out var value) || !double.IsFinite(value) || value < least || value > most)
        {
            throw new WireFormatException(ErrorClass.SemanticNumber, pointer, $"{Shown()}: {what}, from {least} to {most}");
        }

        return value;
    }

    /// <summary>Corners written <c>[[hz, response], …]</c>.</summary>
    public Knot[] Corners(double leastHz, double mostHz, double largest)
    {
        var items = Items(1, ResponseCurve.MaxKnots);
        var knots = new Knot[items.Count];
        for (var i = 0; i < knots.Length; i++)
        {
            var pair = items[i].Items(2, 2);
            knots[i] = new Knot(pair[0].Number(leastHz, mostHz, "a corner's frequency in Hz"), pair[1].Number(-largest, largest, "a corner's response"));
        }

        return CurveRules.Fault(knots) is { } fault
            ? throw new WireFormatException(ErrorClass.SemanticOrder, fault.Index < 0 ? pointer : $"{pointer}/{fault.Index}", fault.Detail)
            : knots;
    }

    public WireFormatException Fault(ErrorClass kind, string? name, string detail) => new(kind, name is null ? pointer : $"{pointer}/{Escape(name)}", detail);

    /// <summary>The parser's words without the place, which stands in front of them already, and without foreign text that could not be printed.</summary>
    private static string Reason(JsonException fault)
    {
        var end = fault.Message.IndexOf(" LineNumber:", StringComparison.Ordinal);
        return SafeText.Quote(end < 0 ? fault.Message : fault.Message[..end], 160);
    }

    private static string Escape(string name) => name.Replace("~", "~0", StringComparison.Ordinal).Replace("/", "~1", StringComparison.Ordinal);

    private static ReadOutcome<T> Refused<T>(ErrorClass kind, string detail, string pointer)
        where T : class => ReadOutcome<T>.Refused(Problems.Create(kind, detail, pointer));

    private string Shown() => SafeText.Quote(element.GetRawText(), 32);

    private void Want(JsonValueKind kind, string what)
    {
        if (element.ValueKind != kind)
        {
            throw new WireFormatException(ErrorClass.SchemaInvalid, pointer, $"here stands {NameOf(element.ValueKind)}; write {what}");
        }
    }

    private static string NameOf(JsonValueKind kind) => kind switch
    {
        JsonValueKind.Object => "an object",
        JsonValueKind.Array => "an array",
        JsonValueKind.String => "a text",
        JsonValueKind.Number => "a number",
        JsonValueKind.True or JsonValueKind.False => "a boolean",
        _ => "null",
    };
}
