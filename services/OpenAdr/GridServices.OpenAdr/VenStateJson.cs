using System.Text.Json;

namespace GridServices.OpenAdr;

/// <summary>Writes a VEN's state and reads it back, equal.</summary>
public static class VenStateJson
{
    public static byte[] Write(VenState state) => StateJson.Write(state);

    /// <exception cref="JsonException">The text is no state of this version.</exception>
    public static VenState Read(ReadOnlySpan<byte> json) => StateJson.Read<VenState>(json);
}
