namespace GridServices.FrequencyResponse.Allocation;

/// <summary>Bounds on how a pool may be split.</summary>
public sealed record AllocationRules
{
    /// <summary>Largest response upwards that is contracted, W ≥ 0: the staircase must reach it.</summary>
    public long ContractedRaiseW { get; init; }

    /// <summary>Largest response downwards, W ≥ 0.</summary>
    public long ContractedLowerW { get; init; }

    /// <summary>Steps each way that the service asks of a relay-type pool; 0 = none.</summary>
    public int MinSteps { get; init; }

    /// <summary>Most that one phase may differ from the mean of the three, W; null = not bounded.</summary>
    public long? MaxUnbalanceW { get; init; }

    /// <summary>A single charger is moved by one step only when the total has moved beyond the step by this share of it.</summary>
    public double StepHysteresis { get; init; } = 0.25;
}
