using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using GridServices.Contracts;
using NodaTime;

namespace GridServices.Hosting;

/// <summary>
/// Compares a document a person wrote with the record it is meant to become, and names every difference at once:
/// unknown members (with the nearest known one), missing ones, values of the wrong kind.
/// </summary>
public sealed class ConfigShape(JsonSerializerOptions options)
{
    private readonly List<ConfigFault> _faults = [];

    public static IReadOnlyList<ConfigFault> Faults<T>(JsonElement document, JsonSerializerOptions options)
    {
        var shape = new ConfigShape(options);
        shape.Check(document, typeof(T), string.Empty);
        return shape._faults;
    }

    private void Check(JsonElement value, Type type, string pointer)
    {
        var bare = Nullable.GetUnderlyingType(type) ?? type;
        if (value.ValueKind == JsonValueKind.Null && (bare != type || !type.IsValueType))
        {
            return; // Whether null may stand there is asked of the object that holds it.
        }

        var kind = options.GetTypeInfo(bare);
        switch (kind.Kind)
        {
            case JsonTypeInfoKind.Object:
                CheckObject(value, kind, pointer);
                break;
            case JsonTypeInfoKind.Enumerable:
                CheckList(value, kind, pointer);
                break;
            case JsonTypeInfoKind.Dictionary:
                CheckTable(value, kind, pointer);
                break;
            default:
                CheckValue(value, bare, pointer);
                break;
        }
    }

    private void CheckObject(JsonElement value, JsonTypeInfo type, string pointer)
    {
        if (value.ValueKind != JsonValueKind.Object)
        {
            Add(ErrorClass.TypeMismatch, pointer, $"must be an object {{…}}, not {Words(value)}");
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
                Add(ErrorClass.TypeMismatch, at, $"can't be null; leave {member.Name} out for its default");
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

    private void CheckList(JsonElement value, JsonTypeInfo type, string pointer)
    {
        if (value.ValueKind != JsonValueKind.Array)
        {
            Add(ErrorClass.TypeMismatch, pointer, $"must be a list […], not {Words(value)}");
            return;
        }

        var i = 0;
        foreach (var item in value.EnumerateArray())
        {
            if (item.ValueKind == JsonValueKind.Null)
            {
                Add(ErrorClass.TypeMismatch, $"{pointer}/{i}", "an item can't be null");
            }

            Check(item, type.ElementType!, $"{pointer}/{i++}");
        }
    }

    private void CheckTable(JsonElement value, JsonTypeInfo type, string pointer)
    {
        if (value.ValueKind != JsonValueKind.Object)
        {
            Add(ErrorClass.TypeMismatch, pointer, $"must be an object {{…}} that names each entry, not {Words(value)}");
            return;
        }

        foreach (var member in value.EnumerateObject())
        {
            var at = $"{pointer}/{Escape(member.Name)}";
            if (member.Value.ValueKind == JsonValueKind.Null)
            {
                Add(ErrorClass.TypeMismatch, at, "can't be null; write {} for 'no statement'");
            }

            Check(member.Value, type.ElementType!, at);
        }
    }

    private void CheckValue(JsonElement value, Type type, string pointer)
    {
        try
        {
            _ = value.Deserialize(type, options);
        }
        catch (Exception e) when (e is JsonException or FormatException or OverflowException or InvalidOperationException or ArgumentException)
        {
            Add(ErrorClass.TypeMismatch, pointer, $"{Words(value)} is not {Wanted(type)}");
        }
    }

    private void AddUnknown(string at, string name, IEnumerable<string> known)
    {
        var near = Spelling.Nearest(name, known);
        Add(ErrorClass.SchemaInvalid, at, near is null
            ? $"{SafeText.Line(name)} is not known here; known are {string.Join(", ", known.Order(StringComparer.Ordinal))}"
            : $"{SafeText.Line(name)} is not known here; did you mean {near}?");
    }

    private string Wanted(Type type)
    {
        if (type.IsEnum)
        {
            return $"one of {string.Join(", ", Enum.GetValuesAsUnderlyingType(type).Cast<object>().Select(v => JsonSerializer.Serialize(Enum.ToObject(type, v), type, options)))}";
        }

        return type switch
        {
            _ when type == typeof(Duration) => "an ISO 8601 duration such as \"PT10S\" or \"PT5M\"",
            _ when type == typeof(Period) => "an ISO 8601 duration such as \"PT15M\"",
            _ when type == typeof(Instant) => "an instant in UTC such as \"2027-01-15T18:00:00Z\"",
            _ when type == typeof(LocalDate) => "a date such as \"2027-05-01\"",
            _ when type == typeof(LocalTime) => "a wall clock time such as \"16:00:00\"",
            _ when type == typeof(bool) => "true or false",
            _ when type == typeof(int) || type == typeof(long) || type == typeof(uint) => "a whole number",
            _ when type == typeof(decimal) => "a number",
            _ when type == typeof(string) => "text in quotation marks",
            _ => $"what is asked for here ({type.Name})",
        };
    }

    private static string Words(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Object => "an object {…}",
        JsonValueKind.Array => "a list […]",
        JsonValueKind.Null => "null",
        _ => SafeText.Line(value.GetRawText()),
    };

    private static string Escape(string name) =>
        SafeText.Line(name).Replace("~", "~0", StringComparison.Ordinal).Replace("/", "~1", StringComparison.Ordinal);

    private void Add(ErrorClass error, string pointer, string detail) => _faults.Add(new ConfigFault(error, pointer, detail));
}
