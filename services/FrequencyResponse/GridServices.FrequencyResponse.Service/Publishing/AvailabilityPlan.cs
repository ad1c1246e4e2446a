using System.Globalization;
using GridServices.Contracts;
using GridServices.FrequencyResponse.Energy;
using GridServices.FrequencyResponse.Service.Pools;
using GridServices.FrequencyResponse.Service.Recording;
using NodaTime;

namespace GridServices.FrequencyResponse.Service.Publishing;

/// <summary>What is planned for a settlement period of a contract: what is submitted to the grid operator.</summary>
public sealed record PlannedPeriod
{
    /// <summary>Inclusive.</summary>
    public required Instant From { get; init; }

    /// <summary>Exclusive.</summary>
    public required Instant Until { get; init; }

    /// <summary>Seconds of it inside a contracted window.</summary>
    public required double ProcuredSeconds { get; init; }

    /// <summary>Baseline of the pool, W, + = charge or import.</summary>
    public required long BaselineW { get; init; }

    /// <summary>
    /// What the contract will be available with, W: the quantity, less where less is declared (the least of the period), 0 where its energy will be
    /// missing or is not known; 0 where nothing is procured.
    /// </summary>
    public required long AvailableW { get; init; }

    /// <summary>
    /// What the energy at the begin keeps up for as long as the service asks, W, at most what is declared as left: what could be offered instead; of several contracts of the pool each in proportion.
    /// Absent: not known, no store, the service states no duration, or nothing is procured.
    /// </summary>
    public long? SustainableW { get; init; }

    /// <summary>Why not the whole quantity: energy, energyUnknown, declared.</summary>
    public required IReadOnlyList<string> Reasons { get; init; }

    /// <summary>Stored energy at the begin where nothing is delivered until then, Wh; absent: not known, or no store.</summary>
    public double? StoredWh { get; init; }

    /// <summary>Energy that will be missing for response that raises the frequency, Wh ≥ 0, for all contracts of the pool.</summary>
    public double RaiseMissingWh { get; init; }

    /// <summary>Room that will be missing for response that lowers it, Wh ≥ 0.</summary>
    public double LowerMissingWh { get; init; }

    /// <summary>What full availability would earn, in the contract's currency; absent without a price.</summary>
    public decimal? PaymentFull { get; init; }

    /// <summary>What of it is lost by what is not available.</summary>
    public decimal? PaymentLost { get; init; }

    /// <summary>What the contract's penalties take beyond that, as things stand; absent where it states none.</summary>
    public decimal? Penalty { get; init; }

    /// <summary>When it was decided: it does not change any more. Absent: still a forecast.</summary>
    public Instant? DecidedAt { get; init; }

    /// <summary>It was decided after its gate, 65 minutes before the period: nobody was there in time.</summary>
    public bool IsLate { get; init; }
}

/// <summary>Availability and baseline per settlement period, ahead.</summary>
internal static class AvailabilityPlan
{
    /// <summary>Plans are final an hour before their period; five minutes more are left to submit them.</summary>
    public static readonly Duration Gate = Duration.FromMinutes(65);

    public const string EnergyUnknown = "energyUnknown";
    public const string Declared = "declared";

    /// <param name="pool">The pool.</param>
    /// <param name="contract">One of its contracts.</param>
    /// <param name="state">As the pool's controller stands.</param>
    /// <param name="now">The wall clock.</param>
    /// <param name="nowNanos">The monotonic clock.</param>
    /// <param name="until">Periods that begin before it.</param>
    /// <returns>The periods that begin after now.</returns>
    public static IReadOnlyList<PlannedPeriod> Compute(PoolSpec pool, PoolContract contract, ControllerState state, Instant now, long nowNanos, Instant until)
    {
        var length = Periods.GetLength(contract);
        var baselines = BaselinePlan.Compute(pool, state, now, until);
        return
        [
            .. ComputeEnergyAhead(pool, state, now, nowNanos, until, length).Where(e => e.Period.Start > now)
                .Select(e => Planned(contract, e.Period, e.Energy, baselines.Last(b => b.From <= e.Period.Start).BaselineW)),
        ];
    }

