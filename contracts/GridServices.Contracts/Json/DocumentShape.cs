using System.Collections.Frozen;
using System.Runtime.CompilerServices;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using NodaTime;

namespace GridServices.Contracts.Json;

/// <summary>
/// Compares a document with the record that it is meant to become, and names every difference at once: unknown members at every depth with the nearest known
/// one, missing ones, values of the wrong kind, words that an enum does not have. Members typed <see cref="JsonElement"/> have readers of their own.
/// </summary>
/// <param name="options">How the record is written in JSON; they are read-only from here on.</param>
/// <param name="wrongKind">The error class of a value of the wrong kind.</param>
/// <param name="unknownWord">The error class of a word that is none of an enum's.</param>
public sealed class DocumentShape(JsonSerializerOptions options, ErrorClass wrongKind = ErrorClass.TypeMismatch, ErrorClass unknownWord = ErrorClass.TypeMismatch)
{
    private static readonly ConditionalWeakTable<JsonTypeInfo, FrozenDictionary<string, JsonPropertyInfo>> Known = [];

    private readonly JsonSerializerOptions _options = ReadOnly(options);

    /// <summary>The form of contract v1, <see cref="ContractJson.Options"/>.</summary>
    public static DocumentShape Contract { get; } = new(ContractJson.Options);

    /// <summary>True: only members and kinds are judged; what a value says, and whether it must be there, is judged by whoever reads it.</summary>
    public bool KindsOnly { get; init; }

    /// <returns>The record, or null and every fault; at least one.</returns>
    public T? Read<T>(JsonElement document, out IReadOnlyList<ConfigFault> faults)
        where T : class
    {
        faults = Faults(document, typeof(T));
        if (faults.Count > 0)
        {
            return null;
        }

        try
        {
            return document.Deserialize<T>(_options);
        }
        catch (JsonException e)
        {
            faults = [Explain(e)];
            return null;
        }
    }

    /// <summary>Every difference between the document and the record, up to <see cref="ConfigFaults.Most"/>.</summary>
    public IReadOnlyList<ConfigFault> Faults(JsonElement document, Type type)
    {
        var faults = new ConfigFaults();
        Check(document, type, JsonPath.Root, faults);
        return faults.All;
    }

    /// <summary>The members that an object of the type may have.</summary>
    public static FrozenDictionary<string, JsonPropertyInfo> GetMembers(JsonTypeInfo type) => Known.GetValue(
        type, static t => t.Properties.Where(p => p.Set is not null || p.AssociatedParameter is not null)
            .ToFrozenDictionary(p => p.Name, t.Options.PropertyNameCaseInsensitive ? StringComparer.OrdinalIgnoreCase : StringComparer.Ordinal));

    /// <summary>What a converter refused, as a fault with its pointer.</summary>
    public ConfigFault Explain(JsonException e)
    {
        ArgumentNullException.ThrowIfNull(e);
        var known = e as JsonFormatException;
        return new ConfigFault(known?.Class ?? wrongKind, JsonPath.FromParser(e.Path), known?.Message ?? "the value has the wrong kind or is none of the allowed words");
    }

    /// <summary>Options that nothing was read or written with yet know no types.</summary>
    private static JsonSerializerOptions ReadOnly(JsonSerializerOptions options)
    {
        options.MakeReadOnly(populateMissingResolver: true);
        return options;
    }

    private void Check(JsonElement value, Type declared, JsonPath path, ConfigFaults faults)
    {
        var type = Nullable.GetUnderlyingType(declared) ?? declared;
        if (faults.IsFull || type == typeof(JsonElement) || (value.ValueKind == JsonValueKind.Null && (type != declared || !type.IsValueType) && !path.IsRoot))
        {
            return; // Whether null may be here is asked of the object that holds it.
        }

        var info = _options.GetTypeInfo(type);
        switch (info.Kind)
        {
            case JsonTypeInfoKind.Object:
                CheckObject(value, info, path, faults);
                break;
            case JsonTypeInfoKind.Enumerable:
                CheckList(value, info.ElementType!, path, faults);
                break;
            case JsonTypeInfoKind.Dictionary:
                CheckTable(value, info.ElementType!, path, faults);
                break;
            case JsonTypeInfoKind.None when FindItemType(type) is { } item:
                CheckList(value, item, path, faults);
                break;
            default:
                CheckValue(value, type, path, faults);
                break;
        }
    }

    /// <summary>Of a list type that is written as an array by a converter of its own, of which the serializer knows no items.</summary>
    private static Type? FindItemType(Type type) => type.IsGenericType
        ? Array.Find(type.GetInterfaces(), i => i.IsGenericType && i.GetGenericTypeDefinition() == typeof(IReadOnlyList<>))?.GetGenericArguments()[0]
        : null;

    private void CheckObject(JsonElement value, JsonTypeInfo type, JsonPath path, ConfigFaults faults)
    {
        if (value.ValueKind != JsonValueKind.Object)
        {
            faults.Add(wrongKind, path, $"must be an object {{…}}, not {JsonMember.Shown(value)}");
            return;
        }

        var known = GetMembers(type);
        foreach (var member in value.EnumerateObject())
        {
            var at = path.Child(member.Name);
            if (!known.TryGetValue(member.Name, out var property))
            {
                faults.Add(ErrorClass.SchemaInvalid, path.Child(SafeText.Line(member.Name)), Spelling.Unknown(member.Name, known.Keys));
            }
            else if (property.CustomConverter is not null)
            {
                continue; // Read in a way of its own: its converter judges it.
            }
            else if (member.Value.ValueKind == JsonValueKind.Null && !MayBeNull(property))
            {
                faults.Add(wrongKind, at, $"{member.Name} can't be null; leave it out for its default");
            }
            else
            {
                Check(member.Value, property.PropertyType, at, faults);
            }
        }

        foreach (var missing in KindsOnly ? [] : known.Values.Where(p => p.IsRequired && !value.EnumerateObject().Any(m => known.Comparer.Equals(m.Name, p.Name))))
        {
            faults.Add(ErrorClass.SchemaInvalid, path, $"'{missing.Name}' is missing; add it");
        }
    }

