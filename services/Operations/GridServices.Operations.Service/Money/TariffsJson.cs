using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization;
using GridServices.Contracts;
using GridServices.Hosting.Refusals;
using GridServices.Operations.Json;

namespace GridServices.Operations.Service.Money;

/// <summary>Answers of the Tariffs service: its decimals are texts, and what it adds to its answers is left.</summary>
internal static class TariffsJson
{
    private static readonly JsonSerializerOptions Options = Build();

    /// <exception cref="ProblemException">503: it is not what that service answers.</exception>
    internal static T Read<T>(JsonElement answer)
    {
        try
        {
            return answer.Deserialize<T>(Options) ?? throw new JsonException("null");
        }
        catch (JsonException wrong)
        {
            throw new ProblemException(ErrorClass.Unavailable, $"The Tariffs service answers what is not understood here; is it of the same version? {SafeText.Line(wrong.Message)}");
        }
    }

    private static JsonSerializerOptions Build()
    {
        var options = new JsonSerializerOptions(OperationsJson.Options)
        {
            UnmappedMemberHandling = JsonUnmappedMemberHandling.Skip,
            RespectRequiredConstructorParameters = false,
        };
        options.Converters.Insert(0, new DecimalText());
        options.MakeReadOnly(populateMissingResolver: true);
        return options;
    }

    private sealed class DecimalText : JsonConverter<decimal>
    {
        public override decimal Read(ref Utf8JsonReader reader, Type typeToConvert, JsonSerializerOptions options) =>
            reader.TokenType == JsonTokenType.Number ? reader.GetDecimal()
            : decimal.TryParse(reader.GetString(), NumberStyles.AllowLeadingSign | NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var value) ? value
            : throw new JsonException("must be a decimal number as text");

        public override void Write(Utf8JsonWriter writer, decimal value, JsonSerializerOptions options) => writer.WriteStringValue(value.ToString(CultureInfo.InvariantCulture));
    }
}
