using System.Collections.Frozen;
using System.Numerics;
using System.Xml.Linq;
using GridServices.Contracts;
using GridServices.Ieee2030Dot5.Messages;
using GridServices.Wire;
using static GridServices.Ieee2030Dot5.Codec.Sep2Out;

namespace GridServices.Ieee2030Dot5.Codec;

/// <summary>DERControl, DefaultDERControl, DERControlBase.</summary>
internal static class ControlXml
{
    private static readonly string[] CurveModesBeforeLimit =
    [
        "opModFreqWatt", "opModHFRTMayTrip", "opModHFRTMustTrip", "opModHVRTMayTrip", "opModHVRTMomentaryCessation", "opModHVRTMustTrip",
        "opModLFRTMayTrip", "opModLFRTMustTrip", "opModLVRTMayTrip", "opModLVRTMomentaryCessation", "opModLVRTMustTrip",
    ];

    private static readonly string[] CurveModesAfterTarget = ["opModVoltVar", "opModVoltWatt", "opModWattPF", "opModWattVar"];

    private static readonly FrozenSet<string> BaseModes = FrozenSet.Create(StringComparer.Ordinal,
    [
        "opModConnect", "opModEnergize", "opModFixedPFAbsorbW", "opModFixedPFInjectW", "opModFixedVar", "opModFixedW", "opModFreqDroop",
        "opModMaxLimW", "opModTargetVar", "opModTargetW", .. CurveModesBeforeLimit, .. CurveModesAfterTarget,
    ]);

    private static readonly FrozenSet<string> ExtensionModes = FrozenSet.Create(StringComparer.Ordinal,
        "opModImpLimW", "opModExpLimW", "opModGenLimW", "opModLoadLimW", "opModStorageTargetW");

    public static DerControl Read(ReceivedElement e)
    {
        var aside = new LenientReader();
        return new()
        {
            Href = e.Href(),
            Subscribable = e.Subscribable(),
            ReplyTo = aside.Read("replyTo", e.ReplyTo),
            ResponseRequired = e.HexAttribute("responseRequired"),
            MRid = e.Req("mRID").MRid(),
            Description = aside.Read("description", () => e.Opt("description").TextOrNull()),
            Version = aside.Read("version", () => e.Opt("version").NumberOrNull<ushort>()),
            CreationTime = e.Req("creationTime").Time(),
            EventStatus = EventXml.ReadStatus(e.Req("EventStatus"), aside),
            Interval = EventXml.ReadInterval(e.Req("interval")),
            RandomizeDuration = EventXml.ReadRandom(e.Opt("randomizeDuration")),
            RandomizeStart = EventXml.ReadRandom(e.Opt("randomizeStart")),
            Base = ReadBase(e.Req("DERControlBase"), aside),
            DeviceCategory = aside.Read("deviceCategory", () => e.Opt("deviceCategory").Hex32()),
            Illegible = aside.Illegible,
        };
    }

    public static XElement Write(DerControl c, Sep2Out o) =>
        El("DERControl", Head(c), Attr("replyTo", c.ReplyTo), Attr("responseRequired", Hex(c.ResponseRequired, 2)),
            Identified(c.MRid, c.Description, c.Version),
            El("creationTime", c.CreationTime),
            EventXml.Write(c.EventStatus),
            Interval("interval", c.Interval),
            Opt("randomizeDuration", c.RandomizeDuration),
            Opt("randomizeStart", c.RandomizeStart),
            Write(c.Base, o),
            Opt("deviceCategory", Hex(c.DeviceCategory, 8)));

