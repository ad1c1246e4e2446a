using System.Collections.Immutable;
using System.Text.Json;
using GridServices.Contracts;
using GridServices.Wire;
using NodaTime;

namespace GridServices.Tariffs;

/// <summary>What the OpenEI rate database does not say.</summary>
public sealed record UrdbOptions
{
    /// <summary>IANA zone of the utility; a member <c>timezone</c> in the document wins.</summary>
    public string TimeZone { get; init; } = "Etc/UTC";

    public string Currency { get; init; } = "USD";

    /// <summary>A fixed charge per day counts days, or 365/12 every month as NREL's SAM does.</summary>
    public FixedPer FixedDayRule { get; init; } = FixedPer.Day;

    /// <summary>Whether lookback fields become ratchets. The database's lookback fields do not always agree with the tariff sheet.</summary>
    public bool Ratchets { get; init; } = true;
}

/// <summary>
/// OpenEI URDB v7 and v8 JSON into the tariff model: the answer of the API (<c>{"items":[…]}</c>) or one rate. Members it does not
/// know are ignored; members it knows are read strictly. Rates whose periods have unequal tiers are as good as any.
/// </summary>
public static class UrdbImport
{
    public static ReadOutcome<Tariff> Read(ReadOnlyMemory<byte> json, UrdbOptions? options = null)
    {
        if (JsonGuard.Check(json.Span) is { } refusal)
        {
            return ReadOutcome<Tariff>.Refused(refusal);
        }

        using var document = JsonDocument.Parse(json);
        var problems = new UrdbProblems();
        var rate = Rate(document.RootElement, problems);
        var tariff = problems.Any ? null : new UrdbReader(rate, options ?? new UrdbOptions(), problems).Tariff();
        if (tariff is null || problems.Any)
        {
            return new ReadOutcome<Tariff>(null, problems.Refusals, problems.Warnings);
        }

        var whole = TariffJson.Checked(tariff);
        return whole with { Warnings = [.. problems.Warnings, .. whole.Warnings] };
    }

    private static UrdbMember Rate(JsonElement root, UrdbProblems problems)
    {
        var whole = new UrdbMember(root, string.Empty, problems);
        if (root.ValueKind != JsonValueKind.Object)
        {
            problems.Refuse(ErrorClass.SchemaInvalid, "/", "a rate is a JSON object, or an object with items");
            return whole;
        }

        if (whole.Member("items") is not { } items)
        {
            return whole;
        }

        var rates = items.Items();
        if (rates.Length != 1)
        {
            problems.Refuse(ErrorClass.SchemaInvalid, "/items", $"{rates.Length} rates stand here; give one at a time");
            return whole;
        }

        return rates[0];
    }
}

/// <summary>Collects what is wrong and what is odd.</summary>
internal sealed class UrdbProblems
{
    private readonly ImmutableArray<Refusal>.Builder refusals = ImmutableArray.CreateBuilder<Refusal>();
    private readonly ImmutableArray<Finding>.Builder warnings = ImmutableArray.CreateBuilder<Finding>();

    public bool Any => refusals.Count > 0;

    public ImmutableArray<Refusal> Refusals => refusals.ToImmutable();

    public ImmutableArray<Finding> Warnings => warnings.ToImmutable();

    public void Refuse(ErrorClass errorClass, string at, string detail) => refusals.Add(new Refusal(errorClass, at.Length == 0 ? "/" : at, detail));

    public void Warn(ErrorClass errorClass, string at, string detail) => warnings.Add(new Finding(errorClass, at, detail));
}

/// <summary>A JSON value with its pointer; wrong types become problems, not exceptions.</summary>
internal sealed class UrdbMember(JsonElement value, string pointer, UrdbProblems problems)
{
    public string Pointer => pointer;

    public UrdbMember? Member(string name) =>
        value.ValueKind == JsonValueKind.Object && value.TryGetProperty(name, out var member) && member.ValueKind != JsonValueKind.Null
            ? new UrdbMember(member, $"{pointer}/{name}", problems)
            : null;

    public ImmutableArray<UrdbMember> Items()
    {
        if (value.ValueKind != JsonValueKind.Array)
        {
            problems.Refuse(ErrorClass.SchemaInvalid, pointer, "an array is wanted here");
            return [];
        }

        return [.. value.EnumerateArray().Select((item, i) => new UrdbMember(item, $"{pointer}/{i}", problems))];
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
            problems.Refuse(ErrorClass.SemanticNumber, pointer, $"'{JsonGuard.Shown(value.GetRawText())}' cannot be kept exactly; give at most 28 significant digits");
        }

        return number;
    }

    /// <summary>Whether the number is so large that it can only mean "without end".</summary>
    public bool IsHuge() => value.ValueKind == JsonValueKind.Number && value.TryGetDouble(out var size) && size >= 1e9;

    public int Whole()
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

    public bool Flag() => value.ValueKind == JsonValueKind.True;

    /// <summary>A day, from seconds since 1970; the database means UTC days.</summary>
    public LocalDate Day()
    {
        var seconds = Number();
        if (seconds is > -62_000_000_000m and < 250_000_000_000m)
        {
            return Instant.FromUnixTimeSeconds((long)seconds).InUtc().Date;
        }

        problems.Refuse(ErrorClass.SemanticTime, pointer, "seconds since 1970 are wanted here");
        return new LocalDate(1970, 1, 1);
    }
}
