using System.Xml.Linq;
using GridServices.Contracts;
using GridServices.Ieee2030Dot5.Messages;
using GridServices.Wire;
using static GridServices.Ieee2030Dot5.Codec.Sep2Out;

namespace GridServices.Ieee2030Dot5.Codec;

/// <summary>DeviceCapability, Time, EndDevice, Registration, ConnectionPoint.</summary>
internal static class DeviceXml
{
    private const int MaxTzOffset = 18 * 3600;
    private const int MaxDstOffset = 4 * 3600;

    public static DeviceCapability ReadCapability(ReceivedElement e) => new()
    {
        Href = e.Href(),
        PollRate = e.PollRate(),
        DemandResponseProgramListLink = e.Opt("DemandResponseProgramListLink").ListLink(),
        DerProgramListLink = e.Opt("DERProgramListLink").ListLink(),
        MessagingProgramListLink = e.Opt("MessagingProgramListLink").ListLink(),
        ResponseSetListLink = e.Opt("ResponseSetListLink").ListLink(),
        TariffProfileListLink = e.Opt("TariffProfileListLink").ListLink(),
        TimeLink = e.Opt("TimeLink").Link(),
        UsagePointListLink = e.Opt("UsagePointListLink").ListLink(),
        EndDeviceListLink = e.Opt("EndDeviceListLink").ListLink(),
        MirrorUsagePointListLink = e.Opt("MirrorUsagePointListLink").ListLink(),
        SelfDeviceLink = e.Opt("SelfDeviceLink").Link(),
    };

    public static XElement Write(DeviceCapability d) =>
        El("DeviceCapability", Head(d), Attr("pollRate", d.PollRate), WriteLinks(d),
            Link("EndDeviceListLink", d.EndDeviceListLink),
            Link("MirrorUsagePointListLink", d.MirrorUsagePointListLink),
            Link("SelfDeviceLink", d.SelfDeviceLink));

    public static FunctionSetAssignments ReadAssignments(ReceivedElement e)
    {
        var aside = new LenientReader();
        return new()
        {
            Href = e.Href(),
            Subscribable = e.Subscribable(),
            DerProgramListLink = e.Opt("DERProgramListLink").ListLink(),
            DemandResponseProgramListLink = List("DemandResponseProgramListLink"),
            MessagingProgramListLink = List("MessagingProgramListLink"),
            ResponseSetListLink = List("ResponseSetListLink"),
            TariffProfileListLink = List("TariffProfileListLink"),
            TimeLink = aside.Read("TimeLink", () => e.Opt("TimeLink").Link()),
            UsagePointListLink = List("UsagePointListLink"),
            MRid = aside.Read("mRID", () => e.Opt("mRID")?.PlainMRid()),
            Description = aside.Read("description", () => e.Opt("description").TextOrNull()),
            Version = aside.Read("version", () => e.Opt("version").NumberOrNull<ushort>()),
        };

        ListLink? List(string name) => aside.Read(name, () => e.Opt(name).ListLink());
    }

    public static XElement Write(FunctionSetAssignments f) =>
        El("FunctionSetAssignments", Head(f), WriteLinks(f), Identified(f.MRid, f.Description, f.Version));

    public static TimeResource ReadTime(ReceivedElement e)
    {
        var (current, aside) = (e.Req("currentTime"), new LenientReader());
        return new()
        {
            Href = e.Href(),
            PollRate = e.PollRate(),
            CurrentTime = current.Time() is > 0 and var t ? t : throw current.Refuse(ErrorClass.SemanticTime, "a clock that was never set"),
            DstEndTime = aside.Read("dstEndTime", () => e.Opt("dstEndTime").TimeOrNull()),
            DstOffset = Offset(e.Opt("dstOffset"), MaxDstOffset),
            DstStartTime = aside.Read("dstStartTime", () => e.Opt("dstStartTime").TimeOrNull()),
            LocalTime = aside.Read("localTime", () => e.Opt("localTime").TimeOrNull()),
            Quality = aside.Read("quality", () => e.Opt("quality").NumberOrNull<byte>()),
            TzOffset = Offset(e.Opt("tzOffset"), MaxTzOffset),
        };
    }

    public static XElement Write(TimeResource t) =>
        El("Time", Head(t), Attr("pollRate", t.PollRate),
            El("currentTime", t.CurrentTime),
            Opt("dstEndTime", t.DstEndTime),
            Opt("dstOffset", t.DstOffset),
            Opt("dstStartTime", t.DstStartTime),
            Opt("localTime", t.LocalTime),
            Opt("quality", t.Quality),
            Opt("tzOffset", t.TzOffset));

