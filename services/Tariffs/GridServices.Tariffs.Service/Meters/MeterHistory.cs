using System.Collections.Immutable;
using System.Data.Common;
using GridServices.Tariffs.Meters;
using GridServices.Tariffs.Time;
using NodaTime;

namespace GridServices.Tariffs.Service.Meters;

/// <summary>Peaks from stored records: when history is loaded, or a record was corrected.</summary>
internal static class MeterHistory
{
    private const int MostCycles = 37;

    /// <summary>The meter's memory after the records came: those that follow what it knows go on from there, others make their cycles be counted anew.</summary>
    public static async Task<MeterMemory> RecomputeAsync(DbTransaction tx, StoredMeter meter, ImmutableArray<CompiledTariff> versions, MeterGrid grid,
        ImmutableArray<MeterRecord> records, ImmutableArray<MeterRecord> reactive)
    {
        var (plan, memory, zone) = (meter.Plan, meter.Memory, versions[0].Zone);
        var (first, last) = (records[0].Start, records[^1].Start + plan.Interval);
        if (memory.AsOf is { } asOf && first >= asOf && !IsClosed(memory, zone, first))
        {
            var kvar = reactive.ToDictionary(r => r.Start, r => r.Kw);
            var fresh = records.Select(r => Sample(r, plan.Interval, kvar.TryGetValue(r.Start, out var known) ? known : null));
            return LiveMeter.Advance(plan, versions, memory, fresh, last).Memory;
        }

        // A cycle once closed stays closed: the newest datum may well lie before it, or end exactly with it.
        var newest = (memory.AsOf > last ? memory.AsOf.Value : last - Duration.Epsilon).InZone(zone).Date;
        var current = BillingCycle.Containing(memory.CycleFrom > newest ? memory.CycleFrom.Value : newest, plan.ReadingDay);
        if (memory.CycleFrom < current.From)
        {
            memory = LiveMeter.Advance(plan, versions, memory, [], zone.AtStartOfDay(current.From).ToInstant() + plan.StaleAfter).Memory;
        }

        return await CountAsync(tx, meter, versions, grid, memory, current, first, last);
    }

    /// <summary>What this step finished of cycles that were closed before it.</summary>
    public static ImmutableArray<MeterInterval> SelectLate(StoredMeter meter, ImmutableArray<CompiledTariff> versions, MeterStep step) =>
        [.. step.Finished.Where(f => IsClosed(meter.Memory, versions[0].Zone, f.Start))];

    /// <summary>Readings that came after their cycle was closed: what is now stored of it can only raise its peaks; intervals known in part say nothing new.</summary>
    public static Task<MeterMemory> RaiseAsync(
        DbTransaction tx, StoredMeter meter, ImmutableArray<CompiledTariff> versions, MeterGrid grid, MeterStep step, ImmutableArray<MeterInterval> late) =>
        CountAsync(tx, meter, versions, grid, step.Memory, step.Cycle, late[0].Start, late[^1].Start + meter.Plan.Interval, onlyRaise: true);

    private static async Task<MeterMemory> CountAsync(
        DbTransaction tx, StoredMeter meter, ImmutableArray<CompiledTariff> versions, MeterGrid grid, MeterMemory memory, BillingCycle current, Instant first, Instant last, bool onlyRaise = false)
    {
        var (plan, zone) = (meter.Plan, versions[0].Zone);
        var earliest = current.From.PlusMonths(-MostCycles);
        var touched = BillingCycle.Containing(LocalDate.Max(earliest, first.InZone(zone).Date), plan.ReadingDay);
        for (var cycle = touched; cycle.From <= current.From && zone.AtStartOfDay(cycle.From).ToInstant() < last; cycle = BillingCycle.Containing(cycle.Until, plan.ReadingDay))
        {
            var (from, until) = (zone.AtStartOfDay(cycle.From).ToInstant(), zone.AtStartOfDay(cycle.Until).ToInstant());
            var days = await IntervalStore.DaysAsync(tx, meter.Tenant, meter.MeterId, MeterChannels.Net, grid, from, until);
            if (StoredIntervals.Series(days, grid, from, until) is { } series && (!onlyRaise || cycle.From < current.From))
            {
                var reactive = StoredIntervals.Series(await IntervalStore.DaysAsync(tx, meter.Tenant, meter.MeterId, MeterChannels.Reactive, grid, from, until), grid, from, until);
                memory = LiveMeter.Recompute(plan, versions, memory, cycle, current, StoredIntervals.Samples(series, measuredOnly: onlyRaise, reactive), onlyRaise);
            }
        }

        return memory;
    }

    private static bool IsClosed(MeterMemory memory, DateTimeZone zone, Instant moment) =>
        memory.CycleFrom is { } from && moment < zone.AtStartOfDay(from).ToInstant();

    private static MeterSample Sample(MeterRecord record, Duration interval, decimal? kvar)
    {
        var hours = (decimal)interval.TotalSeconds / 3600;
        return new MeterSample(record.Start, record.Start + interval, record.Kw * hours, Math.Max(0, record.Kw * hours), kvar * hours);
    }
}
