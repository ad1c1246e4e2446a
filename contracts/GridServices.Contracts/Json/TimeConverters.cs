using System.Buffers;
using System.Text.Json;
using System.Text.Json.Serialization;
using GridServices.Contracts.Json;
using NodaTime;

namespace GridServices.Contracts;

internal sealed class InstantConverter : JsonConverter<Instant>
{
    public override Instant Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        reader.TokenType == JsonTokenType.String && TimeText.TryInstant(reader.GetString()!, out var value)
            ? value
            : throw new JsonException("must be an RFC 3339 instant in UTC such as 2027-01-15T18:00:00Z");

    public override void Write(Utf8JsonWriter writer, Instant value, JsonSerializerOptions options) => writer.WriteStringValue(TimeText.Format(value));
}

internal sealed class DurationConverter : JsonConverter<Duration>
{
    public override Duration Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        reader.TokenType == JsonTokenType.String && TimeText.TryDuration(reader.GetString()!, out var value)
            ? value
            : throw new JsonException("must be an ISO 8601 duration such as PT2M, without years, months or weeks");

    public override void Write(Utf8JsonWriter writer, Duration value, JsonSerializerOptions options) => writer.WriteStringValue(TimeText.Format(value));
}

/// <summary>Decimals as plain JSON numbers without trailing zeros, so that 16 A and 16.00 A are the same bytes.</summary>
internal sealed class PlainDecimalConverter : JsonConverter<decimal>
{
    public override decimal Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
        reader.TokenType == JsonTokenType.Number && ExactDecimal.TryParse(reader.HasValueSequence ? reader.ValueSequence.ToArray() : reader.ValueSpan, out var value)
            ? ExactDecimal.Plain(value)
            : throw new JsonException("must be a number of at most 28 significant digits");

    public override void Write(Utf8JsonWriter writer, decimal value, JsonSerializerOptions options) => writer.WriteNumberValue(ExactDecimal.Plain(value));
}
