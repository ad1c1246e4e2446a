namespace GridServices.FrequencyResponse.Service.Registry;

/// <summary>The German degrees of freedom of FCR, each used only in the direction that restores the state of charge.</summary>
public sealed record FreedomSettings
{
    /// <summary>Share of the response that is delivered where it helps the state of charge, 1..1.2.</summary>
    public decimal OverFulfilment { get; init; } = 1.2m;

    /// <summary>No response that hurts the state of charge within this distance of nominal, Hz, 0..0.01.</summary>
    public decimal DeadbandUseHz { get; init; } = 0.010m;

    /// <summary>A response that hurts the state of charge is ramped up over this time, s, 1..30.</summary>
    public decimal ActivationSeconds { get; init; } = 30;

    /// <summary>State of charge that is aimed at, %.</summary>
    public decimal TargetSocPercent { get; init; } = 50;

    /// <summary>Nothing is used within this distance of the target, percentage points.</summary>
    public decimal BandSocPercent { get; init; } = 5;
}
