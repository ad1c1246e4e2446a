using System.Collections.Immutable;
using GridServices.Contracts;
using GridServices.Tariffs.Bills;
using GridServices.Tariffs.Demand;
using GridServices.Tariffs.Intensity;
using GridServices.Tariffs.Time;
using NodaTime;

namespace GridServices.Tariffs.Meters;

/// <summary>
/// A meter under way. Pure: (plan, tariff, memory, readings, now) -> (memory', finished intervals, state of every demand line, what to publish).
/// <code>
///   readings ─▶ samples ─▶ interval under way ─▶ finished intervals (for the bill)
///                   └────▶ one DemandMeter per line ─▶ peaks, headroom ─▶ envelope
///   samples are cut where a billing cycle ends; then the cycle's peaks join the history that ratchets look back to
/// </code>
/// </summary>
public sealed class LiveMeter
{
    /// <summary>The stream that holds demand.</summary>
    public const string PeakCap = "peak-cap";

    /// <summary>Stream of the site's own prices under service <c>tariff</c>.</summary>
    public const string EnergyPrice = "energy-price";

    private const int MonthsKept = 36;
    private readonly MeterPlan plan;
    private readonly ImmutableArray<CompiledTariff> versions;
    private readonly ImmutableArray<MeterInterval>.Builder finished = ImmutableArray.CreateBuilder<MeterInterval>();
    private readonly MeterGrid grid;
    private MeterMemory memory;
    private CompiledTariff tariff;
    private BillingCycle cycle;
    private ImmutableArray<DemandMeter> meters;

    private LiveMeter(MeterPlan plan, ImmutableArray<CompiledTariff> versions, MeterMemory memory, Instant now)
    {
        (this.plan, this.versions, this.memory, tariff) = (plan, versions, memory, versions[0]);
        (meters, grid) = ([], MeterGrid.Create(versions[0].Zone, plan.Interval));
        var day = (memory.AsOf ?? now).InZone(versions[0].Zone).Date;
        Open(BillingCycle.Containing(memory.CycleFrom ?? day, plan.ReadingDay));
    }

    /// <summary>Takes readings in and says where the meter stands.</summary>
    /// <param name="plan">What was registered.</param>
    /// <param name="versions">The tariff's versions; at least one.</param>
    /// <param name="memory">Where the meter stood.</param>
    /// <param name="readings">Telemetry, in any order; readings that are not newer than the last are skipped.</param>
    /// <param name="now">When.</param>
    public static MeterStep Read(MeterPlan plan, ImmutableArray<CompiledTariff> versions, MeterMemory memory, IEnumerable<Reading> readings, Instant now)
    {
        var (samples, last) = MeterSamples.Compute(memory.Last, readings, plan.StaleAfter);
        return Advance(plan, versions, memory with { Last = last }, samples.Where(s => memory.AsOf is not { } asOf || s.From >= asOf), now);
    }

    /// <summary>Whether what is read of the meter says nothing of now: too old, or further ahead of the clock than a reading may be.</summary>
    /// <param name="plan">What was registered.</param>
    /// <param name="asOf">Up to when the meter is read; null = it never was.</param>
    /// <param name="now">When.</param>
    /// <returns>True also where the clock was set back: what comes until it is there again is taken for old, and nobody follows the windows meanwhile.</returns>
    public static bool IsStale(MeterPlan plan, Instant? asOf, Instant now) => asOf is not { } at || now - at > plan.StaleAfter || at - now > plan.StaleAfter;

    /// <summary>Takes samples in, in order, that lie after what the meter knows; none = only time has passed.</summary>
    public static MeterStep Advance(MeterPlan plan, ImmutableArray<CompiledTariff> versions, MeterMemory memory, IEnumerable<MeterSample> samples, Instant now)
    {
        var meter = new LiveMeter(plan, versions, memory, now);
        foreach (var sample in samples)
        {
            meter.Add(sample);
        }

        return meter.Step(now);
    }

