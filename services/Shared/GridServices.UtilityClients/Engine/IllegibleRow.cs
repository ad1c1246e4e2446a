using System.Text.Json;

namespace GridServices.UtilityClients.Engine;

/// <summary>A stored row that is damaged, or of a newer version: it costs its own engine, and no other.</summary>
public static class IllegibleRow
{
    /// <summary>True for what reading such a row throws.</summary>
    public static bool Explains(Exception fault) => fault is JsonException or NotSupportedException or InvalidOperationException or ArgumentException or FormatException;
}
