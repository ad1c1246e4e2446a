using System.Collections;
using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using GridServices.Contracts;
using GridServices.Contracts.Json;
using GridServices.Tariffs.Model;
using NodaTime;
using NodaTime.Text;

namespace GridServices.Tariffs.Readers;

/// <summary>How the records of this project stand in JSON.</summary>
internal static class TariffJsonOptions
{
    /// <param name="decimalsAsText">Write decimals as texts.</param>
    /// <param name="own">For what we store ourselves: any decimal is read back as it was, also one with 29 digits.</param>
    public static JsonSerializerOptions Create(bool decimalsAsText = false, bool own = false)
    {
        var options = new JsonSerializerOptions
        {
            PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
            DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
            UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
            AllowDuplicateProperties = false,
            RespectNullableAnnotations = true,
            RespectRequiredConstructorParameters = true,
            MaxDepth = ContractJson.MaxDepth,
            TypeInfoResolver = new DefaultJsonTypeInfoResolver { Modifiers = { LeaveOutEmptyLists, OptionalStaysOptional } },
        };
        options.Converters.Add(new JsonStringEnumConverter(JsonNamingPolicy.CamelCase, allowIntegerValues: false));
        options.Converters.Add(new DecimalConverter(decimalsAsText, own));
        options.Converters.Add(new TextConverter<LocalDate>(LocalDatePattern.Iso, "a date like 2026-03-29"));
        options.Converters.Add(new TextConverter<AnnualDate>(AnnualDatePattern.Iso, "a day of the year like 03-29"));
        options.Converters.Add(new TextConverter<Instant>(InstantPattern.ExtendedIso, "an instant like 2026-03-29T01:00:00Z"));
        options.Converters.Add(new TextConverter<Duration>(new IsoDurationPattern(), "a duration like PT15M"));
        options.Converters.Add(new TextConverter<YearMonth>(YearMonthPattern.Iso, "a month like 2026-03"));
        options.Converters.Add(new DayTimeConverter());
        options.MakeReadOnly();
        return options;
    }

    private static void LeaveOutEmptyLists(JsonTypeInfo info)
    {
        foreach (var property in info.Properties)
        {
            if (property.PropertyType != typeof(string) && typeof(ICollection).IsAssignableFrom(property.PropertyType))
            {
                property.ShouldSerialize = static (_, value) => value is ICollection { Count: > 0 };
            }
        }
    }

    /// <summary>A parameter that may be null may be left out: nobody has to write nulls.</summary>
    private static void OptionalStaysOptional(JsonTypeInfo info)
    {
        foreach (var property in info.Properties.Where(p => p.AssociatedParameter is not null && Nullable.GetUnderlyingType(p.PropertyType) is not null))
        {
            property.IsRequired = false;
        }
    }

    /// <summary>Numbers and texts are read with every digit; what would be rounded is refused.</summary>
    private sealed class DecimalConverter(bool asText, bool own) : JsonConverter<decimal>
    {
        public override decimal Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
        {
            var text = reader.TokenType switch
            {
                JsonTokenType.Number => Encoding.UTF8.GetString(reader.ValueSpan),
                JsonTokenType.String => reader.GetString()!,
                _ => throw new JsonFormatException(ErrorClass.SchemaInvalid, "a number is wanted here, as 0.25 or \"0.25\""),
            };
            if (own && decimal.TryParse(text, System.Globalization.NumberStyles.Float, System.Globalization.CultureInfo.InvariantCulture, out var kept))
            {
                return kept;
            }

            return ExactDecimal.TryParse(text, out var value) ? value : throw new JsonFormatException(
                ErrorClass.SemanticNumber,
                $"'{SafeText.Short(text)}' is no number that can be kept exactly; give at most 28 significant digits");
        }

        public override void Write(Utf8JsonWriter writer, decimal value, JsonSerializerOptions options)
        {
            if (asText)
            {
                writer.WriteStringValue(ExactDecimal.Text(value));
            }
            else
            {
                writer.WriteNumberValue(value);
            }
        }
    }

    private sealed class TextConverter<T>(IPattern<T> pattern, string wanted) : JsonConverter<T>
    {
        public override T Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
        {
            var text = reader.TokenType == JsonTokenType.String ? reader.GetString() : null;
            return text is not null && pattern.Parse(text) is { Success: true } parsed
                ? parsed.Value
                : throw new JsonFormatException(ErrorClass.SemanticTime, $"{wanted} is wanted here");
        }

        public override void Write(Utf8JsonWriter writer, T value, JsonSerializerOptions options) => writer.WriteStringValue(pattern.Format(value));
    }

    private sealed class DayTimeConverter : JsonConverter<DayTime>
    {
        public override DayTime Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            reader.TokenType == JsonTokenType.String && DayTime.TryParse(reader.GetString(), out var time)
                ? time
                : throw new JsonFormatException(ErrorClass.SemanticTime, "a wall clock time HH:mm from 00:00 to 24:00 is wanted here");

        public override void Write(Utf8JsonWriter writer, DayTime value, JsonSerializerOptions options) => writer.WriteStringValue(value.ToString());
    }

    /// <summary>ISO 8601 durations of whole seconds, the subset that interval data use.</summary>
    private sealed class IsoDurationPattern : IPattern<Duration>
    {
        public ParseResult<Duration> Parse(string text)
        {
            var parsed = PeriodPattern.NormalizingIso.Parse(text);
            return parsed.Success && parsed.Value is { Years: 0, Months: 0 }
                ? ParseResult<Duration>.ForValue(parsed.Value.ToDuration())
                : ParseResult<Duration>.ForException(() => new FormatException("a duration without months or years is wanted"));
        }

        public string Format(Duration value) => PeriodPattern.NormalizingIso.Format(Period.FromSeconds((long)value.TotalSeconds).Normalize());

        public StringBuilder AppendFormat(Duration value, StringBuilder builder) => builder.Append(Format(value));
    }
}
