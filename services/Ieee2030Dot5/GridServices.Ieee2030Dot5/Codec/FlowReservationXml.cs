using System.Xml.Linq;
using GridServices.Ieee2030Dot5.Messages;
using GridServices.Wire;
using static GridServices.Ieee2030Dot5.Codec.Sep2Out;

namespace GridServices.Ieee2030Dot5.Codec;

/// <summary>FlowReservationRequest, FlowReservationResponse.</summary>
internal static class FlowReservationXml
{
    public static FlowReservationRequest ReadRequest(ReceivedElement e) => new()
    {
        Href = e.Href(),
        MRid = e.Req("mRID").MRid(),
        Description = e.Opt("description").TextOrNull(),
        Version = e.Opt("version").NumberOrNull<ushort>(),
        CreationTime = e.Req("creationTime").Time(),
        DurationRequested = e.Opt("durationRequested").NumberOrNull<ushort>(),
        EnergyRequested = e.Req("energyRequested").Amount()!.Value,
        IntervalRequested = e.Req("intervalRequested").Interval(),
        PowerRequested = e.Req("powerRequested").Power()!.Value,
        RequestStatus = ReadStatus(e.Req("RequestStatus")),
    };

    public static XElement Write(FlowReservationRequest r) =>
        El("FlowReservationRequest", Head(r), Identified(r.MRid, r.Description, r.Version),
            El("creationTime", r.CreationTime),
            Opt("durationRequested", r.DurationRequested),
            Amount("energyRequested", r.EnergyRequested),
            Interval("intervalRequested", r.IntervalRequested),
            Power("powerRequested", r.PowerRequested),
            El("RequestStatus", El("dateTime", r.RequestStatus.DateTime), El("requestStatus", r.RequestStatus.Status)));

    public static FlowReservationResponse ReadResponse(ReceivedElement e) => new()
    {
        Href = e.Href(),
        Subscribable = e.Subscribable(),
        ReplyTo = e.ReplyTo(),
        ResponseRequired = e.HexAttribute("responseRequired"),
        MRid = e.Req("mRID").MRid(),
        Description = e.Opt("description").TextOrNull(),
        Version = e.Opt("version").NumberOrNull<ushort>(),
        CreationTime = e.Req("creationTime").Time(),
        EventStatus = EventXml.ReadStatus(e.Req("EventStatus"), new LenientReader()),
        Interval = EventXml.ReadInterval(e.Req("interval")),
        EnergyAvailable = e.Req("energyAvailable").Amount()!.Value,
        PowerAvailable = e.Req("powerAvailable").Power()!.Value,
        Subject = e.Req("subject").MRid(),
    };

    public static XElement Write(FlowReservationResponse r) =>
        El("FlowReservationResponse", Head(r), Attr("replyTo", r.ReplyTo), Attr("responseRequired", Hex(r.ResponseRequired, 2)),
            Identified(r.MRid, r.Description, r.Version),
            El("creationTime", r.CreationTime),
            EventXml.Write(r.EventStatus),
            Interval("interval", r.Interval),
            Amount("energyAvailable", r.EnergyAvailable),
            Power("powerAvailable", r.PowerAvailable),
            El("subject", r.Subject));

    private static RequestStatus ReadStatus(ReceivedElement e) => new(e.Req("requestStatus").Number<byte>(), e.Req("dateTime").Time());
}
