using GridServices.Contracts;
using GridServices.FrequencyResponse.Catalog;
using GridServices.FrequencyResponse.Safety;
using GridServices.FrequencyResponse.Service.HotPath;
using GridServices.FrequencyResponse.Service.Pools;
using GridServices.FrequencyResponse.Service.Registry;
using GridServices.Hosting;
using NodaTime;

namespace GridServices.FrequencyResponse.Service.Hub;

/// <summary>The upstream of a frequency contract is its meter: how well it is heard is how well the stream stands.</summary>
internal sealed class MeasurementHealth(HubLink hub, PoolHost fleet, PoolTable table, OtherLimits limits, LineStatus line) : IUpstreamHealth, IStreamHearing
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
                var (status, detail) = Told(pool.Spec.Contracts[i].Settings, now, Bound(pool, StatusOf(pool, pool.Spec.Contracts[i].Service.Kind, output.Services[i])));
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

    /// <summary>A contract that nobody can instruct or cease any more is told, whatever it does.</summary>
    private (UpstreamStatus Status, string? Detail) Told(ContractSettings contract, Instant now, (UpstreamStatus Status, string? Detail) bound) =>
        bound.Status == UpstreamStatus.Ok && contract.Mqtt is { } mqtt && line.AwaySince is { } since
            ? (now - since < Duration.FromSeconds((double)mqtt.LostAfterSeconds) ? UpstreamStatus.Stale : UpstreamStatus.Lost, $"the grid operator's broker is away since {since}")
            : bound;

    /// <summary>A response that is held back because nobody knows the limits is told, whatever the meter says.</summary>
    private (UpstreamStatus Status, string? Detail) Bound(Pool pool, (UpstreamStatus Status, string? Detail) measured) =>
        measured.Status == UpstreamStatus.Ok && pool.Spec.Contracts.Any(c => c.Settings.HonourLimits) && !limits.Knows(new EntryId(pool.Spec.Id.Tenant, pool.Spec.SiteId))
            ? (UpstreamStatus.Stale, "what others state for the site was never heard: nothing is imported or exported for a response")
            : measured;

    /// <summary>A contract states anew what it finds from the start on; what it only has stored waits for its measurement.</summary>
    public string? WhyUnheard(SpokenStream stream)
    {
        if (stream.IsFresh || !fleet.IsLoaded)
        {
            return stream.IsFresh ? null : "The contracts are not loaded yet.";
        }

        foreach (var pool in table.All.Where(p => p.Spec.Id.Tenant == stream.Tenant && p.Spec.SiteId == stream.SiteId))
        {
            for (var i = 0; i < pool.Spec.Contracts.Count; i++)
            {
                if (pool.Spec.Contracts[i].Key == stream.Stream.Key)
                {
                    var (status, detail) = StatusOf(pool, pool.Spec.Contracts[i].Service.Kind, pool.View().Output.Services[i]);
                    return status == UpstreamStatus.Ok ? null : $"Contract '{stream.Stream.Key}' has nothing to go by since this service began ({detail}); once it has, this goes on by itself.";
                }
            }
        }

        return "No contract of this service speaks for it any more: put the contract again, or strike this with DELETE /v1/outbox/{id}.";
    }

    private (UpstreamStatus Status, string? Detail) StatusOf(Pool pool, ServiceKind kind, in ServiceOutput service)
    {
        var signal = kind == ServiceKind.Signal;
        if (service.Phase != ServicePhase.Disarmed)
        {
            return service.Rung switch
            {
                FailSafeRung.Valid => (UpstreamStatus.Ok, null),
                FailSafeRung.Hold or FailSafeRung.Ramp => (UpstreamStatus.Stale, signal ? "the grid operator's signal is interrupted: held, then ramped to the baseline" : "frequency measurement interrupted"),
                _ => (UpstreamStatus.Lost, signal ? "no signal of the grid operator" : "no valid frequency measurement"),
            };
        }

        if (kind is ServiceKind.Signal or ServiceKind.Instruction)
        {
            // Outside its windows nobody need send anything.
            return (UpstreamStatus.Ok, null);
        }

        var heard = pool.Spec.Sources.Any(s => fleet.Source(new EntryId(pool.Spec.Id.Tenant, s))?.View().AgeSeconds < LateSeconds);
        return heard ? (UpstreamStatus.Ok, null) : (UpstreamStatus.Lost, "no frequency measurement; not procured now");
    }
}
