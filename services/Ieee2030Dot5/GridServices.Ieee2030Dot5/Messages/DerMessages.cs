namespace GridServices.Ieee2030Dot5.Messages;

/// <summary>DERType codes (IEEE 2030.5-2018); those between are reserved.</summary>
public static class DerTypes
{
    public const int NotApplicable = 0;
    public const int VirtualOrMixed = 1;
    public const int ReciprocatingEngine = 2;
    public const int FuelCell = 3;
    public const int Photovoltaic = 4;
    public const int CombinedHeatAndPower = 5;
    public const int OtherGeneration = 6;
    public const int OtherStorage = 80;
    public const int ElectricVehicle = 81;
    public const int Evse = 82;
    public const int PhotovoltaicAndStorage = 83;

    /// <summary>True for a code that the standard names.</summary>
    public static bool IsKnown(int code) => code is (>= NotApplicable and <= OtherGeneration) or (>= OtherStorage and <= PhotovoltaicAndStorage);
}

/// <summary>Bits of modesSupported and modesEnabled (DERControlType).</summary>
public static class DerModes
{
    public const uint ChargeMode = 0x1;
    public const uint DischargeMode = 0x2;
    public const uint Connect = 0x4;
    public const uint Energize = 0x8;
    public const uint FixedPFAbsorbW = 0x10;
    public const uint FixedPFInjectW = 0x20;
    public const uint FixedVar = 0x40;
    public const uint FixedW = 0x80;
    public const uint FreqDroop = 0x100;
    public const uint FreqWatt = 0x200;
    public const uint HFRTMayTrip = 0x400;
    public const uint HFRTMustTrip = 0x800;
    public const uint HVRTMayTrip = 0x1000;
    public const uint HVRTMomentaryCessation = 0x2000;
    public const uint HVRTMustTrip = 0x4000;
    public const uint LFRTMayTrip = 0x8000;
    public const uint LFRTMustTrip = 0x10000;
    public const uint LVRTMayTrip = 0x20000;
    public const uint LVRTMomentaryCessation = 0x40000;
    public const uint LVRTMustTrip = 0x80000;
    public const uint MaxLimW = 0x100000;
    public const uint TargetVar = 0x200000;
    public const uint TargetW = 0x400000;
    public const uint VoltVar = 0x800000;
    public const uint VoltWatt = 0x1000000;
    public const uint WattPF = 0x2000000;
    public const uint WattVar = 0x4000000;
}

/// <summary>Bits of the CSIP-AUS doeModesSupported and doeModesEnabled.</summary>
public static class DoeModes
{
    public const byte ExpLimW = 0x1;
    public const byte ImpLimW = 0x2;
    public const byte GenLimW = 0x4;
    public const byte LoadLimW = 0x8;
}

/// <summary>Bits of the CSIP-AUS 1.3 vppModesSupported and vppModesEnabled.</summary>
public static class VppModes
{
    public const byte StorageTargetW = 0x1;
}

/// <summary>What a DER can do by its name plate. Units by the name: W, VA, var, Wh, Ah, V, A.</summary>
public sealed record DerCapability : Resource
{
    /// <summary>See <see cref="DerModes"/>.</summary>
    public required uint ModesSupported { get; init; }

    public byte? RtgAbnormalCategory { get; init; }

    public Quantity? RtgMaxA { get; init; }

    public Quantity? RtgMaxAh { get; init; }

    public Quantity? RtgMaxChargeRateVA { get; init; }

    public ActivePower? RtgMaxChargeRateW { get; init; }

    public Quantity? RtgMaxDischargeRateVA { get; init; }

    public ActivePower? RtgMaxDischargeRateW { get; init; }

    public Quantity? RtgMaxV { get; init; }

    public Quantity? RtgMaxVA { get; init; }

    public Quantity? RtgMaxVar { get; init; }

    public Quantity? RtgMaxVarNeg { get; init; }

