using GridServices.Contracts;
using GridServices.Ieee2030Dot5.Configuration;
using NodaTime;

namespace GridServices.Ieee2030Dot5.Session;

/// <summary>A flow that a charging plan wants reserved.</summary>
/// <param name="SiteId">Null: the client's only site.</param>
/// <param name="EnergyWh">Positive = charging, negative = discharging.</param>
/// <param name="PowerW">More than 0.</param>
/// <param name="From">Begin of the window.</param>
/// <param name="Until">End of the window, exclusive.</param>
/// <param name="LeastDuration">The least time that the flow takes; null: not stated.</param>
public sealed record ReservationWish(string? SiteId, long EnergyWh, long PowerW, Instant From, Instant Until, Duration? LeastDuration);

/// <summary>What a reservation must be before the server is asked. Every fault is named.</summary>
public static class ReservationRules
{
    private const long Most = 10_000_000_000;
    private static readonly Duration Farthest = Duration.FromDays(366);
    private static readonly Duration LongestStated = Duration.FromSeconds(ushort.MaxValue);

    /// <param name="config">The client's.</param>
    /// <param name="wish">What is wanted.</param>
    /// <param name="now">Our time.</param>
    public static IReadOnlyList<ConfigFault> Check(DerClientConfig config, ReservationWish wish, Instant now)
    {
        ArgumentNullException.ThrowIfNull(config);
        ArgumentNullException.ThrowIfNull(wish);
        var faults = new ConfigFaults();
        var device = FindDevice(config, wish, faults);
        faults.Unless(wish.EnergyWh is not 0 and >= -Most and <= Most, "/energyWh", $"must not be 0 nor beyond {Most} Wh: positive charges, negative discharges", ErrorClass.SemanticNumber);
        faults.Between(wish.PowerW, 1, Most, "/powerW", "W");
        faults.Unless(wish.Until > wish.From, "/until", "must come after from", ErrorClass.SemanticTime);
        faults.Unless(wish.Until > now, "/until", "is over already; give a window that lies ahead", ErrorClass.SemanticTime);
        faults.Unless(wish.Until <= now + Farthest, "/until", "lies more than a year ahead", ErrorClass.SemanticTime);
        faults.Unless(wish.LeastDuration is null || wish.LeastDuration <= LongestStated, "/leastDuration", $"must be at most {LongestStated.TotalSeconds:0} s, which is what the standard has room for", ErrorClass.SemanticDuration);
        faults.Unless(wish.LeastDuration is null || wish.LeastDuration <= wish.Until - wish.From, "/leastDuration", "is longer than the window", ErrorClass.SemanticDuration);
        Power(faults, wish, device?.Nameplate);
        if (!faults.Any && (decimal)wish.PowerW * (decimal)(wish.Until - wish.From).TotalHours < Math.Abs((decimal)wish.EnergyWh))
        {
            faults.Add(ErrorClass.SemanticNumber, "/energyWh", "can't flow within the window at powerW; lengthen the window or ask for less");
        }

        return faults.All;
    }

    /// <summary>The site it is for; null: it isn't told.</summary>
    public static string? FindSite(DerClientConfig config, ReservationWish wish)
    {
        ArgumentNullException.ThrowIfNull(config);
        ArgumentNullException.ThrowIfNull(wish);
        return wish.SiteId ?? (config.AllDevices().Select(d => d.SiteId).ToList() is [var only] ? only : null);
    }

    private static DerDeviceConfig? FindDevice(DerClientConfig config, ReservationWish wish, ConfigFaults faults)
    {
        var sites = config.AllDevices().Select(d => d.SiteId).ToList();
        if (FindSite(config, wish) is not { } site)
        {
            faults.Add(ErrorClass.SchemaInvalid, "/siteId", "must be given: the client speaks for several sites");
            return null;
        }

        faults.Unless(sites.Contains(site), "/siteId", $"{SafeText.Quote(site)} is no site of this client; {Spelling.Hint(site, sites)}", ErrorClass.UnknownId);
        return config.AllDevices().FirstOrDefault(d => d.SiteId == site);
    }

    private static void Power(ConfigFaults faults, ReservationWish wish, DerNameplate? plate)
    {
        var most = wish.EnergyWh > 0 ? plate?.MaxChargeW ?? plate?.MaxW : plate?.MaxDischargeW ?? plate?.MaxW;
        faults.Unless(most is null || wish.PowerW <= most, "/powerW", $"is more than the nameplate's {most} W in that direction", ErrorClass.SemanticNumber);
    }
}
