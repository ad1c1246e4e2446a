using GridServices.Contracts;
using GridServices.EnvelopeHub.Sites;
using GridServices.EnvelopeHub.Upstream;
using NodaTime;

namespace GridServices.EnvelopeHub.Service.Upstream;

/// <summary>The <see cref="UpstreamRegistry"/> of this node, guarded. The last report of each source is kept by <see cref="UpstreamStore"/>.</summary>
internal sealed class UpstreamReports(IClock clock, TimeProvider time)
{
    private readonly Lock _gate = new();
    private readonly long _began = time.GetTimestamp();
    private readonly UpstreamRegistry _registry = new();

    /// <summary>The present, by both clocks.</summary>
    public Moment Now => new(clock.GetCurrentInstant(), Duration.FromTimeSpan(time.GetElapsedTime(_began)));

    public void Restore(string tenant, UpstreamReport report, Instant at)
    {
        lock (_gate)
        {
            _registry.Restore(tenant, report, at, Now);
        }
    }

    public IReadOnlySet<SiteKey>? Apply(string tenant, UpstreamReport report, Moment now)
    {
        lock (_gate)
        {
            return _registry.Apply(tenant, report, now);
        }
    }

    public IReadOnlyList<UpstreamHealth> GetHealth(SiteKey site, Func<StreamId, bool>? lives)
    {
        lock (_gate)
        {
            return _registry.GetHealth(site, Now, lives);
        }
    }

    public IReadOnlyList<(SiteKey Site, UpstreamStream Line)> LeftOut(string tenant, UpstreamReport report, Moment now)
    {
        lock (_gate)
        {
            return _registry.LeftOut(tenant, report, now);
        }
    }

    public IReadOnlyList<(string Source, IReadOnlyList<(SiteKey Site, StreamId Stream)> Streams)> LongSilent(string tenant, Moment now)
    {
        lock (_gate)
        {
            return _registry.LongSilent(tenant, now);
        }
    }

    public IReadOnlyDictionary<UpstreamStatus, int> Count()
    {
        lock (_gate)
        {
            return _registry.Count(Now);
        }
    }

    public int SilentSources()
    {
        lock (_gate)
        {
            return _registry.SilentSources(Now);
        }
    }

    public IReadOnlySet<SiteKey> Silence(string tenant, string source)
    {
        lock (_gate)
        {
            return _registry.Silence(tenant, source, Now);
        }
    }

    public void Remove(string tenant, string source)
    {
        lock (_gate)
        {
            _registry.Remove(tenant, source);
        }
    }
}