    /// <summary>A decided period as it is told later: what was decided stands, the money is as things stand now, and no less than by what was decided.</summary>
    /// <param name="decided">As it was decided.</param>
    /// <param name="now">The same period as it would be planned now.</param>
    public static PlannedPeriod AsThingsStand(PlannedPeriod decided, PlannedPeriod now) => decided with
    {
        PaymentFull = now.PaymentFull,
        PaymentLost = More(decided.PaymentLost, now.PaymentLost),
        Penalty = More(decided.Penalty, now.Penalty),
    };

    /// <summary>What will be missing of a decided period: what was decided as missing, and what has come to be missing since.</summary>
    public static PlannedPeriod Worst(PlannedPeriod decided, PlannedPeriod now) => now with
    {
        AvailableW = Math.Min(decided.AvailableW, now.AvailableW),
        Reasons = [.. decided.Reasons.Union(now.Reasons, StringComparer.Ordinal)],
        RaiseMissingWh = Math.Max(decided.RaiseMissingWh, now.RaiseMissingWh),
        LowerMissingWh = Math.Max(decided.LowerMissingWh, now.LowerMissingWh),
    };

    /// <summary>"short from 17:30, 0.4 MWh missing"; null where nothing will be missing.</summary>
    public static string? Shortage(IReadOnlyList<PlannedPeriod> periods)
    {
        if (periods.FirstOrDefault(p => p.Reasons.Count > 0 && p.ProcuredSeconds > 0) is not { } first)
        {
            return null;
        }

        var run = periods.SkipWhile(p => p != first).TakeWhile(p => p.Reasons.Count > 0 || p.ProcuredSeconds == 0).Where(p => p.ProcuredSeconds > 0).ToList();
        var (raise, lower) = (run.Max(p => p.RaiseMissingWh), run.Max(p => p.LowerMissingWh));
        var what = first.Reasons.Contains(EnergyUnknown) ? "the state of energy is not known"
            : raise <= 0 && lower <= 0 ? string.Create(CultureInfo.InvariantCulture, $"declared, {run.Min(p => p.AvailableW) / 1e6:0.######} MW left")
            : string.Create(CultureInfo.InvariantCulture, $"{Math.Max(raise, lower) / 1e6:0.######} MWh {(raise >= lower ? "missing" : "too full")}");
        return $"short from {TimeText.Format(first.From)} until {TimeText.Format(run[^1].Until)}: {what}";
    }

    private static PlannedPeriod Planned(PoolContract contract, Interval period, EnergyAhead? energy, long baselineW)
    {
        var procured = Periods.ProcuredSeconds(contract.Sold, period.Start, period.End);
        var declared = contract.DeclaredIn(period.Start, period.End);
        var (reasons, lost) = procured > 0 ? (Reasons(contract, energy), declared.Seconds) : ([], 0);
        lost = reasons.Count > 0 ? procured : lost;
        var price = contract.Sold.Price;
        return new PlannedPeriod
        {
            From = period.Start,
            Until = period.End,
            ProcuredSeconds = procured,
            BaselineW = baselineW,
            AvailableW = procured > 0 && reasons.Count == 0 ? Math.Max(0, declared.LeastW) : 0,
            SustainableW = procured > 0 ? Sustainable(contract, energy, declared.LeastW) : null,
            Reasons = declared.Seconds > 0 ? [.. reasons, Declared] : reasons,
            StoredWh = energy?.StoredWh,
            RaiseMissingWh = procured > 0 && Raises(contract) ? energy?.RaiseMissingWh ?? 0 : 0,
            LowerMissingWh = procured > 0 && Lowers(contract) ? energy?.LowerMissingWh ?? 0 : 0,
            PaymentFull = price is null ? null : Money(contract.SoldW, procured, price.PerMwHour),
            PaymentLost = price is null ? null : Money(contract.SoldW, lost, price.PerMwHour),
            Penalty = Penalty(contract, Math.Max(0, lost - declared.Seconds), declared.LateSeconds),
        };
    }

