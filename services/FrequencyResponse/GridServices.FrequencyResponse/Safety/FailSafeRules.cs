namespace GridServices.FrequencyResponse.Safety;

/// <summary>What happens after the measurement is lost.</summary>
/// <remarks>
/// <code>
/// valid ──▶ hold last response ──▶ ramp to baseline ──▶ unavailable ──▶ device default
///           HoldNanos (≤ 2 s)      RampPuPerS           response 0      nothing is commanded any more: the device's
///                                                                       own reversion timer or local curve acts
/// </code>
/// Two valid samples in a row lead back from any rung but the first, which one sample ends.
/// </remarks>
public sealed record FailSafeRules
{
    /// <summary>Longest hold that any rule allows.</summary>
    public const long LongestHoldNanos = 2_000_000_000;

    /// <summary>Longest hold after a signal is lost: an operator's order stands longer than a measurement.</summary>
    public const long LongestSignalHoldNanos = 900_000_000_000;

    public long HoldNanos { get; init; } = 1_000_000_000;

    /// <summary>Share of the contracted quantity per second.</summary>
    public double RampPuPerS { get; init; } = 0.5;

    /// <summary>From the loss to letting go of the device.</summary>
    public long DeviceDefaultNanos { get; init; } = 30_000_000_000;
}

/// <summary>Where a service stands on the ladder.</summary>
public enum FailSafeRung : byte
{
    /// <summary>No valid sample yet.</summary>
    NotReady, Valid, Hold, Ramp, Unavailable, DeviceDefault,
}
