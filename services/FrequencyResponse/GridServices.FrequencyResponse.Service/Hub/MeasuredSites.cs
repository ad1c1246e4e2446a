using System.Collections.Concurrent;
using System.Data.Common;
using GridServices.Contracts;
using GridServices.FrequencyResponse.Service.Pools;
using GridServices.FrequencyResponse.Service.Registry;
using GridServices.FrequencyResponse.Service.Storage;
using GridServices.Hosting.Storage;

namespace GridServices.FrequencyResponse.Service.Hub;

/// <summary>Which sites of our pools were measured once, kept over a restart: from then on silence is a meter that is lost, not a site that has none.</summary>
internal sealed partial class MeasuredSites(MeasuredSiteStore store, ReadingCache cache, PoolHost host, ILogger<MeasuredSites> log)
{
    private readonly ConcurrentDictionary<EntryId, byte> _stored = new();

    // Looked at each second: told once until the store takes it.
    private volatile bool _failing;

    public async Task LoadAsync(string tenant, CancellationToken ct)
    {
        foreach (var site in await store.LoadAsync(tenant, ct))
        {
            _stored[site] = 0;
            cache.MarkMeasured(site);
        }
    }

    /// <summary>Sites that are stored and that no contract names any more: the last one ended while nobody looked. Only what this process may delete.</summary>
    public IReadOnlyList<EntryId> LeftOver()
    {
        if (_stored.IsEmpty || !host.IsLoaded)
        {
            return [];
        }

        var named = Named();
        return [.. _stored.Keys.Where(s => !named.Contains(s) && MayDelete(s.Tenant))];
    }

    /// <summary>Of a tenant without a contract nobody speaks: then any process may. While a contract can't be read nobody knows which site it names.</summary>
    private bool MayDelete(string tenant) => !host.Entries.Illegible.Any(c => c.Tenant == tenant)
        && (host.IsWriter(tenant) || (host.IsLoaded && !host.Tenants.Contains(tenant, StringComparer.Ordinal)));

    /// <summary>Stored by the process that commands; what can't be stored now is with the next look.</summary>
    public async Task SaveAsync(IEnumerable<EntryId> sites, CancellationToken ct)
    {
        var news = sites.Where(s => !_stored.ContainsKey(s) && cache.WasMeasured(s) && host.IsWriter(s.Tenant)).ToHashSet();
        if (news.Count > 0)
        {
            news.IntersectWith(Named());
        }

        if (news.Count == 0)
        {
            return;
        }

        try
        {
            await store.SaveAsync(news, ct);
            foreach (var site in news)
            {
                _stored[site] = 0;
            }

            _failing = false;
        }
        catch (Exception e) when (e is StoreUnavailableException or DbException)
        {
            if (!_failing)
            {
                LogNotKept(log, string.Join(", ", news.Select(s => s.Key)), SafeText.Line(e.Message));
            }

            _failing = true;
        }
    }

    /// <summary>No contract goes by the site's limits any more: one that is put later begins as at a site that was never measured.</summary>
    public async Task RemoveAsync(EntryId site, CancellationToken ct)
    {
        cache.RemoveSite(site);

        // Whoever speaks deletes it: to one that takes over later it is not stored any more, either.
        if (!_stored.TryRemove(site, out _) || !MayDelete(site.Tenant))
        {
            return;
        }

        try
        {
            await store.DeleteAsync(site, ct);
            _failing = false;
        }
        catch (Exception e) when (e is StoreUnavailableException or DbException)
        {
            _stored[site] = 0;
            if (!_failing)
            {
                LogNotForgotten(log, site.Key, SafeText.Line(e.Message));
            }

            _failing = true;
        }
    }

    private HashSet<EntryId> Named() => [.. host.Entries.Contracts.Select(c => new EntryId(c.Id.Tenant, c.Settings.SiteId))];

    [LoggerMessage(EventIds.MeasuredSitesNotKept, LogLevel.Warning,
        "That the net power of {Sites} is measured can't be stored now: {Reason}; tried again each second; after a restart until then a site counts as one without a meter")]
    private static partial void LogNotKept(ILogger logger, string sites, string reason);

    [LoggerMessage(EventIds.MeasuredSitesNotForgotten, LogLevel.Warning,
        "That the net power of {Site} was measured can't be deleted now: {Reason}; after a restart a contract of the site has no room under limits until the site is measured again")]
    private static partial void LogNotForgotten(ILogger logger, string site, string reason);
}
