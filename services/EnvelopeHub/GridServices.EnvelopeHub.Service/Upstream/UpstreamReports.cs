using GridServices.Contracts;
using GridServices.EnvelopeHub.Sites;
using GridServices.EnvelopeHub.Upstream;
using NodaTime;

namespace GridServices.EnvelopeHub.Service.Upstream;

/// <summary>The <see cref="UpstreamRegistry"/> of this node, guarded. The last report of each source is kept by <see cref="UpstreamStore"/>.</summary>
internal sealed class UpstreamReports
{
    private readonly Lock _gate = new();
    private readonly UpstreamRegistry _board = new();

    public IReadOnlySet<SiteKey>? Apply(string tenant, UpstreamReport report, Instant now)
    {
        lock (_gate)
        {
            return _board.Apply(tenant, report, now);
        }
    }

    public IReadOnlyList<UpstreamHealth> Of(SiteKey site, Instant now, Func<StreamId, bool>? lives)
    {
        lock (_gate)
        {
            return _board.Of(site, now, lives);
        }
    }

    public IReadOnlyList<(SiteKey Site, UpstreamStream Line)> LeftOut(string tenant, UpstreamReport report, Instant now)
    {
        lock (_gate)
        {
            return _board.LeftOut(tenant, report, now);
        }
    }

    public IReadOnlyList<(string Source, IReadOnlyList<(SiteKey Site, StreamId Stream)> Streams)> LongSilent(string tenant, Instant now)
    {
        lock (_gate)
        {
            return _board.LongSilent(tenant, now);
        }
    }

    public void Forget(string tenant, string source)
    {
        lock (_gate)
        {
            _board.Forget(tenant, source);
        }
    }
}
