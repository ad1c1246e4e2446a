namespace GridServices.FrequencyResponse.Response;

/// <summary>The life of a switched service, from trigger to trigger.</summary>
/// <remarks>
/// <code>
/// armed ─trigger▶ active ─support over▶ releasing ─zero▶ blocked ─time and frequency▶ armed
///                 1 pu                  ReleasePuPerS    until RearmNanos after the trigger
/// </code>
/// Durations count on the monotonic clock. While the trigger persists after the support, nothing activates twice.
/// </remarks>
public sealed record SwitchedRules
{
    public required double TriggerHz { get; init; }

    /// <summary>True: triggers at and above the frequency, and responds downwards.</summary>
    public bool High { get; init; }

    /// <summary>Support that is due in any case.</summary>
    public required long SupportNanos { get; init; }

    /// <summary>Where set, support goes on until the frequency is back at <see cref="ReleaseHz"/>, at most this long.</summary>
    public long LongestSupportNanos { get; init; }

    /// <summary>NaN: released by time alone.</summary>
    public double ReleaseHz { get; init; } = double.NaN;

    /// <summary>Share of the quantity per second on release; infinity = at once.</summary>
    public double ReleasePuPerS { get; init; } = double.PositiveInfinity;

    /// <summary>From the trigger until the next trigger counts.</summary>
    public long RearmNanos { get; init; }

    /// <summary>The frequency must have come back to here before the next trigger counts; NaN: beyond the trigger by 10 mHz.</summary>
    public double RearmHz { get; init; } = double.NaN;
}
