using GridServices.FrequencyResponse.Outages;
using GridServices.FrequencyResponse.Performance;
using GridServices.FrequencyResponse.Service.Pools;
using GridServices.FrequencyResponse.Service.Registry;
using GridServices.FrequencyResponse.Service.Storage;
using NodaTime;

namespace GridServices.FrequencyResponse.Service.Recording;

/// <summary>
/// The settlement periods that run. Minutes are added as they end; a period that is over is closed, and those in which nobody was here
/// are closed too, as unavailable: what was sold and not delivered is not skipped silently.
/// </summary>
internal sealed class PeriodTracker(PeriodStore store, PoolTable pools)
{
    private const int MostMissed = 2_000;
    private readonly Dictionary<EntryId, SettledPeriod> _running = [];

    /// <summary>What becomes of late declarations, by the terms of the contract as it was last seen.</summary>
    private readonly Dictionary<EntryId, LateOutage> _late = [];

    /// <summary>End of the last minute that came.</summary>
    private readonly Dictionary<EntryId, Instant> _until = [];

    public async Task LoadAsync(CancellationToken ct)
    {
        foreach (var (contract, latest) in await store.LatestAsync(ct))
        {
            _running[contract] = latest;
        }
    }

    /// <summary>The periods that change by these minutes; and, where a time is given, by what is over by then.</summary>
    /// <param name="minutes">That ended, in their order.</param>
    /// <param name="now">Absent: nothing is closed.</param>
    /// <param name="open">Minutes that run, as they were when all those that ended before them had been told.</param>
    /// <param name="stored">What is to be stored: the same, each as it stands with its open minute.</param>
    /// <returns>To be given to <see cref="Commit"/> once it is stored.</returns>
    public IReadOnlyList<(EntryId Contract, SettledPeriod Period)> Process(
        IEnumerable<RecordedEvent.Minute> minutes, Instant? now, IEnumerable<(EntryId Contract, PeriodRecord Minute)> open, out IReadOnlyList<(EntryId Contract, SettledPeriod Period)> stored)
    {
        var changed = new List<(EntryId Contract, SettledPeriod Period)>();
        var running = new Dictionary<EntryId, SettledPeriod>(_running);
        foreach (var minute in minutes)
        {
            var id = new EntryId(minute.Pool.Tenant, minute.Contract);
            if (Find(id) is { } contract)
            {
                var isFirst = !running.ContainsKey(id);
                var start = Periods.ComputeStart(minute.Slice.Period.Start, Periods.GetLength(contract));
                var period = Forward(id, contract, running, changed, start);
                period = isFirst ? period.BeginWith(minute.Slice) : period;
                Update(running, changed, id, With(contract, period, minute.Slice));
                _late[id] = GetLateOutage(contract);
                _until[id] = minute.Slice.Period.End;
            }
        }

        if (now is { } at)
        {
            // A minute of grace: the last slice of a period comes after its end.
            foreach (var (id, contract) in All().Where(c => running.ContainsKey(c.Id)))
            {
                Forward(id, contract, running, changed, Periods.ComputeStart(at - Duration.FromMinutes(1), Periods.GetLength(contract)));
            }
        }

        if (now is { } then)
        {
            // A contract that is gone has sold nothing more: its last period closes with what was procured.
            foreach (var (id, period) in running.Where(r => !r.Value.Closed && r.Value.ProcuredSeconds > 0 && Find(r.Key) is null && then - r.Value.Until > Duration.FromMinutes(1)).ToList())
            {
                // Its declarations ended with it; what was declared late before counts on. Not known any more after a restart: as by default.
                var late = new OutageEffect(period.DeclaredSeconds ?? 0, period.LateDeclaredSeconds ?? 0, 0, 0);
                Update(running, changed, id, period.Close(period.ProcuredSeconds, late, _late.GetValueOrDefault(id, LateOutage.NonDelivery)));
            }

            // Closed and stored: a contract of the same name that is put later begins anew.
            foreach (var id in _running.Where(r => r.Value.Closed && Find(r.Key) is null).Select(r => r.Key).ToList())
            {
                _running.Remove(id);
                _late.Remove(id);
            }
        }

        var with = WithOpen(open, running, changed);
        stored = Last([.. changed, .. with]);
        return Last(changed);
    }