    public static DefaultDerControl ReadDefault(ReceivedElement e)
    {
        var aside = new LenientReader();
        return new()
        {
            Href = aside.Read("href", e.Href),
            Subscribable = e.Subscribable(),

            // Nothing is answered by it, and nobody outranks a default by its name.
            MRid = aside.Read("mRID", () => e.Req("mRID").PlainMRid()) ?? "default",
            Description = aside.Read("description", () => e.Opt("description").TextOrNull()),
            Version = Number<ushort>("version"),
            Base = ReadBase(e.Req("DERControlBase"), aside),
            SetEsDelay = Number<uint>("setESDelay"),
            SetEsHighFreq = Number<ushort>("setESHighFreq"),
            SetEsHighVolt = Number<short>("setESHighVolt"),
            SetEsLowFreq = Number<ushort>("setESLowFreq"),
            SetEsLowVolt = Number<short>("setESLowVolt"),
            SetEsRampTms = Number<uint>("setESRampTms"),
            SetEsRandomDelay = Number<uint>("setESRandomDelay"),
            SetGradW = Number<ushort>("setGradW"),
            SetSoftGradW = Number<ushort>("setSoftGradW"),
            Illegible = aside.Illegible,
        };

        T? Number<T>(string name)
            where T : struct, IBinaryInteger<T>, IMinMaxValue<T> => aside.Read(name, () => e.Opt(name).NumberOrNull<T>());
    }

    public static XElement Write(DefaultDerControl d, Sep2Out o) =>
        El("DefaultDERControl", Head(d), Identified(d.MRid, d.Description, d.Version),
            Write(d.Base, o),
            Opt("setESDelay", d.SetEsDelay),
            Opt("setESHighFreq", d.SetEsHighFreq),
            Opt("setESHighVolt", d.SetEsHighVolt),
            Opt("setESLowFreq", d.SetEsLowFreq),
            Opt("setESLowVolt", d.SetEsLowVolt),
            Opt("setESRampTms", d.SetEsRampTms),
            Opt("setESRandomDelay", d.SetEsRandomDelay),
            Opt("setGradW", d.SetGradW),
            Opt("setSoftGradW", d.SetSoftGradW));

    // What is carried out must be legible; a mode that is not, or a ramp, costs no limit beside it.
    private static DerControlBase ReadBase(ReceivedElement e, LenientReader aside) => new()
    {
        OpModConnect = e.Opt("opModConnect").Flag(),
        OpModEnergize = e.Opt("opModEnergize").Flag(),
        OpModFixedPFAbsorbW = aside.Read("opModFixedPFAbsorbW", () => ReadExcited(e.Opt("opModFixedPFAbsorbW"))),
        OpModFixedPFInjectW = aside.Read("opModFixedPFInjectW", () => ReadExcited(e.Opt("opModFixedPFInjectW"))),
        OpModFixedVar = aside.Read("opModFixedVar", () => e.Opt("opModFixedVar") is { } v ? new FixedVar(v.Req("refType").Number<byte>(), v.Req("value").Number<short>()) : (FixedVar?)null),
        OpModFixedW = e.Opt("opModFixedW").NumberOrNull<short>(),
        OpModFreqDroop = ReadDroop(e.Opt("opModFreqDroop")),
        OpModMaxLimW = ReadLimit(e.Opt("opModMaxLimW")),
        OpModTargetVar = aside.Read("opModTargetVar", () => e.Opt("opModTargetVar").Amount()),
        OpModTargetW = e.Opt("opModTargetW").Power(),
        RampTms = aside.Read("rampTms", () => e.Opt("rampTms").NumberOrNull<ushort>()),
        Curves = CurveModesBeforeLimit.Concat(CurveModesAfterTarget)
            .Select(mode => aside.Read(mode, () => e.Opt(mode).Link()) is { } link ? new CurveLink(mode, link.Href) : null).OfType<CurveLink>().ToValueList(),
        OpModImpLimW = e.Ext("opModImpLimW").Power(),
        OpModExpLimW = e.Ext("opModExpLimW").Power(),
        OpModGenLimW = e.Ext("opModGenLimW").Power(),
        OpModLoadLimW = e.Ext("opModLoadLimW").Power(),
        OpModStorageTargetW = e.Ext("opModStorageTargetW").Power(),
        UnknownModes = e.Children.Where(IsUnknownMode).Select(c => c.Name).Concat(aside.Illegible.Where(n => n.StartsWith("opMod", StringComparison.Ordinal))).Distinct(StringComparer.Ordinal).ToValueList(),
    };

