using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace GridServices.Testing;

/// <summary>
/// With <c>RECORD_EXAMPLES=1</c> keeps, per operation that has no example yet, a short exchange of the tests in <c>contracts/v1/openapi/examples/</c>,
/// from where the service's own document takes its examples.
/// </summary>
internal static class ExampleRecorder
{
    private const int Wanted = 900;
    private static readonly bool IsOn = Environment.GetEnvironmentVariable("RECORD_EXAMPLES") == "1";
    private static readonly JsonSerializerOptions Indented = new() { WriteIndented = true, Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };
    private static readonly Lock Gate = new();
    private static readonly Dictionary<string, int> Best = new(StringComparer.Ordinal);

    internal static void Note(ApiContract contract, ApiOperation operation, HttpRequestMessage request, byte[] sent, HttpResponseMessage response, byte[] answer)
    {
        if (!IsOn || !response.IsSuccessStatusCode || Encoding.UTF8.GetString([.. sent, .. answer]) is var text && (text.Contains(Path.GetTempPath(), StringComparison.Ordinal) || text.Contains("gridservices-test", StringComparison.Ordinal)))
        {
            return;
        }

        // An answer that shows something, and still fits on a screen.
        var size = sent.Length + answer.Length;
        var distance = Math.Abs(size - Wanted) + (size > 6 * Wanted ? 1_000_000 : 0);
        lock (Gate)
        {
            var file = Path.Combine(RepositoryFiles.Root, "contracts", "v1", "openapi", "examples", contract.Service + ".json");
            var all = File.Exists(file) ? JsonNode.Parse(File.ReadAllText(file))!.AsObject() : [];
            if (all.ContainsKey(operation.Id) ? !Best.TryGetValue(operation.Id, out var best) || best <= distance : false)
            {
                return;
            }

            Best[operation.Id] = distance;
            all[operation.Id] = new JsonObject
            {
                ["request"] = sent.Length == 0 ? null : Part(request.Content!.Headers.ContentType!.MediaType!, sent, null),
                ["response"] = answer.Length == 0 ? null : Part(response.Content.Headers.ContentType!.MediaType!, answer, (int)response.StatusCode),
            };
            Directory.CreateDirectory(Path.GetDirectoryName(file)!);
            File.WriteAllText(file, new JsonObject(all.OrderBy(e => e.Key, StringComparer.Ordinal).Select(e => KeyValuePair.Create(e.Key, e.Value?.DeepClone()))).ToJsonString(Indented) + "\n");
        }
    }

    private static JsonObject Part(string type, byte[] body, int? status)
    {
        var part = new JsonObject { ["type"] = type, ["body"] = type.EndsWith("json", StringComparison.Ordinal) && !type.Contains("ndjson", StringComparison.Ordinal) ? JsonNode.Parse(body) : Encoding.UTF8.GetString(body) };
        if (status is { } known)
        {
            part["status"] = known;
        }

        return part;
    }
}
