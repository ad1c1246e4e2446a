using System.Text.Json;

namespace GridServices.Simulators.DerServer.Control;

/// <summary><c>/.well-known/csipaus</c>: versions and where each begins (SDVN-01 adds some to trip over).</summary>
public sealed record WellKnown(IReadOnlyDictionary<string, IReadOnlyList<string?>> Versions)
{
    public const string Version13 = "https://csipaus.org/ns/v1.3";

    public static WellKnown Plain { get; } = new(new Dictionary<string, IReadOnlyList<string?>>(StringComparer.Ordinal) { [Version13] = ["/dcap"] });

    public WellKnown With(string version, params string?[] paths) => new(new Dictionary<string, IReadOnlyList<string?>>(Versions, StringComparer.Ordinal) { [version] = paths });

    public byte[] Json() => JsonSerializer.SerializeToUtf8Bytes(new
    {
        supportedSchemaVersions = Versions.ToDictionary(v => v.Key, v => new { dcap = v.Value }, StringComparer.Ordinal),
    });
}
