using System.Collections.Concurrent;
using GridServices.FrequencyResponse.Energy;
using GridServices.FrequencyResponse.Service.HotPath;
using GridServices.FrequencyResponse.Service.Registry;
using NodaTime;

namespace GridServices.FrequencyResponse.Service.Recording;

/// <summary>Follows the limited reservoirs of contracts through alert states and their restoration. Fed by the recorder's thread, read by any.</summary>
internal sealed partial class Reservoirs(ILogger<Reservoirs> log)
{
    private const long LookNanos = 1_000_000_000;

    /// <summary>A store is looked at no more often.</summary>
    private const long StoreNanos = 5_000_000_000;
    private readonly ConcurrentDictionary<EntryId, Tracked> _tracked = new();

    /// <summary>As it was stored: the alert state of before, and the deadline that runs.</summary>
    public void Load(IReadOnlyDictionary<EntryId, ReservoirDuty> stored)
    {
        foreach (var (contract, duty) in stored)
        {
            _tracked[contract] = new Tracked { Duty = duty };
        }
    }

    /// <summary>Where it stands; null: it is not limited, or nothing was measured yet.</summary>
    public ReservoirDuty? FindDuty(EntryId contract) => _tracked.TryGetValue(contract, out var tracked) ? tracked.Duty : null;

    /// <summary>What is wrong with the reservoir of a contract; null: nothing, or it is not limited.</summary>
    public string? FindProblem(Pool pool, int index, in PoolView view, Instant now) =>
        FindDuty(new EntryId(pool.Spec.Id.Tenant, pool.Spec.Contracts[index].Key)) is { } duty && pool.Spec.Contracts[index].Reservoir is { Reservoir: var rules }
        && Outlook(pool, rules, duty, view.State, now, view.NowNanos) is { } outlook
            ? ReservoirProblem.Describe(outlook, duty.RestoreBy(rules), now)
            : null;

    /// <summary>A contract that has ended has no duty any more.</summary>
    public void Remove(EntryId contract) => _tracked.TryRemove(contract, out _);

    public void Process(Pool pool, in HotRecord record, Action<RecordedEvent> happened)
    {
        for (var i = 0; i < pool.Spec.Contracts.Count && pool.Spec.Config.Settings.Energy is not null; i++)
        {
            if (pool.Spec.Contracts[i].Reservoir is { } rules)
            {
                Process(pool, i, rules, record, happened);
            }
        }
    }

    private void Process(Pool pool, int index, (SystemStateRules System, ReservoirRules Reservoir) rules, in HotRecord record, Action<RecordedEvent> happened)
    {
        var contract = pool.Spec.Contracts[index];
        var tracked = _tracked.GetOrAdd(new EntryId(pool.Spec.Id.Tenant, contract.Key), _ => new Tracked());
        var watch = tracked.Watch(rules.System);
        var system = watch.Update(Instant.FromUnixTimeTicks(record.NowNanos / NodaConstants.NanosecondsPerTick), record.Output.Services[index].FrequencyHz - contract.Service.NominalHz);
        // Noise about the border of the emergency state is no news of its own each turn.
        if ((system == tracked.Duty.System || (IsAlert(system) && IsAlert(tracked.Duty.System))) && record.NowNanos - tracked.LookedNanos < LookNanos)
        {
            return;
        }

        tracked.LookedNanos = record.NowNanos;
        var now = Instant.FromUnixTimeTicks(record.WallNanos / NodaConstants.NanosecondsPerTick);
        var before = tracked.Duty;
        var next = before.Next(rules.Reservoir, system, now, before.Phase == ReservoirPhase.Restoring && Holds(pool, rules.Reservoir, tracked, record.NowNanos, now));
        if (next != before)
        {
            tracked.Duty = next;
            LogChange(contract.Key, rules.Reservoir, before, next);
            happened(new RecordedEvent.Reservoir(pool.Spec.Id, contract.Key, next));
        }
    }

    private static bool IsAlert(SystemState state) => state is SystemState.Alert or SystemState.Emergency;

