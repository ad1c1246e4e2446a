using System.Collections.Concurrent;
using System.Runtime.InteropServices;
using GridServices.Contracts;
using GridServices.FrequencyResponse.Allocation;
using GridServices.FrequencyResponse.Service.HotPath;
using GridServices.FrequencyResponse.Service.Registry;
using NodaTime;

namespace GridServices.FrequencyResponse.Service.Pools;

/// <summary>The latest readings of assets and sites, as the hub passed them on.</summary>
internal sealed class ReadingCache(MonotonicClock clock, IClock wall)
{
    private const long FreshNanos = 60_000_000_000;

    /// <summary>A site that is read once a minute is not silent between two readings, which take their time to come.</summary>
    private const long SiteFreshNanos = 90_000_000_000;

    // A site tells of its own assets only: the same name at another site is another asset.
    private readonly ConcurrentDictionary<(EntryId Asset, string SiteId), TimedReading> _assets = new();
    private readonly ConcurrentDictionary<EntryId, TimedReading> _sites = new();
    private readonly ConcurrentDictionary<EntryId, byte> _measured = new();
    private long _version;

    /// <summary>Rises with every reading taken.</summary>
    public long Version => Volatile.Read(ref _version);

    public void Add(string tenant, string siteId, Reading reading)
    {
        // A reading is as old as its stamp says, also when it is delivered late or again; a clock that is ahead makes none newer than now.
        var at = clock.Nanos - Math.Max(0, (wall.GetCurrentInstant() - reading.At).ToInt64Nanoseconds());
        if (reading.AssetId is { } asset)
        {
            Add(_assets, (new EntryId(tenant, asset), siteId), reading, at);
        }
        else
        {
            var site = new EntryId(tenant, siteId);
            Add(_sites, site, reading, at);
            if (reading.NetPowerW is not null)
            {
                MarkMeasured(site);
            }
        }

        Interlocked.Increment(ref _version);
    }

    private void Add<TKey>(ConcurrentDictionary<TKey, TimedReading> readings, TKey key, Reading reading, long at)
        where TKey : notnull =>
        readings.AddOrUpdate(
            key,
            _ => new TimedReading(reading, at, reading.NetPowerW is null ? 0 : at, reading.SocPercent is null ? 0 : at),

            // The same stamp again makes nothing newer.
            (_, held) => IsOlder(reading, at, held) ? held : Newer(held, reading, reading.At == held.Reading.At ? Math.Min(at, held.AtNanos) : at));

    /// <summary>By its stamp and by its age: a stamp that was ahead of our clock makes nothing after it old. Of two that are ahead the stamps alone tell, while the later one is fresh.</summary>
    private bool IsOlder(Reading reading, long at, in TimedReading held) =>
        reading.At < held.Reading.At && (at < held.AtNanos || (reading.At > wall.GetCurrentInstant() && clock.Nanos - held.AtNanos < FreshNanos));

    private static TimedReading Newer(in TimedReading held, Reading reading, long at) =>
        new(Merge(held.Reading, reading), at, reading.NetPowerW is null ? held.PowerAtNanos : at, reading.SocPercent is null ? held.SocAtNanos : at);

    public TimedReading? Asset(EntryId id, string siteId) => _assets.TryGetValue((id, siteId), out var told) ? told : null;

    /// <summary>Net power of the site, + = import; null where it was not measured within a minute and a half.</summary>
    public SiteReading? SiteNet(EntryId site) =>
        _sites.TryGetValue(site, out var told) && told.Reading.NetPowerW is { } net && clock.Nanos - told.PowerAtNanos < SiteFreshNanos ? new SiteReading(net, told.PowerAtNanos) : null;

    /// <summary>Its net power was told once, also to a process before this one.</summary>
    public bool WasMeasured(EntryId site) => _measured.ContainsKey(site);

    /// <summary>As a process before this one was told.</summary>
    public void MarkMeasured(EntryId site) => _measured.TryAdd(site, 0);

