using NodaTime;

namespace GridServices.Tariffs;

/// <summary>The state of one demand charge at one meter, now.</summary>
public sealed record DemandState
{
    public required Instant AsOf { get; init; }
    public required string Charge { get; init; }

    /// <summary>The period that holds now; null when the charge has none now.</summary>
    public required string? Period { get; init; }

    public required Instant WindowStart { get; init; }
    public required Instant WindowEnd { get; init; }
    public required decimal EnergyInWindowKwh { get; init; }

    /// <summary>Highest finished window of the period in this billing cycle.</summary>
    public required decimal PeakToDateKw { get; init; }

    /// <summary>What is billed anyway: ratchet, minimum or contract.</summary>
    public required decimal FloorKw { get; init; }

    /// <summary>max(peak to date, floor): below this, demand is already paid for.</summary>
    public decimal TargetKw => Math.Max(PeakToDateKw, FloorKw);

    /// <summary>Price of one kW above the target in this cycle.</summary>
    public required decimal MarginalPrice { get; init; }

    /// <summary>When the peak to date is forgotten.</summary>
    public required Instant NextReset { get; init; }

    /// <summary>Headroom of the tightest open window (rolling windows: of all that are open).</summary>
    public required Headroom Headroom { get; init; }

    public bool IsStale(Instant now, Duration staleAfter) => now - AsOf > staleAfter;
}

/// <summary>
/// Follows one demand charge from meter samples. Each sample is energy since the one before; it costs the number of samples in a window at most.
/// <code>
///   rolling, W = 15 min, a sample each minute: 15 windows are open at any time, and the tightest one binds
///   |--------------|            opened 14 min ago, about to close
///    |--------------|
///                  |--------------|  opened now
/// </code>
/// </summary>
public sealed class DemandMeter
{
    private readonly CompiledTariff tariff;
    private readonly DemandCharge charge;
    private readonly BillingCycle cycle;
    private readonly Func<string, decimal> floorOf;
    private readonly Dictionary<string, decimal> peaks = new(StringComparer.Ordinal);
    private readonly LinkedList<(Instant From, Instant Until, decimal Kwh)> samples = new();
    private readonly Duration window;
    private readonly Duration stride;
    private Instant asOf;

    /// <param name="tariff">The tariff version that holds.</param>
    /// <param name="charge">One of its demand charges.</param>
    /// <param name="cycle">The billing cycle under way.</param>
    /// <param name="start">When following starts; earlier energy is unknown.</param>
    /// <param name="floorOf">kW that are billed anyway, by period.</param>
    public DemandMeter(CompiledTariff tariff, DemandCharge charge, BillingCycle cycle, Instant start, Func<string, decimal>? floorOf = null)
    {
        (this.tariff, this.charge, this.cycle, asOf) = (tariff, charge, cycle, start);
        this.floorOf = floorOf ?? (_ => charge.MinimumKw ?? 0);
        window = Duration.FromMinutes(charge.Window?.Minutes ?? 15);
        stride = charge.Window is { Kind: WindowKind.Rolling } rolling ? Duration.FromMinutes(rolling.StepMinutes ?? 1) : window;
    }

    /// <summary>Energy drawn from the last sample (or the start) until <paramref name="until"/>.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A sample that does not lie after the one before.</exception>
    public void Add(Instant until, decimal kwh)
    {
        if (until <= asOf)
        {
            throw new ArgumentOutOfRangeException(nameof(until), until, $"the sample does not lie after {asOf}; samples come in order");
        }

        samples.AddLast((asOf, until, Math.Max(0, kwh)));
        for (var end = EndOf(asOf); end <= until; end += stride)
        {
            Finish(end);
        }

        asOf = until;
        while (samples.First is { } oldest && oldest.Value.Until <= asOf - window)
        {
            samples.RemoveFirst();
        }
    }

    public DemandState State()
    {
        var period = PeriodAt(asOf);
        var open = Open(period).MinBy(w => w.Headroom.UnclampedKw);
        return new DemandState
        {
            AsOf = asOf,
            Charge = charge.Id,
            Period = period,
            WindowStart = open.End - window,
            WindowEnd = open.End,
            EnergyInWindowKwh = open.Kwh,
            PeakToDateKw = period is null ? 0 : peaks.GetValueOrDefault(period),
            FloorKw = period is null ? 0 : floorOf(period),
            MarginalPrice = Marginal(period),
            NextReset = tariff.Zone.AtStartOfDay(cycle.Until).ToInstant(),
            Headroom = open.Headroom,
        };
    }

    private IEnumerable<(Instant End, decimal Kwh, Headroom Headroom)> Open(string? period)
    {
        var target = period is null ? 0 : Math.Max(peaks.GetValueOrDefault(period), floorOf(period));
        var count = Math.Max(1, (int)(window.TotalSeconds / stride.TotalSeconds));
        var end = EndOf(asOf);
        for (var i = 0; i < count; i++, end += stride)
        {
            var from = end - window;
            if (from > asOf)
            {
                yield break;
            }

            var kwh = Energy(from, asOf);
            yield return (end, kwh, Headroom.Of(target, Seconds(window), Seconds(asOf - from), kwh));
        }
    }

    private void Finish(Instant end)
    {
        if (PeriodAt(charge.Window?.Kind == WindowKind.Rolling ? end - stride : end - window) is { } period)
        {
            var kw = Energy(end - window, end) * 3600 / Seconds(window);
            peaks[period] = Math.Max(peaks.GetValueOrDefault(period), kw);
        }
    }

    /// <summary>Energy inside [from, until); a sample that straddles an edge counts by its share of time.</summary>
    private decimal Energy(Instant from, Instant until)
    {
        var sum = 0m;
        foreach (var (a, b, kwh) in samples)
        {
            var inside = Instant.Min(b, until) - Instant.Max(a, from);
            if (inside > Duration.Zero)
            {
                sum += inside == b - a ? kwh : kwh * Seconds(inside) / Seconds(b - a);
            }
        }

        return sum;
    }

    private string? PeriodAt(Instant moment)
    {
        if (tariff.ScheduleOf(charge.Schedule) is not { } schedule)
        {
            return "all";
        }

        var name = schedule.Periods[schedule.PeriodAt(moment.InZone(tariff.Zone).LocalDateTime)];
        return charge.Rates.Any(r => r.Period == name) ? name : null;
    }

    private decimal Marginal(string? period)
    {
        if (period is null || charge.Rates.FirstOrDefault(r => r.Period == period) is not { } rate)
        {
            return 0;
        }

        var target = Math.Max(peaks.GetValueOrDefault(period), floorOf(period));
        var tier = rate.Tiers.First(t => t.UpTo is null || target < t.UpTo);
        return tier.Price + tier.Adjustment;
    }

    /// <summary>The first window end after the moment, aligned to the local clock.</summary>
    private Instant EndOf(Instant moment)
    {
        var seconds = (long)stride.TotalSeconds;
        var local = moment.ToUnixTimeSeconds() + tariff.Zone.GetUtcOffset(moment).Seconds;
        var into = ((local % seconds) + seconds) % seconds;
        return Instant.FromUnixTimeSeconds(moment.ToUnixTimeSeconds() - into + seconds);
    }

    private static decimal Seconds(Duration duration) => duration.ToInt64Nanoseconds() / 1_000_000_000m;
}
