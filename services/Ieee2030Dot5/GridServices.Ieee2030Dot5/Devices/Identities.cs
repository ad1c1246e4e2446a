using System.Collections.Immutable;
using System.Globalization;
using System.Runtime.CompilerServices;
using System.Security.Cryptography;
using System.Text;
using GridServices.Ieee2030Dot5.Configuration;

namespace GridServices.Ieee2030Dot5.Devices;

/// <summary>Who the configured devices are to the server.</summary>
public static class Identities
{
    // Follows from the configuration alone, which never changes: worked out once.
    private static readonly ConditionalWeakTable<DerClientConfig, ImmutableSortedDictionary<string, DerDeviceConfig>> Known = [];

    /// <summary>The devices by LFDI, 40 upper-case hex digits. Empty while the client's own LFDI is not known.</summary>
    public static ImmutableSortedDictionary<string, DerDeviceConfig> Of(DerClientConfig config)
    {
        ArgumentNullException.ThrowIfNull(config);
        return Known.GetValue(config, WorkedOut);
    }

    private static ImmutableSortedDictionary<string, DerDeviceConfig> WorkedOut(DerClientConfig config)
    {
        var devices = ImmutableSortedDictionary.CreateBuilder<string, DerDeviceConfig>(StringComparer.Ordinal);
        if (config.Lfdi is { } own)
        {
            foreach (var device in config.AllDevices())
            {
                devices[LfdiOf(config, own, device)] = device;
            }
        }

        return devices.ToImmutable();
    }

    private static string LfdiOf(DerClientConfig config, string own, DerDeviceConfig device) => device.Lfdi switch
    {
        null when config.Mode == DerMode.Direct => own.ToUpperInvariant(),
        null or "auto" => Made(own, config.Pen, device.SiteId),
        var lfdi => lfdi.ToUpperInvariant(),
    };

    // TS 5573 4.2: the LFDI of an aggregated device ends with the eight decimal digits of the enterprise number.
    private static string Made(string own, int pen, string siteId) =>
        Hex($"LFDI {own.ToUpperInvariant()} {siteId}", 32) + pen.ToString("D8", CultureInfo.InvariantCulture);

    /// <summary>A master resource identifier that is always the same for the same purpose and ends with the enterprise number (TS 5573 4.2).</summary>
    internal static string MRid(string lfdi, int pen, string purpose) =>
        Hex($"mRID {lfdi} {purpose}", 24) + pen.ToString("D8", CultureInfo.InvariantCulture);

    private static string Hex(string text, int digits) => Convert.ToHexString(SHA256.HashData(Encoding.UTF8.GetBytes(text)))[..digits];
}
