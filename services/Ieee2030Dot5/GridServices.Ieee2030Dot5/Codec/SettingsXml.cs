using System.Xml.Linq;
using GridServices.Ieee2030Dot5.Messages;
using GridServices.Wire;
using static GridServices.Ieee2030Dot5.Codec.RatingsXml;
using static GridServices.Ieee2030Dot5.Codec.Sep2Out;

namespace GridServices.Ieee2030Dot5.Codec;

/// <summary>DERSettings.</summary>
internal static class SettingsXml
{
    public static DerSettings Read(ReceivedElement e) => new()
    {
        Href = e.Href(),
        Subscribable = e.Subscribable(),
        ModesEnabled = e.Opt("modesEnabled").Hex32(),
        SetEsDelay = e.Opt("setESDelay").NumberOrNull<uint>(),
        SetEsHighFreq = e.Opt("setESHighFreq").NumberOrNull<ushort>(),
        SetEsHighVolt = e.Opt("setESHighVolt").NumberOrNull<short>(),
        SetEsLowFreq = e.Opt("setESLowFreq").NumberOrNull<ushort>(),
        SetEsLowVolt = e.Opt("setESLowVolt").NumberOrNull<short>(),
        SetEsRampTms = e.Opt("setESRampTms").NumberOrNull<uint>(),
        SetEsRandomDelay = e.Opt("setESRandomDelay").NumberOrNull<uint>(),
        SetGradW = e.Req("setGradW").Number<ushort>(),
        SetMaxA = e.Opt("setMaxA").Amount(),
        SetMaxAh = e.Opt("setMaxAh").Amount(),
        SetMaxChargeRateVA = e.Opt("setMaxChargeRateVA").Amount(),
        SetMaxChargeRateW = e.Opt("setMaxChargeRateW").Power(),
        SetMaxDischargeRateVA = e.Opt("setMaxDischargeRateVA").Amount(),
        SetMaxDischargeRateW = e.Opt("setMaxDischargeRateW").Power(),
        SetMaxV = e.Opt("setMaxV").Amount(),
        SetMaxVA = e.Opt("setMaxVA").Amount(),
        SetMaxVar = e.Opt("setMaxVar").Amount(),
        SetMaxVarNeg = e.Opt("setMaxVarNeg").Amount(),
        SetMaxW = e.Req("setMaxW").Power()!.Value,
        SetMaxWh = e.Opt("setMaxWh").Amount(),
        SetMinPFOverExcited = e.Opt("setMinPFOverExcited").Factor(),
        SetMinPFUnderExcited = e.Opt("setMinPFUnderExcited").Factor(),
        SetMinV = e.Opt("setMinV").Amount(),
        SetSoftGradW = e.Opt("setSoftGradW").NumberOrNull<ushort>(),
        SetVNom = e.Opt("setVNom").Amount(),
        SetVRef = e.Opt("setVRef").Amount(),
        SetVRefOfs = e.Opt("setVRefOfs").Amount(),
        UpdatedTime = e.Req("updatedTime").Time(),
        DoeModesEnabled = e.Ext("doeModesEnabled").Hex8(),
        VppModesEnabled = e.Ext("vppModesEnabled").Hex8(),
        SetMinWh = e.Ext("setMinWh").Amount(),
    };

    public static XElement Write(DerSettings s, Sep2Out o) =>
        El("DERSettings", Head(s),
            Opt("modesEnabled", Hex(s.ModesEnabled, 8)),
            Opt("setESDelay", s.SetEsDelay),
            Opt("setESHighFreq", s.SetEsHighFreq),
            Opt("setESHighVolt", s.SetEsHighVolt),
            Opt("setESLowFreq", s.SetEsLowFreq),
            Opt("setESLowVolt", s.SetEsLowVolt),
            Opt("setESRampTms", s.SetEsRampTms),
            Opt("setESRandomDelay", s.SetEsRandomDelay),
            El("setGradW", s.SetGradW),
            Amount("setMaxA", s.SetMaxA),
            Amount("setMaxAh", s.SetMaxAh),
            Amount("setMaxChargeRateVA", s.SetMaxChargeRateVA),
            Power("setMaxChargeRateW", s.SetMaxChargeRateW),
            Amount("setMaxDischargeRateVA", s.SetMaxDischargeRateVA),
            Power("setMaxDischargeRateW", s.SetMaxDischargeRateW),
            Amount("setMaxV", s.SetMaxV),
            Amount("setMaxVA", s.SetMaxVA),
            Amount("setMaxVar", s.SetMaxVar),
            Amount("setMaxVarNeg", s.SetMaxVarNeg),
            Power("setMaxW", s.SetMaxW),
            Amount("setMaxWh", s.SetMaxWh),
            Factor("setMinPFOverExcited", s.SetMinPFOverExcited),
            Factor("setMinPFUnderExcited", s.SetMinPFUnderExcited),
            Amount("setMinV", s.SetMinV),
            Opt("setSoftGradW", s.SetSoftGradW),
            Amount("setVNom", s.SetVNom),
            Amount("setVRef", s.SetVRef),
            Amount("setVRefOfs", s.SetVRefOfs),
            El("updatedTime", s.UpdatedTime),
            o.Ext("doeModesEnabled", Hex(s.DoeModesEnabled, 2)),
            o.Ext13("vppModesEnabled", Hex(s.VppModesEnabled, 2)),
            o.Ext13("setMinWh", Content(s.SetMinWh)));
}
