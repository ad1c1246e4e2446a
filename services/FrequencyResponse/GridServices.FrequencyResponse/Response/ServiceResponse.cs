using System.Runtime.InteropServices;
using GridServices.FrequencyResponse.Catalog;
using GridServices.FrequencyResponse.Curves;
using GridServices.FrequencyResponse.Measurement;
using GridServices.FrequencyResponse.Safety;

namespace GridServices.FrequencyResponse.Response;

/// <summary>The instant of a step, as every service sees it.</summary>
/// <param name="Now">Monotonic.</param>
/// <param name="Unix">Disciplined wall clock.</param>
/// <param name="Seconds">Since the step before.</param>
/// <param name="Soc">State of charge, share of capacity; NaN = unknown.</param>
/// <param name="ReferenceShiftHz">Nordic AEM: the reference frequency minus nominal.</param>
[StructLayout(LayoutKind.Auto)]
internal readonly record struct Moment(long Now, long Unix, double Seconds, double Soc, double ReferenceShiftHz);

/// <summary>One contract's turn: window, measurement, ladder, target, shape.</summary>
internal static class ServiceResponse
{
    internal static ServiceOutput Step(
        ServiceSlot slot, FailSafeRules failSafe, ref ServiceState state, in Voted vote, in SiteConditions site, in Moment at, ref long due)
    {
        var (hz, valid, measured, expires) = Drive(slot, in vote, in site, at.Now);
        var isFirst = state.Ladder.Rung == FailSafeRung.NotReady;
        FailSafeLadder.Advance(failSafe, ref state.Ladder, valid, measured, expires, state.Pu, at.Now);
        due = Math.Min(due, FailSafeLadder.Due(failSafe, in state.Ladder));

        // Windows are half-open and judged at every step, whatever the service is doing: a block that ends disarms a service that waits, too.
        var procured = slot.Windows.Contains(at.Unix, out var edge);
        due = edge == long.MaxValue ? due : Math.Min(due, at.Now + Math.Max(edge - at.Unix, 0));
        if (!procured)
        {
            return RampOut(slot, ref state, in vote, valid, in site, in at);
        }

        state.Procured = true;
        var target = Target(slot, ref state, valid ? hz : double.NaN, valid ? vote.Confirmed : ConfirmedHz.None, in site, in at);
        if (state.Ladder.Rung == FailSafeRung.Valid && valid)
        {
            state.Pu = slot.Kind == ServiceKind.Instruction ? Ramped(slot, state.Pu, target, isFirst, in at) : Shape(slot, ref state, target, in vote, in at, ref due);
        }
        else
        {
            state.Pu = FailSafeLadder.Response(failSafe, in state.Ladder, at.Now);
            target = 0;
            ResetDynamics(ref state);
        }

        return Output(slot, in state, in vote, target, Phase(slot, in state), procured: true);
    }

    /// <summary>
    /// The instruction's own ramp; what moves it otherwise (a clock that steps, a change that comes late, an outage's end) is held to the same rate.
    /// After a restart without memory it goes on where it is.
    /// </summary>
    private static double Ramped(ServiceSlot slot, double last, double target, bool isFirst, in Moment at)
    {
        var most = !isFirst && !double.IsPositiveInfinity(slot.Shaping.RampPuPerS) ? slot.Shaping.RampPuPerS * at.Seconds : double.PositiveInfinity;
        return Math.Clamp(target, last - most, last + most);
    }

    /// <summary>What drives the service: the frequency, for a signal service the signal; an instruction stands until its end.</summary>
    private static (double Hz, bool Valid, long Measured, long Expires) Drive(ServiceSlot slot, in Voted vote, in SiteConditions site, long now)
    {
        if (slot.Kind == ServiceKind.Instruction)
        {
            return (vote.Hz, true, now, Nanos.Never - 1);
        }

        if (slot.Kind != ServiceKind.Signal)
        {
            return (vote.Hz, vote.Valid, vote.MeasuredNanos, vote.ExpiresNanos);
        }

        var expires = Nanos.Clip(site.SignalAtNanos) + slot.SignalAgeNanos;
        return (vote.Hz, double.IsFinite(site.SignalPu) && now <= expires, site.SignalAtNanos, expires);
    }

    private static double Target(ServiceSlot slot, ref ServiceState state, double hz, ConfirmedHz confirmed, in SiteConditions site, in Moment at)
    {
        if (slot.Switched is { } switched)
        {
            var share = SwitchedLatch.Step(switched, ref state.Latch, confirmed, site.Recalled, at.Now);
            return switched.High ? -share : share;
        }

        var asked = slot.Kind switch
        {
            ServiceKind.Signal => site.SignalPu,
            ServiceKind.Instruction => site.Orders[slot.Index].WattsAt(at.Unix) / slot.QuantityW,
            _ => Continuous(slot, ref state, hz, confirmed, in at),
        };

        // Nothing that is no number ever becomes power, and nothing goes the way that was not sold.
        return double.IsFinite(asked) ? Math.Clamp(asked, slot.Lowers ? -slot.LargestPu : 0, slot.Raises ? slot.LargestPu : 0) : 0;
    }

