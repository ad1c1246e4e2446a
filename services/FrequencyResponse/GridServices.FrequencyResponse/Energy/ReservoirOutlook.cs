using NodaTime;

namespace GridServices.FrequencyResponse.Energy;

/// <summary>What a limited reservoir must hold, holds, and what will become of it along the planned baseline.</summary>
public sealed record ReservoirOutlook
{
    /// <summary>Energy that full activation needs, Wh ≥ 0: each way for the whole time, or in an alert state for what is left of it.</summary>
    public required double RaiseRequiredWh { get; init; }
    public required double LowerRequiredWh { get; init; }

    /// <summary>What the store could give and take now; null: not known.</summary>
    public double? RaiseHeldWh { get; init; }
    public double? LowerHeldWh { get; init; }

    /// <summary>Required and not held; all of it where it is not known.</summary>
    public double RaiseMissingWh => Math.Max(0, RaiseRequiredWh - (RaiseHeldWh ?? 0));
    public double LowerMissingWh => Math.Max(0, LowerRequiredWh - (LowerHeldWh ?? 0));

    /// <summary>
    /// Power that restores it by the deadline where nothing is delivered meanwhile, W, + = injection, beside the planned baseline; null: nothing is to be
    /// restored, or no power could.
    /// </summary>
    public double? RestoreW { get; init; }

    /// <summary>When it will be restored along the planned baseline where nothing is delivered; null: nothing is to be restored, or it will not be by the deadline.</summary>
    public Instant? RestoredAt { get; init; }

    /// <summary>Whether it holds what full activation each way needs.</summary>
    public bool Holds => RaiseHeldWh is not null && LowerHeldWh is not null && RaiseMissingWh <= RaiseRequiredWh / Rounding && LowerMissingWh <= LowerRequiredWh / Rounding;

    /// <summary>A thousandth is rounding of a state of charge that is told in tenths of a per cent.</summary>
    private const double Rounding = 1_000;

    /// <param name="rules">Of the service.</param>
    /// <param name="duty">Where it stands.</param>
    /// <param name="energy">Of the pool's store.</param>
    /// <param name="ahead">The energy from now on, as <see cref="EnergyOutlook"/> tells it; not empty.</param>
    /// <param name="now">The wall clock.</param>
    public static ReservoirOutlook Compute(ReservoirRules rules, ReservoirDuty duty, EnergyRules energy, IReadOnlyList<EnergyAhead> ahead, Instant now)
    {
        ArgumentNullException.ThrowIfNull(rules);
        ArgumentNullException.ThrowIfNull(duty);
        ArgumentNullException.ThrowIfNull(energy);
        ArgumentNullException.ThrowIfNull(ahead);
        var first = ahead[0];
        var share = duty.CoverUntil(rules) is { } until ? Math.Clamp((until - now) / rules.Cover, 0, 1) : 1;
        var outlook = new ReservoirOutlook
        {
            RaiseRequiredWh = first.RaiseRequiredWh * share,
            LowerRequiredWh = first.LowerRequiredWh * share,
            RaiseHeldWh = first.RaiseHeldWh,
            LowerHeldWh = first.LowerHeldWh,
        };
        return duty.RestoreBy(rules) is not { } deadline || outlook.Holds ? outlook : outlook with
        {
            RestoreW = Power(outlook, energy, deadline - now),
            RestoredAt = ahead.FirstOrDefault(e => e.From <= deadline && IsSufficient(e))?.From,
        };
    }

    private static bool IsSufficient(EnergyAhead ahead) =>
        ahead.StoredWh is not null && ahead.RaiseMissingWh <= ahead.RaiseRequiredWh / Rounding && ahead.LowerMissingWh <= ahead.LowerRequiredWh / Rounding;

    /// <summary>Too little is charged, too much discharged; what lacks both is too small. Losses on the way count.</summary>
    private static double? Power(ReservoirOutlook outlook, EnergyRules energy, Duration left)
    {
        if (left <= Duration.Zero || outlook.RaiseHeldWh is null || (outlook.RaiseMissingWh > 0 && outlook.LowerMissingWh > 0))
        {
            return null;
        }

        return outlook.RaiseMissingWh > 0
            ? -outlook.RaiseMissingWh / energy.DischargeEfficiency / energy.ChargeEfficiency / left.TotalHours
            : outlook.LowerMissingWh * energy.ChargeEfficiency * energy.DischargeEfficiency / left.TotalHours;
    }
}
