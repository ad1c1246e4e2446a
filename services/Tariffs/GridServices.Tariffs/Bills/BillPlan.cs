using System.Collections.Concurrent;
using System.Collections.Immutable;
using GridServices.Tariffs.Intervals;
using GridServices.Tariffs.Model;
using GridServices.Tariffs.Time;
using NodaTime;

namespace GridServices.Tariffs.Bills;

/// <summary>
/// Everything about a bill that does not depend on the meter's numbers: which intervals lie in which billing cycle, tariff version and period.
/// Made once per (tariff, calendar, interval grid) and shared by all meters of that shape and by all threads.
/// </summary>
public sealed class BillPlan
{
    private readonly ConcurrentDictionary<(int Version, string? Schedule), RunTable> tables = new();
    private const int MostIntervals = 4_000_000;

    private readonly ImmutableArray<int> cuts;

    private BillPlan(ImmutableArray<CompiledTariff> versions, ImmutableArray<BillingCycle> cycles, Grid grid, ImmutableArray<CalledEvent> events)
    {
        Given = grid;
        Versions = versions;
        VersionNames = Names(versions);
        Cycles = cycles;
        Grid = grid;
        Events = events;
        Spans = [.. cycles.Select(cycle => new IndexRange(At(cycle.From), At(cycle.Until) - At(cycle.From)))];
        Segments = [.. cycles.SelectMany((cycle, i) => Cut(cycle, i))];
        cuts = [.. Segments.SelectMany(s => new[] { s.From, s.Until }).Distinct().Order()];
    }

    public ImmutableArray<CompiledTariff> Versions { get; }

    /// <summary>A name of each version that no other has: lines of a bill are told apart by it.</summary>
    internal ImmutableArray<string> VersionNames { get; }

    public ImmutableArray<BillingCycle> Cycles { get; }

    public ImmutableArray<CalledEvent> Events { get; }

    public DateTimeZone Zone => Versions[0].Zone;

    /// <summary>The intervals that are billed: the meter's, or equal parts of them where an edge of a period, an event or a billing day cuts one.</summary>
    internal Grid Grid { get; }

    /// <summary>The meter's intervals.</summary>
    internal Grid Given { get; private init; }

    /// <summary>Billed intervals in one of the meter's.</summary>
    internal int Parts => Given.StepSeconds / Grid.StepSeconds;

    /// <summary>The first edge that cuts one of the meter's intervals.</summary>
    internal Instant? CutAt { get; private init; }

    /// <summary>The intervals of each cycle.</summary>
    internal ImmutableArray<IndexRange> Spans { get; }

    internal ImmutableArray<BillSegment> Segments { get; }

    /// <summary>Lays one or more versions of a tariff over billing cycles and an interval grid.</summary>
    /// <param name="versions">In order of their effective dates, not overlapping, in one currency and zone.</param>
    /// <param name="cycles">In order, not overlapping.</param>
    /// <param name="series">Gives the grid: start, step and count.</param>
    /// <param name="events">Called events, of the kinds that the tariff names.</param>
    /// <exception cref="BillRefusedException">Versions that overlap, leave a day without price or differ in currency or zone; cycles out of order.</exception>
    public static BillPlan Create(IReadOnlyList<CompiledTariff> versions, IReadOnlyList<BillingCycle> cycles, IntervalSeries series, IReadOnlyList<CalledEvent>? events = null)
    {
        var sorted = versions.OrderBy(v => v.Source.EffectiveFrom ?? LocalDate.MinIsoValue).ToImmutableArray();
        Require(!sorted.IsEmpty, "give at least one tariff");
        Require(cycles.Count is > 0 and <= 1200, "give 1 to 1200 billing cycles");
        Require(cycles.All(c => c.From < c.Until) && cycles.Zip(cycles.Skip(1)).All(p => p.First.Until <= p.Second.From), "billing cycles are half-open, in order and do not overlap");
        Require((events ?? []).All(e => e.From < e.Until), "a called event runs from a moment until a later one");
        Require(sorted.All(v => v.Source.Currency == sorted[0].Source.Currency), "all versions of a tariff must be in one currency");
        Require(sorted.All(v => v.Source.TimeZone == sorted[0].Source.TimeZone), "all versions of a tariff must be in one time zone");
        foreach (var (earlier, later) in sorted.Zip(sorted.Skip(1)))
        {
            Require(
                later.Source.EffectiveFrom is { } from && (earlier.Source.EffectiveUntil ?? from) <= from,
                $"versions '{earlier.Source.Version}' and '{later.Source.Version}' overlap; give each effectiveFrom and effectiveUntil");
        }

        var grid = new Grid(series.Start.ToUnixTimeSeconds(), series.StepSeconds, series.Count);
        return new BillPlan(sorted, [.. cycles], grid, [.. events ?? []]).Refined();
    }

    /// <summary>What a meter recorded, in the intervals that are billed.</summary>
    internal MeterData Refined(MeterData data) => Parts == 1 ? data : new MeterData
    {
        Net = data.Net.Refined(Parts),
        Export = data.Export?.Refined(Parts),
        Generation = data.Generation?.Refined(Parts),
        Reactive = data.Reactive?.Refined(Parts),
    };

    internal IEnumerable<BillSegment> GetSegments(int cycle) => Segments.Where(s => s.Cycle == cycle);

    internal RunTable GetTable(int version, string? schedule) => tables.GetOrAdd(
        (version, schedule),
        static (key, plan) => RunTable.Create(plan.Versions[key.Version].FindSchedule(key.Schedule), plan.Zone, plan.Grid, plan.cuts, plan.Events),
        this);

