using GridServices.FrequencyResponse.Energy;
using GridServices.FrequencyResponse.Measurement;
using GridServices.FrequencyResponse.Response;
using GridServices.FrequencyResponse.Safety;
using NodaTime;

namespace GridServices.FrequencyResponse;

/// <summary>From a measured frequency to the right power. Pure, deterministic; allocates nothing.</summary>
/// <remarks>
/// <code>
///  (1) clock      windows are judged by a wall clock whose jumps are not believed at once, durations by the monotonic clock
///  (2) sample ──▶ gate ──▶ the memory of its source                          no sample is no sample: it never becomes a number
///  (3) store      telemetry, carried on by what was commanded
///  (4) services   each: vote of its sources ─▶ fail-safe ladder ─▶ window ─▶ curve, latch, signal or instruction ─▶ shape
///  (5) baseline   moved by energy management
///  (6) limits     baseline + sum of the services, cut by assets, store, envelopes
///  (7) dispatch   when it moved, when it is due again, and only with the lease
/// </code>
/// Everything that the step needs is in its arguments; everything that it leaves is in its result.
/// </remarks>
public static class FrequencyController
{
    /// <summary>A state that nothing is due in is looked at again after this.</summary>
    private const long IdleNanos = 100 * Nanos.PerMillisecond;

    /// <summary>One turn: with a sample when one has arrived, without one when <see cref="ControllerOutput.NextDueNanos"/> has come.</summary>
    /// <param name="config">What is contracted.</param>
    /// <param name="state">What came of the turn before; <c>default</c> at the start.</param>
    /// <param name="sample">The sample that arrived, if any.</param>
    /// <param name="nowNanos">The monotonic clock; going back counts as standing still.</param>
    /// <param name="wall">The wall clock; may step.</param>
    public static ControllerStep Step(ControllerConfig config, in ControllerState state, in FrequencySample? sample, long nowNanos, Instant wall)
    {
        ArgumentNullException.ThrowIfNull(config);
        var next = state;
        var now = Nanos.Clip(state.Steps == 0 ? nowNanos : Math.Max(nowNanos, state.LastNanos));
        var seconds = state.Steps == 0 ? 0 : Nanos.Seconds(Nanos.Since(now, state.LastNanos));
        (next.Steps, next.LastNanos) = (unchecked(state.Steps + 1), now);

        // :: Step 1: clock
        var contradicted = SampleGate.Contradicts(config, in next.Sources, now);
        var unix = WallClock.Follow(ref next.Wall, now, Nanos.Unix(wall), config.Settings.ClockStepNanos, contradicted);

        // :: Step 2: sample
        var faults = sample is { } taken ? ProcessSample(config, ref next, in taken, now) : SampleFault.None;

        // :: Step 3: store
        var energy = config.Settings.Energy;
        if (energy is not null)
        {
            EnergyLedger.Advance(energy, ref next.Energy, in next.Conditions, seconds);
        }

        // :: Step 4: services
        var turn = new StepAccumulator { Due = now + IdleNanos, Hz = double.NaN, Reasons = next.Wall.Stepped ? ControlReasons.ClockStep : ControlReasons.None };
        Respond(config, ref next, new Moment(now, unix, seconds, Soc(energy, in next.Energy, now), NordicEnergy.ReferenceShiftHz(in next.Energy)), ref turn);

        // :: Step 5: baseline
        var site = next.Conditions;
        var baseline = double.IsFinite(site.BaselineW) ? site.BaselineW : 0;
        if (energy is not null)
        {
            baseline += EnergyManagement.Step(energy, ref next.Energy, in turn.Procured, turn.Hz - config.NominalHz, seconds, now, unix);
            turn.Reasons |= EnergyReasons(energy, in next.Energy, now);
        }

        // :: Step 6: limits
        var power = PowerLimits.Bound(baseline + turn.WantedW, in site, energy, in next.Energy, ref turn.Reasons);
        (next.Energy.PowerW, next.Energy.ResponseW) = (power, power - baseline);

        // :: Step 7: dispatch
        var writer = !config.Settings.LeaseRequired || site.Lease.IsHeld(now);
        turn.Reasons |= writer ? ControlReasons.None : ControlReasons.NotWriter;
        var dispatch = Dispatching.Decide(
            config.Settings, config.QuantityW, ref next.Sent, power, turn.WantedW == 0, turn.Alive, writer, now, ref turn.Due);
        return new ControllerStep(in next, new ControllerOutput
        {
            PowerW = power,
            BaselineW = baseline,
            WantedW = turn.WantedW,
            ResponseW = power - baseline,
            ShortfallW = Math.Abs(baseline + turn.WantedW - power),
            EnergyWh = energy is not null && next.Energy.Known ? next.Energy.StoredWh : double.NaN,
            FrequencyHz = turn.Hz,
            Reasons = turn.Reasons,
            SampleFaults = faults,
            Dispatch = dispatch,
            LeaseToken = site.Lease.Token,
            NextDueNanos = Math.Max(turn.Due, now + Nanos.PerMillisecond),
            Services = turn.Services,
        });
    }