    /// <summary>
    /// Counts a billing cycle anew from its stored intervals, after a correction or when history is loaded. A finished cycle gives its peaks to the history;
    /// in the one under way peaks are replaced, and following goes on where it stood.
    /// </summary>
    /// <param name="plan">What was registered.</param>
    /// <param name="versions">The tariff's versions.</param>
    /// <param name="memory">Where the meter stands; its cycle is not before <paramref name="current"/>.</param>
    /// <param name="counted">The cycle to count.</param>
    /// <param name="current">The cycle under way.</param>
    /// <param name="samples">All that is known of the counted cycle, in order.</param>
    /// <param name="onlyRaise">Whether the peaks known of a finished cycle stay where they are higher.</param>
    public static MeterMemory Recompute(
        MeterPlan plan, ImmutableArray<CompiledTariff> versions, MeterMemory memory, BillingCycle counted, BillingCycle current, IEnumerable<MeterSample> samples, bool onlyRaise = false)
    {
        var zone = versions[0].Zone;
        var alone = memory with { AsOf = null, CycleFrom = counted.From, Lines = MeterMemory.Empty.Lines, Interval = null, Calls = [] };
        var meter = new LiveMeter(plan, versions, alone, zone.AtStartOfDay(counted.From).ToInstant());
        foreach (var sample in samples)
        {
            // Samples of stored intervals end with the cycle; one that runs over by a changed clock stays in it whole.
            meter.Apply(sample);
        }

        return counted.From < current.From ? meter.IntoHistory(memory, counted, onlyRaise) : meter.IntoCycle(memory, counted);
    }

    /// <summary>A closed cycle only changes the history; the ratchets of later cycles look it up there.</summary>
    private MeterMemory IntoHistory(MeterMemory before, BillingCycle counted, bool onlyRaise)
    {
        foreach (var meter in meters)
        {
            meter.Close(CycleEnd);
        }

        var live = before.Peaks.Where(p => p.Month == counted.Month).ToLookup(p => (p.Charge, p.Period));
        var recounted = GetPeaks(counted).Select(p => onlyRaise || IsSharper(p.Charge!) ? p with { Kw = live[(p.Charge, p.Period)].Select(l => l.Kw).Append(p.Kw).Max() } : p).ToArray();
        var sharper = before.Peaks.Where(p => p.Month == counted.Month && p.Charge is not null && (onlyRaise || IsSharper(p.Charge))
            && !recounted.Any(r => (r.Charge, r.Period) == (p.Charge, p.Period)));
        return before with
        {
            AsOf = memory.AsOf > before.AsOf ? memory.AsOf : before.AsOf,
            Peaks = [.. before.Peaks.Where(p => p.Month != counted.Month), .. sharper, .. recounted],
            PartMonths = [.. before.PartMonths.Where(p => p.Month != counted.Month), .. GetPartMonths(counted)],
        };
    }

    /// <summary>Whether telemetry told this charge's peaks more sharply than stored intervals can.</summary>
    private bool IsSharper(string charge) => plan.Telemetry && Lines().FirstOrDefault(l => l.Id == charge) is { } line && plan.Interval > line.Stride;

    private MeterMemory IntoCycle(MeterMemory before, BillingCycle counted)
    {
        if (before.AsOf is null || memory.AsOf > before.AsOf)
        {
            var lines = Lines().Zip(meters).ToImmutableSortedDictionary(m => m.First.Id, m => m.Second.Memory, StringComparer.Ordinal);
            return before with { AsOf = memory.AsOf, CycleFrom = counted.From, Lines = lines, Interval = null, Calls = memory.Calls };
        }

        var recounted = Lines().Zip(meters).Where(m => before.Lines.ContainsKey(m.First.Id)).Select(m => KeyValuePair.Create(
            m.First.Id, before.Lines[m.First.Id] with { Peaks = Merged(m.First, before.Lines[m.First.Id].Peaks, m.Second.Memory.Peaks), WindowsWithoutKvar = m.Second.Memory.WindowsWithoutKvar }));
        return before with { Lines = before.Lines.SetItems(recounted), Calls = CallsSoFar.Merge(before.Calls, memory.Calls) };
    }

    /// <summary>Intervals longer than the stride of the windows cannot tell peaks as sharply as telemetry did; then the higher one stays.</summary>
    private ImmutableSortedDictionary<string, PeakSoFar> Merged(
        DemandLine line, ImmutableSortedDictionary<string, PeakSoFar> live, ImmutableSortedDictionary<string, PeakSoFar> counted) =>
        !plan.Telemetry || plan.Interval <= line.Stride
            ? counted
            : live.SetItems(counted.Where(c => !live.TryGetValue(c.Key, out var held) || held.Kw < c.Value.Kw));

