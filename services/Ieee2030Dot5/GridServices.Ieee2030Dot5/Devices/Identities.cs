using System.Collections.Concurrent;
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
    // Follows from the configuration and the founder alone, which never change: worked out once.
    private static readonly ConditionalWeakTable<DerClientConfig, ConcurrentDictionary<string, ImmutableSortedDictionary<string, DerDeviceConfig>>> Known = [];

    /// <summary>The devices of a client that has not spoken yet, by LFDI, 40 upper-case hex digits. Empty while the client's own LFDI is not known.</summary>
    public static ImmutableSortedDictionary<string, DerDeviceConfig> GetDevices(DerClientConfig config)
    {
        ArgumentNullException.ThrowIfNull(config);
        return GetDevices(config, DerClientState.Initial);
    }

    /// <summary>The devices by LFDI. Those that an aggregator made stay what they were, whatever certificate it has now.</summary>
    public static ImmutableSortedDictionary<string, DerDeviceConfig> GetDevices(DerClientConfig config, DerClientState state)
    {
        ArgumentNullException.ThrowIfNull(config);
        ArgumentNullException.ThrowIfNull(state);
        return config.Lfdi is { } own
            ? Known.GetValue(config, _ => new(StringComparer.Ordinal)).GetOrAdd(state.Founder ?? own, static (founder, c) => WorkedOut(c, founder), config)
            : ImmutableSortedDictionary<string, DerDeviceConfig>.Empty;
    }

    /// <summary>Remembers by which LFDI an aggregator's devices get theirs: its certificate may be renewed, they are the same devices.</summary>
    internal static void Found(StepContext context, DerInput input)
    {
        if (context.State.Founder is null && context.Config.Mode == DerMode.Aggregator)
        {
            var previous = (input as DerInput.ConfigChanged)?.Previous is { Mode: DerMode.Aggregator, Lfdi: { } former } ? former : null;
            context.State = context.State with { Founder = previous ?? context.Config.Lfdi };
        }
    }

    private static ImmutableSortedDictionary<string, DerDeviceConfig> WorkedOut(DerClientConfig config, string founder)
    {
        var devices = ImmutableSortedDictionary.CreateBuilder<string, DerDeviceConfig>(StringComparer.Ordinal);
        foreach (var device in config.AllDevices())
        {
            devices[GetLfdi(config, founder, device)] = device;
        }

        return devices.ToImmutable();
    }

    private static string GetLfdi(DerClientConfig config, string founder, DerDeviceConfig device) => device.Lfdi switch
    {
        null when config.Mode == DerMode.Direct => config.Lfdi!.ToUpperInvariant(),
        null or "auto" => Made(config.Mode == DerMode.Direct ? config.Lfdi! : founder, config.Pen, device.SiteId),
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
