using NodaTime;

namespace GridServices.FrequencyResponse.Service.Registry;

/// <summary>What the service's terms say about outages and de-ratings that are declared. Configuration: the terms differ, and none was read.</summary>
public sealed record OutageTerms
{
    /// <summary>What is declared so long ahead was declared in time; by default 65 minutes, when the plans are decided.</summary>
    public Duration Notice { get; init; } = Duration.FromMinutes(65);

    /// <summary>What becomes of time that was declared later than that.</summary>
    public LateOutage Late { get; init; } = LateOutage.NonDelivery;
}

/// <summary>What becomes of time that was declared too late.</summary>
public enum LateOutage
{
    /// <summary>It is not paid, and counts as not delivered: the settlement period's factor falls by its share of the sold time.</summary>
    NonDelivery,

    /// <summary>It is not paid, as if it had been declared in time.</summary>
    Unavailable,
}