    private static List<string> Reasons(PoolContract contract, EnergyAhead? energy)
    {
        var required = (Raises(contract) ? energy?.RaiseRequiredWh : 0) + (Lowers(contract) ? energy?.LowerRequiredWh : 0);
        var missing = (Raises(contract) ? energy?.RaiseMissingWh : 0) + (Lowers(contract) ? energy?.LowerMissingWh : 0);

        // A thousandth is rounding of a state of charge that is told in tenths of a per cent.
        return required is not > 0 ? []
            : energy!.StoredWh is null ? [EnergyUnknown]
            : missing > required / 1_000 ? ["energy"]
            : [];
    }

    /// <summary>Rounded down: no more than what is held.</summary>
    private static long? Sustainable(PoolContract contract, EnergyAhead? energy, long leastW)
    {
        var raise = Raises(contract) ? Share(energy?.RaiseHeldWh, energy?.RaiseRequiredWh) : 1;
        var lower = Lowers(contract) ? Share(energy?.LowerHeldWh, energy?.LowerRequiredWh) : 1;
        var isAsked = (Raises(contract) && energy?.RaiseRequiredWh > 0) || (Lowers(contract) && energy?.LowerRequiredWh > 0);
        return isAsked && raise is { } up && lower is { } down ? Math.Min(Math.Max(0, leastW), (long)(contract.SoldW * Math.Min(up, down))) : null;

        static double? Share(double? heldWh, double? requiredWh) => requiredWh is not > 0 ? 1 : heldWh is { } held ? Math.Clamp(held / requiredWh.Value, 0, 1) : null;
    }

    /// <summary>Money in the currency of the price.</summary>
    /// <param name="contract">With its terms.</param>
    /// <param name="missing">Seconds of the whole quantity that will be missing and were not declared.</param>
    /// <param name="late">Seconds of the whole quantity that were declared with less than the notice.</param>
    private static decimal? Penalty(PoolContract contract, double missing, double late)
    {
        if (contract.Sold is not { Penalties: { } terms, Price: { } price })
        {
            return null;
        }

        return Money(contract.SoldW, missing, terms.UnavailablePerMwHour + (terms.UnavailableTimesPayment * price.PerMwHour))
            + Money(contract.SoldW, late, terms.LatePerMwHour + (terms.LateTimesPayment * price.PerMwHour));
    }

    /// <summary>Null where the contract has no such terms any more.</summary>
    private static decimal? More(decimal? decided, decimal? now) => now is { } amount ? Math.Max(decided ?? 0, amount) : null;

    private static bool Raises(PoolContract contract) => contract.Service.Direction != Catalog.ResponseDirection.Lower;

    private static bool Lowers(PoolContract contract) => contract.Service.Direction != Catalog.ResponseDirection.Raise;

    private static decimal Money(long watts, double seconds, decimal perMwHour) => decimal.Round(watts / 1_000_000m * (decimal)seconds / 3_600m * perMwHour, 6, MidpointRounding.ToEven);

    /// <summary>A pool without a store has periods all the same.</summary>
    private static IEnumerable<(Interval Period, EnergyAhead? Energy)> ComputeEnergyAhead(PoolSpec pool, ControllerState state, Instant now, long nowNanos, Instant until, Duration length)
    {
        var energy = EnergyOutlook.Compute(pool.Ahead, in state, pool.BaselineW, now, nowNanos, until, length);
        if (energy.Count > 0)
        {
            return energy.Select(e => (new Interval(e.From, e.Until), (EnergyAhead?)e));
        }

        var periods = new List<(Interval, EnergyAhead?)>();
        for (var from = Periods.ComputeStart(now, length); from < until; from += length)
        {
            periods.Add((new Interval(from, from + length), null));
        }

        return periods;
    }
}
