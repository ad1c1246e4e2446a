using System.Text.Json;
using System.Text.Json.Serialization;
using NodaTime;
using NodaTime.Text;

namespace GridServices.Wire.Engine;

/// <summary>Writes an engine's state and reads it back, equal.</summary>
public static class StateJson
{
    private static readonly JsonSerializerOptions Options = Create();

    /// <summary>UTF-8.</summary>
    public static byte[] Write<TState>(TState state) => JsonSerializer.SerializeToUtf8Bytes(state, Options);

    /// <exception cref="JsonException">The text is no state of this version.</exception>
    public static TState Read<TState>(ReadOnlySpan<byte> json)
        where TState : class => JsonSerializer.Deserialize<TState>(json, Options) ?? throw new JsonException("The stored state is null.");

    private static JsonSerializerOptions Create()
    {
        var options = new JsonSerializerOptions
        {
            PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
            DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
            IgnoreReadOnlyProperties = true,
        };
        options.Converters.Add(new JsonStringEnumConverter(JsonNamingPolicy.CamelCase, allowIntegerValues: false));
        options.Converters.Add(new PatternConverter<Instant>(InstantPattern.ExtendedIso));
        options.Converters.Add(new PatternConverter<Duration>(DurationPattern.JsonRoundtrip));
        options.Converters.Add(new PeriodJsonConverter());
        return options;
    }

    private sealed class PatternConverter<T>(IPattern<T> pattern) : JsonConverter<T>
    {
        public override T Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options)
        {
            var parsed = pattern.Parse(reader.GetString() ?? string.Empty);
            return parsed.Success ? parsed.Value : throw new JsonException($"The stored state holds no {typeof(T).Name} where one belongs.");
        }

        public override void Write(Utf8JsonWriter writer, T value, JsonSerializerOptions options) => writer.WriteStringValue(pattern.Format(value));
    }
}
