using GridServices.Contracts;
using GridServices.EnvelopeHub.Service.Sites;
using GridServices.EnvelopeHub.Sites;
using NodaTime;

namespace GridServices.EnvelopeHub.Service.Upstream;

/// <summary>
/// Takes a publisher's report on its utility links. A line that was lost does not end by being left out: a publisher whose store was lost, or whose
/// link was deleted, says nothing of it, while controllers still hold the envelope that it stood for.
/// </summary>
internal sealed class UpstreamTaker(UpstreamReports reports, UpstreamStore store, SiteCache sites)
{
    /// <returns>The sites at which something changed; null when the tenant has too many sources.</returns>
    public async Task<IReadOnlySet<SiteKey>?> TakeAsync(string tenant, UpstreamReport report, Instant now, CancellationToken ct)
    {
        var leftOut = reports.LeftOut(tenant, report, now);
        var live = await LiveAsync([.. leftOut.Select(line => (line.Site, line.Line.Stream))], ct);
        var whole = live.Count == 0 ? report : report with
        {
            Streams = [.. report.Streams, .. leftOut.Where(line => live.Contains((line.Site, line.Line.Stream))).Select(line => line.Line)],
        };
        var changed = reports.Apply(tenant, whole, now);
        if (changed is null && await MakeRoomAsync(tenant, now, ct))
        {
            changed = reports.Apply(tenant, whole, now);
        }

        if (changed is not null)
        {
            await store.SaveAsync(tenant, whole, now);
        }

        return changed;
    }

    private async Task<bool> MakeRoomAsync(string tenant, Instant now, CancellationToken ct)
    {
        var silent = reports.LongSilent(tenant, now);
        var live = await LiveAsync([.. silent.SelectMany(source => source.Streams)], ct);
        var over = silent.Where(source => !source.Streams.Any(live.Contains)).Select(source => source.Source).ToList();
        foreach (var source in over)
        {
            reports.Forget(tenant, source);
            await store.DeleteAsync(tenant, source);
        }

        return over.Count > 0;
    }

    private async Task<HashSet<(SiteKey Site, StreamId Stream)>> LiveAsync(IReadOnlyList<(SiteKey Site, StreamId Stream)> streams, CancellationToken ct)
    {
        var live = new HashSet<(SiteKey, StreamId)>();
        foreach (var site in streams.GroupBy(stream => stream.Site))
        {
            using var lease = await sites.UseAsync(site.Key, ct);
            var set = lease.Cell.View.Set;
            live.UnionWith(site.Where(stream => set.Lives(stream.Stream)));
        }

        return live;
    }
}
