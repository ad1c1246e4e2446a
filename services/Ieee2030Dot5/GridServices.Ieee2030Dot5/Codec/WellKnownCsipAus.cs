using System.Text.Json;
using GridServices.Contracts;
using GridServices.Contracts.Json;
using GridServices.Wire;

namespace GridServices.Ieee2030Dot5.Codec;

/// <summary>
/// <c>/.well-known/csipaus</c> of CSIP-AUS 1.3: which versions a server speaks, and where each begins. Entries that are null, empty or not of
/// the form are skipped, as are versions this client doesn't speak.
/// </summary>
/// <param name="Versions">Namespace and entry of every legible version, in the order sent.</param>
public sealed record WellKnownCsipAus(ValueList<WellKnownVersion> Versions)
{
    private static readonly JsonBounds Bounds = new(64 * 1024) { MaxDepth = 8 };

    /// <summary>The entry of a dialect, as sent; null where the server does not speak it.</summary>
    public string? FindDeviceCapability(Sep2Dialect dialect) => Versions.FirstOrDefault(v => Supports(dialect, v.Version))?.DeviceCapability;

    /// <summary>Reads the document. Never throws on any input.</summary>
    public static (WellKnownCsipAus? Value, ReadError? Refusal) Read(ReadOnlyMemory<byte> json)
    {
        using var document = StrictJson.Open(json, Bounds, out var fault);
        return fault is not null ? (null, new ReadError(fault.Class, "/", fault.Detail))
            : document!.RootElement.ValueKind is JsonValueKind.Object
                && document.RootElement.TryGetProperty("supportedSchemaVersions", out var versions) && versions.ValueKind is JsonValueKind.Object
                ? (new WellKnownCsipAus(versions.EnumerateObject().Select(Version).OfType<WellKnownVersion>().ToValueList()), null)
                : (null, new ReadError(ErrorClass.SchemaInvalid, "/", "'supportedSchemaVersions' is missing or not an object"));
    }

    private static WellKnownVersion? Version(JsonProperty version) =>
        version.Value.ValueKind is JsonValueKind.Object
        && version.Value.TryGetProperty("dcap", out var paths) && paths.ValueKind is JsonValueKind.Array
        && paths.EnumerateArray().Select(Path).OfType<string>().FirstOrDefault() is { } path
            ? new WellKnownVersion(version.Name, path)
            : null;

    private static string? Path(JsonElement e) =>
        e.ValueKind is JsonValueKind.String && e.GetString() is { Length: > 0 and <= 2048 } path && !path.Any(c => char.IsControl(c) || char.IsWhiteSpace(c))
            ? path
            : null;

    private static bool Supports(Sep2Dialect dialect, string version) => dialect switch
    {
        Sep2Dialect.CsipAus12 => version is "https://csipaus.org/ns" or "https://csipaus.org/ns/v1.1" or "https://csipaus.org/ns/v1.2",
        Sep2Dialect.CsipAus13 => version is "https://csipaus.org/ns/v1.3",
        _ => false,
    };
}

/// <summary>One version a server speaks.</summary>
/// <param name="Version">Its namespace.</param>
/// <param name="DeviceCapability">The first entry, as sent.</param>
public sealed record WellKnownVersion(string Version, string DeviceCapability);
