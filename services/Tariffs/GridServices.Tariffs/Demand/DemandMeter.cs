using System.Collections.Immutable;
using System.Runtime.InteropServices;
using GridServices.Tariffs.Bills;
using GridServices.Tariffs.Time;
using NodaTime;

namespace GridServices.Tariffs.Demand;

/// <summary>
/// Follows one demand line from meter samples. Energy is kept in cells as long as the stride of the windows, so a sample costs the number of open windows at
/// most, whatever the rate of samples:
/// <code>
///   rolling, W = 15 min, step 1 min: 15 windows are open at any time, and the tightest one binds
///   |--------------|            opened 14 min ago, about to close
///    |--------------|
///                  |--------------|  opened now
/// </code>
/// Time without samples is unknown: it counts as drawn at the target, and never makes a peak. Time before the first sample counts as nothing.
/// Of kVA, kvar that are not known are never none: they are those of the worst power factor that is stated, or there is no headroom, with the reason.
/// </summary>
public sealed class DemandMeter
{
    private readonly CompiledTariff tariff;
    private readonly DemandLine line;
    private readonly BillingCycle cycle;
    private readonly DemandTarget target;
    private readonly DemandCells cells;
    private readonly Dictionary<string, PeakSoFar> peaks;
    private readonly int steps;
    private readonly Instant since;
    private Instant asOf;
    private decimal? lastKvar;
    private int withoutKvar;

    /// <param name="tariff">The tariff version that holds.</param>
    /// <param name="line">What is paid by the highest window.</param>
    /// <param name="cycle">The billing cycle under way.</param>
    /// <param name="memory">Where following goes on; energy before its <c>AsOf</c> that it does not hold is unknown.</param>
    /// <param name="target">What no window should exceed; absent = what is paid for anyway.</param>
    public DemandMeter(CompiledTariff tariff, DemandLine line, BillingCycle cycle, DemandMemory memory, DemandTarget? target = null)
    {
        (this.tariff, this.line, this.cycle, this.target) = (tariff, line, cycle, target ?? DemandTarget.PeakToDate);
        steps = Math.Max(1, (int)(line.Window / line.Stride));
        // What was followed in kW says nothing of kVA, nor the other way.
        memory = memory.IsApparent == line.IsApparent ? memory : new DemandMemory { AsOf = memory.AsOf };
        (asOf, since, lastKvar, withoutKvar) = (memory.AsOf, memory.Since ?? memory.AsOf, memory.LastKvar, memory.WindowsWithoutKvar ?? 0);
        // Where the windows have become shorter, what is held of the longer ones has no place in them.
        cells = new DemandCells(WindowClock.Local(tariff.Zone, (long)line.Stride.TotalSeconds), memory.Cells.Where(c => c.KnownSeconds <= (decimal)line.Stride.TotalSeconds + 0.001m));
        peaks = new Dictionary<string, PeakSoFar>(memory.Peaks, StringComparer.Ordinal);
    }

    /// <summary>Up to here samples are taken in.</summary>
    public Instant AsOf => asOf;

    public DemandMemory Memory => new()
    {
        AsOf = asOf,
        Since = since,
        Cells = cells.All,
        Peaks = peaks.ToImmutableSortedDictionary(StringComparer.Ordinal),
        LastKvar = lastKvar,
        IsApparent = line.IsApparent,
        WindowsWithoutKvar = withoutKvar == 0 ? null : withoutKvar,
    };

    /// <summary>Energy drawn over [from, until), and reactive energy where it was read. What lies between the last sample and <paramref name="from"/> is unknown.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A sample that does not lie after the one before, or has no length.</exception>
    public void Add(Instant from, Instant until, decimal kwh, decimal? kvarh = null)
    {
        if (from < asOf || until <= from)
        {
            throw new ArgumentOutOfRangeException(nameof(from), from, $"the sample [{from}, {until}) does not lie after {asOf}; samples come in order");
        }

        cells.Add(from, until, Math.Max(0, kwh), line.IsApparent ? kvarh : null);
        lastKvar = line.IsApparent ? kvarh * 3600 / DemandCells.Seconds(until - from) : null;
        for (var window = WindowAt(asOf); window.End <= until; window = Next(window))
        {
            // Windows that lie wholly in a gap hold nothing and say nothing.
            window = window.Start >= asOf && window.End <= from ? WindowAt(from) : window;
            if (window.End <= until)
            {
                Finish(window);
            }
        }

        asOf = until;
        cells.RemoveBefore(WindowAt(asOf).Start);
    }

