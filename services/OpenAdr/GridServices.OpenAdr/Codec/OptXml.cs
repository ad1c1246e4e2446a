using System.Collections.Frozen;
using System.Xml.Linq;
using GridServices.OpenAdr.Messages;
using GridServices.Wire;
using static GridServices.OpenAdr.Codec.Ns;
using static GridServices.OpenAdr.Codec.ResponseXml;

namespace GridServices.OpenAdr.Codec;

/// <summary>EiOpt.</summary>
internal static class OptXml
{
    private static readonly FrozenSet<string> Reasons = OptReasons.All.ToFrozenSet(StringComparer.Ordinal);

    public static OadrCreateOpt ReadCreate(ReceivedElement e) => new()
    {
        OptId = e.Id(Ei + "optID"),
        OptType = e.Term(Ei + "optType", OptTypes),
        OptReason = e.OpenTerm(Ei + "optReason", Reasons),
        MarketContext = e.IdOrNull(Emix + "marketContext"),
        VenId = e.Id(Ei + "venID"),
        Availability = e.ChildOrNull(Xcal + "vavailability")?.Child(Xcal + "components").Any(
            Xcal + "available", a => CalendarXml.ReadProperties(a.Child(Xcal + "properties"))),
        CreatedDateTime = e.Instant(Ei + "createdDateTime"),
        RequestId = e.IdOrEmpty(Pyld + "requestID"),
        QualifiedEventId = e.ChildOrNull(Ei + "qualifiedEventID") is { } id ? ReadQualifiedEventId(id) : null,
        Target = TargetXml.Read(e.Child(Ei + "eiTarget")),
        DeviceClass = TargetXml.ReadOrNull(e.ChildOrNull(Oadr + "oadrDeviceClass")),
    };

    public static XElement Write(OadrCreateOpt m) =>
        new(Oadr + "oadrCreateOpt",
            new XElement(Ei + "optID", m.OptId),
            new XElement(Ei + "optType", OptTypes.Format(m.OptType)),
            new XElement(Ei + "optReason", m.OptReason),
            Optional(Emix + "marketContext", m.MarketContext),
            new XElement(Ei + "venID", m.VenId),
            m.Availability is { } periods
                ? new XElement(Xcal + "vavailability", new XElement(Xcal + "components",
                    periods.Select(p => new XElement(Xcal + "available", CalendarXml.WriteProperties(p)))))
                : null,
            new XElement(Ei + "createdDateTime", InstantText.Format(m.CreatedDateTime)),
            new XElement(Pyld + "requestID", m.RequestId),
            m.QualifiedEventId is { } id ? ResponseXml.Write(id) : null,
            TargetXml.Write(Ei + "eiTarget", m.Target),
            TargetXml.WriteOrNull(Oadr + "oadrDeviceClass", m.DeviceClass));

    public static OadrCreatedOpt ReadCreated(ReceivedElement e) =>
        e.Response() is { IsSuccess: false } refused ? new(refused, e.IdOrNull(Ei + "optID") ?? string.Empty) : new(e.Response(), e.Id(Ei + "optID"));

    public static XElement Write(OadrCreatedOpt m) =>
        new(Oadr + "oadrCreatedOpt", ResponseXml.Write(m.Response), new XElement(Ei + "optID", m.OptId));

    public static OadrCancelOpt ReadCancel(ReceivedElement e) => new(e.IdOrEmpty(Pyld + "requestID"), e.Id(Ei + "optID"), e.Id(Ei + "venID"));

    public static XElement Write(OadrCancelOpt m) =>
        new(Oadr + "oadrCancelOpt",
            new XElement(Pyld + "requestID", m.RequestId), new XElement(Ei + "optID", m.OptId), new XElement(Ei + "venID", m.VenId));

    public static OadrCanceledOpt ReadCanceled(ReceivedElement e) => new(e.Response(), e.IdOrNull(Ei + "optID"));

    public static XElement Write(OadrCanceledOpt m) => new(Oadr + "oadrCanceledOpt", ResponseXml.Write(m.Response), Optional(Ei + "optID", m.OptId));
}
