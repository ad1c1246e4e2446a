namespace GridServices.FrequencyResponse.Service.Registry;

/// <summary>What happens when the grid operator's signal does not come any more: hold, then ramp to the baseline, unavailable meanwhile.</summary>
public sealed record SignalSettings
{
    /// <summary>The signal counts as lost so long after the last one, s; absent: as the catalog says (10 s, or three periods).</summary>
    public decimal? LostAfterSeconds { get; init; }

    /// <summary>The last response is then held for so long, s.</summary>
    public decimal HoldSeconds { get; init; } = 1;

    /// <summary>And the whole quantity is then ramped to the baseline in so long, s.</summary>
    public decimal RampSeconds { get; init; } = 2;
}
