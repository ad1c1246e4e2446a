using System.Collections.Concurrent;
using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Json.Schema;

namespace GridServices.Testing;

/// <summary>One operation of a service's contract, and whether messages keep to it.</summary>
public sealed class ApiOperation
{
    private static readonly EvaluationOptions Listed = new() { OutputFormat = OutputFormat.List };
    private readonly ConcurrentDictionary<string, JsonSchema> _schemas = new(StringComparer.Ordinal);
    private readonly ApiContract _contract;
    private readonly JsonObject _node;
    private readonly Regex _path;

    internal ApiOperation(ApiContract contract, string method, string path, JsonObject node)
    {
        (_contract, Method, Path, _node) = (contract, method, path, node);
        var pattern = Regex.Replace(Regex.Escape(path).Replace("\\{source}", ".+", StringComparison.Ordinal), @"\\\{[^}]+}", "[^/]+", RegexOptions.None, Regex.InfiniteMatchTimeout);
        _path = new Regex($"^{pattern}/?$", RegexOptions.None, Regex.InfiniteMatchTimeout);
    }

    public string Method { get; }

    public string Path { get; }

    public string Id => (string)_node["operationId"]!;

    /// <summary>The operation as it is in the document.</summary>
    public JsonObject Node => _node;

    public bool Matches(string path) => _path.IsMatch(path);

    /// <summary>Parameters of a place (query, header, path) by name.</summary>
    public IEnumerable<string> Parameters(string place) =>
        _node["parameters"]?.AsArray().Where(p => (string?)p!["in"] == place).Select(p => (string)p!["name"]!) ?? [];

    /// <summary>What is wrong with a body that is sent; null: nothing.</summary>
    public string? RequestFault(string? mediaType, ReadOnlyMemory<byte> body)
    {
        if (_node["requestBody"]?["content"] is not JsonObject content)
        {
            return body.Length > 0 ? "a body is sent, and the document has none" : null;
        }

        return body.Length == 0 ? ((bool?)_node["requestBody"]!["required"] == true ? "no body is sent, and the document asks for one" : null)
            : content[mediaType ?? content.First().Key] is not { } media ? $"media type {mediaType} is not in the document"
            : Fault("request " + mediaType, media["schema"], mediaType ?? content.First().Key, body, closed: false);
    }

    /// <summary>What is wrong with an answer; null: nothing.</summary>
    public string? ResponseFault(int status, string? mediaType, ReadOnlyMemory<byte> body)
    {
        if (_node["responses"]![status.ToString(CultureInfo.InvariantCulture)] is not JsonObject response)
        {
            return $"status {status} is not in the document";
        }

        if (body.Length == 0)
        {
            return null;
        }

        return response["content"] is not JsonObject content || content[mediaType ?? string.Empty] is not { } media ? $"media type {mediaType} of status {status} is not in the document"
            : Fault($"response {status} {mediaType}", media["schema"], mediaType!, body, closed: true) ?? ProblemFault(response, body);
    }

    /// <summary>Headers that an answer of this status may have.</summary>
    public bool HasResponseHeader(int status, string name) =>
        _node["responses"]![status.ToString(CultureInfo.InvariantCulture)]?["headers"]?.AsObject().Any(h => h.Key.Equals(name, StringComparison.OrdinalIgnoreCase)) == true;

    private static string? ProblemFault(JsonObject response, ReadOnlyMemory<byte> body)
    {
        if (response["x-problem-types"] is not JsonArray types)
        {
            return null;
        }

        var type = (string?)JsonNode.Parse(body.Span)!["type"];
        return types.Any(t => (string?)t == type) ? null : $"problem {type} is not in the document";
    }

    private string? Fault(string key, JsonNode? schema, string mediaType, ReadOnlyMemory<byte> body, bool closed)
    {
        if (schema is null || !mediaType.EndsWith("json", StringComparison.Ordinal) || mediaType.Contains("ndjson", StringComparison.Ordinal))
        {
            return null;
        }

        using var document = JsonDocument.Parse(body, new JsonDocumentOptions { MaxDepth = 128 });
        var compiled = _schemas.GetOrAdd(key, _ => JsonSchema.FromText(_contract.SchemaText(schema, closed), new BuildOptions { SchemaRegistry = new SchemaRegistry() }));
        var results = compiled.Evaluate(document.RootElement, Listed);
        return results.IsValid ? null : string.Join("; ", (results.Details ?? []).Where(d => d.Errors is not null)
            .SelectMany(d => d.Errors!.Select(e => $"{d.InstanceLocation} {e.Value}")).Distinct(StringComparer.Ordinal).Take(6));
    }
}
