using GridServices.Contracts;
using GridServices.EnvelopeHub.Sites;
using GridServices.EnvelopeHub.Upstream;
using NodaTime;

namespace GridServices.EnvelopeHub.Service.Upstream;

/// <summary>The <see cref="UpstreamBoard"/> of this node, guarded. It is not stored: publishers report again within their own interval.</summary>
internal sealed class UpstreamReports
{
    private readonly Lock _gate = new();
    private readonly UpstreamBoard _board = new();

    public IReadOnlySet<SiteKey>? Apply(string tenant, UpstreamReport report, Instant now)
    {
        lock (_gate)
        {
            return _board.Apply(tenant, report, now);
        }
    }

    public IReadOnlyList<UpstreamHealth> Of(SiteKey site, Instant now)
    {
        lock (_gate)
        {
            return _board.Of(site, now);
        }
    }
}
