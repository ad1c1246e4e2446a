namespace GridServices.Contracts;

/// <summary>Alarms of a site's equipment, as IEEE 2030.5 (CSIP) and IEEE 1547 have them.</summary>
public enum AlarmKind
{
    OverCurrent,
    OverVoltage,
    UnderVoltage,
    OverFrequency,
    UnderFrequency,
    VoltageImbalance,
    CurrentImbalance,

    /// <summary>An emergency stop on the site.</summary>
    EmergencyLocal,

    /// <summary>An emergency stop from afar.</summary>
    EmergencyRemote,

    /// <summary>Too little comes in from the source (sun, store) to go on.</summary>
    LowPowerInput,
    PhaseRotation,
}
