using System.Numerics;
using System.Xml.Linq;
using GridServices.Ieee2030Dot5.Messages;
using GridServices.Wire;
using static GridServices.Ieee2030Dot5.Codec.Sep2Out;

namespace GridServices.Ieee2030Dot5.Codec;

/// <summary>DER, DERStatus, DERAvailability.</summary>
internal static class DerXml
{
    public static Der Read(ReceivedElement e) => new()
    {
        Href = e.Href(),
        Subscribable = e.Subscribable(),
        AssociatedDerProgramListLink = e.Opt("AssociatedDERProgramListLink").ListLink(),
        AssociatedUsagePointLink = e.Opt("AssociatedUsagePointLink").Link(),
        CurrentDerProgramLink = e.Opt("CurrentDERProgramLink").Link(),
        DerAvailabilityLink = e.Opt("DERAvailabilityLink").Link(),
        DerCapabilityLink = e.Opt("DERCapabilityLink").Link(),
        DerSettingsLink = e.Opt("DERSettingsLink").Link(),
        DerStatusLink = e.Opt("DERStatusLink").Link(),
    };

    public static XElement Write(Der d) =>
        El("DER", Head(d),
            Link("AssociatedDERProgramListLink", d.AssociatedDerProgramListLink),
            Link("AssociatedUsagePointLink", d.AssociatedUsagePointLink),
            Link("CurrentDERProgramLink", d.CurrentDerProgramLink),
            Link("DERAvailabilityLink", d.DerAvailabilityLink),
            Link("DERCapabilityLink", d.DerCapabilityLink),
            Link("DERSettingsLink", d.DerSettingsLink),
            Link("DERStatusLink", d.DerStatusLink));

    public static DerStatus ReadStatus(ReceivedElement e) => new()
    {
        Href = e.Href(),
        Subscribable = e.Subscribable(),
        AlarmStatus = e.Opt("alarmStatus").Hex32(),
        GenConnectStatus = ReadBits(e.Opt("genConnectStatus")),
        InverterStatus = ReadTimed<byte>(e.Opt("inverterStatus")),
        LocalControlModeStatus = ReadTimed<byte>(e.Opt("localControlModeStatus")),
        ManufacturerStatus = e.Opt("manufacturerStatus") is { } m ? new TimedText(m.Req("value").Trimmed(), m.Req("dateTime").Time()) : null,
        OperationalModeStatus = ReadTimed<byte>(e.Opt("operationalModeStatus")),
        ReadingTime = e.Req("readingTime").Time(),
        StateOfChargeStatus = ReadTimed<ushort>(e.Opt("stateOfChargeStatus")) is { } soc ? new(soc.Value, soc.DateTime) : null,
        StorageModeStatus = ReadTimed<byte>(e.Opt("storageModeStatus")),
        StorConnectStatus = ReadBits(e.Opt("storConnectStatus")),
    };

    public static XElement Write(DerStatus s) =>
        El("DERStatus", Head(s),
            Opt("alarmStatus", Hex(s.AlarmStatus, 8)),
            Timed("genConnectStatus", s.GenConnectStatus?.DateTime, Hex(s.GenConnectStatus?.Value, 2)),
            Timed("inverterStatus", s.InverterStatus?.DateTime, s.InverterStatus?.Value),
            Timed("localControlModeStatus", s.LocalControlModeStatus?.DateTime, s.LocalControlModeStatus?.Value),
            Timed("manufacturerStatus", s.ManufacturerStatus?.DateTime, s.ManufacturerStatus?.Value),
            Timed("operationalModeStatus", s.OperationalModeStatus?.DateTime, s.OperationalModeStatus?.Value),
            El("readingTime", s.ReadingTime),
            Timed("stateOfChargeStatus", s.StateOfChargeStatus?.DateTime, s.StateOfChargeStatus?.Value),
            Timed("storageModeStatus", s.StorageModeStatus?.DateTime, s.StorageModeStatus?.Value),
            Timed("storConnectStatus", s.StorConnectStatus?.DateTime, Hex(s.StorConnectStatus?.Value, 2)));

    public static DerAvailability ReadAvailability(ReceivedElement e) => new()
    {
        Href = e.Href(),
        Subscribable = e.Subscribable(),
        AvailabilityDuration = e.Opt("availabilityDuration").NumberOrNull<uint>(),
        MaxChargeDuration = e.Opt("maxChargeDuration").NumberOrNull<uint>(),
        ReadingTime = e.Req("readingTime").Time(),
        ReserveChargePercent = e.Opt("reserveChargePercent").NumberOrNull<ushort>(),
        ReservePercent = e.Opt("reservePercent").NumberOrNull<ushort>(),
        StatVarAvail = e.Opt("statVarAvail").Amount(),
        StatWAvail = e.Opt("statWAvail").Power(),
    };

    public static XElement Write(DerAvailability a) =>
        El("DERAvailability", Head(a),
            Opt("availabilityDuration", a.AvailabilityDuration),
            Opt("maxChargeDuration", a.MaxChargeDuration),
            El("readingTime", a.ReadingTime),
            Opt("reserveChargePercent", a.ReserveChargePercent),
            Opt("reservePercent", a.ReservePercent),
            Amount("statVarAvail", a.StatVarAvail),
            Power("statWAvail", a.StatWAvail));

    private static TimedValue<T>? ReadTimed<T>(ReceivedElement? e)
        where T : struct, IBinaryInteger<T>, IMinMaxValue<T> =>
        e is null ? null : new(e.Req("value").Number<T>(), e.Req("dateTime").Time());

    private static TimedValue<byte>? ReadBits(ReceivedElement? e) =>
        e is null ? null : new((byte)e.Req("value").Hex(1), e.Req("dateTime").Time());

    private static XElement? Timed(string name, long? at, object? value) =>
        at is null || value is null ? null : El(name, El("dateTime", at), El("value", value));
}
