using GridServices.FrequencyResponse.Service.Pools;
using NodaTime;

namespace GridServices.FrequencyResponse.Service.Publishing;

/// <summary>The baseline of a pool in a span of time.</summary>
/// <param name="From">Inclusive.</param>
/// <param name="Until">Exclusive.</param>
/// <param name="BaselineW">W, + = charge or import.</param>
/// <param name="RecoveryW">What of it wins energy back.</param>
/// <param name="IsFinal">Decided, and not changed any more; the others stand at the contract's own baseline until their gate, 65 minutes before.</param>
public sealed record BaselinePeriod(Instant From, Instant Until, long BaselineW, long RecoveryW, bool IsFinal);

/// <summary>Baselines per settlement period, as they are to be submitted.</summary>
internal static class BaselinePlan
{
    private static readonly Duration Period = Duration.FromMinutes(30);

    /// <param name="spec">The pool.</param>
    /// <param name="state">What its controller has decided.</param>
    /// <param name="at">From the period that runs now.</param>
    /// <param name="until">Periods that begin before.</param>
    public static IReadOnlyList<BaselinePeriod> Compute(PoolSpec spec, ControllerState state, Instant at, Instant until)
    {
        var own = -(long)Math.Round(spec.BaselineW);
        var decided = state.PlannedShifts().ToDictionary(s => At(s.FromUnixNanos), s => -(long)Math.Round(s.ShiftW));
        var periods = new List<BaselinePeriod>();
        for (var from = Recording.Periods.ComputeStart(at, Period); from < until; from += Period)
        {
            var isFinal = decided.TryGetValue(from, out var shift);
            periods.Add(new BaselinePeriod(from, from + Period, own + shift, shift, isFinal));
        }

        return periods;
    }

    /// <summary>Only what is decided and differs from the contract's own baseline: what envelopes tell ahead.</summary>
    public static IReadOnlyList<BaselinePeriod> Moves(PoolSpec spec, ControllerState state, Instant at) =>
        [.. Compute(spec, state, at, at + Duration.FromHours(3)).Where(p => p.RecoveryW != 0)];

    private static Instant At(long unixNanos) => Instant.FromUnixTimeTicks(unixNanos / NodaConstants.NanosecondsPerTick);
}
