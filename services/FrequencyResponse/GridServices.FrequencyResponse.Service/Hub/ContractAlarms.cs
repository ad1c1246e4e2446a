using GridServices.FrequencyResponse.Energy;
using GridServices.FrequencyResponse.Service.HotPath;
using GridServices.FrequencyResponse.Service.Pools;
using GridServices.FrequencyResponse.Service.Recording;
using GridServices.FrequencyResponse.Service.Registry;
using NodaTime;

namespace GridServices.FrequencyResponse.Service.Hub;

/// <summary>
/// What needs a person although a contract is driven: a limited reservoir that does not hold what it must, or will not in time, a plan that may be nowhere,
/// and what can't be stored or stated.
/// </summary>
internal sealed class ContractAlarms(PoolTable table, Reservoirs reservoirs, PlanAlarms plans, StatingAlarm stating, IClock clock)
{
    /// <summary>Contracts that have an alarm now.</summary>
    public int Count()
    {
        var (now, count) = (clock.GetCurrentInstant(), 0);
        foreach (var pool in table.All)
        {
            var view = pool.View();
            for (var i = 0; i < pool.Spec.Contracts.Count; i++)
            {
                count += Find(pool, i, in view, now) is null ? 0 : 1;
            }
        }

        return count;
    }

    /// <summary>The alarm of a pool's contract, a line for people; null: none.</summary>
    public string? Find(Pool pool, int index, in PoolView view, Instant now)
    {
        var id = new EntryId(pool.Spec.Id.Tenant, pool.Spec.Contracts[index].Key);
        var duty = reservoirs.FindDuty(id);

        // Outside its windows it owes nothing but what an alert state took.
        var owes = view.Output.Services[index].Phase != ServicePhase.Disarmed || duty?.Phase is not (null or ReservoirPhase.Ready);
        return owes && reservoirs.FindProblem(pool, index, in view, now) is { } problem ? $"limited reservoir: {problem}" : plans.Find(id, now) ?? stating.Problem;
    }
}
