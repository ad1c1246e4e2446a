using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using NodaTime;
using NodaTime.Text;

namespace GridServices.Simulators.Vtn;

/// <summary>The JSON of the control API: camelCase, unknown members refused, so that a misspelt one is not silently lost.</summary>
internal static class SimJson
{
    public static readonly JsonSerializerOptions Options = new(JsonSerializerDefaults.Web)
    {
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.CamelCase), new InstantJson() },
    };

    /// <exception cref="SimException">The JSON does not fit.</exception>
    public static T Read<T>(JsonNode? json)
    {
        try
        {
            return json.Deserialize<T>(Options) ?? throw new SimException("A JSON object is wanted.");
        }
        catch (JsonException wrong)
        {
            throw new SimException(wrong.Message, wrong);
        }
    }

    private sealed class InstantJson : JsonConverter<Instant>
    {
        public override Instant Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            InstantPattern.ExtendedIso.Parse(reader.GetString() ?? "") is { Success: true } parsed ? parsed.Value : throw new JsonException("not an instant");

        public override void Write(Utf8JsonWriter writer, Instant value, JsonSerializerOptions options) =>
            writer.WriteStringValue(InstantPattern.ExtendedIso.Format(value));
    }
}
