using NodaTime;

namespace GridServices.FrequencyResponse.Energy;

/// <summary>Follows the frequency into the alert state and out of it. One thread.</summary>
/// <remarks>
/// <code>
/// |Δf|   ≤ 50 mHz ──▶ normal
///        &gt; 50 mHz for 15 min, or &gt; 100 mHz for 5 min ──▶ alert, until it is back at 50 mHz
///        &gt; 200 mHz ──▶ emergency
/// </code>
/// Interpretation: the alert state ends with the standard range, not when 100 mHz are left; a frequency that is not known ends no alert state and no stretch outside the range.
/// </remarks>
/// <param name="rules">Of the synchronous area.</param>
public sealed class SystemStateWatch(SystemStateRules rules)
{
    /// <summary>A frequency that was not measured for so long is not known.</summary>
    private static readonly Duration Known = Duration.FromSeconds(10);

    /// <summary>A hair more than the range is the range: 50.05 − 50 is more than 0.05 in binary.</summary>
    private const double Hair = 1e-9;
    private Instant? _outside;
    private Instant? _half;
    private Instant _last = Instant.MinValue;
    private bool _sinceInside;

    public SystemState State { get; private set; }

    /// <summary>A state that was known before a restart, and lasts until the frequency says otherwise.</summary>
    public void Resume(SystemState state) => State = state;

    /// <summary>The frequency as it is now.</summary>
    /// <param name="now">A clock that only goes forward.</param>
    /// <param name="deviationHz">From nominal; NaN: not known.</param>
    /// <returns>The state from now on.</returns>
    public SystemState Update(Instant now, double deviationHz)
    {
        if (!double.IsFinite(deviationHz))
        {
            var isLost = State == SystemState.Normal && now - _last > Known;
            _sinceInside &= !isLost;
            return State = isLost ? SystemState.Unknown : State;
        }

        _last = now;
        var size = Math.Abs(deviationHz) - Hair;
        if (size <= rules.StandardHz)
        {
            (_outside, _half, _sinceInside) = (null, null, true);
            return State = SystemState.Normal;
        }

        _outside ??= now;
        _half = size > rules.HalfHz ? _half ?? now : null;
        return State = size > rules.SteadyHz ? SystemState.Emergency
            : State is SystemState.Alert or SystemState.Emergency || now - _outside > rules.StandardSeconds || now - _half > rules.HalfSeconds ? SystemState.Alert
            : _sinceInside ? SystemState.Normal
            : SystemState.Unknown;
    }
}
