using System.Xml.Linq;
using GridServices.Ieee2030Dot5.Messages;
using GridServices.Wire;
using static GridServices.Ieee2030Dot5.Codec.Sep2Out;

namespace GridServices.Ieee2030Dot5.Codec;

/// <summary>DERCapability.</summary>
internal static class RatingsXml
{
    public static DerCapability Read(ReceivedElement e) => new()
    {
        Href = e.Href(),
        Subscribable = e.Subscribable(),
        ModesSupported = e.Req("modesSupported").Hex(4),
        RtgAbnormalCategory = e.Opt("rtgAbnormalCategory").NumberOrNull<byte>(),
        RtgMaxA = e.Opt("rtgMaxA").Amount(),
        RtgMaxAh = e.Opt("rtgMaxAh").Amount(),
        RtgMaxChargeRateVA = e.Opt("rtgMaxChargeRateVA").Amount(),
        RtgMaxChargeRateW = e.Opt("rtgMaxChargeRateW").Power(),
        RtgMaxDischargeRateVA = e.Opt("rtgMaxDischargeRateVA").Amount(),
        RtgMaxDischargeRateW = e.Opt("rtgMaxDischargeRateW").Power(),
        RtgMaxV = e.Opt("rtgMaxV").Amount(),
        RtgMaxVA = e.Opt("rtgMaxVA").Amount(),
        RtgMaxVar = e.Opt("rtgMaxVar").Amount(),
        RtgMaxVarNeg = e.Opt("rtgMaxVarNeg").Amount(),
        RtgMaxW = e.Req("rtgMaxW").Power()!.Value,
        RtgMaxWh = e.Opt("rtgMaxWh").Amount(),
        RtgMinPFOverExcited = e.Opt("rtgMinPFOverExcited").Factor(),
        RtgMinPFUnderExcited = e.Opt("rtgMinPFUnderExcited").Factor(),
        RtgMinV = e.Opt("rtgMinV").Amount(),
        RtgNormalCategory = e.Opt("rtgNormalCategory").NumberOrNull<byte>(),
        RtgOverExcitedPF = e.Opt("rtgOverExcitedPF").Factor(),
        RtgOverExcitedW = e.Opt("rtgOverExcitedW").Power(),
        RtgReactiveSusceptance = e.Opt("rtgReactiveSusceptance").Amount(),
        RtgUnderExcitedPF = e.Opt("rtgUnderExcitedPF").Factor(),
        RtgUnderExcitedW = e.Opt("rtgUnderExcitedW").Power(),
        RtgVNom = e.Opt("rtgVNom").Amount(),
        Type = e.Req("type").Number<byte>(),
        DoeModesSupported = e.Ext("doeModesSupported").Hex8(),
        VppModesSupported = e.Ext("vppModesSupported").Hex8(),
    };

    public static XElement Write(DerCapability c, Sep2Out o) =>
        El("DERCapability", Head(c),
            El("modesSupported", Hex(c.ModesSupported, 8)),
            Opt("rtgAbnormalCategory", c.RtgAbnormalCategory),
            Amount("rtgMaxA", c.RtgMaxA),
            Amount("rtgMaxAh", c.RtgMaxAh),
            Amount("rtgMaxChargeRateVA", c.RtgMaxChargeRateVA),
            Power("rtgMaxChargeRateW", c.RtgMaxChargeRateW),
            Amount("rtgMaxDischargeRateVA", c.RtgMaxDischargeRateVA),
            Power("rtgMaxDischargeRateW", c.RtgMaxDischargeRateW),
            Amount("rtgMaxV", c.RtgMaxV),
            Amount("rtgMaxVA", c.RtgMaxVA),
            Amount("rtgMaxVar", c.RtgMaxVar),
            Amount("rtgMaxVarNeg", c.RtgMaxVarNeg),
            Power("rtgMaxW", c.RtgMaxW),
            Amount("rtgMaxWh", c.RtgMaxWh),
            Factor("rtgMinPFOverExcited", c.RtgMinPFOverExcited),
            Factor("rtgMinPFUnderExcited", c.RtgMinPFUnderExcited),
            Amount("rtgMinV", c.RtgMinV),
            Opt("rtgNormalCategory", c.RtgNormalCategory),
            Factor("rtgOverExcitedPF", c.RtgOverExcitedPF),
            Power("rtgOverExcitedW", c.RtgOverExcitedW),
            Amount("rtgReactiveSusceptance", c.RtgReactiveSusceptance),
            Factor("rtgUnderExcitedPF", c.RtgUnderExcitedPF),
            Power("rtgUnderExcitedW", c.RtgUnderExcitedW),
            Amount("rtgVNom", c.RtgVNom),
            El("type", c.Type),
            o.Ext("doeModesSupported", Hex(c.DoeModesSupported, 2)),
            o.Ext13("vppModesSupported", Hex(c.VppModesSupported, 2)));

    public static PowerFactor? Factor(this ReceivedElement? e) =>
        e is null ? null : new(e.Req("displacement").Number<ushort>(), e.Multiplier());

    public static XElement? Factor(string name, PowerFactor? f) =>
        f is { } v ? El(name, El("displacement", v.Displacement), El("multiplier", v.Multiplier)) : null;
}
