using System.Collections.Immutable;
using System.Runtime.InteropServices;
using System.Text.Json;

namespace GridServices.Contracts.Json;

/// <summary>
/// A JSON value and where it is, for readers whose rules ask for more than a record can say. A value of the wrong kind becomes a fault and a placeholder,
/// never an exception, so that every other fault is found too; a null counts as absent. A required member that is absent is noted once and read as placeholders.
/// </summary>
/// <param name="value">The value; undefined = absent, and noted.</param>
/// <param name="path">Its place.</param>
/// <param name="faults">Where faults go.</param>
public sealed class JsonMember(JsonElement value, JsonPath path, ConfigFaults faults)
{
    /// <summary>The place as JSON Pointer.</summary>
    public string Pointer => path.ToString();

    /// <summary>The value itself, for what has a reader of its own.</summary>
    public JsonElement Raw => value;

    public bool IsArray => value.ValueKind == JsonValueKind.Array;

    public bool IsText => value.ValueKind == JsonValueKind.String;

    public bool IsObject => value.ValueKind == JsonValueKind.Object;

    public bool IsFalse => value.ValueKind == JsonValueKind.False;

    /// <summary>Whether a member is there and not null.</summary>
    public bool Has(string name) => Member(name) is not null;

    /// <summary>A member of this object; null where it is absent, or null, or this is no object.</summary>
    public JsonMember? Member(string name) =>
        IsObject && value.TryGetProperty(name, out var member) && member.ValueKind != JsonValueKind.Null ? new JsonMember(member, path.Child(name), faults) : null;

    /// <summary>A member that must be there.</summary>
    public JsonMember Required(string name, string what)
    {
        if (Member(name) is { } member)
        {
            return member;
        }

        Fail(ErrorClass.SchemaInvalid, name, $"required, and not there: {what}");
        return new JsonMember(default, path.Child(name), faults);
    }

    /// <summary>A misspelt member must not be taken as absent: each that is none of these is a fault.</summary>
    public void RefuseUnknown(params ReadOnlySpan<string> known)
    {
        foreach (var member in MustBeObject() ? value.EnumerateObject() : default)
        {
            if (!known.Contains(member.Name, StringComparer.Ordinal))
            {
                Fail(ErrorClass.SchemaInvalid, member.Name, Spelling.Unknown(member.Name, known.ToArray()));
            }
        }
    }

    /// <summary>Whether this is an object; anything else is a fault.</summary>
    public bool MustBeObject() => Is(JsonValueKind.Object, "an object");

    /// <summary>The items of an array, and how many there may be.</summary>
    public ImmutableArray<JsonMember> Items(int least = 0, int most = int.MaxValue)
    {
        if (!Is(JsonValueKind.Array, "an array") || !IsWithin(value.GetArrayLength(), least, most, "items"))
        {
            return [];
        }

        var items = ImmutableArray.CreateBuilder<JsonMember>(value.GetArrayLength());
        foreach (var item in value.EnumerateArray())
        {
            items.Add(new JsonMember(item, path.Child(items.Count), faults));
        }

        return items.MoveToImmutable();
    }

    /// <summary>The members of an object whose names are data, and how many there may be.</summary>
    public ImmutableArray<(string Name, JsonMember Value)> Members(int least, int most) =>
        MustBeObject() && IsWithin(value.GetPropertyCount(), least, most, "members")
            ? [.. value.EnumerateObject().Select(m => (m.Name, new JsonMember(m.Value, path.Child(m.Name), faults)))]
            : [];

    /// <summary>A text as it was written; its meaning is judged by the caller.</summary>
    public string Text() => Is(JsonValueKind.String, "a text") ? value.GetString()! : string.Empty;

    /// <summary>True or false.</summary>
    public bool Flag() => Is(value.ValueKind == JsonValueKind.True ? JsonValueKind.True : JsonValueKind.False, "true or false, without quotes") && value.GetBoolean();

    /// <summary>A number with all its digits, 28 at most.</summary>
    public decimal Number()
    {
        if (!Is(JsonValueKind.Number, "a number without quotes"))
        {
            return 0;
        }

        if (!ExactDecimal.TryParse(JsonMarshal.GetRawUtf8Value(value), out var number))
        {
            Fail(ErrorClass.SemanticNumber, null, $"{Shown(value)} cannot be kept exactly; give at most 28 significant digits");
        }

        return number;
    }

    /// <summary>A whole number within both bounds, each allowed; 50.0 and 5e1 are whole too.</summary>
    public int Integer(int least = -1_000_000, int most = 1_000_000)
    {
        var number = Number();
        if (number == decimal.Truncate(number) && number >= least && number <= most)
        {
            return (int)number;
        }

        Fail(ErrorClass.SemanticNumber, null, $"a whole number from {least} to {most} is wanted here, not {Shown(value)}");
        return 0;
    }

    /// <summary>A finite number in binary floating point, for physics and never for money, within both bounds, each allowed.</summary>
    public double Double(double least, double most, string what)
    {
        if (!Is(JsonValueKind.Number, "a number without quotes"))
        {
            return least;
        }

        if (value.TryGetDouble(out var number) && double.IsFinite(number) && number >= least && number <= most)
        {
            return number;
        }

        Fail(ErrorClass.SemanticNumber, null, $"{Shown(value)}: {what}, from {least} to {most}");
        return least;
    }

    /// <summary>Notes a fault here, or at a member.</summary>
    public void Fail(ErrorClass kind, string? name, string detail) => faults.Add(kind, name is null ? path : path.Child(name), detail);

    /// <summary>The kind of a value in words.</summary>
    internal static string DescribeKind(JsonValueKind kind) => kind switch
    {
        JsonValueKind.Object => "an object",
        JsonValueKind.Array => "an array",
        JsonValueKind.String => "a text",
        JsonValueKind.Number => "a number",
        JsonValueKind.True or JsonValueKind.False => "a boolean",
        _ => "null",
    };

    /// <summary>A value as it was written, fit for a message.</summary>
    internal static string Shown(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.Object => "an object {…}",
        JsonValueKind.Array => "a list […]",
        JsonValueKind.Null => "null",
        _ => SafeText.Short(value.GetRawText()),
    };

    private bool Is(JsonValueKind kind, string wanted)
    {
        if (value.ValueKind != kind && value.ValueKind != JsonValueKind.Undefined)
        {
            Fail(ErrorClass.SchemaInvalid, null, $"{DescribeKind(value.ValueKind)} is here; write {wanted}");
        }

        return value.ValueKind == kind;
    }

    private bool IsWithin(int count, int least, int most, string what)
    {
        var good = count >= least && count <= most;
        if (!good)
        {
            Fail(ErrorClass.LimitCount, null, $"{count} {what}; give {(most == int.MaxValue ? $"at least {least}" : $"{least} to {most}")}");
        }

        return good;
    }
}
