namespace GridServices.FrequencyResponse.Energy;

/// <summary>Which rules keep the store able to respond.</summary>
public enum EnergyScheme : byte
{
    /// <summary>None: the floor and the ceiling alone.</summary>
    Floors,

    /// <summary>GB: energy delivered is bought back in later settlement periods through the baseline, inside the reserved capacity.</summary>
    GreatBritain,

    /// <summary>Nordic FCR-N: NEM and AEM.</summary>
    NordicNormal,

    /// <summary>Nordic FCR-D: NEM and AEM.</summary>
    NordicDisturbance,
}

/// <summary>The store behind the contracts and how its energy is managed.</summary>
/// <remarks>Energies in Wh at the grid connection. Immutable.</remarks>
public sealed record EnergyRules
{
    public EnergyScheme Scheme { get; init; }

    /// <summary>
    /// True: whatever the pool injects or draws goes through the store. False, for a pool with one-way chargers: the store's energy is that of its
    /// telemetry, and each asset's own energy bounds its own power (see <see cref="Allocation.AllocationPlan"/>).
    /// </summary>
    public bool WholePool { get; init; } = true;

    /// <summary>Usable energy between empty and full.</summary>
    public required double CapacityWh { get; init; }

    /// <summary>Never discharged below this.</summary>
    public double FloorWh { get; init; }

    /// <summary>Never charged above this; NaN = capacity.</summary>
    public double CeilingWh { get; init; } = double.NaN;

    /// <summary>Drawn from the grid to store 1 Wh, ÷ 1; 0.95 stores 0.95 of what is drawn.</summary>
    public double ChargeEfficiency { get; init; } = 1;

    /// <summary>Delivered per Wh taken from the store.</summary>
    public double DischargeEfficiency { get; init; } = 1;

    /// <summary>
    /// The operator submits the baselines that are planned here to the grid operator; without it the baseline is never moved: a move that nobody notified
    /// counts as response that was not asked for.
    /// </summary>
    public bool SubmitsBaseline { get; init; }

    /// <summary>Fastest change of the baseline, share of the contracted quantity per minute.</summary>
    public double BaselineRampPuPerMinute { get; init; } = 0.05;

    /// <summary>State of charge aimed at where the rules leave a choice, share of capacity.</summary>
    public double TargetSoc { get; init; } = 0.5;

    /// <summary>The estimate is trusted this long after the last telemetry.</summary>
    public long TelemetryAgeNanos { get; init; } = 60_000_000_000;
}