    /// <summary>Nothing is asked of the site any more: should it be asked again, it begins as one that was never measured.</summary>
    public void RemoveSite(EntryId site)
    {
        _sites.TryRemove(site, out _);
        _measured.TryRemove(site, out _);
    }

    /// <summary>What the plan goes by.</summary>
    public AssetTelemetry Telemetry(EntryId id, PoolAsset asset, int lastCommandW, long switchedNanos)
    {
        var told = Asset(id, asset.Settings.SiteId);
        var reading = told?.Reading;
        var settings = asset.Settings;
        var soc = reading?.SocPercent ?? settings.SocPercent;
        var (floor, ceiling) = Range(asset, reading, soc);
        var capacity = settings.EnergyWh > 0 ? settings.EnergyWh : double.NaN;
        return new AssetTelemetry(
            BaselineW: (int)-settings.BaselineW,
            FloorW: floor,
            CeilingW: ceiling,
            EnergyWh: soc is { } percent ? (double)percent / 100 * capacity : double.NaN,
            CapacityWh: capacity,
            NeededWh: NeededWh(settings, floor),
            LastCommandW: lastCommandW,
            SwitchedNanos: switchedNanos,

            // A store whose content nobody ever told is not counted on, nor is one that needs some of it.
            Available: reading?.ManualOverride is not true && ((settings.Kind != Registry.AssetKind.Bess && settings.NeededWh is null) || soc is not null));
    }

    /// <summary>What must be in it now: the need, less what it still charges before it leaves when it goes on without a response. That is what the plan leaves it.</summary>
    private double NeededWh(AssetSettings settings, int floorW)
    {
        if (settings.NeededWh is not { } needed || settings.Departure is not { } departure)
        {
            return settings.NeededWh ?? 0;
        }

        var hours = Math.Max(0, (departure - wall.GetCurrentInstant()).TotalHours);
        var charging = Math.Min(settings.BaselineW, -Math.Min(floorW, 0)) * Math.Sqrt((double)settings.RoundTripEfficiency);
        return Math.Max(0, needed - (hours * charging));
    }

    /// <summary>Least and most injection now: what it is built for, cut by the headroom that it tells, and by an empty or full store.</summary>
    private static (int Floor, int Ceiling) Range(PoolAsset asset, Reading? reading, decimal? soc)
    {
        long floor = -asset.Capability.MaxImportW;
        long ceiling = asset.Capability.MaxExportW;
        if (reading is { NetPowerW: { } net })
        {
            floor = reading.HeadroomUpW is { } more ? Math.Max(floor, -(net + more)) : floor;
            ceiling = reading.HeadroomDownW is { } less ? Math.Min(ceiling, less - net) : ceiling;
        }

        floor = soc >= 100 ? Math.Max(floor, 0) : floor;
        ceiling = soc <= 0 ? Math.Min(ceiling, 0) : ceiling;
        return ((int)Math.Min(floor, ceiling), (int)ceiling);
    }

    /// <summary>Headroom goes with the power that it was told at: how far the asset can go does not move with its power.</summary>
    private static Reading Merge(Reading held, Reading newer) => newer with
    {
        NetPowerW = newer.NetPowerW ?? held.NetPowerW,
        SocPercent = newer.SocPercent ?? held.SocPercent,
        HeadroomUpW = newer.HeadroomUpW ?? (held.HeadroomUpW - Moved(held, newer)),
        HeadroomDownW = newer.HeadroomDownW ?? (held.HeadroomDownW + Moved(held, newer)),
        ManualOverride = newer.ManualOverride ?? held.ManualOverride,
    };

    private static long Moved(Reading held, Reading newer) => newer.NetPowerW is { } now && held.NetPowerW is { } then ? now - then : 0;

    /// <summary>A reading and when it was taken, monotonic; its power and its state of charge may be older than the rest.</summary>
    [StructLayout(LayoutKind.Auto)]
    public readonly record struct TimedReading(Reading Reading, long AtNanos, long PowerAtNanos, long SocAtNanos);
}