    /// <summary>The cycle ends: windows still open that belong to it count with what is known of them.</summary>
    public void Close(Instant end)
    {
        // A window whose last step starts at the end, or later, is the next cycle's.
        for (var window = WindowAt(asOf); window.End <= end && window.Start < asOf; window = Next(window))
        {
            Finish(window);
        }
    }

    /// <summary>Where the line stands; <c>Period</c> is null where nothing is to pay now.</summary>
    public DemandState State()
    {
        var period = PeriodAt(asOf);
        var open = Open().ToArray();
        var binding = open.MinBy(w => w.Headroom.UnclampedKw);
        var window = binding?.At ?? WindowAt(asOf);
        var drawn = cells.Sum(window.Start, window.End);
        var (shown, floor) = (binding?.Period ?? period, 0m);
        var peak = shown is null ? null : FindPeak(shown, GetDate(asOf));
        floor = shown is null ? 0 : line.PaidKw(shown, peak?.Kw ?? 0);
        var paid = Math.Max(peak?.Kw ?? 0, floor);
        return new DemandState
        {
            AsOf = asOf,
            Charge = line.Id,
            Period = shown,
            WindowStart = window.Start,
            WindowEnd = window.End,
            EnergyInWindowKwh = shown is null ? 0 : drawn.Kwh,
            UnknownSeconds = binding?.UnknownSeconds ?? 0,
            IsApparent = line.IsApparent,
            KvarhInWindow = line.IsApparent && drawn.KvarSeconds > 0 ? drawn.Kvarh : null,
            Assumed = binding is null ? null : Assumption(drawn),
            Unknown = shown is null || binding is not null ? null : ExplainUnknown(drawn),
            WindowsWithoutKvar = withoutKvar,
            PeakToDateKw = peak?.Kw ?? 0,
            PeakAt = peak?.At,
            FloorKw = floor,
            TargetKw = shown is null ? 0 : target.ComputeKw(paid),
            MarginalPrice = shown is null ? 0 : line.PriceAbove(shown, paid),
            OnTopFactor = line.OnTopFactor,
            HorizonFactor = line.HorizonFactor,
            NextReset = NextReset,
            Headroom = binding?.Headroom,
        };
    }

    /// <summary>What the line allows over [now, until): the headroom of open windows first, then the target of each period to come.</summary>
    /// <param name="now">Start.</param>
    /// <param name="until">End.</param>
    /// <param name="unknownKw">What holds where kVA leave it unknown; absent = nothing is said then.</param>
    public IEnumerable<DemandAllowance> Outlook(Instant now, Instant until, decimal? unknownKw = null)
    {
        var open = Open(unknownKw).OrderBy(w => w.End).ToArray();
        var from = now;
        for (var i = 0; i < open.Length; i++)
        {
            if (open[i].End > from)
            {
                // Whoever keeps to the tightest of the windows still open keeps to all of them.
                var tightest = open[i..].MinBy(w => w.Headroom.AllowableKw)!;
                yield return Allowance(from, open[i].End, tightest.Headroom, tightest.Period);
                from = open[i].End;
            }
        }

        foreach (var span in from < until ? PeriodSpans.Compute(tariff, line.Schedule, from, until, []) : [])
        {
            foreach (var allowance in span.Period is { } period && line.Periods.Contains(period) ? Future(span, period, unknownKw) : [])
            {
                yield return allowance;
            }
        }
    }

    private Instant NextReset => tariff.Zone.AtStartOfDay(line.Daily ? asOf.InZone(tariff.Zone).Date.PlusDays(1) : cycle.Until).ToInstant();

