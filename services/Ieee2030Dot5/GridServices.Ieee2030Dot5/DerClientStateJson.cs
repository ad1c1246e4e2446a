using System.Text.Json;

namespace GridServices.Ieee2030Dot5;

/// <summary>Writes a client's state and reads it back, equal.</summary>
public static class DerClientStateJson
{
    public static byte[] Write(DerClientState state) => StateJson.Write(state);

    /// <exception cref="JsonException">The text is no state of this version.</exception>
    public static DerClientState Read(ReadOnlySpan<byte> json) => StateJson.Read<DerClientState>(json);
}
