using System.Globalization;
using GridServices.Ieee2030Dot5.Discovery;

namespace GridServices.Ieee2030Dot5.ServiceDiscovery;

/// <summary>What a server says of itself in its TXT record (IEEE 2030.5-2018 7.4).</summary>
/// <param name="DeviceCapability">Path of DeviceCapability.</param>
/// <param name="HttpsPort">Port of https; null: plain http alone.</param>
/// <param name="Path">Path of the function set that was asked for by its subtype; null: not said.</param>
/// <param name="Level">Schema level, such as -S1; null: not said.</param>
public sealed record SmartEnergyText(string DeviceCapability, int? HttpsPort, string? Path, string? Level)
{
    private const int DefaultPort = 443;

    /// <summary>What the strings of a record say; null: it is to be ignored.</summary>
    /// <param name="strings">As sent.</param>
    /// <param name="why">Half a sentence, where it is null.</param>
    public static SmartEnergyText? Read(IReadOnlyList<string> strings, out string why)
    {
        ArgumentNullException.ThrowIfNull(strings);
        var pairs = Pairs(strings);
        why = pairs is not [("TXTVERS", "1"), ..] ? "txtvers is not its first key, or not 1"
            : Value("DCAP") is not { Length: > 1 } dcap || dcap[0] != '/' ? "dcap names no path"
            : !IsPath(dcap) ? "dcap leads away from the server"
            : Value("HTTPS") is { Length: > 0 } port && ParsePort(port) is null ? "https is no port"
            : string.Empty;
        return why.Length > 0 ? null : new SmartEnergyText(
            Value("DCAP")!,
            pairs.Exists(p => p.Key == "HTTPS") ? Value("HTTPS") is { Length: > 0 } given ? ParsePort(given) : DefaultPort : null,
            Value("PATH") is { Length: > 1 } path && path[0] == '/' && IsPath(path) ? path : null,
            Value("LEVEL") is { Length: > 0 and <= 16 } level ? level : null);

        string? Value(string key) => pairs.Where(p => p.Key == key).Select(p => p.Value).FirstOrDefault();
    }

    // RFC 6763 6.4: keys ignore case, the first counts, one without a name is skipped.
    private static List<(string Key, string? Value)> Pairs(IReadOnlyList<string> strings) =>
    [
        .. strings.Select(s => (Text: s, At: s.IndexOf('=', StringComparison.Ordinal))).Where(s => s.At != 0 && s.Text.Length > 0)
            .Select(s => s.At < 0 ? (s.Text.ToUpperInvariant(), (string?)null) : (s.Text[..s.At].ToUpperInvariant(), s.Text[(s.At + 1)..])),
    ];

    private static int? ParsePort(string text) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var port) && port is > 0 and <= ushort.MaxValue ? port : null;

    private static bool IsPath(string path) => Hrefs.TryPin("https://server.example/", "/", path, out _, out _);
}
