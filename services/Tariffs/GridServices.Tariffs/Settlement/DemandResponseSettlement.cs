using System.Collections.Immutable;
using System.Text.Json.Serialization;
using GridServices.Tariffs.Bills;

namespace GridServices.Tariffs.Settlement;

public enum LadderKind
{
    /// <summary>min(ratio, 1) x nominated x price.</summary>
    Capped,

    /// <summary>ratio x value x nominated x price.</summary>
    Ratio,
    Zero,

    /// <summary>-(value - ratio) x nominated x price.</summary>
    Penalty,
}

/// <summary>One rung: holds for delivered/nominated in [<see cref="RatioFrom"/>, <see cref="RatioTo"/>).</summary>
/// <param name="RatioFrom">Absent = from below.</param>
/// <param name="RatioTo">Absent = without end.</param>
/// <param name="Kind">How it pays.</param>
/// <param name="Value">Of the kinds that have one.</param>
public sealed record LadderStep(decimal? RatioFrom = null, decimal? RatioTo = null, [property: JsonRequired] LadderKind Kind = LadderKind.Zero, decimal? Value = null);

/// <summary>A payment with the rung that gave it.</summary>
public sealed record CapacityPayment(decimal Ratio, int Step, decimal Payment);

/// <summary>What an event earned. Intervals that were not measured earn nothing and are fined for nothing.</summary>
public sealed record DemandResponseSettlement
{
    public required decimal EnergyKwh { get; init; }
    public required decimal EnergyPayment { get; init; }
    public CapacityPayment? Capacity { get; init; }
    /// <summary>Of the intervals that were measured.</summary>
    public decimal ShortfallKwh { get; init; }
    public decimal ShortfallPenalty { get; init; }
    /// <summary>Whole hours of the event.</summary>
    public int EventHours { get; init; }

    /// <summary>Of these, whole hours' worth of intervals in which the load was measured or estimated: only they are paid.</summary>
    public int MeasuredHours { get; init; }

    /// <summary>Of these, whole hours' worth of intervals that rest on an estimate, of the load or of the baseline.</summary>
    public int EstimatedHours { get; init; }

    /// <summary>Minutes of a settlement interval.</summary>
    public int IntervalMinutes { get; init; }

    /// <summary>Intervals of the event.</summary>
    public int EventIntervals { get; init; }

    /// <summary>Of these, those in which the load was measured or estimated.</summary>
    public int MeasuredIntervals { get; init; }

    /// <summary>Of these, those that rest on an estimate, of the load or of the baseline.</summary>
    public int EstimatedIntervals { get; init; }

    /// <summary>Better data change it.</summary>
    public bool Provisional { get; init; }

    /// <summary>Which baseline stands in for which, and why; absent = it is the one that was asked for.</summary>
    public string? BaselineFallback { get; init; }

    public decimal Total => EnergyPayment + (Capacity?.Payment ?? 0) - ShortfallPenalty;

    /// <summary>
    /// Energy at one price, capacity by the ladder on the measured intervals' mean kW (and due for their share of the event), and a penalty per kWh short of the nomination.
    /// </summary>
    public static DemandResponseSettlement Compute(BaselineOutcome baseline, DemandResponseTerms terms)
    {
        decimal[] measured = [.. baseline.DeliveredKwh.OfType<decimal>()];
        var (kwh, minutes) = (measured.Sum(), baseline.IntervalMinutes);
        var shortfall = measured.Sum(d => Math.Max(0, (terms.NominatedKw * minutes / 60) - d));
        var isEstimated = baseline.ActualSource.Zip(baseline.BaselineSource, (actual, of) => actual != MeasurementSource.None && (actual == MeasurementSource.Estimate || of == MeasurementSource.Estimate));
        var (all, estimated) = (baseline.DeliveredKwh.Length, isEstimated.Count(e => e));
        return new DemandResponseSettlement
        {
            EnergyKwh = kwh,
            EnergyPayment = kwh * terms.EnergyPrice,
            Capacity = terms.Ladder.IsEmpty || measured.Length == 0 ? null : ComputeCapacity(terms, kwh * 60 / minutes / measured.Length, measured.Length, all),
            ShortfallKwh = shortfall,
            ShortfallPenalty = shortfall * terms.ShortfallPenaltyPerKwh,
            EventHours = all * minutes / 60,
            MeasuredHours = measured.Length * minutes / 60,
            EstimatedHours = estimated * minutes / 60,
            IntervalMinutes = minutes,
            EventIntervals = all,
            MeasuredIntervals = measured.Length,
            EstimatedIntervals = estimated,
            Provisional = baseline.Provisional,
            BaselineFallback = baseline.InsteadOf.IsEmpty ? null : $"the baseline is '{baseline.Rule.Name}': {string.Join("; ", baseline.InsteadOf.Select(t => t.Reason))}",
        };
    }

    private static CapacityPayment ComputeCapacity(DemandResponseTerms terms, decimal meanKw, int measured, int all)
    {
        var whole = CapacityLadder.Pay(terms.Ladder, terms.NominatedKw, terms.CapacityPrice, meanKw);
        return measured == all ? whole : whole with { Payment = whole.Payment * measured / all };
    }

    /// <summary>What is still due after a better baseline or better data: positive = to the customer.</summary>
    public decimal DeltaTo(DemandResponseSettlement later) => later.Total - Total;
}

/// <summary>Prices and nomination of a program.</summary>
public sealed record DemandResponseTerms
{
    /// <summary>Per kWh delivered.</summary>
    public decimal EnergyPrice { get; init; }

    public decimal NominatedKw { get; init; }

    /// <summary>Per nominated kW.</summary>
    public decimal CapacityPrice { get; init; }

    public ImmutableArray<LadderStep> Ladder { get; init; } = [];

    public decimal ShortfallPenaltyPerKwh { get; init; }
}

/// <summary>Capacity payments by how much of the nomination was delivered.</summary>
public static class CapacityLadder
{
    /// <exception cref="BillRefusedException">No rung covers the ratio.</exception>
    public static CapacityPayment Pay(ImmutableArray<LadderStep> ladder, decimal nominatedKw, decimal pricePerKw, decimal deliveredKw)
    {
        if (nominatedKw <= 0)
        {
            throw new BillRefusedException("a capacity payment needs a nomination above 0 kW");
        }

        var ratio = deliveredKw / nominatedKw;
        for (var i = 0; i < ladder.Length; i++)
        {
            var step = ladder[i];
            if ((step.RatioFrom is null || ratio >= step.RatioFrom) && (step.RatioTo is null || ratio < step.RatioTo))
            {
                var full = nominatedKw * pricePerKw;
                return new CapacityPayment(ratio, i, step.Kind switch
                {
                    LadderKind.Capped => Math.Min(ratio, 1) * full,
                    LadderKind.Ratio => ratio * (step.Value ?? 1) * full,
                    LadderKind.Penalty => -((step.Value ?? 0) - ratio) * full,
                    _ => 0,
                });
            }
        }

        throw new BillRefusedException($"no rung of the ladder covers the ratio {ratio:0.####}; close the gap");
    }
}