    private static double Continuous(ServiceSlot slot, ref ServiceState state, double hz, ConfirmedHz confirmed, in Moment at)
    {
        if (slot.RelaySteps > 0)
        {
            var current = (double)state.Steps / slot.RelaySteps;
            hz = Confirmed(slot.Curve!, current, confirmed, at.ReferenceShiftHz);
            if (double.IsNaN(hz))
            {
                return current;
            }
        }

        var pu = slot.Curve!.Evaluate(hz - at.ReferenceShiftHz);
        if (slot.Freedom is { } freedom && double.IsFinite(pu))
        {
            pu = FreedomUse.Apply(freedom, ref state.FreedomPu, pu, hz - slot.NominalHz, at.Soc, at.Seconds);
        }

        return slot.RelaySteps > 0 && double.IsFinite(pu) ? RelaySteps.Round(slot.RelaySteps, ref state.Steps, Math.Clamp(pu, -1, 1)) : pu;
    }

    /// <summary>A relay leaves its step only for what two measurements ask for; of the two, the one that moves it less. NaN: it stays.</summary>
    private static double Confirmed(ResponseCurve curve, double current, ConfirmedHz confirmed, double shiftHz) =>
        current > curve.Evaluate(confirmed.Lowest - shiftHz) ? confirmed.Lowest
        : current < curve.Evaluate(confirmed.Highest - shiftHz) ? confirmed.Highest
        : double.NaN;

    private static double Shape(ServiceSlot slot, ref ServiceState state, double target, in Voted vote, in Moment at, ref long due)
    {
        var shaping = slot.Shaping;
        var delay = shaping.TotalDelayNanos - vote.PathNanos - slot.AssetDelayNanos;
        if (delay > 0)
        {
            target = state.Delay.Pass(target, state.Pu, at.Now, delay, out var next);
            due = Math.Min(due, next);
        }

        if (shaping.LagNanos > 0)
        {
            state.LagPu += (target - state.LagPu) * (1 - Math.Exp(-at.Seconds / Nanos.Seconds(shaping.LagNanos)));
            target = Math.Abs(target - state.LagPu) < 1e-9 ? target : state.LagPu;
        }

        var most = double.IsPositiveInfinity(shaping.RampPuPerS) ? double.PositiveInfinity : shaping.RampPuPerS * at.Seconds;
        var pu = Math.Clamp(target, state.Pu - most, state.Pu + most);
        due = pu == target && shaping.LagNanos == 0 ? due : Math.Min(due, at.Now + (10 * Nanos.PerMillisecond));
        return pu;
    }

    /// <summary>What was asked before a loss must not come out of the delay, the lag or the slow activation after it.</summary>
    private static void ResetDynamics(ref ServiceState state)
    {
        (state.LagPu, state.FreedomPu) = (state.Pu, state.Pu);
        if (state.Ladder.Rung != FailSafeRung.Hold)
        {
            (state.Delay, state.Steps) = (default, 0);
        }
    }

    /// <summary>
    /// After the block: down to zero at the contract's rate, outside settlement; nothing new starts. The curve goes on into the delay, so that a block
    /// that begins off nominal begins right.
    /// </summary>
    private static ServiceOutput RampOut(ServiceSlot slot, ref ServiceState state, in Voted vote, bool valid, in SiteConditions site, in Moment at)
    {
        // The step that finds the block over begins the ramp; what passed before belongs to the block.
        var most = state.Procured ? 0 : slot.Shaping.RampOutPuPerS * at.Seconds;
        var pu = Math.CopySign(Math.Max(Math.Abs(state.Pu) - most, 0), state.Pu);
        var delay = slot.Shaping.TotalDelayNanos - vote.PathNanos - slot.AssetDelayNanos;
        var follows = slot.Switched is null && valid && state.Ladder.Rung == FailSafeRung.Valid;
        var line = follows ? state.Delay : default;
        var steps = follows ? state.Steps : 0;
        state = new ServiceState { Ladder = state.Ladder, Latch = state.Latch, Pu = pu, LagPu = pu, Delay = line, Steps = steps, FreedomPu = state.FreedomPu };
        if (follows)
        {
            var target = Target(slot, ref state, vote.Hz, vote.Confirmed, in site, in at);
            _ = delay > 0 ? state.Delay.Pass(target, target, at.Now, delay, out _) : target;
        }

        if (slot.Switched is { } switched)
        {
            SwitchedLatch.Rest(switched, ref state.Latch, vote.Confirmed, at.Now);
        }

        return Output(slot, in state, in vote, 0, pu == 0 ? ServicePhase.Disarmed : ServicePhase.RampingOut, procured: false);
    }

    private static ServicePhase Phase(ServiceSlot slot, in ServiceState state)
    {
        if (state.Ladder.Rung is not (FailSafeRung.Valid or FailSafeRung.Hold or FailSafeRung.Ramp))
        {
            return ServicePhase.NotReady;
        }

        return slot.Switched is null
            ? state.Pu == 0 ? ServicePhase.Ready : ServicePhase.Active
            : state.Latch.Phase switch
            {
                LatchPhase.Active => ServicePhase.Active,
                LatchPhase.Releasing => ServicePhase.Releasing,
                LatchPhase.Blocked => ServicePhase.Blocked,
                _ => ServicePhase.Ready,
            };
    }

    private static ServiceOutput Output(
        ServiceSlot slot, in ServiceState state, in Voted vote, double target, ServicePhase phase, bool procured) =>
        new(target, state.Pu, state.Pu * slot.QuantityW, vote.Hz, phase, state.Ladder.Rung, vote.Faults, procured);
}
