using System.Collections.Concurrent;
using System.Collections.Frozen;
using System.Collections.Immutable;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using GridServices.Contracts;
using GridServices.Contracts.Json;
using NodaTime;

namespace GridServices.Tariffs;

/// <summary>
/// Holds a JSON document against the record it is meant to become: every unknown member at every depth, with the nearest known one, and every value of the
/// wrong kind in words for people. Members typed <see cref="JsonElement"/> are foreign documents (OCPI, URDB) with readers of their own.
/// </summary>
internal sealed class DocumentShape(ReadProblems problems)
{
    private static readonly ConcurrentDictionary<Type, FrozenDictionary<string, JsonPropertyInfo>> Known = new();

    /// <summary>True where the form is right; otherwise the faults are among the problems.</summary>
    public static bool Fits(JsonElement document, Type type, string pointer, ReadProblems problems)
    {
        var shape = new DocumentShape(problems);
        shape.Check(document, type, pointer);
        return !problems.Any;
    }

    /// <summary>What members an object of the type may have.</summary>
    internal static IReadOnlyDictionary<string, JsonPropertyInfo> MembersOf(Type type) => Known.GetOrAdd(type, static t => TariffJson.Options.GetTypeInfo(t).Properties
        .Where(p => p.Set is not null || p.AssociatedParameter is not null)
        .ToFrozenDictionary(p => p.Name, StringComparer.Ordinal));

    private void Check(JsonElement value, Type declared, string pointer)
    {
        var type = Nullable.GetUnderlyingType(declared) ?? declared;
        if (type == typeof(JsonElement))
        {
            return;
        }

        var kind = TariffJson.Options.GetTypeInfo(type);
        switch (kind.Kind)
        {
            case JsonTypeInfoKind.Object:
                Members(value, type, pointer);
                break;
            case JsonTypeInfoKind.Enumerable:
                Items(value, kind.ElementType!, pointer);
                break;
            case JsonTypeInfoKind.Dictionary:
                Table(value, kind.ElementType!, pointer);
                break;
            default:
                Value(value, type, pointer);
                break;
        }
    }

    private void Members(JsonElement value, Type type, string pointer)
    {
        if (value.ValueKind != JsonValueKind.Object)
        {
            Refuse(pointer, $"an object {{…}} is wanted here, not {Shown(value)}");
            return;
        }

        var known = MembersOf(type);
        foreach (var member in value.EnumerateObject())
        {
            var at = $"{pointer}/{Escape(member.Name)}";
            if (!known.TryGetValue(member.Name, out var property))
            {
                Refuse(at, $"there is no member '{SafeText.Short(member.Name)}' here; {(Spelling.Nearest(member.Name, known.Keys) is { } near ? $"did you mean {near}?" : $"remove it, or use one of {string.Join(", ", known.Keys.Order(StringComparer.Ordinal))}")}");
            }
            else if (property.CustomConverter is not null)
            {
                // Read in a way of its own: its converter judges it.
                continue;
            }
            else if (member.Value.ValueKind != JsonValueKind.Null)
            {
                Check(member.Value, property.PropertyType, at);
            }
            else if (!property.IsSetNullable || (property.PropertyType.IsValueType && Nullable.GetUnderlyingType(property.PropertyType) is null))
            {
                Refuse(at, $"{member.Name} cannot be null; leave it out for its default");
            }
        }
    }

    private void Items(JsonElement value, Type element, string pointer)
    {
        if (value.ValueKind != JsonValueKind.Array)
        {
            Refuse(pointer, $"a list […] is wanted here, not {Shown(value)}");
            return;
        }

        // Long lists of plain numbers are read, and judged, by whoever takes the numbers.
        var bare = Nullable.GetUnderlyingType(element) ?? element;
        if (bare == typeof(decimal) || bare == typeof(JsonElement))
        {
            return;
        }

        var i = 0;
        foreach (var item in value.EnumerateArray())
        {
            if (item.ValueKind == JsonValueKind.Null && bare == element)
            {
                Refuse($"{pointer}/{i}", "an item cannot be null");
            }
            else if (item.ValueKind != JsonValueKind.Null)
            {
                Check(item, element, $"{pointer}/{i}");
            }

            i++;
        }
    }

