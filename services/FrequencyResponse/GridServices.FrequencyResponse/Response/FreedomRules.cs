namespace GridServices.FrequencyResponse.Response;

/// <summary>The German degrees of freedom of FCR, each used only in the direction that restores the state of charge.</summary>
public sealed record FreedomRules
{
    /// <summary>Share of the response that may be delivered.</summary>
    public double OverFulfilment { get; init; } = 1.2;

    /// <summary>No response is due within this distance of nominal.</summary>
    public double DeadbandUseHz { get; init; } = 0.010;

    /// <summary>Full response is due only after this; a response that empties the store is ramped up at this rate.</summary>
    public double ActivationSeconds { get; init; } = 30;

    /// <summary>State of charge that is aimed at, share of capacity.</summary>
    public double TargetSoc { get; init; } = 0.5;

    /// <summary>Nothing is used within this distance of the target.</summary>
    public double BandSoc { get; init; } = 0.05;
}
