using System.Collections.Immutable;
using GridServices.Hosting.Configuration;

namespace GridServices.Operations.Service.Protection;

/// <summary>The keys that personal data is encrypted with.</summary>
internal sealed record ProtectionOptions : ISettings
{
    public static string Section => "Protection";

    /// <summary>File of keys, made at the first start, readable by its owner only. Unset: `operations.keys` in the store's folder.</summary>
    public string? KeyFile { get; init; }

    /// <summary>Keys from configuration instead, base64 of 32 bytes each: `Protection:Keys:k1=…`; older ones stay named for what they wrote.</summary>
    public IReadOnlyDictionary<string, string?> Keys { get; init; } = ImmutableDictionary<string, string?>.Empty;

    /// <summary>The name of the key that is written with; unset: the last one by name.</summary>
    public string? Current { get; init; }

    public IEnumerable<string> Validate() => [];
}
