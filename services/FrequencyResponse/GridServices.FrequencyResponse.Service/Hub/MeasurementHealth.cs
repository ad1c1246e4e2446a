using GridServices.Contracts;
using GridServices.FrequencyResponse.Safety;
using GridServices.FrequencyResponse.Service.HotPath;
using GridServices.FrequencyResponse.Service.Pools;
using GridServices.FrequencyResponse.Service.Registry;
using GridServices.Hosting;
using NodaTime;

namespace GridServices.FrequencyResponse.Service.Hub;

/// <summary>The upstream of a frequency contract is its meter: how well it is heard is how well the stream stands.</summary>
internal sealed class MeasurementHealth(HubLink hub, PoolHost fleet, PoolTable table) : IUpstreamHealth
{
    private const double LateSeconds = 5;

    public bool IsReady => fleet.IsLoaded;

    public IEnumerable<UpstreamStream> Streams(Instant now)
    {
        foreach (var pool in table.All.Where(p => p.Spec.Id.Tenant == hub.Tenant))
        {
            var output = pool.View().Output;
            for (var i = 0; i < pool.Spec.Contracts.Count; i++)
            {
                var (status, detail) = StatusOf(pool, output.Services[i]);
                yield return new UpstreamStream
                {
                    Stream = new StreamId(OtherLimits.OurService, pool.Spec.Contracts[i].Key),
                    Sites = [pool.Spec.SiteId],
                    Status = status,
                    Since = now,
                    Detail = detail,
                };
            }
        }
    }

    private (UpstreamStatus Status, string? Detail) StatusOf(Pool pool, in ServiceOutput service)
    {
        if (service.Phase != ServicePhase.Disarmed)
        {
            return service.Rung switch
            {
                FailSafeRung.Valid => (UpstreamStatus.Ok, null),
                FailSafeRung.Hold or FailSafeRung.Ramp => (UpstreamStatus.Stale, "frequency measurement interrupted"),
                _ => (UpstreamStatus.Lost, "no valid frequency measurement"),
            };
        }

        var heard = pool.Spec.Sources.Any(s => fleet.Source(new EntryId(pool.Spec.Id.Tenant, s))?.View().AgeSeconds < LateSeconds);
        return heard ? (UpstreamStatus.Ok, null) : (UpstreamStatus.Lost, "no frequency measurement; not procured now");
    }
}
