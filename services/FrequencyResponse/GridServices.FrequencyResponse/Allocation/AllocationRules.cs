namespace GridServices.FrequencyResponse.Allocation;

/// <summary>Bounds on how a pool may be split.</summary>
public sealed record AllocationRules
{
    /// <summary>Largest response upwards that is contracted, W ≥ 0: the pool must reach it, in steps that are small against it.</summary>
    public long ContractedRaiseW { get; init; }

    /// <summary>Largest response downwards, W ≥ 0.</summary>
    public long ContractedLowerW { get; init; }

    /// <summary>Steps each way that the service asks of a pool without a battery that evens them out; 0 = none.</summary>
    public int MinSteps { get; init; }

    /// <summary>Most that the change of one phase may differ from the mean of the three, W; null = not bounded.</summary>
    public long? MaxUnbalanceW { get; init; }

    /// <summary>The staircase is left where it stands until the total has gone beyond the middle between two steps by this share of a step.</summary>
    public double StepHysteresis { get; init; } = 0.25;

    /// <summary>A store must be able to keep up any set-point for this long, seconds.</summary>
    public double EnergySeconds { get; init; } = 15;

    /// <summary>Nordic FCR: the stepped curve lies within +10 % and -5 % of the contracted response around the straight one.</summary>
    /// <param name="overW">Given beyond what was wanted; negative where less was given.</param>
    /// <param name="contractedW">Largest response contracted this way.</param>
    internal static bool Tolerates(long overW, long contractedW) => overW <= 0.10 * contractedW && -overW <= 0.05 * contractedW;
}
