using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace GridServices.Operations.Enrollments;

/// <summary>
/// What was answered to a template's fields, by name. Every answer is text in one form per type: <c>true</c>, <c>12.5</c>, <c>2027-05-01</c>;
/// the template's fields say what it means. Equal by content. In JSON an object; numbers and booleans are read too.
/// </summary>
[JsonConverter(typeof(AnswersJsonConverter))]
public sealed class Answers : IEquatable<Answers>
{
    private readonly ImmutableSortedDictionary<string, string> _values;

    private Answers(ImmutableSortedDictionary<string, string> values) => _values = values;

    public static Answers None { get; } = new(ImmutableSortedDictionary.Create<string, string>(StringComparer.Ordinal));

    /// <summary>All of them, by name in order.</summary>
    public IReadOnlyDictionary<string, string> All => _values;

    /// <summary>Null: not answered.</summary>
    public string? this[string field] => _values.GetValueOrDefault(field);

    /// <summary>The same with one answer; null or blank takes it away.</summary>
    public Answers With(string field, string? value) => new(string.IsNullOrWhiteSpace(value) ? _values.Remove(field) : _values.SetItem(field, value.Trim()));

    public bool Equals(Answers? other) => other is not null && _values.SequenceEqual(other._values);

    public override bool Equals(object? obj) => Equals(obj as Answers);

    public override int GetHashCode() => _values.Aggregate(0, (hash, pair) => HashCode.Combine(hash, pair.Key, pair.Value));
}

internal sealed class AnswersJsonConverter : JsonConverter<Answers>
{
    public override Answers Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
    {
        using var document = JsonDocument.ParseValue(ref reader);
        if (document.RootElement.ValueKind != JsonValueKind.Object)
        {
            throw new JsonException("answers are an object of names and values");
        }

        return document.RootElement.EnumerateObject().Aggregate(Answers.None, (answers, member) => answers.With(member.Name, Text(member)));
    }

    public override void Write(Utf8JsonWriter writer, Answers value, JsonSerializerOptions options)
    {
        writer.WriteStartObject();
        foreach (var (field, answer) in value.All)
        {
            writer.WriteString(field, answer);
        }

        writer.WriteEndObject();
    }

    private static string? Text(JsonProperty member) => member.Value.ValueKind switch
    {
        JsonValueKind.String => member.Value.GetString(),
        JsonValueKind.True => "true",
        JsonValueKind.False => "false",
        JsonValueKind.Number => member.Value.GetRawText(),
        JsonValueKind.Null => null,
        _ => throw new JsonException($"the answer '{member.Name}' must be a text, a number, true or false"),
    };
}
