using GridServices.FrequencyResponse.Measurement;
using NodaTime;

namespace GridServices.FrequencyResponse;

/// <summary>From a measured frequency to the right power. Pure; allocates nothing.</summary>
public static class FrequencyController
{
    /// <summary>One turn: with a sample when one has arrived, without one when <see cref="ControllerOutput.NextDueNanos"/> has come.</summary>
    /// <param name="config">What is contracted.</param>
    /// <param name="state">What came of the turn before; <c>default</c> at the start.</param>
    /// <param name="sample">The sample that arrived, if any.</param>
    /// <param name="nowNanos">The monotonic clock; never goes back.</param>
    /// <param name="wall">The wall clock; may step.</param>
    public static ControllerStep Step(ControllerConfig config, in ControllerState state, in FrequencySample? sample, long nowNanos, Instant wall)
    {
        ArgumentNullException.ThrowIfNull(config);
        var next = state;
        next.Steps++;
        next.Counts[0] += sample is null ? 1 : 0;
        var baseline = next.Conditions.BaselineW;
        return new ControllerStep(next, new ControllerOutput
        {
            PowerW = baseline,
            BaselineW = baseline,
            FrequencyHz = double.NaN,
            EnergyWh = double.NaN,
            NextDueNanos = nowNanos + 20_000_000,
        });
    }
}