    public required ActivePower RtgMaxW { get; init; }

    public Quantity? RtgMaxWh { get; init; }

    public PowerFactor? RtgMinPFOverExcited { get; init; }

    public PowerFactor? RtgMinPFUnderExcited { get; init; }

    public Quantity? RtgMinV { get; init; }

    public byte? RtgNormalCategory { get; init; }

    public PowerFactor? RtgOverExcitedPF { get; init; }

    public ActivePower? RtgOverExcitedW { get; init; }

    public Quantity? RtgReactiveSusceptance { get; init; }

    public PowerFactor? RtgUnderExcitedPF { get; init; }

    public ActivePower? RtgUnderExcitedW { get; init; }

    public Quantity? RtgVNom { get; init; }

    /// <summary>See <see cref="DerTypes"/>.</summary>
    public required byte Type { get; init; }

    /// <summary>CSIP-AUS, mandatory there: see <see cref="DoeModes"/>.</summary>
    public byte? DoeModesSupported { get; init; }

    /// <summary>CSIP-AUS 1.3: see <see cref="VppModes"/>.</summary>
    public byte? VppModesSupported { get; init; }
}

/// <summary>How a DER is set up at present. Units by the name: W, VA, var, Wh, Ah, V, A.</summary>
public sealed record DerSettings : Resource
{
    /// <summary>See <see cref="DerModes"/>.</summary>
    public uint? ModesEnabled { get; init; }

    /// <summary>Hundredths of a second.</summary>
    public long? SetEsDelay { get; init; }

    /// <summary>Hundredths of a hertz.</summary>
    public int? SetEsHighFreq { get; init; }

    /// <summary>Hundredths of a per cent of the nominal voltage.</summary>
    public int? SetEsHighVolt { get; init; }

    public int? SetEsLowFreq { get; init; }

    public int? SetEsLowVolt { get; init; }

    /// <summary>Hundredths of a second.</summary>
    public long? SetEsRampTms { get; init; }

    /// <summary>Hundredths of a second.</summary>
    public long? SetEsRandomDelay { get; init; }

    /// <summary>Hundredths of a per cent of setMaxW per second; 0 = no limit.</summary>
    public required int SetGradW { get; init; }

    public Quantity? SetMaxA { get; init; }

    public Quantity? SetMaxAh { get; init; }

    public Quantity? SetMaxChargeRateVA { get; init; }

    public ActivePower? SetMaxChargeRateW { get; init; }

    public Quantity? SetMaxDischargeRateVA { get; init; }

    public ActivePower? SetMaxDischargeRateW { get; init; }

    public Quantity? SetMaxV { get; init; }

    public Quantity? SetMaxVA { get; init; }

    public Quantity? SetMaxVar { get; init; }

    public Quantity? SetMaxVarNeg { get; init; }

    public required ActivePower SetMaxW { get; init; }

    public Quantity? SetMaxWh { get; init; }

    public PowerFactor? SetMinPFOverExcited { get; init; }

    public PowerFactor? SetMinPFUnderExcited { get; init; }

    public Quantity? SetMinV { get; init; }

    /// <summary>Hundredths of a per cent of setMaxW per second; 0 = no limit.</summary>
    public int? SetSoftGradW { get; init; }

    public Quantity? SetVNom { get; init; }

    public Quantity? SetVRef { get; init; }

    public Quantity? SetVRefOfs { get; init; }

    /// <summary>Unix seconds.</summary>
    public required long UpdatedTime { get; init; }

    /// <summary>CSIP-AUS: see <see cref="DoeModes"/>.</summary>
    public byte? DoeModesEnabled { get; init; }

    /// <summary>CSIP-AUS 1.3: see <see cref="VppModes"/>.</summary>
    public byte? VppModesEnabled { get; init; }

    /// <summary>CSIP-AUS 1.3: energy at which the storage stops discharging.</summary>
    public Quantity? SetMinWh { get; init; }
}
