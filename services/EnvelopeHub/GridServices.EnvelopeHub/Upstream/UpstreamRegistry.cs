using GridServices.Contracts;
using GridServices.EnvelopeHub.Sites;
using NodaTime;

namespace GridServices.EnvelopeHub.Upstream;

/// <summary>
/// What publishers last said of the utility links behind their streams. A source that falls silent for longer than it promised is shown as lost,
/// for as long as an envelope of one of its streams lives. Silence is measured by the steady clock: one that is set brings nobody back. Not thread-safe; the shell guards it.
/// </summary>
public sealed class UpstreamRegistry
{
    /// <summary>More sources than this per tenant are refused: a caller could fill the memory with invented ones.</summary>
    public const int MostSources = 1000;

    /// <summary>A source that is silent for this long beyond its promise, and of whose streams nothing lives, may be forgotten.</summary>
    public static readonly Duration ForgetAfter = Duration.FromDays(7);

    private readonly Dictionary<(string Tenant, string Source), Report> _reports = [];
    private readonly Dictionary<SiteKey, List<(string Tenant, string Source)>> _sources = [];

    /// <summary>Replaces what the source said before.</summary>
    /// <returns>The sites at which something changed; null when the tenant has too many sources.</returns>
    public IReadOnlySet<SiteKey>? Apply(string tenant, UpstreamReport report, Moment now)
    {
        ArgumentNullException.ThrowIfNull(report);
        var id = (tenant, report.Source);
        var before = _reports.GetValueOrDefault(id);
        if (before is null && _reports.Keys.Count(key => string.Equals(key.Tenant, tenant, StringComparison.Ordinal)) >= MostSources)
        {
            return null;
        }

        var changed = new HashSet<SiteKey>();
        var next = new Report(now.Steady, report.ValidFor, BySite(tenant, report));
        foreach (var site in next.Sites.Keys.Union(before?.Sites.Keys ?? Enumerable.Empty<SiteKey>()))
        {
            if (before is null || before.SilentAt <= now.Steady || !AreEqual(before.Sites.GetValueOrDefault(site), next.Sites.GetValueOrDefault(site)))
            {
                changed.Add(site);
            }
        }

        Replace(id, before, next);
        return changed;
    }

    /// <summary>Takes what the source said before the hub started; it is no younger than the wall clock says, and silent already where that can't be.</summary>
    public void Restore(string tenant, UpstreamReport report, Instant at, Moment now)
    {
        ArgumentNullException.ThrowIfNull(report);
        Replace((tenant, report.Source), _reports.GetValueOrDefault((tenant, report.Source)), new Report(now.ToSteady(at, report.ValidFor), report.ValidFor, BySite(tenant, report)));
    }

    /// <summary>
    /// The health of a site's streams, one line per stream in order of its name. Where two sources name one stream the worst of those that speak counts,
    /// and of those that fell silent the newest, where nobody speaks.
    /// </summary>
    /// <param name="site">The site.</param>
    /// <param name="now">The present.</param>
    /// <param name="lives">Whether an envelope of a stream lives at the site: what fell silent long ago is shown as long as one does. Null: not known.</param>
    public IReadOnlyList<UpstreamHealth> GetHealth(SiteKey site, Moment now, Func<StreamId, bool>? lives = null)
    {
        if (!_sources.TryGetValue(site, out var sources))
        {
            return [];
        }

        var health = new SortedDictionary<string, (UpstreamHealth Line, bool Speaks)>(StringComparer.Ordinal);
        foreach (var source in sources.OrderBy(source => _reports[source].At).ThenBy(source => source.Source, StringComparer.Ordinal))
        {
            var report = _reports[source];
            var speaks = now.Steady < report.SilentAt;
            foreach (var stream in report.Sites[site])
            {
                if (report.SilentAt + ForgetAfter < now.Steady && lives?.Invoke(stream.Stream) == false)
                {
                    continue;
                }

                var name = stream.Stream.ToString();
                var before = health.TryGetValue(name, out var known) ? known : default;
                if (speaks ? !before.Speaks || IsWorse(stream, before.Line) : !before.Speaks)
                {
                    health[name] = (speaks ? stream : Silent(stream, source.Source, report, now), speaks);
                }
            }
        }

        return [.. health.Values.Select(shown => shown.Line)];
    }