    public static EndDevice ReadEndDevice(ReceivedElement e)
    {
        var aside = new LenientReader();
        return new()
        {
            Href = e.Href(),
            Subscribable = e.Subscribable(),
            DerListLink = List("DERListLink"),

            // The schema of 2013, which EPRI's software speaks, names it after load shedding.
            DeviceCategory = (e.Opt("deviceCategory") ?? e.Opt("loadShedDeviceCategory")).Hint(),
            DeviceInformationLink = aside.Read("DeviceInformationLink", () => e.Opt("DeviceInformationLink").Link()),
            DeviceStatusLink = aside.Read("DeviceStatusLink", () => e.Opt("DeviceStatusLink").Link()),
            LFdi = e.Opt("lFDI").HexText(),
            LoadShedAvailabilityListLink = List("LoadShedAvailabilityListLink"),
            LogEventListLink = List("LogEventListLink"),
            SFdi = e.Req("sFDI").Number<long>(),
            ChangedTime = aside.Read("changedTime", () => e.Opt("changedTime").TimeOrNull()) ?? 0,
            Enabled = aside.Read("enabled", () => e.Opt("enabled").Flag()),
            FlowReservationRequestListLink = List("FlowReservationRequestListLink"),
            FlowReservationResponseListLink = List("FlowReservationResponseListLink"),
            FunctionSetAssignmentsListLink = e.Opt("FunctionSetAssignmentsListLink").ListLink(),
            PostRate = aside.Read("postRate", () => e.Opt("postRate").NumberOrNull<uint>()),
            RegistrationLink = e.Opt("RegistrationLink").Link(),
            SubscriptionListLink = List("SubscriptionListLink"),
            ConnectionPointLink = aside.Read("ConnectionPointLink", () => e.Ext("ConnectionPointLink").Link()),
        };

        ListLink? List(string name) => aside.Read(name, () => e.Opt(name).ListLink());
    }

    public static XElement Write(EndDevice d, Sep2Out o) =>
        El("EndDevice", Head(d),
            Link("DERListLink", d.DerListLink),
            Opt("deviceCategory", Hex(d.DeviceCategory, 8)),
            Link("DeviceInformationLink", d.DeviceInformationLink),
            Link("DeviceStatusLink", d.DeviceStatusLink),
            Opt("lFDI", d.LFdi),
            Link("LoadShedAvailabilityListLink", d.LoadShedAvailabilityListLink),
            Link("LogEventListLink", d.LogEventListLink),
            El("sFDI", d.SFdi),
            El("changedTime", d.ChangedTime),
            Opt("enabled", d.Enabled),
            Link("FlowReservationRequestListLink", d.FlowReservationRequestListLink),
            Link("FlowReservationResponseListLink", d.FlowReservationResponseListLink),
            Link("FunctionSetAssignmentsListLink", d.FunctionSetAssignmentsListLink),
            Opt("postRate", d.PostRate),
            Link("RegistrationLink", d.RegistrationLink),
            Link("SubscriptionListLink", d.SubscriptionListLink),
            o.Ext("ConnectionPointLink", Attr("href", d.ConnectionPointLink?.Href)));

    public static Registration ReadRegistration(ReceivedElement e) => new()
    {
        Href = e.Href(),
        PollRate = e.PollRate(),
        DateTimeRegistered = e.Opt("dateTimeRegistered").TimeOrNull() ?? 0,
        Pin = e.Req("pIN").Number<uint>(),
    };

    public static XElement Write(Registration r) =>
        El("Registration", Head(r), Attr("pollRate", r.PollRate), El("dateTimeRegistered", r.DateTimeRegistered), El("pIN", r.Pin));

    public static ConnectionPoint ReadConnectionPoint(ReceivedElement e) => new()
    {
        Href = e.Href(),
        ConnectionPointId = (e.Ext("connectionPointId") ?? e.Req("connectionPointId")).AsId(),
    };

    public static XElement Write(ConnectionPoint c, Sep2Out o)
    {
        var ns = o.Extension ?? throw new ArgumentException("only CSIP-AUS has connection points", nameof(c));
        return new XElement(ns + "ConnectionPoint", Head(c), new XElement(ns + "connectionPointId", c.ConnectionPointId));
    }

    private static object?[] WriteLinks(FunctionSetLinks f) =>
    [
        Link("DemandResponseProgramListLink", f.DemandResponseProgramListLink),
        Link("DERProgramListLink", f.DerProgramListLink),
        Link("MessagingProgramListLink", f.MessagingProgramListLink),
        Link("ResponseSetListLink", f.ResponseSetListLink),
        Link("TariffProfileListLink", f.TariffProfileListLink),
        Link("TimeLink", f.TimeLink),
        Link("UsagePointListLink", f.UsagePointListLink),
    ];

    private static int? Offset(ReceivedElement? e, int max) =>
        e is null ? null
        : e.Number<int>(ErrorClass.SemanticTime) is var value && Math.Abs((long)value) <= max ? value
        : throw e.Refuse(ErrorClass.SemanticTime, $"an offset of {value} s exists nowhere");
}
