using System.Globalization;

namespace GridServices.Ieee2030Dot5.Configuration;

/// <summary>The IANA private enterprise number (PEN) that mRIDs end with, where nobody wrote it.</summary>
public static class Pens
{
    private const string Arc = "1.3.6.1.4.1.";
    private const int SmartEnergy = 40_732;
    private const int Digits = 8;
    private const int Most = 99_999_999;

    /// <summary>Of the manufacturer, by the hardware type in a device's certificate; 0: it doesn't tell, or names the standard's own arc.</summary>
    public static int FromHardwareType(string? oid)
    {
        var number = oid?.StartsWith(Arc, StringComparison.Ordinal) == true ? oid[Arc.Length..].Split('.')[0] : string.Empty;
        return int.TryParse(number, NumberStyles.None, CultureInfo.InvariantCulture, out var pen) && pen is > 0 and <= Most and not SmartEnergy ? pen : 0;
    }

    /// <summary>By the LFDIs that an aggregator was given for its devices, where all of them end with the same one (TS 5573 4.2); 0: they don't.</summary>
    public static int FromDevices(DerClientConfig config)
    {
        ArgumentNullException.ThrowIfNull(config);
        var ends = config.Devices.Select(d => d.Lfdi is { Length: 40 } lfdi ? lfdi[^Digits..] : string.Empty).Distinct(StringComparer.Ordinal).ToList();
        return config.Mode == DerMode.Aggregator && ends is [var end] && int.TryParse(end, NumberStyles.None, CultureInfo.InvariantCulture, out var pen) ? pen : 0;
    }
}
