using GridServices.Contracts;
using GridServices.Hosting;
using GridServices.OpenAdr.Service.Driver;
using NodaTime;

namespace GridServices.OpenAdr.Service.Hub;

/// <summary>How well each program's VTN is heard.</summary>
internal sealed class VenUpstream(HubLink hub, VenHost fleet) : IUpstreamHealth
{
    private const int MaxSitesPerReport = 20_000;

    public bool IsReady => fleet.IsLoaded;

    public IEnumerable<UpstreamStream> Streams(Instant now)
    {
        foreach (var ven in fleet.Views.Where(v => v.Id.Tenant == hub.Tenant))
        {
            var (status, detail) = UpstreamRule.Of(ven, now);
            IReadOnlyList<string> sites = [.. ven.Config.AllSites().Select(s => s.SiteId).Take(MaxSitesPerReport)];
            foreach (var program in ven.Config.Programs)
            {
                yield return new UpstreamStream
                {
                    Stream = new StreamId("openadr", program.Stream),
                    Sites = [.. sites],
                    Status = status,
                    Since = status == UpstreamStatus.Lost ? UpstreamRule.LostBeforeStart(ven) ?? now : now,
                    Detail = detail is { Length: > 0 } ? detail : null,
                };
            }
        }
    }
}
