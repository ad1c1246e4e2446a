using GridServices.FrequencyResponse.Catalog;
using NodaTime;

namespace GridServices.FrequencyResponse.Energy;

/// <summary>Which state the frequency puts the synchronous area in.</summary>
public enum SystemState
{
    /// <summary>The frequency is not known, or was outside the standard range when it was first looked at: nobody knows since when.</summary>
    Unknown,
    Normal,

    /// <summary>The frequency was outside its range for too long; ends when it is back in the standard range.</summary>
    Alert,

    /// <summary>Beyond the largest steady-state deviation.</summary>
    Emergency,
}

/// <summary>When the frequency puts the synchronous area into the alert state (Regulation (EU) 2017/1485, Article 18, with the numbers of Annex III).</summary>
/// <param name="StandardHz">Standard range, each way from nominal.</param>
/// <param name="StandardSeconds">Outside it for longer than this without a break: alert.</param>
/// <param name="HalfHz">Half of the largest steady-state deviation.</param>
/// <param name="HalfSeconds">Beyond that for longer than this without a break: alert.</param>
/// <param name="SteadyHz">Largest steady-state deviation: beyond it at once.</param>
public sealed record SystemStateRules(double StandardHz, Duration StandardSeconds, double HalfHz, Duration HalfSeconds, double SteadyHz)
{
    /// <summary>Null where the service states no standard range.</summary>
    public static SystemStateRules? For(ServiceDefinition service)
    {
        ArgumentNullException.ThrowIfNull(service);
        return service.Value(NumberNames.StandardRangeHz) is { } standard && service.Value(NumberNames.SteadyDeviationHz) is { } steady
            && service.Value(NumberNames.StandardRangeSeconds) is { } outside && service.Value(NumberNames.HalfDeviationSeconds) is { } half
            ? new SystemStateRules(standard, Duration.FromSeconds(outside), steady / 2, Duration.FromSeconds(half), steady)
            : null;
    }
}