    private static List<(EntryId Contract, SettledPeriod Period)> Last(IEnumerable<(EntryId Contract, SettledPeriod Period)> changed) =>
        [.. changed.GroupBy(c => (c.Contract, c.Period.From)).Select(g => g.Last())];

    /// <summary>
    /// The running periods with the minutes that are open, to be stored in their place: after a kill what was not delivered in such a minute,
    /// and how its period began, is still known. The book itself goes on with whole minutes.
    /// </summary>
    private List<(EntryId Contract, SettledPeriod Period)> WithOpen(
        IEnumerable<(EntryId Contract, PeriodRecord Minute)> open, Dictionary<EntryId, SettledPeriod> running, List<(EntryId Contract, SettledPeriod Period)> changed)
    {
        var with = new List<(EntryId Contract, SettledPeriod Period)>();
        foreach (var (id, minute) in open)
        {
            if (Find(id) is not { } contract)
            {
                continue;
            }

            var start = Periods.ComputeStart(minute.Period.Start, Periods.GetLength(contract));
            var isFirst = !running.TryGetValue(id, out var held);

            // A period before it is closed only once all its minutes are here: the open one follows the last that came.
            if (isFirst || held!.From == start || (held.From < start && _until.GetValueOrDefault(id) == minute.Period.Start))
            {
                var period = isFirst ? New(contract, start, Periods.GetLength(contract)).BeginWith(minute) : Forward(id, contract, running, changed, start);
                with.Add((id, period.Closed ? period : With(contract, period, minute)));
            }
        }

        return with;
    }

    /// <summary>What <see cref="Process"/> gave is on disk.</summary>
    public void Commit(IReadOnlyList<(EntryId Contract, SettledPeriod Period)> kept)
    {
        foreach (var (contract, period) in kept)
        {
            if (!_running.TryGetValue(contract, out var held) || held.From <= period.From)
            {
                _running[contract] = period;
            }
        }
    }

    private static SettledPeriod Forward(
        EntryId id, PoolContract contract, Dictionary<EntryId, SettledPeriod> running, List<(EntryId, SettledPeriod)> changed, Instant start)
    {
        var length = Periods.GetLength(contract);
        if (!running.TryGetValue(id, out var period))
        {
            period = New(contract, start, length);
            running[id] = period;
            return period;
        }

        for (var missed = 0; period.From < start && missed < MostMissed; missed++)
        {
            if (!period.Closed)
            {
                var sold = period.SoldSeconds(contract.Sold);
                if (sold > 0 || period.ProcuredSeconds > 0)
                {
                    changed.Add((id, Closed(contract, period, sold)));
                }
            }

            period = New(contract, period.Until, length);
        }

        period = period.From < start ? New(contract, start, length) : period;
        running[id] = period;
        return period;
    }

    /// <summary>With a minute, of which what was declared is taken out.</summary>
    private static SettledPeriod With(PoolContract contract, SettledPeriod period, PeriodRecord minute)
    {
        // A record may begin in the middle of its minute: it is of the last procured seconds.
        var declared = contract.DeclaredInLast(minute.ProcuredSeconds, minute.Period);
        return period.Declaring(contract.DeclaredIn(period.Since ?? period.From, minute.Period.End)).With(minute, contract.Service.Settlement, declared, RegulationTerms.For(contract.Service));
    }

    private static SettledPeriod Closed(PoolContract contract, SettledPeriod period, double sold)
    {
        var declared = contract.DeclaredIn(period.Since ?? period.From, period.Until);
        return period.Declaring(declared).Close(sold, declared, GetLateOutage(contract));
    }

    private static LateOutage GetLateOutage(PoolContract contract) => (contract.Sold.Outages ?? new OutageTerms()).Late;

    private static void Update(Dictionary<EntryId, SettledPeriod> running, List<(EntryId, SettledPeriod)> changed, EntryId id, SettledPeriod period)
    {
        running[id] = period;
        changed.Add((id, period));
    }

    private static SettledPeriod New(PoolContract contract, Instant start, Duration length) => new() { From = start, Until = start + length, QuantityW = contract.SoldW, Source = MeterSource.None };

    private PoolContract? Find(EntryId id) => pools.FindByContract(id)?.Spec.Contracts.FirstOrDefault(c => c.Key == id.Key);

    private IEnumerable<(EntryId Id, PoolContract Contract)> All() => pools.All.SelectMany(p => p.Spec.Contracts.Select(c => (new EntryId(p.Spec.Id.Tenant, c.Key), c)));
}