    /// <summary>After the reset nothing is known but the plan and the floors; a target of 0 would be no help then.</summary>
    private IEnumerable<DemandAllowance> Future(PeriodSpan span, string period, decimal? unknownKw)
    {
        var reset = NextReset;
        if (span.From < reset && (ComputeFullHeadroom(ComputeTarget(period)) ?? Fixed(unknownKw)) is { } before)
        {
            yield return Allowance(span.From, Instant.Min(span.Until, reset), before, period);
        }

        if (span.Until > reset && target.ComputeKw(line.PaidKw(period, 0)) is > 0 and var kw && (ComputeFullHeadroom(kw) ?? Fixed(unknownKw)) is { } after)
        {
            yield return Allowance(Instant.Max(span.From, reset), span.Until, after, period);
        }
    }

    private DemandAllowance Allowance(Instant from, Instant until, Headroom headroom, string period) => new(
        from, until, headroom.AllowableKw, line.Id, period, line.PriceAbove(period, line.IsApparent ? ComputeTarget(period) : headroom.AllowableKw) * headroom.PerKw * line.OnTopFactor);

    /// <summary>Mean kW of a window that begins; null where kVA leave it unknown.</summary>
    private Headroom? ComputeFullHeadroom(decimal goal) => !line.IsApparent ? Headroom.Compute(goal, 1, 0, 0)
        : Ahead is { } ahead ? ApparentHeadroom.Compute(goal, 1, 0, 0, 0, ahead) : null;

    private static Headroom? Fixed(decimal? kw) => kw is { } allowed ? new Headroom(allowed, allowed, BreachCertain: false, 0) : null;

    private KvarForecast? Ahead => KvarForecast.Create(lastKvar, line.WorstPowerFactor);

    /// <summary>Why kVA leave no headroom.</summary>
    private string? ExplainUnknown(CellSum drawn) => !line.IsApparent ? null
        : $"the charge is per kVA, and kvar {(lastKvar is null ? "are not read" : drawn.LacksKvar ? "are missing in the open window" : "are missing")}: without a power factor (powerFactor of the meter or of the charge) what may be drawn is not known";

    private string? Assumption(CellSum drawn) => !line.IsApparent ? null
        : (lastKvar, line.WorstPowerFactor) switch
        {
            ({ } kvar, { } factor) => $"kvar ahead are the larger of those last read ({kvar:0.###}) and those of a power factor of {factor:0.####}",
            ({ } kvar, null) => $"kvar ahead are those last read ({kvar:0.###})",
            (null, { } factor) => $"kvar are not read: a power factor of {factor:0.####} is taken",
            _ => null,
        }
        + (drawn.LacksKvar ? $"; {drawn.KwhWithoutKvar:0.######} kWh of the window have no kvar: taken at a power factor of {line.WorstPowerFactor:0.####}" : string.Empty);

    /// <summary>The period's peak so far; of that day alone where each day is assessed for itself.</summary>
    private PeakSoFar? FindPeak(string period, LocalDate day) =>
        peaks.GetValueOrDefault(period) is { } peak && (!line.Daily || GetDate(peak.At + line.Window - line.Stride) == day) ? peak : null;

    private LocalDate GetDate(Instant moment) => moment.InZone(tariff.Zone).Date;

    private decimal ComputeTarget(string period)
    {
        var peak = FindPeak(period, GetDate(asOf))?.Kw ?? 0;
        return target.ComputeKw(Math.Max(peak, line.PaidKw(period, peak)));
    }

    private IEnumerable<OpenWindow> Open(decimal? unknownKw = null)
    {
        var window = WindowAt(asOf);
        for (var i = 0; i < steps && window.Start <= asOf; i++, window = Next(window))
        {
            var (start, end) = (window.Start, window.End);
            if (FindPeriod(window) is { } period)
            {
                var drawn = cells.Sum(start, end);
                var unknown = Math.Max(0, DemandCells.Seconds(asOf - Instant.Max(start, since)) - drawn.KnownSeconds);
                if ((Left(window, drawn, ComputeTarget(period), 0) ?? Fixed(unknownKw)) is { } certain)
                {
                    var headroom = unknown == 0 ? certain : Left(window, drawn, ComputeTarget(period), unknown) ?? certain;
                    yield return new OpenWindow(window, period, unknown, headroom with { BreachCertain = certain.BreachCertain, LeastWindowKw = certain.LeastWindowKw });
                }
            }
        }
    }

