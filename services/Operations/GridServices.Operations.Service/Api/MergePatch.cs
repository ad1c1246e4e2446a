using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization.Metadata;
using GridServices.Contracts;
using GridServices.Contracts.Json;

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

    /// <summary>Members that what is patched can't have: a misspelt one that is to be taken away would change nothing, in silence.</summary>
    internal static IReadOnlyList<ConfigFault> Unknown(JsonObject patch, Type type, JsonSerializerOptions options)
    {
        var faults = new ConfigFaults();
        Check(patch, type, JsonPath.Root, options, faults);
        return faults.All;
    }

    private static void Check(JsonObject patch, Type declared, JsonPath path, JsonSerializerOptions options, ConfigFaults faults)
    {
        if (options.GetTypeInfo(Nullable.GetUnderlyingType(declared) ?? declared) is not { Kind: JsonTypeInfoKind.Object } info)
        {
            return; // Named by the caller, or judged as a whole once it is merged.
        }

        var known = DocumentShape.GetMembers(info);
        foreach (var (name, value) in patch)
        {
            if (!known.TryGetValue(name, out var property))
            {
                faults.Add(ErrorClass.SchemaInvalid, path.Child(SafeText.Line(name)), Spelling.Unknown(name, known.Keys));
            }
            else if (value is JsonObject inside)
            {
                Check(inside, property.PropertyType, path.Child(name), options, faults);
            }
        }
    }
}