    private static XElement Write(DerControlBase b, Sep2Out o) =>
        El("DERControlBase",
            Opt("opModConnect", b.OpModConnect),
            Opt("opModEnergize", b.OpModEnergize),
            WriteExcited("opModFixedPFAbsorbW", b.OpModFixedPFAbsorbW),
            WriteExcited("opModFixedPFInjectW", b.OpModFixedPFInjectW),
            b.OpModFixedVar is { } v ? El("opModFixedVar", El("refType", v.RefType), El("value", v.Value)) : null,
            Opt("opModFixedW", b.OpModFixedW),
            b.OpModFreqDroop is { } d ? WriteDroop(d) : null,
            WriteCurves(b, CurveModesBeforeLimit),
            Opt("opModMaxLimW", b.OpModMaxLimW),
            Amount("opModTargetVar", b.OpModTargetVar),
            Power("opModTargetW", b.OpModTargetW),
            WriteCurves(b, CurveModesAfterTarget),
            Opt("rampTms", b.RampTms),
            o.Ext("opModImpLimW", Content(b.OpModImpLimW)),
            o.Ext("opModExpLimW", Content(b.OpModExpLimW)),
            o.Ext("opModGenLimW", Content(b.OpModGenLimW)),
            o.Ext("opModLoadLimW", Content(b.OpModLoadLimW)),
            o.Ext13("opModStorageTargetW", Content(b.OpModStorageTargetW)));

    private static bool IsUnknownMode(ReceivedElement e) =>
        e.Name.StartsWith("opMod", StringComparison.Ordinal)
        && ((Ns.IsBase(e.Namespace) && !BaseModes.Contains(e.Name)) || (Ns.IsCsipAus(e.Namespace) && !ExtensionModes.Contains(e.Name)));

    private static IEnumerable<XElement?> WriteCurves(DerControlBase b, string[] modes) =>
        modes.SelectMany(mode => b.Curves.Where(c => string.Equals(c.Mode, mode, StringComparison.Ordinal)).Select(c => Link(mode, new Link(c.Href))));

    private static PowerFactorWithExcitation? ReadExcited(ReceivedElement? e) => e is null ? null : new(
        e.Req("displacement").Number<ushort>(), e.Req("excitation").Flag()!.Value, e.Multiplier());

    private static XElement? WriteExcited(string name, PowerFactorWithExcitation? p) => p is { } v
        ? El(name, El("displacement", v.Displacement), El("excitation", v.Excitation), El("multiplier", v.Multiplier))
        : null;

    // Signed where the schema has it unsigned: the event engine says what is wrong with it, and answers.
    private static int? ReadLimit(ReceivedElement? e) => e?.Number<int>() switch
    {
        null => null,
        >= short.MinValue and <= ushort.MaxValue and var value => value,
        _ => throw e.Refuse(Contracts.ErrorClass.SemanticNumber, $"{SafeText.Quote(e.Text)} is not a percentage"),
    };

    private static FreqDroop? ReadDroop(ReceivedElement? e) => e is null ? null : new(
        e.Req("dBOF").Number<uint>(), e.Req("dBUF").Number<uint>(),
        e.Req("kOF").Number<ushort>(), e.Req("kUF").Number<ushort>(), e.Req("openLoopTms").Number<ushort>());

    private static XElement WriteDroop(FreqDroop d) =>
        El("opModFreqDroop", El("dBOF", d.DeadbandOver), El("dBUF", d.DeadbandUnder), El("kOF", d.SlopeOver), El("kUF", d.SlopeUnder),
            El("openLoopTms", d.OpenLoopTms));
}
