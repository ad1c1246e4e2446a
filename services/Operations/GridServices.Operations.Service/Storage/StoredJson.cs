using System.Text.Json;
using GridServices.Operations.Json;

namespace GridServices.Operations.Service.Storage;

/// <summary>Records as they are kept: what was null is left out, and reads as null again, also where a constructor asks for it.</summary>
internal static class StoredJson
{
    internal static JsonSerializerOptions Options { get; } = Build();

    internal static string Write<T>(T value) => JsonSerializer.Serialize(value, Options);

    internal static T Read<T>(string json) => JsonSerializer.Deserialize<T>(json, Options)!;

    private static JsonSerializerOptions Build()
    {
        var options = new JsonSerializerOptions(OperationsJson.Options) { RespectRequiredConstructorParameters = false };
        options.MakeReadOnly(populateMissingResolver: true);
        return options;
    }
}
