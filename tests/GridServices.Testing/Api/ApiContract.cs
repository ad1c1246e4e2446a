using System.Collections.Concurrent;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace GridServices.Testing;

/// <summary>The OpenAPI document of a service as it is checked in (a test of each service holds it against the one that is served).</summary>
public sealed class ApiContract
{
    private static readonly ConcurrentDictionary<string, ApiContract?> Known = new(StringComparer.Ordinal);
    private readonly List<ApiOperation> _operations = [];

    private ApiContract(string service, JsonObject document)
    {
        Service = service;
        Document = document;
        foreach (var (path, item) in document["paths"]!.AsObject())
        {
            foreach (var (method, operation) in item!.AsObject().Where(m => m.Value is JsonObject))
            {
                _operations.Add(new ApiOperation(this, method.ToUpperInvariant(), path, operation!.AsObject()));
            }
        }
    }

    /// <summary>As in its identity, e.g. <c>openadr</c>.</summary>
    public string Service { get; }

    public JsonObject Document { get; }

    public IReadOnlyList<ApiOperation> Operations => _operations;

    /// <summary>The contract of a service; null where none is checked in.</summary>
    public static ApiContract? For(string service) => Known.GetOrAdd(service, static name =>
    {
        var file = Path.Combine(RepositoryFiles.Root, "contracts", "v1", "openapi", name + ".json");
        return File.Exists(file) ? new ApiContract(name, JsonNode.Parse(File.ReadAllText(file))!.AsObject()) : null;
    });

    /// <summary>The operation that a request goes to, the path with the fewest variables first.</summary>
    public ApiOperation? Find(string method, string path) =>
        _operations.Where(o => o.Method == method && o.Matches(path)).OrderBy(o => o.Path.Count(c => c == '{')).FirstOrDefault();

    internal string SchemaText(JsonNode schema, bool closed)
    {
        var whole = schema.DeepClone().AsObject();
        whole["$defs"] = Document["components"]!["schemas"]!.DeepClone();
        if (closed)
        {
            Close(whole, isProblem: false);
        }

        return whole.ToJsonString(new JsonSerializerOptions { MaxDepth = 256 }).Replace("#/components/schemas/", "#/$defs/", StringComparison.Ordinal);
    }

    /// <summary>A member that the document does not tell of is a fault of the document, though a client may ignore it.</summary>
    private static void Close(JsonNode? node, bool isProblem)
    {
        if (node is JsonArray list)
        {
            list.ToList().ForEach(item => Close(item, isProblem: false));
        }
        else if (node is JsonObject holder)
        {
            if (!isProblem && holder["properties"] is JsonObject && holder["type"] is not null && holder["additionalProperties"] is null)
            {
                holder["additionalProperties"] = false;
            }

            holder.ToList().ForEach(member => Close(member.Value, member.Key == "Problem"));
        }
    }
}