    /// <summary>What is left of a window in which so many seconds without readings count as drawn at the target; null where its kVA are not known.</summary>
    private Headroom? Left(MeterWindow window, CellSum drawn, decimal goal, decimal unknown)
    {
        var (length, elapsed) = (DemandCells.Seconds(window.End - window.Start), DemandCells.Seconds(asOf - window.Start));
        if (!line.IsApparent)
        {
            return Headroom.Compute(goal, length, elapsed, drawn.Kwh + goal * unknown / 3600);
        }

        if (Ahead is not { } ahead || (drawn.LacksKvar && line.WorstPowerFactor is null))
        {
            return null;
        }

        var kvarh = drawn.Kvarh;
        if (drawn.LacksKvar || unknown > 0)
        {
            // Nobody can know that what was not read made up for what was.
            var atTarget = ComputeFullHeadroom(goal)!.AllowableKw;
            ahead = ahead with { Held = ahead.Held is { } held ? Math.Abs(held) : null };
            kvarh = Math.Abs(kvarh) + (line.WorstPowerFactor is { } factor ? drawn.KwhWithoutKvar * KvarForecast.ComputeTangent(factor) : 0) + ahead.ComputeKvar(atTarget) * unknown / 3600;
            drawn = drawn with { Kwh = drawn.Kwh + atTarget * unknown / 3600 };
        }

        return ApparentHeadroom.Compute(goal, length, elapsed, drawn.Kwh, kvarh, ahead);
    }

    private void Finish(MeterWindow window)
    {
        var (start, end) = (window.Start, window.End);
        if (FindPeriod(window) is { } period && Mean(cells.Sum(start, end), DemandCells.Seconds(end - start)) is > 0 and var kw && kw > (FindPeak(period, GetDate(window.LastStep))?.Kw ?? 0))
        {
            peaks[period] = new PeakSoFar(kw, start);
        }
    }

    /// <summary>As on the bill: a window whose kvar are not known has the power factor that the tariff states, or none.</summary>
    private decimal? Mean(CellSum drawn, decimal seconds)
    {
        var (kw, kvar) = (drawn.Kwh * 3600 / seconds, drawn.Kvarh * 3600 / seconds);
        if (!line.IsApparent || !drawn.LacksKvar)
        {
            return line.IsApparent ? SquareRoot.Compute(kw * kw + kvar * kvar) : kw;
        }

        withoutKvar += line.PowerFactor is null ? 1 : 0;
        return kw / line.PowerFactor;
    }

    /// <summary>A block window belongs where it starts, a rolling one where its last stride starts; as on the bill.</summary>
    private string? FindPeriod(MeterWindow window) => PeriodAt(window.LastStep);

    private string? PeriodAt(Instant moment) => PeriodSpans.At(tariff, line.Schedule, moment) is { } period && line.Periods.Contains(period) ? period : null;

    /// <summary>The window whose last step holds the moment; steps lie on the local clock.</summary>
    private MeterWindow WindowAt(Instant moment)
    {
        var last = cells.GetCell(moment);
        var start = last.Start;
        for (var step = 1; step < steps; step++)
        {
            start = cells.GetCell(start - Duration.Epsilon).Start;
        }

        return new MeterWindow(start, last.Start, last.End);
    }

    private MeterWindow Next(MeterWindow window)
    {
        var last = cells.GetCell(window.End);
        return new MeterWindow(steps == 1 ? last.Start : cells.GetCell(window.Start).End, last.Start, last.End);
    }

    /// <summary>A window and where its last step starts (for blocks: the window itself).</summary>
    [StructLayout(LayoutKind.Auto)]
    private readonly record struct MeterWindow(Instant Start, Instant LastStep, Instant End);

    private sealed record OpenWindow(MeterWindow At, string Period, decimal UnknownSeconds, Headroom Headroom)
    {
        public Instant End => At.End;
    }
}

/// <summary>Mean kW that a line allows over [<paramref name="From"/>, <paramref name="Until"/>).</summary>
/// <param name="From">Start.</param>
/// <param name="Until">End, not contained.</param>
/// <param name="Kw">Not below 0.</param>
/// <param name="Charge">Whose.</param>
/// <param name="Period">In which period.</param>
/// <param name="PricePerKw">What one kW more costs in this cycle, riders and taxes included.</param>
public sealed record DemandAllowance(Instant From, Instant Until, decimal Kw, string Charge, string Period, decimal PricePerKw);
