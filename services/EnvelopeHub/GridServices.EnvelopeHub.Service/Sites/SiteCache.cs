using System.Collections.Concurrent;
using GridServices.EnvelopeHub.Service.History;
using GridServices.EnvelopeHub.Sites;
using Microsoft.Extensions.Options;

namespace GridServices.EnvelopeHub.Service.Sites;

/// <summary>The sites in memory: loaded when first asked for, put out when others are used more.</summary>
internal sealed class SiteCache(SiteLog log, HubHistory history, IOptions<EnvelopeHubOptions> options, TimeProvider time)
{
    private const int SitesPerRead = 500;
    private readonly ConcurrentDictionary<SiteKey, SiteState> _cells = new();
    private int _evicting;

    /// <summary>The sites in memory now.</summary>
    public IEnumerable<SiteState> Cells => _cells.Values;

    public int Count => _cells.Count;

    /// <summary>The site, loaded, and held in memory until the lease is given back.</summary>
    public async Task<SiteLease> AcquireAsync(SiteKey key, CancellationToken ct)
    {
        var lease = Pin(key);
        try
        {
            if (lease.Cell.Loaded is null)
            {
                await LoadAsync([lease.Cell], ct);
            }

            return lease;
        }
        catch
        {
            lease.Dispose();
            throw;
        }
    }

    /// <summary>Many sites at once.</summary>
    public async Task<IReadOnlyDictionary<SiteKey, SiteLease>> AcquireAsync(IEnumerable<SiteKey> keys, CancellationToken ct)
    {
        var leases = keys.Distinct().ToDictionary(key => key, Pin);
        try
        {
            await LoadAsync([.. leases.Values.Select(lease => lease.Cell).Where(cell => cell.Loaded is null)], ct);
            return leases;
        }
        catch
        {
            foreach (var lease in leases.Values)
            {
                lease.Dispose();
            }

            throw;
        }
    }

    /// <summary>Takes what the store holds by now; subscribers go on from the log.</summary>
    public async Task LoadAsync(IReadOnlyCollection<SiteState> cells, CancellationToken ct)
    {
        while (cells.Count > 0)
        {
            var read = cells.Select(cell => (Cell: cell, cell.Changes)).ToList();
            var loaded = await log.LoadAsync([.. cells.Select(cell => cell.Key)], ct);

            // Another instance committed meanwhile, and who follows it found nothing here that could be brought up to it.
            cells = [.. read.Where(cell => !cell.Cell.Load(loaded[cell.Cell.Key].Set, loaded[cell.Cell.Key].TrimmedTo, cell.Changes)).Select(cell => cell.Cell)];
        }
    }

    /// <summary>Puts those out of memory that nobody uses, but for the first of them.</summary>
    public void EvictIdle(IEnumerable<SiteState> cells, int kept)
    {
        foreach (var cell in cells.Where(cell => !cell.IsPinned).Skip(kept))
        {
            if (cell.TryEvict())
            {
                _cells.TryRemove(cell.Key, out _);
            }
        }
    }

    /// <summary>Another history has begun: every site in memory is read anew and stated to its subscribers.</summary>
    public Task RestartAsync(CancellationToken ct)
    {
        var cells = _cells.Values.ToList();

        // A load that is under way may have read what was there before.
        cells.ForEach(cell => cell.MarkChanged());
        return RestartAsync(cells.Where(cell => cell.Loaded is not null), ct);
    }

    /// <summary>The same for some of them, which are in memory.</summary>
    public async Task RestartAsync(IEnumerable<SiteState> sites, CancellationToken ct)
    {
        foreach (var cells in sites.Chunk(SitesPerRead))
        {
            var read = cells.Select(cell => (Cell: cell, cell.Changes)).ToList();
            var loaded = await log.LoadAsync([.. cells.Select(cell => cell.Key)], ct);
            foreach (var cell in cells)
            {
                cell.Restart(loaded[cell.Key].Set, loaded[cell.Key].TrimmedTo);
            }

            // Another instance has committed in it meanwhile, and who followed that found the history before here.
            await LoadAsync([.. read.Where(cell => cell.Cell.Changes != cell.Changes).Select(cell => cell.Cell)], ct);
        }
    }

    public SiteState? Find(SiteKey key) => _cells.GetValueOrDefault(key);

    private SiteLease Pin(SiteKey key)
    {
        while (true)
        {
            var cell = _cells.GetOrAdd(key, static (key, history) => new SiteState(key, history), history);
            if (cell.TryPin(time.GetTimestamp()))
            {
                Evict();
                return new SiteLease(cell);
            }
        }
    }

    private void Evict()
    {
        if (_cells.Count <= options.Value.CachedSites || Interlocked.Exchange(ref _evicting, 1) == 1)
        {
            return;
        }

        try
        {
            // A tenth at once, so that this is rare.
            foreach (var cell in _cells.Values.OrderBy(cell => cell.LastUsed).Take(Math.Max(1, options.Value.CachedSites / 10)))
            {
                if (cell.TryEvict())
                {
                    _cells.TryRemove(cell.Key, out _);
                }
            }
        }
        finally
        {
            Volatile.Write(ref _evicting, 0);
        }
    }
}

/// <summary>Holds a site in memory.</summary>
internal sealed class SiteLease(SiteState state) : IDisposable
{
    public SiteState Cell { get; } = state;

    public void Dispose() => Cell.Unpin();
}
