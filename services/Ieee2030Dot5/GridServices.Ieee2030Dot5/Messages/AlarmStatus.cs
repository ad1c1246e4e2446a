using GridServices.Contracts;

namespace GridServices.Ieee2030Dot5.Messages;

/// <summary>DER alarms as the standard numbers them: bits of DERStatus.alarmStatus, and codes of LogEvents.</summary>
public static class AlarmStatus
{
    /// <summary>logEventPEN of the standard's own codes.</summary>
    public const uint StandardPen = 40_732;

    /// <summary>DERStatus.alarmStatus (IEEE 2030.5 AlarmStatusType): bit 0 DER_FAULT_OVER_CURRENT to bit 10 DER_FAULT_PHASE_ROTATION.</summary>
    public static uint ToBits(IEnumerable<AlarmKind> alarms) => alarms.Aggregate(0u, (bits, alarm) => bits | (1u << GetPosition(alarm)));

    /// <summary>logEventCode (CSIP, table of alarms): each alarm has an even code when it is raised, and the next one, _RTN, when it returns to normal.</summary>
    public static byte GetCode(AlarmKind alarm, bool raised) => (byte)((2 * GetPosition(alarm)) + (raised ? 0 : 1));

    private static int GetPosition(AlarmKind alarm) => alarm switch
    {
        AlarmKind.OverCurrent => 0,
        AlarmKind.OverVoltage => 1,
        AlarmKind.UnderVoltage => 2,
        AlarmKind.OverFrequency => 3,
        AlarmKind.UnderFrequency => 4,
        AlarmKind.VoltageImbalance => 5,
        AlarmKind.CurrentImbalance => 6,
        AlarmKind.EmergencyLocal => 7,
        AlarmKind.EmergencyRemote => 8,
        AlarmKind.LowPowerInput => 9,
        AlarmKind.PhaseRotation => 10,
        _ => throw new ArgumentOutOfRangeException(nameof(alarm), alarm, "The standard has no such alarm."),
    };
}
