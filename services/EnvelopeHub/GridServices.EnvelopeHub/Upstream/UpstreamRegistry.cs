using GridServices.Contracts;
using GridServices.EnvelopeHub.Sites;
using NodaTime;

namespace GridServices.EnvelopeHub.Upstream;

/// <summary>
/// What publishers last said of the utility links behind their streams. A source that falls silent for longer than it promised is shown as lost.
/// Not thread-safe; the shell guards it.
/// </summary>
public sealed class UpstreamRegistry
{
    /// <summary>More sources than this per tenant are refused: a caller could fill the memory with invented ones.</summary>
    public const int MostSources = 1000;

    /// <summary>A source that is silent for this long beyond its promise is forgotten.</summary>
    public static readonly Duration ForgetAfter = Duration.FromDays(7);

    private readonly Dictionary<(string Tenant, string Source), Report> _reports = [];
    private readonly Dictionary<SiteKey, List<(string Tenant, string Source)>> _sources = [];

    /// <summary>Replaces what the source said before.</summary>
    /// <returns>The sites at which something changed; null when the tenant has too many sources.</returns>
    public IReadOnlySet<SiteKey>? Apply(string tenant, UpstreamReport report, Instant now)
    {
        ArgumentNullException.ThrowIfNull(report);
        Forget(now);
        var id = (tenant, report.Source);
        var before = _reports.GetValueOrDefault(id);
        if (before is null && _reports.Keys.Count(key => string.Equals(key.Tenant, tenant, StringComparison.Ordinal)) >= MostSources)
        {
            return null;
        }

        var changed = new HashSet<SiteKey>();
        var next = new Report(now, report.ValidFor, BySite(tenant, report));
        foreach (var site in next.Sites.Keys.Union(before?.Sites.Keys ?? Enumerable.Empty<SiteKey>()))
        {
            if (before is null || before.SilentAt <= now || !Same(before.Sites.GetValueOrDefault(site), next.Sites.GetValueOrDefault(site)))
            {
                changed.Add(site);
            }
        }

        Replace(id, before, next);
        return changed;
    }

    /// <summary>The health of a site's streams, one line per stream in order of its name; the newest report wins where two sources name one stream.</summary>
    public IReadOnlyList<UpstreamHealth> Of(SiteKey site, Instant now)
    {
        if (!_sources.TryGetValue(site, out var sources))
        {
            return [];
        }

        var health = new SortedDictionary<string, UpstreamHealth>(StringComparer.Ordinal);
        foreach (var source in sources.OrderBy(source => _reports[source].At).ThenBy(source => source.Source, StringComparer.Ordinal))
        {
            var report = _reports[source];
            foreach (var stream in report.Sites[site])
            {
                health[stream.Stream.ToString()] = now < report.SilentAt ? stream : Silent(stream, source.Source, report);
            }
        }

        return [.. health.Values];
    }

    private static UpstreamHealth Silent(UpstreamHealth stream, string source, Report report) => stream with
    {
        Status = UpstreamStatus.Lost,
        Since = report.SilentAt,
        Detail = $"{source} has not reported since {report.At}; it promised to every {report.ValidFor}",
    };

    private static Dictionary<SiteKey, List<UpstreamHealth>> BySite(string tenant, UpstreamReport report)
    {
        var sites = new Dictionary<SiteKey, List<UpstreamHealth>>();
        foreach (var stream in report.Streams)
        {
            var health = new UpstreamHealth { Stream = stream.Stream, Status = stream.Status, Since = stream.Since, Detail = stream.Detail };
            foreach (var site in stream.Sites)
            {
                var key = new SiteKey(tenant, site);
                sites.TryAdd(key, []);
                sites[key].Add(health);
            }
        }

        return sites;
    }

    private static bool Same(List<UpstreamHealth>? before, List<UpstreamHealth>? after) =>
        before is not null && after is not null && before.SequenceEqual(after);

    private void Replace((string Tenant, string Source) id, Report? before, Report? next)
    {
        foreach (var site in before?.Sites.Keys ?? Enumerable.Empty<SiteKey>())
        {
            _sources[site].Remove(id);
            if (_sources[site].Count == 0)
            {
                _sources.Remove(site);
            }
        }

        foreach (var site in next?.Sites.Keys ?? Enumerable.Empty<SiteKey>())
        {
            _sources.TryAdd(site, []);
            _sources[site].Add(id);
        }

        if (next is null)
        {
            _reports.Remove(id);
        }
        else
        {
            _reports[id] = next;
        }
    }

    private void Forget(Instant now)
    {
        foreach (var (id, report) in _reports.Where(pair => pair.Value.SilentAt + ForgetAfter < now).ToList())
        {
            Replace(id, report, null);
        }
    }

    private sealed record Report(Instant At, Duration ValidFor, Dictionary<SiteKey, List<UpstreamHealth>> Sites)
    {
        public Instant SilentAt => At + ValidFor;
    }
}
