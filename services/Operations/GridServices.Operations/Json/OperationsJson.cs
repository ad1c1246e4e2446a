using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using GridServices.Contracts;
using NodaTime;
using NodaTime.Text;

namespace GridServices.Operations.Json;

/// <summary>The JSON of this project's records: the contract's rules, and dates, wall clock times and periods as ISO 8601 text.</summary>
public static class OperationsJson
{
    /// <summary>Read-only options; share them.</summary>
    public static JsonSerializerOptions Options { get; } = Build();

    /// <summary>Adds the rules to options that a framework owns.</summary>
    public static void Configure(JsonSerializerOptions options)
    {
        ContractJson.Configure(options);
        options.TypeInfoResolver = (options.TypeInfoResolver ?? new DefaultJsonTypeInfoResolver()).WithAddedModifier(OptionalStaysOptional);
        options.Converters.Add(new PatternJsonConverter<LocalDate>(LocalDatePattern.Iso, "a date such as 2027-05-01"));
        options.Converters.Add(new PatternJsonConverter<LocalTime>(LocalTimePattern.GeneralIso, "a wall clock time such as 16:00:00"));
        options.Converters.Add(new PatternJsonConverter<AnnualDate>(AnnualDatePattern.Iso, "a day of the year such as 05-01"));
        options.Converters.Add(new PatternJsonConverter<YearMonth>(YearMonthPattern.Iso, "a month such as 2027-05"));
    }

    private static JsonSerializerOptions Build()
    {
        var options = new JsonSerializerOptions();
        Configure(options);
        options.MakeReadOnly();
        return options;
    }

    /// <summary>A parameter that may be null may be left out, as nulls are not written.</summary>
    private static void OptionalStaysOptional(JsonTypeInfo info)
    {
        foreach (var property in info.Properties.Where(p => p.AssociatedParameter is { IsNullable: true }))
        {
            property.IsRequired = false;
        }
    }
}

internal sealed class PatternJsonConverter<T>(IPattern<T> pattern, string wanted) : JsonConverter<T>
{
    public override T Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        reader.TokenType == JsonTokenType.String && pattern.Parse(reader.GetString()!) is { Success: true } parsed
            ? parsed.Value
            : throw new JsonException($"must be {wanted}");

    public override void Write(Utf8JsonWriter writer, T value, JsonSerializerOptions options) => writer.WriteStringValue(pattern.Format(value));
}
