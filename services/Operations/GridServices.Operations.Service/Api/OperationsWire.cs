using System.Text.Encodings.Web;
using System.Text.Json;
using GridServices.Contracts;
using GridServices.Contracts.Json;
using GridServices.Operations.Json;
using GridServices.Operations.Service.Registry;

namespace GridServices.Operations.Service.Api;

/// <summary>How bodies are read and answers written.</summary>
internal static class OperationsWire
{
    internal const string Json = "application/json";
    internal const string MergePatch = "application/merge-patch+json";
    internal const int MaxBody = 256 * 1024;

    /// <summary>As stored, with letters of all languages as they are.</summary>
    internal static JsonSerializerOptions Options { get; } = Build();

    internal static IResult Answer<T>(T value, int status = StatusCodes.Status200OK) => Results.Text(Text(value), Json, statusCode: status);

    internal static string Text<T>(T value) => JsonSerializer.Serialize(value, Options);

    /// <summary>Reads a body strictly: every fault of its form at once, unknown members with the nearest known word.</summary>
    /// <exception cref="FormException">It is not what is asked for.</exception>
    internal static T Read<T>(ReadOnlyMemory<byte> json)
        where T : class
    {
        JsonDocument document;
        try
        {
            document = JsonDocument.Parse(json, new JsonDocumentOptions { MaxDepth = ContractJson.MaxDepth, AllowDuplicateProperties = false });
        }
        catch (JsonException wrong)
        {
            throw new FormException([new ConfigFault(ErrorClass.Malformed, string.Empty, $"not well-formed JSON: {SafeText.Line(wrong.Message)}")]);
        }

        using (document)
        {
            var faults = new DocumentShape(Options).Faults(document.RootElement, typeof(T));
            return faults.Count > 0 ? throw new FormException(faults) : document.RootElement.Deserialize<T>(Options)!;
        }
    }

    private static JsonSerializerOptions Build()
    {
        var options = new JsonSerializerOptions(OperationsJson.Options) { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
        options.MakeReadOnly(populateMissingResolver: true);
        return options;
    }
}
