using System.Globalization;
using System.Reflection;
using System.Text.Json.Nodes;

namespace GridServices.Hosting.OpenApi;

/// <summary>
/// Examples of the document: exchanges that the service's own tests had with it, embedded as <c>api-examples.json</c>:
/// <code>{ "putVen": { "request": { "type": "application/json", "body": … }, "response": { "status": 201, "type": "application/json", "body": … } } }</code>
/// </summary>
internal sealed class ApiExamples
{
    private readonly JsonObject _operations;

    private ApiExamples(JsonObject operations) => _operations = operations;

    internal static ApiExamples Load(Assembly service)
    {
        using var stream = service.GetManifestResourceStream("api-examples.json");
        return new ApiExamples(stream is null ? [] : JsonNode.Parse(stream)!.AsObject());
    }

    internal JsonNode? Request(string? operation, string mediaType) => Body(operation, "request", mediaType);

    internal JsonNode? Response(string? operation, int status, string mediaType) =>
        _operations[operation ?? string.Empty]?["response"]?["status"]?.ToJsonString() == status.ToString(CultureInfo.InvariantCulture) ? Body(operation, "response", mediaType) : null;

    private JsonNode? Body(string? operation, string part, string mediaType) =>
        _operations[operation ?? string.Empty]?[part] is JsonObject held && (string?)held["type"] == mediaType ? held["body"]?.DeepClone() : null;
}
