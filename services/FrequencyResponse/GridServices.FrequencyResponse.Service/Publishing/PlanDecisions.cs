using GridServices.Contracts;
using GridServices.FrequencyResponse.Service.HotPath;
using GridServices.FrequencyResponse.Service.Pools;
using GridServices.FrequencyResponse.Service.Registry;
using GridServices.FrequencyResponse.Service.Storage;
using GridServices.Hosting.Storage;
using NodaTime;

namespace GridServices.FrequencyResponse.Service.Publishing;

/// <summary>Decides the plan of each settlement period at its gate, 65 minutes before, and never moves it afterwards.</summary>
internal sealed partial class PlanDecisions(Store store, PlanStore plans, PoolHost host, PoolTable table, MonotonicClock monotonic, IClock clock, TimeProvider time,
    ILogger<PlanDecisions> log) : BackgroundService
{
    /// <summary>The baseline's own move is decided in the minute before the gate; looked at often enough that it is in the plan.</summary>
    private static readonly TimeSpan Every = TimeSpan.FromSeconds(5);

    /// <summary>An energy that is not told yet, just after a start, is waited for so long; four of the five minutes that are left to submit are its most.</summary>
    private static readonly Duration Patience = Duration.FromMinutes(2);
    private static readonly Duration Last = AvailabilityPlan.Gate - Duration.FromMinutes(4);
    private readonly Dictionary<EntryId, Instant> _seen = [];
    private bool _away;

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            try
            {
                await DecideAsync(stoppingToken);
                _away = false;
            }
            catch (StoreUnavailableException fault)
            {
                if (!_away)
                {
                    LogUndecided(log, SafeText.Line(fault.Message));
                }

                _away = true;
            }
            catch (Exception fault) when (fault is not (OperationCanceledException or OutOfMemoryException))
            {
                // A plan must not end the response.
                LogFailed(log, fault);
            }
            catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
            {
                return;
            }

            await Task.Delay(Every, time, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    /// <summary>Decides what is due now.</summary>
    /// <exception cref="StoreUnavailableException">Nothing is decided; it is tried again.</exception>
    public async Task DecideAsync(CancellationToken ct)
    {
        var now = clock.GetCurrentInstant();
        var due = table.All.Where(p => host.GetLease(p.Spec.Id.Tenant).IsHeld(host.NowNanos)).SelectMany(p => Due(p, now)).ToList();
        if (due.Count == 0)
        {
            return;
        }

        var decided = await plans.DecidedAsync(now, ct);
        var open = due.Where(d => !decided[d.Contract].Contains(d.Period.From)).ToList();
        if (open.Count > 0)
        {
            await store.WriteAsync(
                async tx =>
                {
                    foreach (var (contract, period) in open)
                    {
                        await PlanStore.DecideAsync(tx, contract, period);
                    }
                },
                ct);
        }
    }

    private IEnumerable<(EntryId Contract, PlannedPeriod Period)> Due(Pool pool, Instant now) =>
        from contract in pool.Spec.Contracts
        from period in AvailabilityPlan.Compute(pool.Spec, contract, pool.View().State, now, monotonic.Nanos, now + AvailabilityPlan.Gate + Duration.FromTicks(1))
        where period.ProcuredSeconds > 0 && IsRipe(new EntryId(pool.Spec.Id.Tenant, contract.Key), period, now)
        select (new EntryId(pool.Spec.Id.Tenant, contract.Key), period with { DecidedAt = now, IsLate = now > period.From - AvailabilityPlan.Gate + Duration.FromMinutes(1) });

    private bool IsRipe(EntryId contract, PlannedPeriod period, Instant now)
    {
        var seen = _seen.TryGetValue(contract, out var first) ? first : _seen[contract] = now;
        return !period.Reasons.Contains(AvailabilityPlan.EnergyUnknown) || (now > period.From - Last && now - seen > Patience);
    }

    [LoggerMessage(EventIds.PlanDecisionsFailed, LogLevel.Error, "Plans of settlement periods can't be decided; it is tried again")]
    private static partial void LogFailed(ILogger logger, Exception fault);

    [LoggerMessage(EventIds.PlanDecisionsUndecided, LogLevel.Error, "Plans of settlement periods can't be decided: {Why}; those whose gate passes meanwhile are marked late")]
    private static partial void LogUndecided(ILogger logger, string why);
}
