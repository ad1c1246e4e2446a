using NodaTime;

namespace GridServices.FrequencyResponse.Energy;

/// <summary>The energy at the begin of a period to come. Wh at the grid connection; requirements are those of all contracts of the pool together.</summary>
public sealed record EnergyAhead
{
    /// <summary>Inclusive; of the first period: now.</summary>
    public required Instant From { get; init; }

    /// <summary>Exclusive.</summary>
    public required Instant Until { get; init; }

    /// <summary>What the store will hold where nothing is delivered until then; null = the energy is not known.</summary>
    public double? StoredWh { get; init; }

    /// <summary>What full response that raises the frequency needs at the begin, by each service's rule; 0 = nothing is procured, or the service states no duration.</summary>
    public required double RaiseRequiredWh { get; init; }

    /// <summary>Room that full response that lowers it needs.</summary>
    public required double LowerRequiredWh { get; init; }

    /// <summary>What the store could give; null = not known.</summary>
    public double? RaiseHeldWh { get; init; }

    /// <summary>What it could take; null = not known.</summary>
    public double? LowerHeldWh { get; init; }

    /// <summary>Required and not held, ≥ 0; all of it where the energy is not known.</summary>
    public double RaiseMissingWh => Math.Max(0, RaiseRequiredWh - (RaiseHeldWh ?? 0));

    /// <summary>Required and not held, ≥ 0; all of it where the energy is not known.</summary>
    public double LowerMissingWh => Math.Max(0, LowerRequiredWh - (LowerHeldWh ?? 0));
}

/// <summary>Looks ahead: whether the store will hold what the contracts need, along the planned baseline.</summary>
/// <remarks>
/// <code>
/// now        17:00        17:30        18:00
///  ├───────────┼────────────┼────────────┼──▶    stored: carried on by the baseline alone, its decided moves included
///  required     none         0.9 MWh      0.9 MWh   GB: by the state-of-energy rule, falling with what was delivered; else quantity × duration
///  missing      none         0.4 MWh      0.4 MWh   "short from 17:30"
/// </code>
/// It is no promise: what the grid asks for until then is not known.
/// </remarks>
public static class EnergyOutlook
{
    /// <param name="config">Of the pool.</param>
    /// <param name="state">As its controller stands.</param>
    /// <param name="baselineW">Power without response and without moves, W, + = injection.</param>
    /// <param name="now">The wall clock.</param>
    /// <param name="nowNanos">The monotonic clock, by which telemetry ages.</param>
    /// <param name="until">Periods that begin before it.</param>
    /// <param name="period">Their length; they are counted from 1970 UTC.</param>
    /// <returns>Empty where the pool has no store.</returns>
    public static IReadOnlyList<EnergyAhead> Compute(ControllerConfig config, in ControllerState state, double baselineW, Instant now, long nowNanos, Instant until, Duration period)
    {
        ArgumentNullException.ThrowIfNull(config);
        ArgumentOutOfRangeException.ThrowIfLessThan(period, Duration.FromMinutes(1));
        if (config.Settings.Energy is not { } rules)
        {
            return [];
        }

        var shifts = state.PlannedShifts();
        var (gb, length, end) = (state.Energy.Gb, period.ToInt64Nanoseconds(), Nanos.Unix(until));
        double? stored = EnergyLedger.IsFresh(rules, in state.Energy, nowNanos) ? state.Energy.StoredWh : null;
        var ahead = new List<EnergyAhead>();
        for (var from = Nanos.Unix(now); from < end;)
        {
            var next = ((from / length) + 1) * length;
            var procured = Procured(config, from, next);
            var (raise, lower) = Required(rules, ref gb, in procured, from);
            ahead.Add(new EnergyAhead
            {
                From = At(from),
                Until = At(next),
                StoredWh = stored,
                RaiseRequiredWh = raise,
                LowerRequiredWh = lower,
                RaiseHeldWh = stored is { } held ? Math.Max(0, held - rules.FloorWh) * rules.DischargeEfficiency : null,
                LowerHeldWh = stored is { } full ? Math.Max(0, EnergyLedger.Ceiling(rules) - full) / rules.ChargeEfficiency : null,
            });
            stored = stored is { } kept && rules.WholePool ? After(rules, kept, baselineW, shifts, from, next) : stored;
            from = next;
        }

        return ahead;
    }

    /// <summary>What is procured at some time of a period.</summary>
    private static ProcuredSum Procured(ControllerConfig config, long from, long until)
    {
        var sum = default(ProcuredSum);
        for (var i = 0; i < config.ServiceCount; i++)
        {
            if (config.Slot(i).Windows.Contains(from, out var edge) || edge < until)
            {
                sum.Add(config.Slot(i));
            }
        }

        return sum;
    }

    private static (double Raise, double Lower) Required(EnergyRules rules, ref GbEnergyState gb, in ProcuredSum procured, long from)
    {
        if (rules.Scheme != EnergyScheme.GreatBritain)
        {
            return (procured.RaiseVolumeWh, procured.LowerVolumeWh);
        }

        GbRecovery.Advance(ref gb, in procured, from / GbRecovery.PeriodNanos);
        return procured.QuantityW <= 0 ? (0, 0) : (Math.Max(0, gb.Raise.RequiredWh - gb.RaisedWh), Math.Max(0, gb.Lower.RequiredWh - gb.LoweredWh));
    }

    private static double After(EnergyRules rules, double storedWh, double baselineW, IReadOnlyList<PlannedShift> shifts, long from, long until)
    {
        foreach (var (begin, end, watts) in Pieces(baselineW, shifts, from, until))
        {
            var drawn = watts > 0 ? watts / rules.DischargeEfficiency : watts * rules.ChargeEfficiency;
            storedWh = Math.Clamp(storedWh - (drawn * Nanos.Seconds(end - begin) / 3600), Math.Min(storedWh, rules.FloorWh), Math.Max(storedWh, EnergyLedger.Ceiling(rules)));
        }

        return storedWh;
    }

    private static IEnumerable<(long Begin, long End, double Watts)> Pieces(double baselineW, IReadOnlyList<PlannedShift> shifts, long from, long until)
    {
        for (var at = from; at < until;)
        {
            var shift = shifts.FirstOrDefault(s => s.FromUnixNanos <= at && at < s.UntilUnixNanos);
            var end = Math.Min(until, shift.UntilUnixNanos > at ? shift.UntilUnixNanos : shifts.Where(s => s.FromUnixNanos > at).Select(s => s.FromUnixNanos).DefaultIfEmpty(until).Min());
            yield return (at, end, baselineW + shift.ShiftW);
            at = end;
        }
    }

    private static Instant At(long unixNanos) => Instant.FromUnixTimeTicks(unixNanos / NodaConstants.NanosecondsPerTick);
}
