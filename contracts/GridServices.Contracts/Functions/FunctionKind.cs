namespace GridServices.Contracts.Functions;

/// <summary>The autonomous functions, as IEEE 2030.5 has them.</summary>
public enum FunctionKind
{
    /// <summary>Reactive power by voltage (opModVoltVar).</summary>
    VoltVar,

    /// <summary>Active power by voltage (opModVoltWatt).</summary>
    VoltWatt,

    /// <summary>Active power by frequency, as a curve (opModFreqWatt).</summary>
    FrequencyWatt,

    /// <summary>Active power by frequency, as dead band and slope (opModFreqDroop).</summary>
    FrequencyDroop,

    /// <summary>Power factor by active power (opModWattPF).</summary>
    WattPowerFactor,

    /// <summary>Reactive power by active power (opModWattVar).</summary>
    WattVar,

    /// <summary>Power factor while generating (opModFixedPFInjectW).</summary>
    FixedPowerFactorInject,

    /// <summary>Power factor while charging (opModFixedPFAbsorbW).</summary>
    FixedPowerFactorAbsorb,

    /// <summary>Reactive power in per cent (opModFixedVar).</summary>
    FixedVar,

    /// <summary>Reactive power in var (opModTargetVar).</summary>
    TargetVar,

    /// <summary>High-voltage ride-through: may trip outside of it (opModHVRTMayTrip).</summary>
    HighVoltageMayTrip,
    HighVoltageMustTrip,
    HighVoltageMomentaryCessation,
    LowVoltageMayTrip,
    LowVoltageMustTrip,
    LowVoltageMomentaryCessation,
    HighFrequencyMayTrip,
    HighFrequencyMustTrip,
    LowFrequencyMayTrip,
    LowFrequencyMustTrip,

    /// <summary>When, and how fast, to come back after a trip (setESDelay and the like of DefaultDERControl).</summary>
    EnterService,
}