    private IEnumerable<PriorPeak> GetPeaks(BillingCycle ended) => Lines().Zip(meters).Where(m => !m.First.Daily).SelectMany(m => m.Second.Memory.Peaks.Select(p => new PriorPeak
    {
        Month = ended.Month,
        Kw = p.Value.Kw,
        Charge = m.First.Id,
        Period = p.Key,
    }));

    /// <summary>Lines in kVA that lack kvar, or that were followed from a later day on.</summary>
    private IEnumerable<PartMonth> GetPartMonths(BillingCycle ended)
    {
        var start = tariff.Zone.AtStartOfDay(ended.From).ToInstant();
        return Lines().Zip(meters).Where(m => m.First is { Daily: false, IsApparent: true } && (m.Second.Memory.WindowsWithoutKvar > 0 || m.Second.Memory.Since > start))
            .Select(m => new PartMonth(m.First.Id, ended.Month));
    }

    private void Add(MeterSample sample)
    {
        if (memory.AsOf is null)
        {
            Open(BillingCycle.Containing(sample.From.InZone(tariff.Zone).Date, plan.ReadingDay), sample.From);
        }

        while (CycleEnd <= sample.From)
        {
            Close();
        }

        if (CycleEnd < sample.Until)
        {
            var first = sample.Part(sample.From, CycleEnd);
            Apply(first);
            Close();
            sample = sample.After(first);
        }

        Apply(sample);
    }

    private void Apply(MeterSample sample)
    {
        memory = memory with { AsOf = sample.Until, CycleFrom = cycle.From, Calls = CallsSoFar.Add(memory.Calls, plan, tariff.Source, sample) };
        foreach (var meter in meters.Where(m => m.AsOf < sample.Until))
        {
            // What comes late for a cycle that is closed counts for the bill, and for windows from where the meter stands.
            var part = sample.Part(Instant.Max(sample.From, meter.AsOf), sample.Until);
            meter.Add(part.From, part.Until, part.ImportKwh, part.Kvarh);
        }

        Bill(sample);
    }

    private Instant CycleEnd => tariff.Zone.AtStartOfDay(cycle.Until).ToInstant();

    /// <summary>The cycle is over: its peaks become history, and the next one begins with none.</summary>
    private void Close()
    {
        foreach (var meter in meters)
        {
            meter.Close(CycleEnd);
        }

        var (ended, part) = (GetPeaks(cycle).ToArray(), GetPartMonths(cycle).ToArray());
        var least = RatchetRule.Number(cycle.Month) - MonthsKept;
        var end = CycleEnd;
        memory = memory with
        {
            Peaks = [.. memory.Peaks.Where(p => RatchetRule.Number(p.Month) > least && p.Month != cycle.Month), .. ended],
            PartMonths = [.. memory.PartMonths.Where(p => RatchetRule.Number(p.Month) > least && p.Month != cycle.Month), .. part],
            Lines = CarriedOver(end),
            CycleFrom = cycle.Until,
            Calls = memory.Calls.RemoveAll(c => c.Until <= end),
        };
        Open(BillingCycle.Containing(cycle.Until, plan.ReadingDay), end);
    }

    /// <summary>Rolling windows that are open at the end of a cycle belong to the next one, with the energy that they hold already.</summary>
    private ImmutableSortedDictionary<string, DemandMemory> CarriedOver(Instant end) => Lines().Zip(meters).Where(m => m.First.IsRolling).ToImmutableSortedDictionary(
        m => m.First.Id, m => m.Second.Memory with { AsOf = end, Peaks = ImmutableSortedDictionary<string, PeakSoFar>.Empty, WindowsWithoutKvar = null }, StringComparer.Ordinal);

    private void Open(BillingCycle opened, Instant? from = null)
    {
        cycle = opened;
        tariff = On(versions, cycle.From <= memory.AsOf?.InZone(versions[0].Zone).Date ? memory.AsOf.Value.InZone(versions[0].Zone).Date : cycle.From);
        var start = from ?? memory.AsOf ?? tariff.Zone.AtStartOfDay(cycle.From).ToInstant();
        meters = [.. Lines().Select(line => new DemandMeter(
            tariff, line, cycle, memory.Lines.TryGetValue(line.Id, out var known) ? known : new DemandMemory { AsOf = start }, plan.DemandTarget))];
    }

    private ImmutableArray<DemandLine> Lines() =>
        [.. DemandLines.Create(tariff.Source, plan.Account, cycle.Month, memory.Peaks, plan.Interval).Select(l => l with { WorstPowerFactor = plan.PowerFactor ?? l.WorstPowerFactor })];

