using System.Xml.Linq;
using GridServices.Ieee2030Dot5.Messages;
using GridServices.Wire;
using static GridServices.Ieee2030Dot5.Codec.Sep2Out;

namespace GridServices.Ieee2030Dot5.Codec;

/// <summary>Response, ResponseSet, LogEvent, Error.</summary>
internal static class ResponseXml
{
    public static Response Read(ReceivedElement e) => Fill(new Response { EndDeviceLFdi = Device(e), Subject = e.Req("subject").MRid() }, e);

    public static DerControlResponse ReadControlResponse(ReceivedElement e) =>
        Fill(new DerControlResponse { EndDeviceLFdi = Device(e), Subject = e.Req("subject").MRid() }, e);

    public static PriceResponse ReadPriceResponse(ReceivedElement e) =>
        Fill(new PriceResponse { EndDeviceLFdi = Device(e), Subject = e.Req("subject").MRid() }, e);

    public static FlowReservationResponseResponse ReadReservationResponse(ReceivedElement e) =>
        Fill(new FlowReservationResponseResponse { EndDeviceLFdi = Device(e), Subject = e.Req("subject").MRid() }, e);

    public static DrResponse ReadDrResponse(ReceivedElement e) => Fill(
        new DrResponse { EndDeviceLFdi = Device(e), Subject = e.Req("subject").MRid(), OverrideDuration = e.Opt("overrideDuration").NumberOrNull<ushort>() }, e);

    public static XElement Write(Response r) =>
        El(GetName(r), Head(r),
            Opt("createdDateTime", r.CreatedDateTime),
            El("endDeviceLFDI", r.EndDeviceLFdi),
            Opt("status", r.Status),
            El("subject", r.Subject),
            Opt("overrideDuration", (r as DrResponse)?.OverrideDuration));

    public static ResponseSet ReadSet(ReceivedElement e) => new()
    {
        Href = e.Href(),
        MRid = e.Req("mRID").PlainMRid(),
        Description = e.Opt("description").TextOrNull(),
        Version = e.Opt("version").NumberOrNull<ushort>(),
        ResponseListLink = e.Opt("ResponseListLink").ListLink(),
    };

    public static XElement Write(ResponseSet s) =>
        El("ResponseSet", Head(s), Identified(s.MRid, s.Description, s.Version), Link("ResponseListLink", s.ResponseListLink));

    public static LogEvent ReadLogEvent(ReceivedElement e) => new()
    {
        Href = e.Href(),
        CreatedDateTime = e.Req("createdDateTime").Time(),
        Details = e.Opt("details").TextOrNull(),
        ExtendedData = e.Opt("extendedData").NumberOrNull<uint>(),
        FunctionSet = e.Req("functionSet").Number<byte>(),
        LogEventCode = e.Req("logEventCode").Number<byte>(),
        LogEventId = e.Req("logEventID").Number<ushort>(),
        LogEventPen = e.Req("logEventPEN").Number<uint>(),
        ProfileId = e.Req("profileID").Number<byte>(),
    };

    public static XElement Write(LogEvent l) =>
        El("LogEvent", Head(l),
            El("createdDateTime", l.CreatedDateTime),
            Opt("details", l.Details),
            Opt("extendedData", l.ExtendedData),
            El("functionSet", l.FunctionSet),
            El("logEventCode", l.LogEventCode),
            El("logEventID", l.LogEventId),
            El("logEventPEN", l.LogEventPen),
            El("profileID", l.ProfileId));

    public static Sep2Error ReadError(ReceivedElement e) => new()
    {
        MaxRetryDuration = e.Opt("maxRetryDuration").NumberOrNull<ushort>(),
        ReasonCode = e.Opt("reasonCode").NumberOrNull<ushort>() ?? 0,
        Message = e.Opt("message").TextOrNull(),
    };

    public static XElement Write(Sep2Error x) =>
        El("Error", Head(x), Opt("maxRetryDuration", x.MaxRetryDuration), El("reasonCode", x.ReasonCode), Opt("message", x.Message));

    private static string GetName(Response response) => response switch
    {
        DerControlResponse => "DERControlResponse",
        PriceResponse => "PriceResponse",
        FlowReservationResponseResponse => "FlowReservationResponseResponse",
        DrResponse => "DrResponse",
        _ => "Response",
    };

    private static string Device(ReceivedElement e) =>
        e.Req("endDeviceLFDI").HexText() ?? throw e.Refuse(Contracts.ErrorClass.SemanticHex, "endDeviceLFDI is empty");

    private static T Fill<T>(T response, ReceivedElement e)
        where T : Response =>
        (T)(response with
        {
            Href = e.Href(),
            CreatedDateTime = e.Opt("createdDateTime").TimeOrNull(),
            Status = e.Opt("status").NumberOrNull<byte>(),
        });
}
