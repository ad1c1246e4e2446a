using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using GridServices.EnvelopeHub.Sites;

namespace GridServices.EnvelopeHub.Service.Sites;

/// <summary>Which streams of which sites are damaged in the store, as far as they were loaded: told in the log, as a metric, and with readiness.</summary>
internal sealed partial class DamagedSites : IDisposable
{
    private const int Named = 3;
    private readonly Meter _meter = new("GridServices.EnvelopeHub");
    private readonly ConcurrentDictionary<SiteKey, IReadOnlyCollection<DamagedStream>> _sites = new();
    private readonly ILogger<DamagedSites> _logger;
    private readonly ConcurrentDictionary<SiteKey, bool> _new = new();

    public DamagedSites(ILogger<DamagedSites> logger)
    {
        _logger = logger;
        _meter.CreateObservableGauge("hub.damaged.streams", () => _sites.Values.Sum(streams => streams.Count), description: "Streams whose stored content is damaged and not served");
    }

    /// <summary>What is damaged of a site now.</summary>
    public void Set(SiteKey site, SiteSet set)
    {
        if (set.Damaged.IsEmpty)
        {
            _sites.TryRemove(site, out _);
            return;
        }

        var before = _sites.GetValueOrDefault(site, []);
        _sites[site] = [.. set.Damaged.Values];
        foreach (var stream in set.Damaged.Values.ExceptBy(before.Select(known => known.Key), stream => stream.Key))
        {
            _new[site] = true;
            LogDamaged(_logger, stream.Name, site.Tenant, site.SiteId, stream.Fault, stream.Sequence);
        }
    }

    /// <summary>Whether a stream of the site is damaged, as far as the site was loaded.</summary>
    public bool IsDamaged(SiteKey site) => _sites.ContainsKey(site);

    /// <summary>Whether damage was found of which the publishers have not been asked yet.</summary>
    public bool HasNew => !_new.IsEmpty;

    /// <summary>Whether such damage was found at the site.</summary>
    public bool IsNew(SiteKey site) => _new.ContainsKey(site);

    /// <summary>The publishers are asked to state everything again.</summary>
    public void MarkReported() => _new.Clear();

    /// <summary>One line for people; null where all is well.</summary>
    public string? Detail()
    {
        var all = _sites.SelectMany(site => site.Value.Select(stream => $"{site.Key.SiteId}: {stream.Name} ({stream.Fault})")).Order(StringComparer.Ordinal).ToList();
        return all.Count == 0 ? null
            : $"{all.Count} stored stream(s) are damaged and not served until they are published again: {string.Join("; ", all.Take(Named))}{(all.Count > Named ? "; …" : string.Empty)}";
    }

    public void Dispose() => _meter.Dispose();

    [LoggerMessage(EventIds.DamagedSitesDamaged, LogLevel.Error, "Stream {Stream} of tenant {Tenant}, site {Site} is damaged in the store: {Fault} (sequence {Sequence}). It is not served, and the site's limits count as unknown, until its publisher states it again")]
    private static partial void LogDamaged(ILogger logger, string stream, string tenant, string site, string fault, long sequence);
}