    /// <summary>The version that holds on a day; before the first and after the last one, the nearest.</summary>
    internal static CompiledTariff On(ImmutableArray<CompiledTariff> versions, LocalDate day)
    {
        var sorted = versions.OrderBy(v => v.Source.EffectiveFrom ?? LocalDate.MinIsoValue).ToArray();
        return Array.FindLast(sorted, v => (v.Source.EffectiveFrom ?? LocalDate.MinIsoValue) <= day) ?? sorted[0];
    }

    private void Bill(MeterSample sample)
    {
        for (var left = sample; left.From < sample.Until;)
        {
            var start = grid.GetStart(left.From);
            var end = Instant.Min(start + plan.Interval, sample.Until);
            var part = end == sample.Until ? left : sample.Part(left.From, end);
            Bill(start, part);
            left = left.After(part);
        }
    }

    private void Bill(Instant start, MeterSample part)
    {
        var seconds = (part.Until - part.From).ToInt64Nanoseconds() / 1_000_000_000m;
        var open = memory.Interval is { } under && under.Start == start ? under : new OpenInterval(start, 0, 0);
        if (memory.Interval is { KnownSeconds: > 0 } left && left.Start != start)
        {
            finished.Add(Closed(left));
        }

        open = new OpenInterval(start, open.Kwh + part.NetKwh, open.KnownSeconds + seconds, open.Kvarh + (part.Kvarh ?? 0), open.KvarSeconds + (part.Kvarh is null ? 0 : seconds));
        var isOver = part.Until == start + plan.Interval;
        if (isOver)
        {
            finished.Add(Closed(open));
        }

        memory = memory with { Interval = isOver ? null : open };
    }

    /// <summary>The mean of the time that readings cover stands for the whole interval; if that is not all of it, as an estimate.</summary>
    private MeterInterval Closed(OpenInterval interval)
    {
        var whole = (decimal)plan.Interval.TotalSeconds;
        decimal? kvar = interval.KvarSeconds > 0 ? decimal.Round(interval.Kvarh * 3600 / interval.KvarSeconds, 6) : null;
        return new MeterInterval(
            interval.Start, decimal.Round(interval.Kwh * 3600 / interval.KnownSeconds, 6), interval.KnownSeconds < whole - 0.001m, kvar, kvar is not null && interval.KvarSeconds < whole - 0.001m);
    }

    private MeterStep Step(Instant now)
    {
        // Readings of a cycle's last moments may still be on their way.
        while (memory.AsOf is not null && CycleEnd + plan.StaleAfter <= now)
        {
            Close();
        }

        var lines = Lines();
        memory = memory with
        {
            CycleFrom = memory.AsOf is null ? null : cycle.From,
            Lines = memory.AsOf is null ? memory.Lines : lines.Zip(meters).ToImmutableSortedDictionary(m => m.First.Id, m => m.Second.Memory, StringComparer.Ordinal),
        };
        return new MeterStep
        {
            Memory = memory,
            Tariff = tariff,
            Cycle = cycle,
            Finished = finished.ToImmutable(),
            States = [.. meters.Select(m => m.State())],
            Calls = memory.AsOf is null ? [] : CallsSoFar.States(plan, tariff, cycle, memory.Calls, now),
            Drafts = plan.Publish ? EnvelopeDrafts.Compute(plan, tariff, memory.AsOf, meters, now) : [],
        };
    }
}

/// <summary>What a step gives.</summary>
public sealed record MeterStep
{
    public required MeterMemory Memory { get; init; }

    /// <summary>The version that holds.</summary>
    public required CompiledTariff Tariff { get; init; }

    public required BillingCycle Cycle { get; init; }

    /// <summary>Intervals that are over, in order.</summary>
    public required ImmutableArray<MeterInterval> Finished { get; init; }

    public required ImmutableArray<DemandState> States { get; init; }

    /// <summary>Called and forecast system peaks of the cycle and of the two days ahead, in order.</summary>
    public required ImmutableArray<CalledPeakState> Calls { get; init; }

    /// <summary>What every stream of the meter should say now.</summary>
    public required ImmutableArray<EnvelopeDraft> Drafts { get; init; }

    /// <summary>The same with the hours of excess renewables beside it, as the intensity of their zone tells them.</summary>
    public MeterStep WithExcess(ExcessRenewables excess, IntensityCurve curve, Instant now) => this with { Drafts = Drafts.Add(excess.Draft(curve, now)) };
}
