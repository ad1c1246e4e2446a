using System.Text.Json;
using System.Text.RegularExpressions;
using GridServices.Contracts;
using GridServices.Wire;

namespace GridServices.Tariffs;

/// <summary>The tariff schema v1 as JSON: strict reading (every problem with its pointer and how to fix it), writing back equal.</summary>
public static partial class TariffJson
{
    /// <summary>camelCase, enums as camelCase text, prices as numbers with all their digits (texts are read too), absent = not written.</summary>
    public static JsonSerializerOptions Options { get; } = TariffJsonOptions.Create();

    /// <summary>The same with decimals as texts, so that no reader of an answer loses a digit.</summary>
    public static JsonSerializerOptions AnswerOptions { get; } = TariffJsonOptions.Create(decimalsAsText: true);

    /// <summary>For what we store ourselves and read back.</summary>
    internal static JsonSerializerOptions OwnOptions { get; } = TariffJsonOptions.Create(own: true);

    public static ReadOutcome<Tariff> Read(ReadOnlySpan<byte> json)
    {
        if (JsonGuard.Check(json) is { } refusal)
        {
            return ReadOutcome<Tariff>.Refused(refusal);
        }

        var read = Part<Tariff>(json, "a tariff is a JSON object, not null");
        return read.Ok ? Checked(read.Value!) : read;
    }

    /// <summary>A version that was checked when it was stored: what the rules have come to say since does not unmake it.</summary>
    public static Tariff Stored(string json) => JsonSerializer.Deserialize<Tariff>(json, Options)!;

    /// <summary>A whole document as one of our own records, every fault of its form told at once.</summary>
    internal static ReadOutcome<T> Part<T>(ReadOnlySpan<byte> json, string notNull)
        where T : class
    {
        var problems = new ReadProblems();
        try
        {
            var reader = new Utf8JsonReader(json, new JsonReaderOptions { MaxDepth = JsonGuard.MostDepth + 2 });
            using var document = JsonDocument.ParseValue(ref reader);
            if (document.RootElement.ValueKind == JsonValueKind.Null)
            {
                return ReadOutcome<T>.Refused(new ReadError(ErrorClass.SchemaInvalid, "/", notNull));
            }

            return DocumentShape.Fits(document.RootElement, typeof(T), string.Empty, problems)
                ? ReadOutcome<T>.Read(document.RootElement.Deserialize<T>(Options)!)
                : new ReadOutcome<T>(null, problems.Refusals, []);
        }
        catch (JsonException e)
        {
            return ReadOutcome<T>.Refused(Explain(e));
        }
    }

    public static byte[] Write(Tariff tariff) => JsonSerializer.SerializeToUtf8Bytes(tariff, Options);

    /// <summary>The tariff with what the rules of the schema say about it.</summary>
    public static ReadOutcome<Tariff> Checked(Tariff tariff)
    {
        var findings = TariffRules.Check(tariff);
        return new ReadOutcome<Tariff>(findings.Refusals.IsEmpty ? tariff : null, findings.Refusals, findings.Warnings);
    }

    internal static ReadError Explain(JsonException e)
    {
        var pointer = Pointer(e.Path);
        if (e is TariffFormatException known)
        {
            return new ReadError(known.Class, pointer, known.Message);
        }

        if (Missing().Match(e.Message) is { Success: true } missing)
        {
            return new ReadError(ErrorClass.SchemaInvalid, pointer, $"missing here: {missing.Groups["names"].Value.TrimEnd('.')}; add it");
        }

        return Unknown().Match(e.Message) is { Success: true } unknown
            ? new ReadError(ErrorClass.SchemaInvalid, pointer, $"the schema knows no member '{SafeText.Short(unknown.Groups["name"].Value)}' here; correct its spelling or remove it")
            : new ReadError(ErrorClass.SchemaInvalid, pointer, $"the value has the wrong type or is none of the allowed words ({Wanted(e.Message)})");
    }

    /// <summary>The wanted type in words for people, where the message names one that has them.</summary>
    private static string Wanted(string message) =>
        Type().Match(message) is { Success: true } match && Array.Find(Plain, t => match.Groups["type"].Value.Contains(t.FullName!, StringComparison.Ordinal)) is { } type
            ? $"wanted: {DocumentShape.Wanted(type)}"
            : "see docs/api/tariffs.md";

    private static readonly Type[] Plain = [typeof(int), typeof(long), typeof(decimal), typeof(bool), typeof(string)];

    private static string Pointer(string? path) =>
        path is null or "$" ? "/" : Step().Replace(path[1..], match => "/" + match.Groups["name"].Value.Trim('\'', '"'));

    [GeneratedRegex(@"\.(?<name>[^.\[\]]+)|\[(?<name>[^\]]+)\]", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Step();

    [GeneratedRegex("missing required properties including: (?<names>[^.]+)", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Missing();

    [GeneratedRegex("JSON property '(?<name>[^']*)' could not be mapped", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Unknown();

    [GeneratedRegex(@"could not be converted to (?<type>[^ ]+?)[\.,]? ", RegexOptions.CultureInvariant | RegexOptions.ExplicitCapture, 1000)]
    private static partial Regex Type();
}

/// <summary>A refusal from inside a converter, in words for people.</summary>
internal sealed class TariffFormatException : JsonException
{
    public TariffFormatException()
    {
    }

    public TariffFormatException(string message)
        : base(message)
    {
    }

    public TariffFormatException(string message, Exception inner)
        : base(message, inner)
    {
    }

    public TariffFormatException(ErrorClass errorClass, string message)
        : base(message) => Class = errorClass;

    public ErrorClass Class { get; } = ErrorClass.SchemaInvalid;
}