    /// <summary>Of what happened, the last of each contract is what holds.</summary>
    internal static IEnumerable<RecordedEvent.Reservoir> SelectLast(IEnumerable<RecordedEvent> happened) => happened.OfType<RecordedEvent.Reservoir>()
        .GroupBy(r => (r.Pool.Tenant, r.Contract)).Select(g => g.Last());

    private static bool Holds(Pool pool, ReservoirRules rules, Tracked tracked, long nanos, Instant now)
    {
        if (nanos - tracked.StoreNanos < StoreNanos)
        {
            return false;
        }

        tracked.StoreNanos = nanos;
        return Outlook(pool, rules, tracked.Duty, pool.View().State, now, nanos)?.Holds == true;
    }

    /// <summary>What the pool's reservoir must hold, holds, and will hold by the deadline; null: nothing is known of it.</summary>
    internal static ReservoirOutlook? Outlook(Pool pool, ReservoirRules rules, ReservoirDuty duty, ControllerState state, Instant now, long nanos)
    {
        var until = Instant.Max(now, duty.RestoreBy(rules) ?? now) + Duration.FromMinutes(1);
        var ahead = EnergyOutlook.Compute(pool.Spec.Config, in state, pool.Spec.BaselineW, now, nanos, until, Duration.FromMinutes(15));
        return pool.Spec.Config.Settings.Energy is { } energy && ahead.Count > 0 ? ReservoirOutlook.Compute(rules, duty, energy, ahead, now) : null;
    }

    private void LogChange(string contract, ReservoirRules rules, ReservoirDuty before, ReservoirDuty next)
    {
        if (next.CoverUntil(rules) is { } cover && before.CoverUntil(rules) != cover)
        {
            LogAlert(log, contract, next.AlertAt!.Value, cover);
        }
        else if (next.RestoreBy(rules) is { } deadline && before.RestoreBy(rules) != deadline)
        {
            LogRestoring(log, contract, next.AlertEndedAt!.Value, deadline);
        }
        else if (next.RestoredAt is { } at && before.RestoredAt != at)
        {
            LogRestored(log, contract, at);
        }
    }

    [LoggerMessage(EventIds.ReservoirsAlert, LogLevel.Warning,
        "The frequency has put the area into the alert state at {Since}: the limited reservoir of contract {Contract} must last for full activation until {Until}")]
    private static partial void LogAlert(ILogger logger, string contract, Instant since, Instant until);

    [LoggerMessage(EventIds.ReservoirsRestoring, LogLevel.Warning,
        "The alert state ended at {Ended}: the limited reservoir of contract {Contract} must be restored by {Deadline}; its state says whether it will be")]
    private static partial void LogRestoring(ILogger logger, string contract, Instant ended, Instant deadline);

    [LoggerMessage(EventIds.ReservoirsRestored, LogLevel.Information, "The limited reservoir of contract {Contract} is restored at {At}")]
    private static partial void LogRestored(ILogger logger, string contract, Instant at);

    /// <summary>Of one contract; written by the recorder's thread.</summary>
    private sealed class Tracked
    {
        private volatile ReservoirDuty _duty = ReservoirDuty.Start;
        private (SystemStateRules Rules, SystemStateWatch Watch)? _watch;

        public ReservoirDuty Duty
        {
            get => _duty;
            set => _duty = value;
        }

        public long LookedNanos { get; set; } = long.MinValue / 2;

        public long StoreNanos { get; set; } = long.MinValue / 2;

        /// <summary>Of these rules; others begin anew with what is known.</summary>
        public SystemStateWatch Watch(SystemStateRules rules)
        {
            if (_watch is not { } held || held.Rules != rules)
            {
                var watch = new SystemStateWatch(rules);
                watch.Resume(_duty.Phase is ReservoirPhase.Covering or ReservoirPhase.Covered ? SystemState.Alert : SystemState.Unknown);
                _watch = held = (rules, watch);
            }

            return held.Watch;
        }
    }
}
