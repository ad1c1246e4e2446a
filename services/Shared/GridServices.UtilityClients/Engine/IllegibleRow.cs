using System.Text.Json;
using GridServices.Contracts;

namespace GridServices.UtilityClients.Engine;

/// <summary>A stored row that is damaged, or of a newer version: it costs its own engine, and no other.</summary>
public static class IllegibleRow
{
    /// <summary>A configuration as it is stored; null where it can't be read.</summary>
    public static T? Read<T>(string json)
        where T : class
    {
        try
        {
            return JsonSerializer.Deserialize<T>(json, ContractJson.Options);
        }
        catch (Exception e) when (Explains(e))
        {
            return null;
        }
    }

    /// <summary>True for what reading such a row throws.</summary>
    public static bool Explains(Exception fault) => fault is JsonException or NotSupportedException or InvalidOperationException or ArgumentException or FormatException;
}
