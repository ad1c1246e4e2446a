using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using GridServices.Contracts;
using GridServices.Wire;

namespace GridServices.Operations;

/// <summary>
/// Compares a document with the record it is meant to become: unknown members (with the nearest known one), missing ones and
/// values of the wrong kind, all of them at once, each with its JSON Pointer.
/// </summary>
internal sealed class JsonForm
{
    private static readonly JsonDocumentOptions Strict = new() { MaxDepth = ContractJson.MaxDepth, AllowDuplicateProperties = false };

    private readonly List<ReadError> _refusals = [];

    /// <returns>The record, or null and at least one refusal.</returns>
    public static T? Read<T>(ReadOnlyMemory<byte> json, out IReadOnlyList<ReadError> refusals)
        where T : class
    {
        var form = new JsonForm();
        refusals = form._refusals;
        try
        {
            using var document = JsonDocument.Parse(json, Strict);
            form.Check(document.RootElement, typeof(T), string.Empty);
            return refusals.Count > 0 ? null : document.RootElement.Deserialize<T>(OperationsJson.Options);
        }
        catch (JsonException e)
        {
            form.Add(ErrorClass.Malformed, string.Empty, $"not well-formed JSON at line {e.LineNumber + 1}, byte {e.BytePositionInLine + 1}");
            return null;
        }
    }

    private void Check(JsonElement value, Type type, string pointer)
    {
        var bare = Nullable.GetUnderlyingType(type) ?? type;
        if (value.ValueKind == JsonValueKind.Null && (bare != type || !type.IsValueType))
        {
            return; // The object that holds it has judged that.
        }

        if (ItemOf(bare) is { } item)
        {
            CheckList(value, item, pointer);
        }
        else if (OperationsJson.Options.GetTypeInfo(bare) is { Kind: JsonTypeInfoKind.Object } info)
        {
            CheckObject(value, info, pointer);
        }
        else
        {
            CheckValue(value, bare, pointer);
        }
    }

    private void CheckObject(JsonElement value, JsonTypeInfo type, string pointer)
    {
        if (value.ValueKind != JsonValueKind.Object)
        {
            Add(ErrorClass.TypeMismatch, pointer, "must be an object {…}");
            return;
        }

        var known = type.Properties.Where(p => p.Set is not null || p.AssociatedParameter is not null).ToDictionary(p => p.Name, StringComparer.Ordinal);
        foreach (var member in value.EnumerateObject())
        {
            var at = $"{pointer}/{Escape(member.Name)}";
            if (!known.TryGetValue(member.Name, out var property))
            {
                AddUnknown(at, member.Name, known.Keys);
            }
            else if (member.Value.ValueKind == JsonValueKind.Null && !property.IsSetNullable)
            {
                Add(ErrorClass.TypeMismatch, at, $"can't be null; leave {member.Name} out");
            }
            else
            {
                Check(member.Value, property.PropertyType, at);
            }
        }

        foreach (var missing in known.Values.Where(p => p.IsRequired && !value.TryGetProperty(p.Name, out _)))
        {
            Add(ErrorClass.SchemaInvalid, pointer, $"{missing.Name} is missing");
        }
    }

    private void CheckList(JsonElement value, Type item, string pointer)
    {
        if (value.ValueKind != JsonValueKind.Array)
        {
            Add(ErrorClass.TypeMismatch, pointer, "must be a list […]");
            return;
        }

        var i = 0;
        foreach (var element in value.EnumerateArray())
        {
            var at = $"{pointer}/{i++}";
            if (element.ValueKind == JsonValueKind.Null)
            {
                Add(ErrorClass.TypeMismatch, at, "an item can't be null");
            }

            Check(element, item, at);
        }
    }

    private void CheckValue(JsonElement value, Type type, string pointer)
    {
        try
        {
            _ = value.Deserialize(type, OperationsJson.Options);
        }
        catch (Exception e) when (e is JsonException or FormatException or OverflowException or InvalidOperationException or ArgumentException)
        {
            var shown = SafeText.Quote(value.GetRawText());
            Add(ErrorClass.TypeMismatch, pointer, type.IsEnum ? $"{shown} is none of {string.Join(", ", Names(type))}" : $"{shown}: {SafeText.Quote(e.Message.Split(" Path:")[0], 160).Trim('\'')}");
        }
    }

    private void AddUnknown(string at, string name, IEnumerable<string> known)
    {
        var near = Spelling.Nearest(name, known);
        Add(ErrorClass.SchemaInvalid, at, near is null
            ? $"{SafeText.Quote(name)} is not known here; known are {string.Join(", ", known.Order(StringComparer.Ordinal))}"
            : $"{SafeText.Quote(name)} is not known here; did you mean {near}?");
    }

    private static IEnumerable<string> Names(Type type) =>
        Enum.GetValuesAsUnderlyingType(type).Cast<object>().Select(v => JsonSerializer.Serialize(Enum.ToObject(type, v), type, OperationsJson.Options).Trim('"'));

    private static Type? ItemOf(Type type) => type.IsGenericType && type.GetGenericTypeDefinition() == typeof(ValueList<>) ? type.GetGenericArguments()[0] : null;

    private static string Escape(string name) => name.Replace("~", "~0", StringComparison.Ordinal).Replace("/", "~1", StringComparison.Ordinal);

    private void Add(ErrorClass error, string pointer, string detail) => _refusals.Add(new ReadError(error, pointer, detail));
}