    /// <summary>How many intervals a whole cycle has, whether or not the series covers it.</summary>
    internal int Expected(int cycle) =>
        (int)((GetStart(Cycles[cycle].Until) - GetStart(Cycles[cycle].From)).TotalSeconds / Grid.StepSeconds);

    internal int At(LocalDate date) => Grid.IndexAt(GetStart(date));

    internal Instant GetStart(LocalDate date) => Zone.AtStartOfDay(date).ToInstant();

    internal LocalDate GetDate(int index) => Instant.FromUnixTimeSeconds(Grid.StartSeconds + (long)index * Grid.StepSeconds).InZone(Zone).Date;

    /// <summary>This plan on intervals that no edge cuts.</summary>
    private BillPlan Refined()
    {
        var edges = new EdgeGrid(Grid);
        foreach (var segment in Segments)
        {
            edges.Add(GetStart(segment.Span.From).ToUnixTimeSeconds());
            edges.Add(GetStart(segment.Span.Until).ToUnixTimeSeconds());
        }

        foreach (var day in Versions.SelectMany(v => v.Source.Riders).SelectMany(r => new[] { r.EffectiveFrom, r.EffectiveUntil }).OfType<LocalDate>())
        {
            edges.Add(GetStart(day).ToUnixTimeSeconds());
        }

        foreach (var (version, schedule) in Segments.Select(s => s.Version).Distinct().SelectMany(v => GetSchedules(Versions[v].Source), (v, s) => (v, s)))
        {
            edges.Add(GetTable(version, schedule).Edges);
        }

        if (edges.Cut is not { } cut)
        {
            return this;
        }

        var (at, parts) = (Instant.FromUnixTimeSeconds(cut), Grid.StepSeconds / edges.StepSeconds);
        Require((long)Grid.Count * parts <= MostIntervals, $"an interval of {Grid.StepSeconds} s is cut at {at}, where a period, a called event or a billing day of the tariff begins or ends; give intervals, or events, that do not cut each other");
        return new BillPlan(Versions, Cycles, new Grid(Grid.StartSeconds, edges.StepSeconds, Grid.Count * parts), Events) { Given = Grid, CutAt = at };
    }

    private static IEnumerable<string> GetSchedules(Tariff tariff) => tariff.Energy.Select(c => c.Schedule)
        .Concat(tariff.Demand.Select(c => c.Schedule))
        .Concat(tariff.ContractedPower.Select(c => c.Schedule))
        .Append(tariff.BillingDemand?.Schedule)
        .OfType<string>().Distinct(StringComparer.Ordinal);

    /// <summary>The versions' own names; one that is empty or occurs twice is named by the days on which it holds.</summary>
    private static ImmutableArray<string> Names(ImmutableArray<CompiledTariff> versions)
    {
        ImmutableArray<string> own = [.. versions.Select(v => v.Source.Version)];
        ImmutableArray<string> names = [.. own.Select((name, v) => name.Length > 0 && own.Count(n => n == name) == 1 ? name : $"{name} {FormatDays(versions[v].Source)}".TrimStart())];
        return names.Distinct(StringComparer.Ordinal).Count() == names.Length ? names : [.. names.Select((name, v) => $"{v + 1}: {name}")];
    }

    private static string FormatDays(Tariff tariff) => tariff.EffectiveFrom is { } from ? $"from {from:uuuu-MM-dd}" : tariff.EffectiveUntil is { } until ? $"until {until:uuuu-MM-dd}" : "always";

    private static void Require(bool holds, string detail)
    {
        if (!holds)
        {
            throw new BillRefusedException(detail);
        }
    }

    private IEnumerable<BillSegment> Cut(BillingCycle cycle, int number)
    {
        var day = cycle.From;
        for (var v = 0; v < Versions.Length && day < cycle.Until; v++)
        {
            var (from, until) = Effective(v);
            if (until <= day || from >= cycle.Until)
            {
                continue;
            }

            Require(from <= day, $"no version of the tariff holds on {day:uuuu-MM-dd}");
            var end = LocalDate.Min(until, cycle.Until);
            yield return new BillSegment(number, v, At(day), At(end), new BillingCycle(day, end), cycle.Days);
            day = end;
        }

        Require(day == cycle.Until, $"no version of the tariff holds on {day:uuuu-MM-dd}");
    }

    /// <summary>
    /// A version without an end holds until the next one starts. A tariff given alone is a question "what would it cost": it is
    /// applied to all cycles, and the bill notes if it does not hold then.
    /// </summary>
    private (LocalDate From, LocalDate Until) Effective(int version) => Versions.Length == 1 ? (LocalDate.MinIsoValue, LocalDate.MaxIsoValue) : (
        Versions[version].Source.EffectiveFrom ?? LocalDate.MinIsoValue,
        Versions[version].Source.EffectiveUntil ?? (version + 1 < Versions.Length ? Versions[version + 1].Source.EffectiveFrom!.Value : LocalDate.MaxIsoValue));
}

/// <summary>The part of a cycle in which one version holds: intervals [From, Until).</summary>
internal sealed record BillSegment(int Cycle, int Version, int From, int Until, BillingCycle Span, int CycleDays)
{
    /// <summary>The segment's share of an amount for the whole cycle, by days.</summary>
    public decimal Prorate(decimal amount) => IsWhole ? amount : amount * Span.Days / CycleDays;

    public bool IsWhole => Span.Days == CycleDays;
}

/// <summary>A bill that cannot be calculated, with what to change in the request.</summary>
public class BillRefusedException : Exception
{
    public BillRefusedException()
    {
    }

    public BillRefusedException(string message)
        : base(message)
    {
    }

    public BillRefusedException(string message, Exception inner)
        : base(message, inner)
    {
    }
}
