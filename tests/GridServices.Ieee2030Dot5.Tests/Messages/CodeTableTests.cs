using GridServices.Contracts;
using GridServices.Ieee2030Dot5.Messages;

namespace GridServices.Ieee2030Dot5.Tests.Messages;

/// <summary>Every code of ours against the value that IEEE 2030.5-2018 and CSIP-AUS give it: two that are swapped send limits to the wrong place.</summary>
public sealed class CodeTableTests
{
    private static readonly (string Name, long Ours, long Standard)[] Codes =
    [
        ("DERType n/a", DerTypes.NotApplicable, 0),
        ("DERType virtual or mixed", DerTypes.VirtualOrMixed, 1),
        ("DERType reciprocating engine", DerTypes.ReciprocatingEngine, 2),
        ("DERType fuel cell", DerTypes.FuelCell, 3),
        ("DERType photovoltaic", DerTypes.Photovoltaic, 4),
        ("DERType combined heat and power", DerTypes.CombinedHeatAndPower, 5),
        ("DERType other generation", DerTypes.OtherGeneration, 6),
        ("DERType other storage", DerTypes.OtherStorage, 80),
        ("DERType electric vehicle", DerTypes.ElectricVehicle, 81),
        ("DERType EVSE", DerTypes.Evse, 82),
        ("DERType photovoltaic and storage", DerTypes.PhotovoltaicAndStorage, 83),
        ("DERControlType charge mode", DerModes.ChargeMode, 1L << 0),
        ("DERControlType discharge mode", DerModes.DischargeMode, 1L << 1),
        ("DERControlType opModConnect", DerModes.Connect, 1L << 2),
        ("DERControlType opModEnergize", DerModes.Energize, 1L << 3),
        ("DERControlType opModFixedPFAbsorbW", DerModes.FixedPFAbsorbW, 1L << 4),
        ("DERControlType opModFixedPFInjectW", DerModes.FixedPFInjectW, 1L << 5),
        ("DERControlType opModFixedVar", DerModes.FixedVar, 1L << 6),
        ("DERControlType opModFixedW", DerModes.FixedW, 1L << 7),
        ("DERControlType opModFreqDroop", DerModes.FreqDroop, 1L << 8),
        ("DERControlType opModFreqWatt", DerModes.FreqWatt, 1L << 9),
        ("DERControlType opModMaxLimW", DerModes.MaxLimW, 1L << 20),
        ("DERControlType opModTargetVar", DerModes.TargetVar, 1L << 21),
        ("DERControlType opModTargetW", DerModes.TargetW, 1L << 22),
        ("DOE opModExpLimW", DoeModes.ExpLimW, 1),
        ("DOE opModImpLimW", DoeModes.ImpLimW, 2),
        ("DOE opModGenLimW", DoeModes.GenLimW, 4),
        ("DOE opModLoadLimW", DoeModes.LoadLimW, 8),
        ("VPP opModStorageTargetW", VppModes.StorageTargetW, 1),
        ("Response received", ResponseStatus.Received, 1),
        ("Response started", ResponseStatus.Started, 2),
        ("Response completed", ResponseStatus.Completed, 3),
        ("Response opt-out", ResponseStatus.OptOut, 4),
        ("Response opt-in", ResponseStatus.OptIn, 5),
        ("Response cancelled", ResponseStatus.Cancelled, 6),
        ("Response superseded", ResponseStatus.Superseded, 7),
        ("Response partial, opt-out", ResponseStatus.PartiallyCompletedWithOptOut, 8),
        ("Response partial, opt-in", ResponseStatus.PartiallyCompletedWithOptIn, 9),
        ("Response no participation", ResponseStatus.CompletedWithNoParticipation, 10),
        ("Response resumed, 2023", ResponseStatus.Resumed, 14),
        ("Response not supported, 2023", ResponseStatus.NotSupported2023, 251),
        ("Response rejected, 2018", ResponseStatus.RejectedInvalid2018, 252),
        ("Response invalid", ResponseStatus.Invalid, 253),
        ("Response expired", ResponseStatus.Expired, 254),
        ("LogEvent over-current", AlarmStatus.GetCode(AlarmKind.OverCurrent, raised: true), 0),
        ("LogEvent over-current, back to normal", AlarmStatus.GetCode(AlarmKind.OverCurrent, raised: false), 1),
        ("LogEvent over-voltage", AlarmStatus.GetCode(AlarmKind.OverVoltage, raised: true), 2),
        ("LogEvent under-voltage", AlarmStatus.GetCode(AlarmKind.UnderVoltage, raised: true), 4),
        ("LogEvent over-frequency", AlarmStatus.GetCode(AlarmKind.OverFrequency, raised: true), 6),
        ("LogEvent under-frequency", AlarmStatus.GetCode(AlarmKind.UnderFrequency, raised: true), 8),
        ("LogEvent voltage imbalance", AlarmStatus.GetCode(AlarmKind.VoltageImbalance, raised: true), 10),
        ("LogEvent current imbalance", AlarmStatus.GetCode(AlarmKind.CurrentImbalance, raised: true), 12),
        ("LogEvent emergency, local", AlarmStatus.GetCode(AlarmKind.EmergencyLocal, raised: true), 14),
        ("LogEvent emergency, remote", AlarmStatus.GetCode(AlarmKind.EmergencyRemote, raised: true), 16),
        ("LogEvent low power input", AlarmStatus.GetCode(AlarmKind.LowPowerInput, raised: true), 18),
        ("LogEvent phase rotation", AlarmStatus.GetCode(AlarmKind.PhaseRotation, raised: true), 20),
        ("LogEvent phase rotation, back to normal", AlarmStatus.GetCode(AlarmKind.PhaseRotation, raised: false), 21),
        ("alarmStatus over-current", AlarmStatus.ToBits([AlarmKind.OverCurrent]), 1L << 0),
        ("alarmStatus over-voltage", AlarmStatus.ToBits([AlarmKind.OverVoltage]), 1L << 1),
        ("alarmStatus under-voltage", AlarmStatus.ToBits([AlarmKind.UnderVoltage]), 1L << 2),
        ("alarmStatus over-frequency", AlarmStatus.ToBits([AlarmKind.OverFrequency]), 1L << 3),
        ("alarmStatus under-frequency", AlarmStatus.ToBits([AlarmKind.UnderFrequency]), 1L << 4),
        ("alarmStatus voltage imbalance", AlarmStatus.ToBits([AlarmKind.VoltageImbalance]), 1L << 5),
        ("alarmStatus current imbalance", AlarmStatus.ToBits([AlarmKind.CurrentImbalance]), 1L << 6),
        ("alarmStatus emergency, local", AlarmStatus.ToBits([AlarmKind.EmergencyLocal]), 1L << 7),
        ("alarmStatus emergency, remote", AlarmStatus.ToBits([AlarmKind.EmergencyRemote]), 1L << 8),
        ("alarmStatus low power input", AlarmStatus.ToBits([AlarmKind.LowPowerInput]), 1L << 9),
        ("alarmStatus phase rotation", AlarmStatus.ToBits([AlarmKind.PhaseRotation]), 1L << 10),
        ("EventStatus scheduled", (long)EventState.Scheduled, 0),
        ("EventStatus active", (long)EventState.Active, 1),
        ("EventStatus cancelled", (long)EventState.Cancelled, 2),
        ("EventStatus cancelled with randomization", (long)EventState.CancelledWithRandomization, 3),
        ("EventStatus superseded", (long)EventState.Superseded, 4),
    ];

    [Fact]
    public void Every_code_is_that_of_the_standard() =>
        Assert.All(Codes, c => Assert.True(c.Ours == c.Standard, $"{c.Name} is {c.Standard} in the standard and {c.Ours} here"));

    [Fact]
    public void The_reserved_codes_of_DERType_are_no_types() =>
        Assert.Equal([0, 1, 2, 3, 4, 5, 6, 80, 81, 82, 83], Enumerable.Range(-1, 258).Where(DerTypes.IsKnown));
}
