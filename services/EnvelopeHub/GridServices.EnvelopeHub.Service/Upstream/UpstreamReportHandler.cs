using GridServices.Contracts;
using GridServices.EnvelopeHub.Service.Sites;
using GridServices.EnvelopeHub.Sites;
using GridServices.EnvelopeHub.Upstream;
using GridServices.Hosting.Storage;
using NodaTime;

namespace GridServices.EnvelopeHub.Service.Upstream;

/// <summary>
/// Takes a publisher's report on its utility links. A line does not end by being left out: a publisher whose store was lost, or whose
/// link was deleted, says nothing of it, while controllers still hold the envelope that it stood for.
/// </summary>
internal sealed class UpstreamReportHandler(UpstreamReports reports, UpstreamStore store, SiteCache sites, int mostLoaded = UpstreamReportHandler.MostLoaded)
{
    /// <summary>So many sites at most are loaded for one report: an instance may have lost all of its sites at once, and reports every half minute.</summary>
    public const int MostLoaded = 500;

    private const string OfAllSilent = "";

    // Well below the time after which a source gives up and reports to another instance.
    private static readonly Duration MostWaited = Duration.FromSeconds(5);
    private readonly LookupRoundRobin _turns = new(mostLoaded);

    /// <param name="tenant">Whose.</param>
    /// <param name="report">What the source says.</param>
    /// <param name="now">When it arrived: what it waited here since makes it no fresher.</param>
    /// <param name="ct">Gives up.</param>
    /// <returns>The sites at which something changed; null when the tenant has too many sources.</returns>
    /// <exception cref="StoreUnavailableException">It waited for so long that its source may have said something else elsewhere.</exception>
    public async Task<IReadOnlySet<SiteKey>?> HandleAsync(string tenant, UpstreamReport report, Moment now, CancellationToken ct)
    {
        if (reports.Now.Steady - now.Steady > MostWaited)
        {
            throw new StoreUnavailableException("The report waited for so long that another one may have been taken meanwhile; send what holds now.");
        }

        var leftOut = reports.LeftOut(tenant, report, now);
        var live = await LiveAsync(tenant, report.Source, [.. leftOut.Select(line => (line.Site, line.Line.Stream))], ct);
        var whole = live.Count == 0 ? report : report with
        {
            Streams = [.. report.Streams, .. leftOut.Where(line => live.Contains((line.Site, line.Line.Stream))).Select(line => line.Line)],
        };
        var changed = reports.Apply(tenant, whole, now);
        if (changed is null && await EvictSilentAsync(tenant, now, ct))
        {
            changed = reports.Apply(tenant, whole, now);
        }

        if (changed is not null)
        {
            await store.SaveAsync(tenant, whole, now.Wall);
        }

        return changed;
    }

    private async Task<bool> EvictSilentAsync(string tenant, Moment now, CancellationToken ct)
    {
        var silent = reports.LongSilent(tenant, now);
        var live = await LiveAsync(tenant, OfAllSilent, [.. silent.SelectMany(source => source.Streams)], ct);
        var over = silent.Where(source => !source.Streams.Any(live.Contains)).Select(source => source.Source).ToList();
        foreach (var source in over)
        {
            reports.Remove(tenant, source);
            await store.DeleteAsync(tenant, source);
        }

        return over.Count > 0;
    }

    // What could not be looked at yet is taken as live: it is lost.
    private async Task<HashSet<(SiteKey Site, StreamId Stream)>> LiveAsync(
        string tenant, string source, IReadOnlyList<(SiteKey Site, StreamId Stream)> streams, CancellationToken ct)
    {
        var live = new HashSet<(SiteKey, StreamId)>();
        var away = new List<IGrouping<SiteKey, (SiteKey Site, StreamId Stream)>>();
        foreach (var site in streams.GroupBy(stream => stream.Site))
        {
            if (sites.Find(site.Key)?.Loaded is { } held)
            {
                live.UnionWith(site.Where(stream => held.Set.Lives(stream.Stream)));
            }
            else
            {
                away.Add(site);
            }
        }

        var leases = await sites.AcquireAsync(_turns.Next(tenant, source, [.. away.Select(site => site.Key)]), ct);
        foreach (var site in away)
        {
            live.UnionWith(leases.TryGetValue(site.Key, out var lease) ? site.Where(stream => lease.Cell.View.Set.Lives(stream.Stream)) : site);
        }

        foreach (var lease in leases.Values)
        {
            lease.Dispose();
        }

        return live;
    }
}
