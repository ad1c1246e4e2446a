namespace GridServices.FrequencyResponse.Service.Registry;

/// <summary>The life of a switched service from trigger to trigger; what is absent is as the service's own numbers say.</summary>
public sealed record SwitchedSettings
{
    /// <summary>Activates at and beyond it, Hz; a custom service states it as <c>custom.triggerHz</c>.</summary>
    public decimal? TriggerHz { get; init; }

    /// <summary>Held in any case for so long, s.</summary>
    public decimal? SupportSeconds { get; init; }

    /// <summary>With a release frequency: held for so long at most, s; absent: ten minutes.</summary>
    public decimal? LongestSupportSeconds { get; init; }

    /// <summary>After the support it is held until the frequency is back here, Hz; absent: released by time alone, or as the service does.</summary>
    public decimal? ReleaseHz { get; init; }

    /// <summary>Recovery ramp: share of the quantity per second on release.</summary>
    public decimal? ReleasePuPerSecond { get; init; }

    /// <summary>From the trigger until the next one counts, s.</summary>
    public decimal? RearmSeconds { get; init; }

    /// <summary>The frequency must have come back here before the next trigger counts, Hz; absent: 10 mHz beyond the trigger.</summary>
    public decimal? RearmHz { get; init; }
}