    /// <summary>
    /// Lines of a source that its next report leaves out: unless another source speaks for the stream nobody is heard of its utility any more, however well
    /// it was before, and that is lost for as long as an envelope of the stream lives.
    /// </summary>
    public IReadOnlyList<(SiteKey Site, UpstreamStream Line)> LeftOut(string tenant, UpstreamReport report, Moment now)
    {
        ArgumentNullException.ThrowIfNull(report);
        if (!_reports.TryGetValue((tenant, report.Source), out var before))
        {
            return [];
        }

        var named = BySite(tenant, report);
        return
        [
            .. from site in before.Sites
               from line in site.Value
               where !(named.TryGetValue(site.Key, out var lines) && lines.Any(other => other.Stream == line.Stream))
                   && !IsReportedByAnother(site.Key, line.Stream, report.Source, now.Steady)
               select (site.Key, LostLine(site.Key, line, now.ToWall(Duration.Min(before.SilentAt, now.Steady)), report.Source)),
        ];
    }

    /// <summary>Sources of a tenant that are silent for so long that they may be forgotten, each with its streams.</summary>
    public IReadOnlyList<(string Source, IReadOnlyList<(SiteKey Site, StreamId Stream)> Streams)> LongSilent(string tenant, Moment now) =>
    [
        .. _reports.Where(pair => string.Equals(pair.Key.Tenant, tenant, StringComparison.Ordinal) && pair.Value.SilentAt + ForgetAfter < now.Steady)
            .Select(pair => (pair.Key.Source, (IReadOnlyList<(SiteKey, StreamId)>)[.. pair.Value.Sites.SelectMany(site => site.Value.Select(line => (site.Key, line.Stream)))])),
    ];

    /// <summary>How many streams of sites are of each health, as their sources last said; all streams of a source that fell silent are lost.</summary>
    public IReadOnlyDictionary<UpstreamStatus, int> Count(Moment now) => _reports.Values
        .SelectMany(report => report.Sites.Values.SelectMany(lines => lines).Select(line => now.Steady < report.SilentAt ? line.Status : UpstreamStatus.Lost))
        .CountBy(status => status).ToDictionary();

    /// <summary>Sources that reported once and are silent for longer than they promised.</summary>
    public int SilentSources(Moment now) => _reports.Values.Count(report => report.SilentAt <= now.Steady);

    /// <summary>What the source said last is not known: all that it said before counts as silent.</summary>
    /// <returns>The sites at which something changed.</returns>
    public IReadOnlySet<SiteKey> Silence(string tenant, string source, Moment now)
    {
        if (!_reports.TryGetValue((tenant, source), out var report) || report.SilentAt <= now.Steady)
        {
            return new HashSet<SiteKey>();
        }

        _reports[(tenant, source)] = report with { At = now.Steady - report.ValidFor };
        return report.Sites.Keys.ToHashSet();
    }

    /// <summary>Forgets what a source said.</summary>
    public void Remove(string tenant, string source)
    {
        if (_reports.TryGetValue((tenant, source), out var report))
        {
            Replace((tenant, source), report, null);
        }
    }

    private static bool IsWorse(UpstreamHealth line, UpstreamHealth than) =>
        line.Status > than.Status || (line.Status == than.Status && line.Status != UpstreamStatus.Ok && line.Since < than.Since);

    private bool IsReportedByAnother(SiteKey site, StreamId stream, string source, Duration now) => _sources.TryGetValue(site, out var sources)
        && sources.Any(other => !string.Equals(other.Source, source, StringComparison.Ordinal) && now < _reports[other].SilentAt
            && _reports[other].Sites[site].Any(line => line.Stream == stream));

    private static UpstreamStream LostLine(SiteKey site, UpstreamHealth line, Instant heardUntil, string source) => new()
    {
        Stream = line.Stream,
        Sites = [site.SiteId],
        Status = UpstreamStatus.Lost,
        Since = line.Status == UpstreamStatus.Lost ? line.Since : heardUntil,
        Detail = $"{source} no longer reports on it, and an envelope of it is still in force",
    };

    private static UpstreamHealth Silent(UpstreamHealth stream, string source, Report report, Moment now) => stream with
    {
        Status = UpstreamStatus.Lost,
        Since = now.ToWall(report.SilentAt),
        Detail = $"{source} has not reported since {now.ToWall(report.At)}; it promised to every {report.ValidFor}",
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

    private static bool AreEqual(List<UpstreamHealth>? before, List<UpstreamHealth>? after) =>
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

    private sealed record Report(Duration At, Duration ValidFor, Dictionary<SiteKey, List<UpstreamHealth>> Sites)
    {
        public Duration SilentAt => At + ValidFor;
    }
}
