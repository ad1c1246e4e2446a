using System.Collections.Immutable;
using System.Runtime.InteropServices;
using NodaTime;

namespace GridServices.Tariffs;

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
/// </summary>
public sealed class DemandMeter
{
    private readonly CompiledTariff tariff;
    private readonly DemandLine line;
    private readonly BillingCycle cycle;
    private readonly DemandTarget target;
    private readonly List<DemandCell> cells;
    private readonly Dictionary<string, PeakSoFar> peaks;
    private readonly WindowClock clock;
    private readonly int steps;
    private readonly Instant since;
    private Instant asOf;

    /// <param name="tariff">The tariff version that holds.</param>
    /// <param name="line">What is paid by the highest window.</param>
    /// <param name="cycle">The billing cycle under way.</param>
    /// <param name="memory">Where following goes on; energy before its <c>AsOf</c> that it does not hold is unknown.</param>
    /// <param name="target">What no window should exceed; absent = what is paid for anyway.</param>
    public DemandMeter(CompiledTariff tariff, DemandLine line, BillingCycle cycle, DemandMemory memory, DemandTarget? target = null)
    {
        (this.tariff, this.line, this.cycle, this.target) = (tariff, line, cycle, target ?? DemandTarget.PeakToDate);
        clock = WindowClock.Local(tariff.Zone, (long)line.Stride.TotalSeconds);
        steps = Math.Max(1, (int)(line.Window / line.Stride));
        (asOf, since) = (memory.AsOf, memory.Since ?? memory.AsOf);
        cells = [.. memory.Cells];
        peaks = new Dictionary<string, PeakSoFar>(memory.Peaks, StringComparer.Ordinal);
    }

    /// <summary>Up to here samples are taken in.</summary>
    public Instant AsOf => asOf;

    public DemandMemory Memory => new()
    {
        AsOf = asOf,
        Since = since,
        Cells = [.. cells],
        Peaks = peaks.ToImmutableSortedDictionary(StringComparer.Ordinal),
    };

    /// <summary>Energy drawn over [from, until). What lies between the last sample and <paramref name="from"/> is unknown.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A sample that does not lie after the one before, or has no length.</exception>
    public void Add(Instant from, Instant until, decimal kwh)
    {
        if (from < asOf || until <= from)
        {
            throw new ArgumentOutOfRangeException(nameof(from), from, $"the sample [{from}, {until}) does not lie after {asOf}; samples come in order");
        }

        Pour(from, until, Math.Max(0, kwh));
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
        var oldest = WindowAt(asOf).Start;
        cells.RemoveAll(c => c.Start < oldest);
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
        var (shown, floor) = (binding?.Period ?? period, 0m);
        var peak = shown is null ? null : PeakOf(shown, DateOf(asOf));
        floor = shown is null ? 0 : line.PaidKw(shown, peak?.Kw ?? 0);
        var paid = Math.Max(peak?.Kw ?? 0, floor);
        return new DemandState
        {
            AsOf = asOf,
            Charge = line.Id,
            Period = shown,
            WindowStart = binding?.Start ?? WindowAt(asOf).Start,
            WindowEnd = binding?.End ?? WindowAt(asOf).End,
            EnergyInWindowKwh = binding?.Kwh ?? 0,
            UnknownSeconds = binding?.UnknownSeconds ?? 0,
            PeakToDateKw = peak?.Kw ?? 0,
            PeakAt = peak?.At,
            FloorKw = floor,
            TargetKw = shown is null ? 0 : target.Of(paid),
            MarginalPrice = shown is null ? 0 : line.PriceAbove(shown, paid),
            OnTopFactor = line.OnTopFactor,
            HorizonFactor = line.HorizonFactor,
            NextReset = NextReset,
            Headroom = binding?.Headroom,
        };
    }

    /// <summary>What the line allows over [now, until): the headroom of open windows first, then the target of each period to come.</summary>
    public IEnumerable<DemandAllowance> Outlook(Instant now, Instant until)
    {
        var open = Open().OrderBy(w => w.End).ToArray();
        var from = now;
        for (var i = 0; i < open.Length; i++)
        {
            if (open[i].End > from)
            {
                // Whoever keeps to the tightest of the windows still open keeps to all of them.
                var tightest = open[i..].MinBy(w => w.Headroom.AllowableKw)!;
                yield return Allowance(from, open[i].End, tightest.Headroom.AllowableKw, tightest.Period);
                from = open[i].End;
            }
        }

        foreach (var span in from < until ? PeriodSpans.Compute(tariff, line.Schedule, from, until, []) : [])
        {
            foreach (var allowance in span.Period is { } period && line.Periods.Contains(period) ? Future(span, period) : [])
            {
                yield return allowance;
            }
        }
    }

    private Instant NextReset => tariff.Zone.AtStartOfDay(line.Daily ? asOf.InZone(tariff.Zone).Date.PlusDays(1) : cycle.Until).ToInstant();

    /// <summary>After the reset nothing is known but the plan and the floors; a target of 0 would be no help then.</summary>
    private IEnumerable<DemandAllowance> Future(PeriodSpan span, string period)
    {
        var reset = NextReset;
        if (span.From < reset)
        {
            yield return Allowance(span.From, Instant.Min(span.Until, reset), TargetOf(period), period);
        }

        if (span.Until > reset && target.Of(line.PaidKw(period, 0)) is > 0 and var kw)
        {
            yield return Allowance(Instant.Max(span.From, reset), span.Until, kw, period);
        }
    }

    private DemandAllowance Allowance(Instant from, Instant until, decimal kw, string period) =>
        new(from, until, kw, line.Id, period, line.PriceAbove(period, kw) * line.OnTopFactor);

