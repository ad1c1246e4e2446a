using System.Xml.Linq;
using GridServices.Contracts;
using GridServices.Ieee2030Dot5.Messages;
using GridServices.Wire;
using static GridServices.Ieee2030Dot5.Codec.Sep2Out;

namespace GridServices.Ieee2030Dot5.Codec;

/// <summary>DemandResponseProgram, EndDeviceControl, LoadShedAvailability.</summary>
internal static class LoadControlXml
{
    private const int FullPercent = 10_000;

    public static DemandResponseProgram ReadProgram(ReceivedElement e)
    {
        var aside = new LenientReader();
        var primacy = aside.Read("primacy", () => e.Opt("primacy").NumberOrNull<byte>());
        return new()
        {
            Href = e.Href(),
            Subscribable = e.Subscribable(),

            // A program goes by its mRID, and by its address where that is none.
            MRid = aside.Read("mRID", () => e.Opt("mRID")?.PlainMRid()) ?? e.Href() ?? e.Req("mRID").PlainMRid(),
            Description = aside.Read("description", () => e.Opt("description").TextOrNull()),
            Version = aside.Read("version", () => e.Opt("version").NumberOrNull<ushort>()),
            ActiveEndDeviceControlListLink = e.Opt("ActiveEndDeviceControlListLink").ListLink(),
            AvailabilityUpdatePercentChangeThreshold = aside.Read("availabilityUpdatePercentChangeThreshold", () => e.Opt("availabilityUpdatePercentChangeThreshold").NumberOrNull<ushort>()),
            AvailabilityUpdatePowerChangeThreshold = aside.Read("availabilityUpdatePowerChangeThreshold", () => e.Opt("availabilityUpdatePowerChangeThreshold").Power()),
            EndDeviceControlListLink = e.Opt("EndDeviceControlListLink").ListLink(),
            Primacy = primacy ?? byte.MaxValue,
            HasPrimacy = primacy is not null,
        };
    }

    public static XElement Write(DemandResponseProgram p) =>
        El("DemandResponseProgram", Head(p), Identified(p.MRid, p.Description, p.Version),
            Link("ActiveEndDeviceControlListLink", p.ActiveEndDeviceControlListLink),
            Opt("availabilityUpdatePercentChangeThreshold", p.AvailabilityUpdatePercentChangeThreshold),
            Power("availabilityUpdatePowerChangeThreshold", p.AvailabilityUpdatePowerChangeThreshold),
            Link("EndDeviceControlListLink", p.EndDeviceControlListLink),
            El("primacy", p.Primacy));

    // What asks for less must be legible, and whether it asks for more; the rest costs no limit beside it.
    public static EndDeviceControl Read(ReceivedElement e)
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
            ApplianceLoadReduction = aside.Read("ApplianceLoadReduction", () => e.Opt("ApplianceLoadReduction")?.Req("type").Number<byte>()),

            // One whose category is illegible may be meant for us.
            DeviceCategory = aside.Read("deviceCategory", () => e.Opt("deviceCategory").Hex32()) ?? 0,
            DrProgramMandatory = aside.Read("drProgramMandatory", () => e.Opt("drProgramMandatory").Flag()) ?? false,
            DutyCycle = e.Opt("DutyCycle")?.Req("normalValue") is { } share ? AtMost<byte>(share, 100) : null,
            LoadShiftForward = e.Opt("loadShiftForward").Flag() ?? false,
            Offset = e.Opt("Offset") is { } offset ? new LoadOffset(
                aside.Read("coolingOffset", () => offset.Opt("coolingOffset").NumberOrNull<byte>()),
                aside.Read("heatingOffset", () => offset.Opt("heatingOffset").NumberOrNull<byte>()),
                offset.Opt("loadAdjustmentPercentageOffset") is { } percent ? AtMost<ushort>(percent, FullPercent) : null) : null,
            OverrideDuration = aside.Read("overrideDuration", () => e.Opt("overrideDuration").NumberOrNull<ushort>()),
            SetPoint = e.Opt("SetPoint") is { } point ? new TemperatureSetPoint(
                aside.Read("coolingSetpoint", () => point.Opt("coolingSetpoint").NumberOrNull<short>()),
                aside.Read("heatingSetpoint", () => point.Opt("heatingSetpoint").NumberOrNull<short>())) : null,
            TargetReduction = e.Opt("TargetReduction") is { } target ? new TargetReduction(target.Req("type").Number<byte>(), target.Req("value").Number<ushort>()) : null,
            Illegible = aside.Illegible,
        };
    }

    public static XElement Write(EndDeviceControl c) =>
        El("EndDeviceControl", Head(c), Attr("replyTo", c.ReplyTo), Attr("responseRequired", Hex(c.ResponseRequired, 2)),
            Identified(c.MRid, c.Description, c.Version),
            El("creationTime", c.CreationTime),
            EventXml.Write(c.EventStatus),
            Interval("interval", c.Interval),
            Opt("randomizeDuration", c.RandomizeDuration),
            Opt("randomizeStart", c.RandomizeStart),
            c.ApplianceLoadReduction is { } appliance ? El("ApplianceLoadReduction", El("type", appliance)) : null,
            El("deviceCategory", Hex(c.DeviceCategory, 8)),
            El("drProgramMandatory", c.DrProgramMandatory),
            c.DutyCycle is { } share ? El("DutyCycle", El("normalValue", share)) : null,
            El("loadShiftForward", c.LoadShiftForward),
            c.Offset is { } o ? El("Offset", Opt("coolingOffset", o.Cooling), Opt("heatingOffset", o.Heating), Opt("loadAdjustmentPercentageOffset", o.LoadPercent)) : null,
            Opt("overrideDuration", c.OverrideDuration),
            c.SetPoint is { } s ? El("SetPoint", Opt("coolingSetpoint", s.Cooling), Opt("heatingSetpoint", s.Heating)) : null,
            c.TargetReduction is { } t ? El("TargetReduction", El("type", t.Unit), El("value", t.Value)) : null);

    public static LoadShedAvailability ReadAvailability(ReceivedElement e) => new()
    {
        Href = e.Href(),
        AvailabilityDuration = e.Opt("availabilityDuration").NumberOrNull<uint>(),
        DemandResponseProgramLink = e.Opt("DemandResponseProgramLink").Link(),
        SheddablePercent = e.Opt("sheddablePercent").NumberOrNull<ushort>(),
        SheddablePower = e.Opt("sheddablePower").Power(),
    };

    public static XElement Write(LoadShedAvailability a) =>
        El("LoadShedAvailability", Head(a),
            Opt("availabilityDuration", a.AvailabilityDuration),
            Link("DemandResponseProgramLink", a.DemandResponseProgramLink),
            Opt("sheddablePercent", a.SheddablePercent),
            Power("sheddablePower", a.SheddablePower));

    private static T AtMost<T>(ReceivedElement e, T most)
        where T : struct, System.Numerics.IBinaryInteger<T>, System.Numerics.IMinMaxValue<T> =>
        e.Number<T>() is var value && value <= most ? value : throw e.Refuse(ErrorClass.SemanticNumber, $"{SafeText.Quote(e.Text)} is more than all of it; write 0 to {most}");
}