    private void Table(JsonElement value, Type element, string pointer)
    {
        if (value.ValueKind != JsonValueKind.Object)
        {
            Refuse(pointer, $"an object {{…}} that names each entry is wanted here, not {Shown(value)}");
            return;
        }

        foreach (var member in value.EnumerateObject())
        {
            Check(member.Value, element, $"{pointer}/{Escape(member.Name)}");
        }
    }

    private void Value(JsonElement value, Type type, string pointer)
    {
        if (type.IsEnum)
        {
            Word(value, type, pointer);
        }
        else if (!Fits(value, type))
        {
            Refuse(pointer, $"{Wanted(type)} is wanted here, not {Shown(value)}");
        }
    }

    private void Word(JsonElement value, Type type, string pointer)
    {
        var words = Enum.GetNames(type).Select(JsonNamingPolicy.CamelCase.ConvertName).ToImmutableArray();
        var written = value.ValueKind == JsonValueKind.String ? value.GetString()! : null;
        if (written is null || !words.Contains(written, StringComparer.OrdinalIgnoreCase))
        {
            problems.Refuse(ErrorClass.SemanticCode, pointer, written is not null && Spelling.Nearest(written, words) is { } near
                ? $"'{SafeText.Short(written)}' is not known here; did you mean {near}?"
                : $"one of {string.Join(", ", words)} is wanted here, not {Shown(value)}");
        }
    }

    /// <summary>Only the kind is judged; what a text or number says, its converter judges.</summary>
    private static bool Fits(JsonElement value, Type type) => value.ValueKind switch
    {
        JsonValueKind.Null => !type.IsValueType,
        JsonValueKind.String => type == typeof(string) || type == typeof(decimal) || IsTime(type),
        JsonValueKind.Number => type == typeof(decimal) || ((type == typeof(int) || type == typeof(long)) && IsWhole(value)),
        JsonValueKind.True or JsonValueKind.False => type == typeof(bool),
        _ => false,
    };

    private static bool IsWhole(JsonElement value) => ExactDecimal.TryParse(value.GetRawText(), out var number) && number == decimal.Truncate(number);

    private static bool IsTime(Type type) => type.Namespace == typeof(Instant).Namespace || type == typeof(DayTime);

    /// <summary>What a value of the type looks like.</summary>
    internal static string Wanted(Type type) => type switch
    {
        _ when type == typeof(decimal) => "a number",
        _ when type == typeof(int) || type == typeof(long) => "a whole number",
        _ when type == typeof(bool) => "true or false",
        _ when type == typeof(string) => "a text",
        _ when type == typeof(Instant) => "an instant like 2026-03-29T01:00:00Z",
        _ when type == typeof(Duration) => "a duration like PT15M",
        _ when type == typeof(LocalDate) => "a date like 2026-03-29",
        _ when type == typeof(YearMonth) => "a month like 2026-03",
        _ when type == typeof(AnnualDate) => "a day of the year like 03-29",
        _ when type == typeof(DayTime) => "a wall clock time HH:mm",
        _ => "another kind of value",
    };

    private static string Shown(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Object => "an object {…}",
        JsonValueKind.Array => "a list […]",
        JsonValueKind.Null => "null",
        _ => SafeText.Short(value.GetRawText()),
    };

    private static string Escape(string name) => SafeText.Short(name).Replace("~", "~0", StringComparison.Ordinal).Replace("/", "~1", StringComparison.Ordinal);

    private void Refuse(string at, string detail) => problems.Refuse(ErrorClass.SchemaInvalid, at, detail);
}