    /// <summary>The period's peak so far; of that day alone where each day is assessed for itself.</summary>
    private PeakSoFar? PeakOf(string period, LocalDate day) =>
        peaks.GetValueOrDefault(period) is { } peak && (!line.Daily || DateOf(peak.At + line.Window - line.Stride) == day) ? peak : null;

    private LocalDate DateOf(Instant moment) => moment.InZone(tariff.Zone).Date;

    private decimal TargetOf(string period)
    {
        var peak = PeakOf(period, DateOf(asOf))?.Kw ?? 0;
        return target.Of(Math.Max(peak, line.PaidKw(period, peak)));
    }

    private IEnumerable<OpenWindow> Open()
    {
        var window = WindowAt(asOf);
        for (var i = 0; i < steps && window.Start <= asOf; i++, window = Next(window))
        {
            var (start, end) = (window.Start, window.End);
            if (PeriodOf(window) is { } period)
            {
                var (kwh, known) = Sum(start, end);
                var (length, elapsed, goal) = (Seconds(end - start), Seconds(asOf - start), TargetOf(period));
                var unknown = Math.Max(0, Seconds(asOf - Instant.Max(start, since)) - known);
                var certain = Headroom.Compute(goal, length, elapsed, kwh);
                var headroom = unknown == 0 ? certain : Headroom.Compute(goal, length, elapsed, kwh + goal * unknown / 3600);
                yield return new OpenWindow(start, end, period, kwh, unknown, headroom with { BreachCertain = certain.BreachCertain, LeastWindowKw = certain.LeastWindowKw });
            }
        }
    }

    private void Finish(MeterWindow window)
    {
        var (start, end) = (window.Start, window.End);
        if (PeriodOf(window) is { } period && Sum(start, end) is ( > 0 and var kwh, _))
        {
            var kw = kwh * 3600 / Seconds(end - start);
            if (kw > (PeakOf(period, DateOf(window.LastStep))?.Kw ?? 0))
            {
                peaks[period] = new PeakSoFar(kw, start);
            }
        }
    }

    /// <summary>Into the cells, by share of time; what division leaves over goes into the last one, so that no energy is lost.</summary>
    private void Pour(Instant from, Instant until, decimal kwh)
    {
        var (at, left, length) = (from, kwh, Seconds(until - from));
        while (at < until)
        {
            var cell = CellOf(at);
            var end = Instant.Min(cell.End, until);
            var part = end == until ? left : kwh * Seconds(end - at) / length;
            Keep(cell.Start, part, Seconds(end - at));
            (at, left) = (end, left - part);
        }
    }

    private void Keep(Instant start, decimal kwh, decimal seconds)
    {
        if (cells.Count > 0 && cells[^1].Start == start)
        {
            cells[^1] = new DemandCell(start, cells[^1].Kwh + kwh, cells[^1].KnownSeconds + seconds);
        }
        else
        {
            cells.Add(new DemandCell(start, kwh, seconds));
        }
    }

    private (decimal Kwh, decimal Known) Sum(Instant start, Instant end)
    {
        var (kwh, known) = (0m, 0m);
        foreach (var cell in cells)
        {
            if (cell.Start >= start && cell.Start < end)
            {
                kwh += cell.Kwh;
                known += cell.KnownSeconds;
            }
        }

        return (kwh, known);
    }

    /// <summary>A block window belongs where it starts, a rolling one where its last stride starts; as on the bill.</summary>
    private string? PeriodOf(MeterWindow window) => PeriodAt(window.LastStep);

    private string? PeriodAt(Instant moment) => PeriodSpans.At(tariff, line.Schedule, moment) is { } period && line.Periods.Contains(period) ? period : null;

    /// <summary>The window whose last step holds the moment; steps lie on the local clock.</summary>
    private MeterWindow WindowAt(Instant moment)
    {
        var last = CellOf(moment);
        var start = last.Start;
        for (var step = 1; step < steps; step++)
        {
            start = CellOf(start - Duration.Epsilon).Start;
        }

        return new MeterWindow(start, last.Start, last.End);
    }

    private MeterWindow Next(MeterWindow window)
    {
        var last = CellOf(window.End);
        return new MeterWindow(steps == 1 ? last.Start : CellOf(window.Start).End, last.Start, last.End);
    }

    private (Instant Start, Instant End) CellOf(Instant moment)
    {
        var cell = clock.Cell(moment.ToUnixTimeSeconds());
        return (Instant.FromUnixTimeSeconds(cell.From), Instant.FromUnixTimeSeconds(cell.Until));
    }

    private static decimal Seconds(Duration duration) => duration.ToInt64Nanoseconds() / 1_000_000_000m;

    /// <summary>A window and where its last step starts (for blocks: the window itself).</summary>
    [StructLayout(LayoutKind.Auto)]
    private readonly record struct MeterWindow(Instant Start, Instant LastStep, Instant End);

    private sealed record OpenWindow(Instant Start, Instant End, string Period, decimal Kwh, decimal UnknownSeconds, Headroom Headroom);
}

/// <summary>Mean kW that a line allows over [<paramref name="From"/>, <paramref name="Until"/>).</summary>
/// <param name="From">Start.</param>
/// <param name="Until">End, not contained.</param>
/// <param name="Kw">Not below 0.</param>
/// <param name="Charge">Whose.</param>
/// <param name="Period">In which period.</param>
/// <param name="PricePerKw">What one kW more costs in this cycle, riders and taxes included.</param>
public sealed record DemandAllowance(Instant From, Instant Until, decimal Kw, string Charge, string Period, decimal PricePerKw);