    private static bool MayBeNull(JsonPropertyInfo property) =>
        property.IsSetNullable && (!property.PropertyType.IsValueType || Nullable.GetUnderlyingType(property.PropertyType) is not null);

    private void CheckList(JsonElement value, Type element, JsonPath path, ConfigFaults faults)
    {
        if (value.ValueKind != JsonValueKind.Array)
        {
            faults.Add(wrongKind, path, $"must be a list […], not {JsonMember.Shown(value)}");
            return;
        }

        // Long lists of numbers (null = none) and foreign documents are judged by whoever takes them.
        if (element == typeof(decimal?) || element == typeof(JsonElement))
        {
            return;
        }

        var i = 0;
        foreach (var item in value.EnumerateArray())
        {
            CheckItem(item, element, path.Child(i++), "an item can't be null", faults);
        }
    }

    private void CheckTable(JsonElement value, Type element, JsonPath path, ConfigFaults faults)
    {
        if (value.ValueKind != JsonValueKind.Object)
        {
            faults.Add(wrongKind, path, $"must be an object {{…}} that names each entry, not {JsonMember.Shown(value)}");
            return;
        }

        foreach (var member in value.EnumerateObject())
        {
            CheckItem(member.Value, element, path.Child(SafeText.Line(member.Name)), "can't be null; write {} for 'no statement'", faults);
        }
    }

    private void CheckItem(JsonElement item, Type type, JsonPath path, string notNull, ConfigFaults faults)
    {
        if (item.ValueKind != JsonValueKind.Null)
        {
            Check(item, type, path, faults);
        }
        else if (Nullable.GetUnderlyingType(type) is null)
        {
            faults.Add(wrongKind, path, notNull);
        }
    }

    private void CheckValue(JsonElement value, Type type, JsonPath path, ConfigFaults faults)
    {
        if (type.IsEnum)
        {
            CheckWord(value, type, path, faults);
        }
        else if (KindsOnly)
        {
            if (!HasKind(value, type))
            {
                faults.Add(wrongKind, path, DescribeExpected(value, type));
            }
        }
        else if (Refusal(value, type) is { } refusal)
        {
            var known = refusal as JsonFormatException;
            faults.Add(known?.Class ?? wrongKind, path, known?.Message ?? DescribeExpected(value, type));
        }
    }

    private void CheckWord(JsonElement value, Type type, JsonPath path, ConfigFaults faults)
    {
        if (value.ValueKind != JsonValueKind.String || Refusal(value, type) is not null)
        {
            var words = Enum.GetValuesAsUnderlyingType(type).Cast<object>().Select(v => JsonSerializer.SerializeToElement(Enum.ToObject(type, v), type, _options).GetString()!).ToArray();
            faults.Add(unknownWord, path, Spelling.NotAmong(value.ValueKind == JsonValueKind.String ? value.GetString() : null, JsonMember.Shown(value), words));
        }
    }

    private Exception? Refusal(JsonElement value, Type type)
    {
        try
        {
            _ = value.Deserialize(type, _options);
            return null;
        }
        catch (Exception e) when (e is JsonException or FormatException or OverflowException or InvalidOperationException or ArgumentException)
        {
            return e;
        }
    }

    private static bool HasKind(JsonElement value, Type type) => value.ValueKind switch
    {
        JsonValueKind.String => type != typeof(bool) && !IsWhole(type),
        JsonValueKind.Number => type == typeof(decimal) || type == typeof(double) || (IsWhole(type) && ExactDecimal.TryParse(value.GetRawText(), out var n) && n == decimal.Truncate(n)),
        JsonValueKind.True or JsonValueKind.False => type == typeof(bool),
        _ => false,
    };

    private static bool IsWhole(Type type) => type == typeof(int) || type == typeof(long) || type == typeof(uint);

    private static string DescribeExpected(JsonElement value, Type type)
    {
        var wanted = type switch
        {
            _ when type == typeof(Duration) || type == typeof(Period) => "a duration like PT10S or PT15M",
            _ when type == typeof(Instant) => "an instant in UTC like 2027-01-15T18:00:00Z",
            _ when type == typeof(LocalDate) => "a date like 2027-05-01",
            _ when type == typeof(LocalTime) => "a wall clock time like 16:00:00",
            _ when type == typeof(YearMonth) => "a month like 2027-05",
            _ when type == typeof(AnnualDate) => "a day of the year like 05-01",
            _ when type == typeof(bool) => "true or false",
            _ when IsWhole(type) => "a whole number",
            _ when type == typeof(decimal) || type == typeof(double) => "a number",
            _ when type == typeof(string) => "a text",
            _ => "another kind of value",
        };
        var hint = type == typeof(string) ? "; write text in quotation marks" : string.Empty;
        return $"{wanted} is wanted here, not {JsonMember.Shown(value)}{hint}";
    }
}
