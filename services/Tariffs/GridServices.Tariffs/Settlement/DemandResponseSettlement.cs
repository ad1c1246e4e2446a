using System.Collections.Immutable;

namespace GridServices.Tariffs;

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
public sealed record LadderStep(decimal? RatioFrom, decimal? RatioTo, LadderKind Kind, decimal? Value);

/// <summary>A payment with the rung that gave it.</summary>
public sealed record CapacityPayment(decimal Ratio, int Step, decimal Payment);

/// <summary>What an event earned.</summary>
public sealed record DemandResponseSettlement
{
    public required decimal EnergyKwh { get; init; }
    public required decimal EnergyPayment { get; init; }
    public CapacityPayment? Capacity { get; init; }
    public decimal ShortfallKwh { get; init; }
    public decimal ShortfallPenalty { get; init; }
    public decimal Total => EnergyPayment + (Capacity?.Payment ?? 0) - ShortfallPenalty;

    /// <summary>Energy at one price, capacity by the ladder on the event's mean kW, and a penalty per kWh short of the nomination.</summary>
    public static DemandResponseSettlement Of(BaselineOutcome baseline, DemandResponseTerms terms)
    {
        var kwh = baseline.DeliveredTotalKwh;
        var mean = kwh / baseline.DeliveredKwh.Length;
        var shortfall = baseline.DeliveredKwh.Sum(d => Math.Max(0, terms.NominatedKw - d));
        return new DemandResponseSettlement
        {
            EnergyKwh = kwh,
            EnergyPayment = kwh * terms.EnergyPrice,
            Capacity = terms.Ladder.IsEmpty ? null : CapacityLadder.Pay(terms.Ladder, terms.NominatedKw, terms.CapacityPrice, mean),
            ShortfallKwh = shortfall,
            ShortfallPenalty = shortfall * terms.ShortfallPenaltyPerKwh,
        };
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
