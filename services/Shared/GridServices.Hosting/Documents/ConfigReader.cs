using System.Diagnostics.CodeAnalysis;
using System.Text.Json;
using GridServices.Contracts;

namespace GridServices.Hosting;

/// <summary>Reads a document a person wrote, strictly; every fault of its form is named at once, with its place and how to fix it.</summary>
public static class ConfigReader
{
    private static readonly JsonDocumentOptions Strict = new() { MaxDepth = ContractJson.MaxDepth, AllowDuplicateProperties = false };

    /// <returns>The record, or null and at least one fault.</returns>
    public static T? Read<T>(ReadOnlyMemory<byte> json, out IReadOnlyList<ConfigFault> faults)
        where T : class => Read<T>(json, ContractJson.Options, out faults);

    /// <summary>The same with options that know more types, such as dates.</summary>
    public static T? Read<T>(ReadOnlyMemory<byte> json, JsonSerializerOptions options, out IReadOnlyList<ConfigFault> faults)
        where T : class
    {
        if (!TryParse(json, out var document, out var fault))
        {
            faults = [fault];
            return null;
        }

        using (document)
        {
            faults = ConfigShape.Faults<T>(document.RootElement, options);
            return faults.Count > 0 ? null : document.RootElement.Deserialize<T>(options);
        }
    }

    private static bool TryParse(ReadOnlyMemory<byte> json, [NotNullWhen(true)] out JsonDocument? document, [NotNullWhen(false)] out ConfigFault? fault)
    {
        (document, fault) = (null, null);
        try
        {
            document = JsonDocument.Parse(json, Strict);
            return true;
        }
        catch (JsonException e)
        {
            var place = e.LineNumber is null ? string.Empty : $" at line {e.LineNumber + 1}, byte {e.BytePositionInLine + 1}";
            fault = new ConfigFault(ErrorClass.Malformed, string.Empty, $"not well-formed JSON{place}: {SafeText.Line(e.Message)}");
            return false;
        }
    }
}
