using GridServices.FrequencyResponse.Measurement;

namespace GridServices.FrequencyResponse.Response;

internal enum LatchPhase : byte
{
    Armed, Active, Releasing, Blocked,
}

internal struct LatchState
{
    internal LatchPhase Phase;

    /// <summary>The frequency came back after the last activation.</summary>
    internal bool Recovered;
    internal long TriggeredNanos;
    internal long ReleasedNanos;
}

/// <summary>The latch of a switched service; every duration on the monotonic clock.</summary>
internal static class SwitchedLatch
{
    /// <summary>The response due now, 0..1 in the direction of the service.</summary>
    /// <param name="rules">The service's life.</param>
    /// <param name="latch">Where it stands.</param>
    /// <param name="hz">Confirmed by two measurements; none = nothing triggers, nothing counts as recovered, and time runs on.</param>
    /// <param name="recalled">The operator called it back.</param>
    /// <param name="now">Monotonic.</param>
    internal static double Step(SwitchedRules rules, ref LatchState latch, ConfirmedHz hz, bool recalled, long now)
    {
        Rearm(rules, ref latch, hz, now);
        if (latch.Phase == LatchPhase.Armed && !recalled && Triggered(rules, hz))
        {
            latch = new LatchState { Phase = LatchPhase.Active, TriggeredNanos = now };
        }

        if (latch.Phase == LatchPhase.Active && Over(rules, in latch, hz, recalled, now, out var end))
        {
            (latch.Phase, latch.ReleasedNanos) = (LatchPhase.Releasing, end);
        }

        return latch.Phase switch
        {
            LatchPhase.Active => 1,
            LatchPhase.Releasing => Release(rules, ref latch, now),
            _ => 0,
        };
    }

    /// <summary>Outside its blocks nothing triggers, and an activation that a block's end cut short still counts against the next one.</summary>
    internal static void Rest(SwitchedRules rules, ref LatchState latch, ConfirmedHz hz, long now)
    {
        latch.Phase = latch.Phase == LatchPhase.Armed ? LatchPhase.Armed : LatchPhase.Blocked;
        Rearm(rules, ref latch, hz, now);
    }

    private static void Rearm(SwitchedRules rules, ref LatchState latch, ConfirmedHz hz, long now)
    {
        latch.Recovered |= Back(rules, hz, RearmHz(rules));
        if (latch.Phase == LatchPhase.Blocked && latch.Recovered && Nanos.Since(now, latch.TriggeredNanos) >= rules.RearmNanos)
        {
            latch.Phase = LatchPhase.Armed;
        }
    }

    private static double RearmHz(SwitchedRules rules) =>
        double.IsNaN(rules.RearmHz) ? rules.TriggerHz + (rules.High ? -0.010 : 0.010) : rules.RearmHz;

    // At exactly the trigger it responds. Comparisons with NaN are false.
    private static bool Triggered(SwitchedRules rules, ConfirmedHz hz) => rules.High ? hz.Lowest >= rules.TriggerHz : hz.Highest <= rules.TriggerHz;

    private static bool Back(SwitchedRules rules, ConfirmedHz hz, double level) => rules.High ? hz.Highest <= level : hz.Lowest >= level;

    private static bool Over(SwitchedRules rules, in LatchState latch, ConfirmedHz hz, bool recalled, long now, out long end)
    {
        var elapsed = Nanos.Since(now, latch.TriggeredNanos);
        if (recalled)
        {
            end = now;
            return true;
        }

        var byFrequency = !double.IsNaN(rules.ReleaseHz);
        end = byFrequency ? now : latch.TriggeredNanos + rules.SupportNanos;
        return elapsed >= rules.SupportNanos
            && (!byFrequency || Back(rules, hz, rules.ReleaseHz) || elapsed >= Math.Max(rules.SupportNanos, rules.LongestSupportNanos));
    }

    private static double Release(SwitchedRules rules, ref LatchState latch, long now)
    {
        var left = 1 - (rules.ReleasePuPerS * Nanos.Seconds(Nanos.Since(now, latch.ReleasedNanos)));
        if (left > 0)
        {
            return left;
        }

        // infinity × 0 s is no number: at once is at once.
        latch.Phase = LatchPhase.Blocked;
        return 0;
    }
}