    private static SampleFault ProcessSample(ControllerConfig config, ref ControllerState next, in FrequencySample sample, long now)
    {
        var fault = sample.Source < config.SourceCount
            ? SampleGate.Check(config.Source(sample.Source), config.NominalHz, ref next.Sources[sample.Source], in sample, in next.Wall, now)
            : SampleFault.UnknownSource;
        if (fault != SampleFault.None)
        {
            next.Counts[SampleFaults.Index(fault)]++;
        }

        return fault;
    }

    private static void Respond(ControllerConfig config, ref ControllerState next, in Moment moment, ref StepAccumulator turn)
    {
        for (var i = 0; i < config.ServiceCount; i++)
        {
            var slot = config.Slot(i);
            var vote = SourceVote.Compute(config, in next.Sources, slot.SourceMask, slot.AgeLimitNanos, slot.ResolutionHz, moment.Now);
            ref var output = ref turn.Services[i];
            output = ServiceResponse.Step(
                slot, slot.SignalLost ?? config.Settings.FailSafe, ref next.Services[i], in vote, in next.Conditions, in moment, ref turn.Due);
            turn.Add(slot, in output, vote.Degraded);
        }
    }

    private static double Soc(EnergyRules? rules, in EnergyState energy, long now) =>
        rules is not null && EnergyLedger.IsFresh(rules, in energy, now) ? energy.StoredWh / rules.CapacityWh : double.NaN;

    private static ControlReasons EnergyReasons(EnergyRules rules, in EnergyState energy, long now) =>
        (EnergyLedger.IsFresh(rules, in energy, now) ? ControlReasons.None : ControlReasons.EnergyUnknown)
        | (energy.ShiftW == 0 ? ControlReasons.None : ControlReasons.Recovering)
        | (energy.Gb.RaiseShort ? ControlReasons.RaiseEnergyShort : ControlReasons.None)
        | (energy.Gb.LowerShort ? ControlReasons.LowerEnergyShort : ControlReasons.None)
        | (energy.Nordic.AemLow || energy.Nordic.AemHigh ? ControlReasons.Exhausting : ControlReasons.None);

    /// <summary>What the services of one step come to.</summary>
    private ref struct StepAccumulator
    {
        internal ServiceOutputs Services;
        internal ProcuredSum Procured;
        internal ControlReasons Reasons;
        internal double WantedW;
        internal double Hz;
        internal long Due;

        /// <summary>Something is there to be commanded: not before the first valid sample, not once the devices are left to themselves.</summary>
        internal bool Alive;

        internal void Add(ServiceSlot slot, in ServiceOutput output, bool degraded)
        {
            WantedW += output.ResponseW;
            Reasons |= output.ResponseW == 0 ? ControlReasons.None : ControlReasons.Responding;
            Reasons |= output.Phase == ServicePhase.RampingOut ? ControlReasons.Ramping : ControlReasons.None;
            Alive |= output.Phase == ServicePhase.RampingOut;
            if (!output.Procured)
            {
                return;
            }

            Procured.Add(slot);
            Hz = double.IsNaN(Hz) ? output.FrequencyHz : Hz;
            Alive |= output.Rung is not (FailSafeRung.NotReady or FailSafeRung.DeviceDefault);
            Reasons |= ControlReasons.Armed | GetReasons(output.Rung) | GetReasons(slot, output.Phase);
            Reasons |= degraded ? ControlReasons.SourceDegraded : ControlReasons.None;
        }

        private static ControlReasons GetReasons(FailSafeRung rung) => rung switch
        {
            FailSafeRung.Valid => ControlReasons.None,
            FailSafeRung.Hold => ControlReasons.MeasurementLost | ControlReasons.Holding,
            FailSafeRung.Ramp => ControlReasons.MeasurementLost | ControlReasons.Ramping,
            FailSafeRung.DeviceDefault => ControlReasons.MeasurementLost | ControlReasons.Unavailable | ControlReasons.DeviceDefault,
            _ => ControlReasons.MeasurementLost | ControlReasons.Unavailable,
        };

        private static ControlReasons GetReasons(ServiceSlot slot, ServicePhase phase) =>
            phase == ServicePhase.Blocked ? ControlReasons.Blocked
            : slot.Switched is not null && phase == ServicePhase.Active ? ControlReasons.Latched
            : ControlReasons.None;
    }
}
