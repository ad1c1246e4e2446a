using GridServices.Ieee2030Dot5.Messages;

namespace GridServices.Ieee2030Dot5.Tests.Messages;

/// <summary>The documents of a DER.</summary>
internal static partial class Specimens
{
    public static DerCapability Capability => new()
    {
        ModesSupported = 0x80,
        RtgAbnormalCategory = 3,
        RtgMaxA = Amount,
        RtgMaxAh = Amount,
        RtgMaxChargeRateVA = Amount,
        RtgMaxChargeRateW = Power,
        RtgMaxDischargeRateVA = Amount,
        RtgMaxDischargeRateW = Power,
        RtgMaxV = Amount,
        RtgMaxVA = Amount,
        RtgMaxVar = Amount,
        RtgMaxVarNeg = Amount,
        RtgMaxW = Power,
        RtgMaxWh = Amount,
        RtgMinPFOverExcited = Factor,
        RtgMinPFUnderExcited = Factor,
        RtgMinV = Amount,
        RtgNormalCategory = 1,
        RtgOverExcitedPF = Factor,
        RtgOverExcitedW = Power,
        RtgReactiveSusceptance = Amount,
        RtgUnderExcitedPF = Factor,
        RtgUnderExcitedW = Power,
        RtgVNom = Amount,
        Type = 83,
        DoeModesSupported = 3,
        VppModesSupported = 1,
    };

    public static DerSettings Settings => new()
    {
        ModesEnabled = 0x80,
        SetEsDelay = 1,
        SetEsHighFreq = 5050,
        SetEsHighVolt = -1,
        SetEsLowFreq = 4950,
        SetEsLowVolt = 9000,
        SetEsRampTms = 2,
        SetEsRandomDelay = 3,
        SetGradW = 27,
        SetMaxA = Amount,
        SetMaxAh = Amount,
        SetMaxChargeRateVA = Amount,
        SetMaxChargeRateW = Power,
        SetMaxDischargeRateVA = Amount,
        SetMaxDischargeRateW = Power,
        SetMaxV = Amount,
        SetMaxVA = Amount,
        SetMaxVar = Amount,
        SetMaxVarNeg = Amount,
        SetMaxW = Power,
        SetMaxWh = Amount,
        SetMinPFOverExcited = Factor,
        SetMinPFUnderExcited = Factor,
        SetMinV = Amount,
        SetSoftGradW = 100,
        SetVNom = Amount,
        SetVRef = Amount,
        SetVRefOfs = new(-5, 0),
        UpdatedTime = 6,
        DoeModesEnabled = 3,
        VppModesEnabled = 1,
        SetMinWh = Amount,
    };

    public static DerStatus Status => new()
    {
        AlarmStatus = 1,
        GenConnectStatus = new(1, 7),
        InverterStatus = new(3, 7),
        LocalControlModeStatus = new(1, 7),
        ManufacturerStatus = new("NoErr", 7),
        OperationalModeStatus = new(108, 7),
        ReadingTime = 7,
        StateOfChargeStatus = new(10000, 7),
        StorageModeStatus = new(2, 7),
        StorConnectStatus = new(7, 7),
    };
}
