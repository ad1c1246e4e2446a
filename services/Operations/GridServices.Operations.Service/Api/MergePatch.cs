using System.Text.Json.Nodes;

namespace GridServices.Operations.Service.Api;

/// <summary>JSON merge patch, RFC 7396.</summary>
internal static class MergePatch
{
    internal static JsonNode? Apply(JsonNode? target, JsonNode? patch)
    {
        if (patch is not JsonObject changes)
        {
            return patch?.DeepClone();
        }

        var result = target as JsonObject ?? [];
        foreach (var (name, value) in changes)
        {
            if (value is null)
            {
                result.Remove(name);
            }
            else
            {
                var before = result[name];
                result.Remove(name);
                result[name] = Apply(before, value);
            }
        }

        return result;
    }
}
