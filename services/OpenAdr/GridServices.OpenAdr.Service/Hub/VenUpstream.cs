using System.Runtime.CompilerServices;
using GridServices.Contracts;
using GridServices.Hosting.Hub;
using GridServices.OpenAdr.Configuration;
using GridServices.OpenAdr.Service.Driver;
using NodaTime;

namespace GridServices.OpenAdr.Service.Hub;

/// <summary>How well each program's VTN is heard.</summary>
internal sealed class VenUpstream(HubLink hub, VenHost host) : IUpstreamHealth
{
    private const int MaxSitesPerReport = 20_000;

    // Asked every second for each VEN: worked out once for each configuration.
    private readonly ConditionalWeakTable<VenConfig, IReadOnlyList<(StreamId Stream, IReadOnlyList<string> Sites)>> _spoken = [];

    public bool IsReady => host.IsLoaded;

    public IEnumerable<UpstreamStream> Streams(Instant now)
    {
        foreach (var ven in host.Views.Where(v => v.Id.Tenant == hub.Tenant))
        {
            var (status, detail) = UpstreamRule.Classify(ven, now);
            foreach (var (stream, sites) in _spoken.GetValue(ven.Config, GetStreams))
            {
                yield return new UpstreamStream
                {
                    Stream = stream,
                    Sites = sites,
                    Status = status,
                    Since = status == UpstreamStatus.Lost ? UpstreamRule.LostBeforeStart(ven) ?? now : now,
                    Detail = detail is { Length: > 0 } ? detail : null,
                };
            }
        }
    }

    private static IReadOnlyList<(StreamId Stream, IReadOnlyList<string> Sites)> GetStreams(VenConfig config)
    {
        IReadOnlyList<string> sites = [.. config.AllSites().Select(s => s.SiteId).Take(MaxSitesPerReport)];
        return [.. config.Programs.Select(p => (new StreamId("openadr", p.Stream), sites))];
    }
}
