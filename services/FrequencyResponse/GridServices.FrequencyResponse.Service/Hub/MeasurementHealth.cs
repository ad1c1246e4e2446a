using GridServices.Contracts;
using GridServices.FrequencyResponse.Catalog;
using GridServices.FrequencyResponse.Safety;
using GridServices.FrequencyResponse.Service.HotPath;
using GridServices.FrequencyResponse.Service.Pools;
using GridServices.FrequencyResponse.Service.Registry;
using GridServices.Hosting.Hub;
using NodaTime;

namespace GridServices.FrequencyResponse.Service.Hub;

/// <summary>The upstream of a frequency contract is its meter: how well it is heard is how well the stream stands. What else needs a person is its detail, and no worse a status.</summary>
internal sealed class MeasurementHealth(
    HubLink hub, PoolHost host, PoolTable table, OtherLimits limits, ReadingCache cache, MqttHealth health, ContractAlarms alarms) : IUpstreamHealth, IStreamHearing
{
    private const double LateSeconds = 5;

    public bool IsReady => host.IsLoaded;

    public IEnumerable<UpstreamStream> Streams(Instant now)
    {
        foreach (var pool in table.All.Where(p => p.Spec.Id.Tenant == hub.Tenant))
        {
            var view = pool.View();
            for (var i = 0; i < pool.Spec.Contracts.Count; i++)
            {
                var id = new EntryId(hub.Tenant, pool.Spec.Contracts[i].Key);
                var driven = CheckBroker(id, pool.Spec.Contracts[i].Settings, CheckLimits(pool, GetStatus(pool, pool.Spec.Contracts[i].Service.Kind, view.Output.Services[i])));

                // An alarm for people says nothing of the source: only "ok" ends a loss at the controllers, and they would wait for it until the paperwork is done.
                var detail = driven.Status == UpstreamStatus.Ok ? alarms.Find(pool, i, in view, now) : driven.Detail;
                yield return new UpstreamStream
                {
                    Stream = new StreamId(OtherLimits.OurService, pool.Spec.Contracts[i].Key),
                    Sites = [pool.Spec.SiteId],
                    Status = driven.Status,
                    Since = now,
                    Detail = detail,
                };
            }
        }
    }

    /// <summary>A contract that nobody can instruct or cease any more is told, whatever it does.</summary>
    private (UpstreamStatus Status, string? Detail) CheckBroker(EntryId id, ContractSettings contract, (UpstreamStatus Status, string? Detail) bound) =>
        bound.Status == UpstreamStatus.Ok && contract.Mqtt is { } mqtt && health.FindSilence(id) is { } lost
            ? (lost.For < TimeSpan.FromSeconds((double)mqtt.LostAfterSeconds) ? UpstreamStatus.Stale : UpstreamStatus.Lost,
            $"the grid operator's broker is away or refuses our subscription since {lost.Since}")
            : bound;

    /// <summary>A response that is held back because nobody knows the limits, or what the rest of the site draws, is told, whatever the meter says.</summary>
    private (UpstreamStatus Status, string? Detail) CheckLimits(Pool pool, (UpstreamStatus Status, string? Detail) measured)
    {
        var site = new EntryId(pool.Spec.Id.Tenant, pool.Spec.SiteId);
        if (measured.Status != UpstreamStatus.Ok || !pool.Spec.Contracts.Any(c => c.Settings.HonourLimits))
        {
            return measured;
        }

        return !limits.IsKnown(site) ? (UpstreamStatus.Stale, "what others state for the site was never heard, or can't be worked out: nothing is imported or exported for a response")
            : limits.Now(site) is not (null, null) && cache.SiteNet(site) is null && cache.WasMeasured(site)
                ? (UpstreamStatus.Stale, "the site's net power is not measured any more: under the limits that others state for the site nothing is imported or exported for a response")
            : measured;
    }

    /// <summary>
    /// A contract that was stated since the start is known, and one whose measurement is valid goes by that. What else is told rests on the store alone:
    /// composed anew as time passes it is new, and may be of yesterday all the same.
    /// </summary>
    public string? WhyUnheard(SpokenStream stream)
    {
        if (!host.IsLoaded)
        {
            return "The contracts are not loaded yet.";
        }

        var contract = new EntryId(stream.Tenant, stream.Stream.Key);
        if (host.IsStated(contract))
        {
            return null;
        }

        if (table.FindByContract(contract) is not { } pool || pool.Spec.SiteId != stream.SiteId)
        {
            return "No contract of this service speaks for it any more: put the contract again, or strike this with DELETE /v1/outbox/{id}.";
        }

        var index = pool.Spec.Contracts.ToList().FindIndex(c => c.Key == contract.Key);
        return ExplainUnmeasured(pool, pool.Spec.Contracts[index].Service.Kind, pool.View().Output.Services[index]) is { } why
            ? $"Contract '{contract.Key}' has nothing to go by since this service began ({why}); once it has, this goes on by itself, and also once a person has put the contract again."
            : null;
    }

    /// <summary>Null: what drives the contract is heard now. Of one that nobody need send anything to, silence says nothing.</summary>
    private string? ExplainUnmeasured(Pool pool, ServiceKind kind, in ServiceOutput service) => kind switch
    {
        ServiceKind.Instruction => "it was not instructed",
        ServiceKind.Signal when service.Phase == ServicePhase.Disarmed => "not procured now: no signal is waited for",
        _ => GetStatus(pool, kind, service) is { Status: not UpstreamStatus.Ok, Detail: var detail } ? detail ?? "no valid measurement" : null,
    };

    private (UpstreamStatus Status, string? Detail) GetStatus(Pool pool, ServiceKind kind, in ServiceOutput service)
    {
        var signal = kind == ServiceKind.Signal;
        if (service.Phase != ServicePhase.Disarmed)
        {
            return service.Rung switch
            {
                FailSafeRung.Valid => (UpstreamStatus.Ok, null),
                FailSafeRung.Hold or FailSafeRung.Ramp => (UpstreamStatus.Stale,
                    signal ? "the grid operator's signal is interrupted: held, then ramped to the baseline" : "frequency measurement interrupted"),
                _ => (UpstreamStatus.Lost, signal ? "no signal of the grid operator" : "no valid frequency measurement"),
            };
        }

        if (kind is ServiceKind.Signal or ServiceKind.Instruction)
        {
            // Outside its windows nobody need send anything.
            return (UpstreamStatus.Ok, null);
        }

        var heard = pool.Spec.Sources.Any(s => host.Source(new EntryId(pool.Spec.Id.Tenant, s))?.View().AgeSeconds < LateSeconds);
        return heard ? (UpstreamStatus.Ok, null) : (UpstreamStatus.Lost, "no frequency measurement; not procured now");
    }
}
