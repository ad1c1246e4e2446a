using System.Text.Json;
using System.Text.Json.Serialization;

namespace GridServices.Tariffs.Settlement;

/// <summary>Where a number of a settlement comes from, the best first.</summary>
public enum MeasurementSource
{
    /// <summary>A billing meter's intervals.</summary>
    Meter,

    /// <summary>Telemetry of the site or its assets.</summary>
    Telemetry,

    /// <summary>Estimated, by the sender or by a gap policy: paid, and provisional.</summary>
    Estimate,

    /// <summary>Not measured: nothing is paid for it.</summary>
    None,
}

/// <summary>A share from 0 to 1, or <c>true</c> for all and <c>false</c> for nothing.</summary>
internal sealed class MeasuredShareConverter : JsonConverter<decimal?>
{
    public override decimal? Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) => reader.TokenType switch
    {
        JsonTokenType.True => 1,
        JsonTokenType.False => 0,
        JsonTokenType.Null => null,
        _ => JsonSerializer.Deserialize<decimal>(ref reader, options),
    };

    public override void Write(Utf8JsonWriter writer, decimal? value, JsonSerializerOptions options) => JsonSerializer.Serialize(writer, value, options);
}
