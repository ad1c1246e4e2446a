using System.Diagnostics.CodeAnalysis;
using System.Runtime.InteropServices;
using System.Text.Json;
using GridServices.Contracts.Json;
using NodaTime;

namespace GridServices.Contracts;

/// <summary>
/// One JSON object under strict reading. A null member counts as absent. Every method notes a fault and gives a placeholder
/// instead of throwing; required members have the bare name, optional ones begin with Optional.
/// </summary>
internal readonly struct ObjectReader(JsonElement element, JsonPath path, ConfigFaults faults)
{
    /// <summary>Largest integer that every JSON implementation carries exactly.</summary>
    public const long MaxInteger = 1L << 53;

    public delegate T ReadObject<out T>(ObjectReader reader);

    public ConfigFaults Faults => faults;

    public JsonPath Path => path;

    public void Fail(ErrorClass kind, string? member, string detail) => faults.Add(kind, member is null ? path : path.Child(member), detail);

    public bool Has(string member) => TryGet(member, out _);

    /// <summary>A misspelt member must not be taken as absent, nor a limit that is not known be dropped.</summary>
    public void RefuseUnknown(params ReadOnlySpan<string> known) => new JsonMember(element, path, faults).RefuseUnknown(known);

    public string Identifier(string member) => OptionalIdentifier(member) ?? Missing(member, string.Empty);

    public string? OptionalIdentifier(string member)
    {
        var text = OptionalString(member);
        if (text is not null && !Identifiers.IsSafe(text))
        {
            Fail(ErrorClass.SemanticId, member, "an identifier has 1 to 128 of A-Z a-z 0-9 . _ : ~ - , begins with a letter, digit or _ and holds no '..'");
        }

        return text;
    }

    public Guid Guid(string member)
    {
        var text = OptionalString(member);
        if (text is null)
        {
            return Missing(member, default(Guid));
        }

        if (!System.Guid.TryParseExact(text, "D", out var value) || value == System.Guid.Empty)
        {
            Fail(ErrorClass.SemanticId, member, "must be a UUID such as 0193b0a4-6f5e-7c21-9d3e-0c5f1a2b3c4d (version 7 is best)");
        }

        return value;
    }

    public string Text(string member, int maxLength) => OptionalText(member, maxLength) ?? Missing(member, string.Empty);

    public string? OptionalText(string member, int maxLength)
    {
        var text = OptionalString(member);
        if (text is not null && !Identifiers.IsPlainText(text, maxLength))
        {
            Fail(ErrorClass.SemanticText, member, $"must have 1 to {maxLength} characters, none of them a control, zero-width or direction character");
        }

        return text;
    }

    public string? OptionalString(string member) =>
        TryGet(member, JsonValueKind.String, "a text", out var value) ? value.GetString() : null;

    public T Enum<T>(string member)
        where T : struct, Enum
    {
        var text = OptionalString(member);
        if (text is null)
        {
            return Missing(member, default(T));
        }

        if (!EnumNames<T>.TryParse(text, out var value))
        {
            Fail(ErrorClass.SchemaInvalid, member, Spelling.NotAmong(text, SafeText.Quote(text), EnumNames<T>.All));
        }

        return value;
    }

    public Instant Instant(string member) => OptionalInstant(member) ?? Missing(member, NodaTime.Instant.MinValue);

    public Instant? OptionalInstant(string member)
    {
        var text = OptionalString(member);
        if (text is null)
        {
            return null;
        }

        if (!TimeText.TryInstant(text, out var value))
        {
            Fail(ErrorClass.SemanticTime, member, $"must be an instant in UTC such as 2027-01-15T18:00:00Z, to the nanosecond at most, in {TimeText.FirstYear}..{TimeText.LastYear}");
        }

        return value;
    }

    public Duration Duration(string member, bool zeroAllowed) => OptionalDuration(member, zeroAllowed) ?? Missing(member, NodaTime.Duration.Zero);

    public Duration? OptionalDuration(string member, bool zeroAllowed)
    {
        var text = OptionalString(member);
        if (text is null)
        {
            return null;
        }

        if (TimeText.TryDuration(text, out var value))
        {
            if (value == NodaTime.Duration.Zero && !zeroAllowed)
            {
                Fail(ErrorClass.SemanticTime, member, "must be more than zero");
            }

            return value;
        }

        var kind = TimeText.LooksLikeDuration(text) ? ErrorClass.SemanticTime : ErrorClass.SemanticDuration;
        Fail(kind, member, "must be a duration such as PT2M: not negative, at most 366 days, without years, months or weeks");
        return NodaTime.Duration.Zero;
    }

    public bool? OptionalBoolean(string member)
    {
        if (!TryGet(member, out var value))
        {
            return null;
        }

        if (value.ValueKind is JsonValueKind.True or JsonValueKind.False)
        {
            return value.GetBoolean();
        }

        Fail(ErrorClass.SchemaInvalid, member, $"{JsonMember.DescribeKind(value.ValueKind)} is here; write true or false, without quotes");
        return null;
    }

    public long Integer(string member, long least, long most) => OptionalInteger(member, least, most) ?? Missing(member, 0L);

    /// <summary>A number whose value is whole: 50000, also written 50000.0 or 5e4.</summary>
    public long? OptionalInteger(string member, long least, long most)
    {
        var number = OptionalNumber(member, least, most);
        if (number is { } value && value != decimal.Truncate(value))
        {
            Fail(ErrorClass.SemanticNumber, member, "must be a whole number; round a limit toward zero");
            return null;
        }

        return (long?)number;
    }

    public decimal Decimal(string member, decimal least, decimal most, int decimals) =>
        OptionalDecimal(member, least, most, decimals) ?? Missing(member, 0m);

    public decimal? OptionalDecimal(string member, decimal least, decimal most, int decimals)
    {
        var number = OptionalNumber(member, least, most);
        if (number is { } value && value.Scale > decimals)
        {
            Fail(ErrorClass.SemanticNumber, member, $"at most {decimals} digits after the point");
        }

        return number;
    }

    /// <summary>A nested object that must be there.</summary>
    public T? Object<T>(string member, ReadObject<T> read)
        where T : class => OptionalObject(member, read) ?? Missing<T?>(member, null);

    public T? OptionalObject<T>(string member, ReadObject<T> read)
        where T : class =>
        TryGet(member, JsonValueKind.Object, "an object", out var value) ? read(new ObjectReader(value, path.Child(member), faults)) : null;

    public IReadOnlyList<T> Array<T>(string member, int most, ReadObject<T> read) => OptionalArray(member, most, read) ?? Missing<IReadOnlyList<T>>(member, []);

    /// <summary>An array of objects; counted before any is read.</summary>
    public IReadOnlyList<T>? OptionalArray<T>(string member, int most, ReadObject<T> read)
    {
        if (!TryArray(member, most, out var array))
        {
            return null;
        }

        var items = new List<T>(array.GetArrayLength());
        var at = path.Child(member);
        foreach (var item in array.EnumerateArray())
        {
            if (item.ValueKind != JsonValueKind.Object)
            {
                faults.Add(ErrorClass.SchemaInvalid, at.Child(items.Count), $"{JsonMember.DescribeKind(item.ValueKind)} is here; write an object");
            }

            if (faults.Any)
            {
                return [];
            }

            items.Add(read(new ObjectReader(item, at.Child(items.Count), faults)));
        }

        return items;
    }

    /// <summary>An array of names, each at most once.</summary>
    public IReadOnlyList<T>? OptionalEnumSet<T>(string member)
        where T : struct, Enum
    {
        if (!TryGet(member, JsonValueKind.Array, "an array", out var array))
        {
            return null;
        }

        var items = new List<T>();

        // One more than there are names holds one twice.
        foreach (var item in array.EnumerateArray().Take(EnumNames<T>.All.Count + 1))
        {
            var at = path.Child(member).Child(items.Count);
            if (item.ValueKind != JsonValueKind.String)
            {
                faults.Add(ErrorClass.SchemaInvalid, at, $"{JsonMember.DescribeKind(item.ValueKind)} is here; write a text");
                return [];
            }

            var text = item.GetString()!;
            if (!EnumNames<T>.TryParse(text, out var value))
            {
                faults.Add(ErrorClass.SchemaInvalid, at, Spelling.NotAmong(text, SafeText.Quote(text), EnumNames<T>.All));
            }
            else if (items.Contains(value))
            {
                faults.Add(ErrorClass.SchemaInvalid, at, $"{SafeText.Quote(text)} is named twice");
            }

            items.Add(value);
        }

        return items;
    }

    /// <summary>An array of identifiers.</summary>
    public IReadOnlyList<string> IdentifierList(string member, int most)
    {
        if (!TryArray(member, most, out var array))
        {
            return Has(member) ? [] : Missing<IReadOnlyList<string>>(member, []);
        }

        var items = new List<string>(array.GetArrayLength());
        foreach (var item in array.EnumerateArray())
        {
            var at = path.Child(member).Child(items.Count);
            if (item.ValueKind != JsonValueKind.String)
            {
                faults.Add(ErrorClass.SchemaInvalid, at, $"{JsonMember.DescribeKind(item.ValueKind)} is here; write a text");
                return [];
            }

            items.Add(item.GetString()!);
            if (!Identifiers.IsSafe(items[^1]))
            {
                faults.Add(ErrorClass.SemanticId, at, "not an identifier");
            }
        }

        return items;
    }

    private decimal? OptionalNumber(string member, decimal least, decimal most)
    {
        if (!TryGet(member, JsonValueKind.Number, "a number without quotes", out var value))
        {
            return null;
        }

        var raw = JsonMarshal.GetRawUtf8Value(value);
        if (ExactDecimal.IsBeyondDouble(raw))
        {
            // RFC 7493 section 2.2: a number that turns into Infinity elsewhere is no number.
            Fail(ErrorClass.Malformed, member, "a number this large becomes Infinity in most readers; there is no 'unlimited', leave the member out");
            return null;
        }

        if (!ExactDecimal.TryParse(raw, out var number) || number < least || number > most)
        {
            Fail(ErrorClass.SemanticNumber, member, $"must be a number from {least} to {most}; leave the member out where nothing is stated");
            return null;
        }

        return ExactDecimal.Plain(number);
    }

    private bool TryArray(string member, int most, out JsonElement array)
    {
        if (!TryGet(member, JsonValueKind.Array, "an array", out array))
        {
            return false;
        }

        if (array.GetArrayLength() > most)
        {
            Fail(ErrorClass.LimitCount, member, $"{array.GetArrayLength()} items; at most {most}, join neighbours by taking the smaller limit");
            return false;
        }

        return true;
    }

    private bool TryGet(string member, JsonValueKind kind, string what, out JsonElement value)
    {
        if (!TryGet(member, out value))
        {
            return false;
        }

        if (value.ValueKind != kind)
        {
            Fail(ErrorClass.SchemaInvalid, member, $"{JsonMember.DescribeKind(value.ValueKind)} is here; write {what}");
            return false;
        }

        return true;
    }

    private bool TryGet(string member, out JsonElement value) =>
        element.TryGetProperty(member, out value) && value.ValueKind != JsonValueKind.Null;

    [return: NotNullIfNotNull(nameof(placeholder))]
    private T Missing<T>(string member, T placeholder)
    {
        // A member of the wrong kind has been noted already; the first fault stays.
        Fail(ErrorClass.SchemaInvalid, member, "required, and not there");
        return placeholder;
    }
}
