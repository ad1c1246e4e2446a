using System.Text.Json;
using System.Text.Json.Serialization;
using GridServices.Ieee2030Dot5.Events;
using NodaTime;
using NodaTime.Text;

namespace GridServices.Ieee2030Dot5.Tests.Events;

/// <summary>Storage and back, as a service does it.</summary>
internal static class StateJson
{
    private static readonly JsonSerializerOptions Options = Create();

    public static DerScheduleState Through(DerScheduleState state) =>
        JsonSerializer.Deserialize<DerScheduleState>(JsonSerializer.SerializeToUtf8Bytes(state, Options), Options)!;

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
        return options;
    }

    private sealed class PatternConverter<T>(IPattern<T> pattern) : JsonConverter<T>
    {
        public override T Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => pattern.Parse(reader.GetString()!).Value;

        public override void Write(Utf8JsonWriter writer, T value, JsonSerializerOptions options) => writer.WriteStringValue(pattern.Format(value));
    }
}
