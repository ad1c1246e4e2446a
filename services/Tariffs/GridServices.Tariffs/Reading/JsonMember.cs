using System.Collections.Immutable;
using System.Text.Json;
using GridServices.Contracts;
using GridServices.Contracts.Json;
using GridServices.Wire;
using NodaTime;
using NodaTime.Text;

namespace GridServices.Tariffs;

/// <summary>Collects what is wrong and what is odd.</summary>
internal sealed class ReadProblems
{
    private readonly ImmutableArray<ReadError>.Builder refusals = ImmutableArray.CreateBuilder<ReadError>();
    private readonly ImmutableArray<Finding>.Builder warnings = ImmutableArray.CreateBuilder<Finding>();

    public bool Any => refusals.Count > 0;

    public ImmutableArray<ReadError> Refusals => refusals.ToImmutable();

    public ImmutableArray<Finding> Warnings => warnings.ToImmutable();

    public void Refuse(ErrorClass errorClass, string at, string detail) => refusals.Add(new ReadError(errorClass, at.Length == 0 ? "/" : at, detail));

    public void Warn(ErrorClass errorClass, string at, string detail) => warnings.Add(new Finding(errorClass, at, detail));
}

/// <summary>A JSON value with its pointer; wrong types become problems, not exceptions.</summary>
internal sealed class JsonMember(JsonElement value, string pointer, ReadProblems problems)
{
    public string Pointer => pointer;

    public JsonMember? Member(string name) =>
        value.ValueKind == JsonValueKind.Object && value.TryGetProperty(name, out var member) && member.ValueKind != JsonValueKind.Null
            ? new JsonMember(member, $"{pointer}/{name}", problems)
            : null;

    public ImmutableArray<JsonMember> Items()
    {
        if (value.ValueKind != JsonValueKind.Array)
        {
            problems.Refuse(ErrorClass.SchemaInvalid, pointer, "an array is wanted here");
            return [];
        }

        return [.. value.EnumerateArray().Select((item, i) => new JsonMember(item, $"{pointer}/{i}", problems))];
    }

    public decimal Number()
    {
        if (value.ValueKind != JsonValueKind.Number)
        {
            problems.Refuse(ErrorClass.SchemaInvalid, pointer, "a number is wanted here, not a text; remove the quotes");
            return 0;
        }

        if (!ExactDecimal.TryParse(value.GetRawText(), out var number))
        {
            problems.Refuse(ErrorClass.SemanticNumber, pointer, $"'{SafeText.Short(value.GetRawText())}' cannot be kept exactly; give at most 28 significant digits");
        }

        return number;
    }

    /// <summary>Money: a number, or a text with one.</summary>
    public decimal Amount()
    {
        if (!IsText)
        {
            return Number();
        }

        if (!ExactDecimal.TryParse(value.GetString(), out var amount))
        {
            problems.Refuse(ErrorClass.SemanticNumber, pointer, "an amount like 12.50 is wanted here");
        }

        return amount;
    }

    /// <summary>Whether the number is so large that it can only mean "without end".</summary>
    public bool IsHuge() => value.ValueKind == JsonValueKind.Number && value.TryGetDouble(out var size) && size >= 1e9;

    public int Integer()
    {
        var number = Number();
        if (number == decimal.Truncate(number) && number is >= -1_000_000 and <= 1_000_000)
        {
            return (int)number;
        }

        problems.Refuse(ErrorClass.SemanticNumber, pointer, "a small whole number is wanted here");
        return 0;
    }

    public string Text()
    {
        if (value.ValueKind == JsonValueKind.String)
        {
            return value.GetString()!;
        }

        problems.Refuse(ErrorClass.SchemaInvalid, pointer, "a text is wanted here");
        return string.Empty;
    }

    /// <summary>An instant; a text without offset means UTC.</summary>
    public Instant Instant()
    {
        var text = Text();
        var utc = text.EndsWith('Z') || text.AsSpan(Math.Max(0, text.Length - 6)).ContainsAny('+', '-') ? text : text + "Z";
        if (OffsetDateTimePattern.ExtendedIso.Parse(utc) is { Success: true } parsed)
        {
            return parsed.Value.ToInstant();
        }

        problems.Refuse(ErrorClass.SemanticTime, pointer, "a time like 2026-03-29T01:00:00Z is wanted here");
        return NodaTime.Instant.FromUnixTimeSeconds(0);
    }

    public JsonElement Raw => value;

    public bool IsArray => value.ValueKind == JsonValueKind.Array;

    public bool IsText => value.ValueKind == JsonValueKind.String;

    public bool IsObject => value.ValueKind == JsonValueKind.Object;

    public bool IsFalse => value.ValueKind == JsonValueKind.False;

    public bool Flag() => value.ValueKind == JsonValueKind.True;

    /// <summary>A day, from seconds since 1970, as a UTC day.</summary>
    public LocalDate Day()
    {
        var seconds = Number();
        if (seconds is > -62_000_000_000m and < 250_000_000_000m)
        {
            return NodaTime.Instant.FromUnixTimeSeconds((long)seconds).InUtc().Date;
        }

        problems.Refuse(ErrorClass.SemanticTime, pointer, "seconds since 1970 are wanted here");
        return new LocalDate(1970, 1, 1);
    }
}
