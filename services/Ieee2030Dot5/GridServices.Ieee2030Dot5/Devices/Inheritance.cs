using System.Collections.Immutable;
using GridServices.Ieee2030Dot5.Configuration;
using GridServices.Ieee2030Dot5.Events;
using GridServices.Wire;

namespace GridServices.Ieee2030Dot5.Devices;

/// <summary>What former clients leave to a new one: the revisions of the streams at their sites, which must never be counted from the start again.</summary>
public static class Inheritance
{
    /// <summary>Where a client that is put now starts from.</summary>
    /// <param name="config">The new client: it inherits at its own sites only.</param>
    /// <param name="former">States of deleted clients, and of those that once spoke for other sites.</param>
    /// <param name="floor">What streams that no state tells of go on from; 0: there are none.</param>
    /// <param name="founder">By which LFDI an aggregator's devices get theirs, as <see cref="FindFounder"/> found it; null: by its own.</param>
    public static DerClientState CreateState(DerClientConfig config, IEnumerable<DerClientState> former, long floor = 0, string? founder = null)
    {
        ArgumentNullException.ThrowIfNull(config);
        ArgumentNullException.ThrowIfNull(former);
        var sites = config.AllDevices().Select(d => d.SiteId).ToHashSet(StringComparer.Ordinal);
        var published = former.SelectMany(s => s.Devices.Values)
            .Where(d => d.Schedule.Published.Count + d.LoadControl.Schedule.Published.Count + d.Prices.Published.Count > 0 && sites.Contains(d.SiteId)).ToLookup(d => d.SiteId, StringComparer.Ordinal);
        var devices = sites.Where(site => floor > 0 || published.Contains(site)).Select(site => new DeviceState(published[site].FirstOrDefault()?.Lfdi ?? string.Empty, site)
        {
            Retired = true,
            Schedule = Tombstones(published[site].Select(d => d.Schedule)) with { RevisionFloor = floor },
            LoadControl = new LoadControlState { Schedule = Tombstones(published[site].Select(d => d.LoadControl.Schedule)) with { RevisionFloor = floor } },
            Prices = Tombstones(published[site].Select(d => d.Prices)) with { RevisionFloor = floor },
        });
        return DerClientState.Initial with { Founder = founder, Devices = devices.ToImmutableSortedDictionary(DeviceRegistration.RetiredKey, d => d, StringComparer.Ordinal) };
    }

    /// <summary>
    /// Who made the LFDIs of an aggregator's sites before it was deleted: made again, under whatever certificate, they are the same EndDevices to the
    /// utility. Null: nobody did, or it is no aggregator.
    /// </summary>
    /// <param name="config">The new client.</param>
    /// <param name="deleted">States of deleted clients, the latest last.</param>
    public static string? FindFounder(DerClientConfig config, IEnumerable<DerClientState> deleted)
    {
        ArgumentNullException.ThrowIfNull(config);
        ArgumentNullException.ThrowIfNull(deleted);
        var sites = config.AllDevices().Select(d => d.SiteId).ToHashSet(StringComparer.Ordinal);
        return config.Mode == DerMode.Aggregator ? deleted.LastOrDefault(s => s.Founder is not null && s.Devices.Values.Any(d => sites.Contains(d.SiteId)))?.Founder : null;
    }

    private static PriceState Tombstones(IEnumerable<PriceState> prices) => PriceState.Initial with
    {
        Published = prices.SelectMany(p => p.Published).GroupBy(p => p.Key).Select(series => series.MaxBy(p => p.Revision)! with { Live = false, Statement = null }).ToValueList(),
    };

    private static DerScheduleState Tombstones(IEnumerable<DerScheduleState> schedules) => DerScheduleState.Initial with
    {
        Published = schedules.SelectMany(s => s.Published).GroupBy(p => (p.Target, p.Key))
            .Select(stream => new PublishedStream { Target = stream.Key.Target, Key = stream.Key.Key, Revision = stream.Max(p => p.Revision), Live = false })
            .ToValueList(),
    };
}
