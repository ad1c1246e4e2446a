using System.Globalization;
using System.Text.Json;
using System.Text.Json.Nodes;
using GridServices.Contracts;

namespace GridServices.Hosting.Publishing;

/// <summary>A publication with a higher revision than its service gave it: the same envelope (receipts refer to its id), another event.</summary>
internal static class RaisedBody
{
    internal static byte[] WithRevision(byte[] body, long revision)
    {
        var raised = JsonNode.Parse(body)!.AsObject();
        var suffix = string.Create(CultureInfo.InvariantCulture, $"~{revision}");
        var id = raised["id"]!.GetValue<string>();
        raised["id"] = id[..Math.Min(id.Length, Identifiers.MaxLength - suffix.Length)] + suffix;
        raised["data"]!["revision"] = revision;
        return JsonSerializer.SerializeToUtf8Bytes(raised, ContractJson.Options);
    }
}
