namespace GridServices.Adapters.Ocpp;

/// <summary>The unit in which a station takes its limit (OCPP: chargingRateUnit).</summary>
public enum ChargingRateUnit
{
    /// <summary>Amperes of each phase.</summary>
    A,

    /// <summary>Watts of all phases together.</summary>
    W,
}

/// <summary>One charging station behind the site's limit.</summary>
public sealed record ChargingStation
{
    /// <summary>Its name at the charge-station system (OCPP: charging station or charge point identity).</summary>
    public required string Id { get; init; }

    /// <summary>So many phases it loads alike, 1 to 3.</summary>
    public int Phases { get; init; } = 3;

    /// <summary>The most it can draw of each phase, A; that of its fuse, where nobody knows better.</summary>
    public required decimal MaxA { get; init; }

    /// <summary>Below so much of each phase it can't charge at all, A. IEC 61851-1: 6.</summary>
    public decimal MinA { get; init; } = 6;

    /// <summary>The highest voltage of a phase, V: so much power an ampere may be.</summary>
    public required decimal HighestVolts { get; init; }

    /// <summary>Its part beside the others': twice the weight, twice the power.</summary>
    public int Weight { get; init; } = 1;

    /// <summary>In which unit it is told.</summary>
    public ChargingRateUnit Unit { get; init; }

    /// <summary>The most it draws, W, whatever it was told.</summary>
    public long MaxW => ToWatts(MaxA);

    /// <summary>The least with which it charges, W.</summary>
    public long MinW => ToWatts(MinA);

    /// <summary>What it can be told that is no more than so many watts: nothing, or from the least to the most, in whole amperes or watts.</summary>
    public long Step(long watts)
    {
        var within = Math.Min(watts, MaxW);
        var step = within < MinW ? 0 : Unit == ChargingRateUnit.W ? within : ToWatts(ToAmperes(within));
        return step < MinW ? 0 : step;
    }

    /// <summary>The number of a charging profile for a power that is a <see cref="Step"/>, rounded towards zero.</summary>
    public long ToLimit(long watts) => Unit == ChargingRateUnit.W ? watts : ToAmperes(watts);

    private long ToAmperes(long watts) => (long)decimal.Floor(watts / (Phases * HighestVolts));

    private long ToWatts(decimal amperes) => (long)decimal.Ceiling(amperes * Phases * HighestVolts);
}
