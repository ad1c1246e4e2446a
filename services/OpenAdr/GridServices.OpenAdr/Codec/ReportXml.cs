using System.Collections.Frozen;
using System.Xml.Linq;
using GridServices.OpenAdr.Messages;
using GridServices.Wire;
using static GridServices.OpenAdr.Codec.Ns;
using static GridServices.OpenAdr.Codec.ResponseXml;

namespace GridServices.OpenAdr.Codec;

/// <summary>EiReport: the messages. What stands in them: <see cref="ReportDataXml"/>, <see cref="ReportRequestXml"/>.</summary>
internal static class ReportXml
{
    private static readonly FrozenSet<string> Names =
        new[] { ReportNames.HistoryUsage, ReportNames.HistoryGreenButton, ReportNames.TelemetryUsage, ReportNames.TelemetryStatus }
            .SelectMany(n => new[] { n, ReportNames.MetadataPrefix + n })
            .ToFrozenSet(StringComparer.Ordinal);

    public static OadrRegisterReport ReadRegister(ReceivedElement e) => new()
    {
        RequestId = e.IdOrEmpty(Pyld + "requestID"),
        Reports = e.Any(Oadr + "oadrReport", ReadReport),
        VenId = e.IdOrNull(Ei + "venID"),
        ReportRequestId = e.IdOrNull(Ei + "reportRequestID"),
    };

    public static XElement Write(OadrRegisterReport m) =>
        new(Oadr + "oadrRegisterReport",
            new XElement(Pyld + "requestID", m.RequestId),
            m.Reports.Select(Write),
            Optional(Ei + "venID", m.VenId),
            Optional(Ei + "reportRequestID", m.ReportRequestId));

    public static OadrRegisteredReport ReadRegistered(ReceivedElement e)
    {
        var requests = Rider(() => e.Any(Oadr + "oadrReportRequest", ReportRequestXml.Read), out var fault) ?? [];
        return new OadrRegisteredReport(e.Response(), requests, e.IdOrNull(Ei + "venID")) { RiderFault = fault };
    }

    public static XElement Write(OadrRegisteredReport m) =>
        new(Oadr + "oadrRegisteredReport",
            ResponseXml.Write(m.Response), m.ReportRequests.Select(ReportRequestXml.Write), Optional(Ei + "venID", m.VenId));

    public static OadrCreateReport ReadCreate(ReceivedElement e) =>
        new(e.IdOrEmpty(Pyld + "requestID"), e.Some(Oadr + "oadrReportRequest", ReportRequestXml.Read), e.IdOrNull(Ei + "venID"));

    public static XElement Write(OadrCreateReport m) =>
        new(Oadr + "oadrCreateReport",
            new XElement(Pyld + "requestID", m.RequestId), m.ReportRequests.Select(ReportRequestXml.Write), Optional(Ei + "venID", m.VenId));

    public static OadrCreatedReport ReadCreated(ReceivedElement e) => new(e.Response(), ReadPending(e), e.IdOrNull(Ei + "venID"));

    public static XElement Write(OadrCreatedReport m) =>
        new(Oadr + "oadrCreatedReport", ResponseXml.Write(m.Response), WritePending(m.PendingReports), Optional(Ei + "venID", m.VenId));

    public static OadrUpdateReport ReadUpdate(ReceivedElement e) => new()
    {
        RequestId = e.IdOrEmpty(Pyld + "requestID"),
        Reports = e.Any(Oadr + "oadrReport", ReadReport),
        VenId = e.IdOrNull(Ei + "venID"),
    };

    public static XElement Write(OadrUpdateReport m) =>
        new(Oadr + "oadrUpdateReport", new XElement(Pyld + "requestID", m.RequestId), m.Reports.Select(Write), Optional(Ei + "venID", m.VenId));

    public static OadrUpdatedReport ReadUpdated(ReceivedElement e)
    {
        var cancel = Rider(() => e.ChildOrNull(Oadr + "oadrCancelReport") is { } c ? ReadCancel(c) : null, out var fault);
        return new OadrUpdatedReport(e.Response(), cancel, e.IdOrNull(Ei + "venID")) { RiderFault = fault };
    }

    public static XElement Write(OadrUpdatedReport m) =>
        new(Oadr + "oadrUpdatedReport",
            ResponseXml.Write(m.Response), m.CancelReport is { } c ? Write(c) : null, Optional(Ei + "venID", m.VenId));

    public static OadrCancelReport ReadCancel(ReceivedElement e) =>
        new(e.IdOrEmpty(Pyld + "requestID"),
            e.Some(Ei + "reportRequestID", r => r.AsId()),
            e.Flag(Pyld + "reportToFollow"),
            e.IdOrNull(Ei + "venID"));

    public static XElement Write(OadrCancelReport m) =>
        new(Oadr + "oadrCancelReport",
            new XElement(Pyld + "requestID", m.RequestId),
            m.ReportRequestIds.Select(id => new XElement(Ei + "reportRequestID", id)),
            new XElement(Pyld + "reportToFollow", m.ReportToFollow),
            Optional(Ei + "venID", m.VenId));

    public static OadrCanceledReport ReadCanceled(ReceivedElement e) => new(e.Response(), ReadPending(e), e.IdOrNull(Ei + "venID"));

    public static XElement Write(OadrCanceledReport m) =>
        new(Oadr + "oadrCanceledReport", ResponseXml.Write(m.Response), WritePending(m.PendingReports), Optional(Ei + "venID", m.VenId));

    // What rides on an answer and can't be read does not undo the answer: else what was taken would be sent again and again.
    private static T? Rider<T>(Func<T?> read, out ReadError? fault)
        where T : class
    {
        try
        {
            fault = null;
            return read();
        }
        catch (WireFormatException failure)
        {
            fault = failure.Refusal;
            return null;
        }
    }

    private static ValueList<string> ReadPending(ReceivedElement e) =>
        (e.Response().IsSuccess ? e.Child(Oadr + "oadrPendingReports") : e.ChildOrNull(Oadr + "oadrPendingReports"))?.All(Ei + "reportRequestID").Where(r => r.Trimmed().Length > 0).Select(r => r.AsId()).ToValueList() ?? [];

    private static XElement WritePending(ValueList<string> pending) =>
        new(Oadr + "oadrPendingReports", pending.Select(id => new XElement(Ei + "reportRequestID", id)));

    private static OadrReport ReadReport(ReceivedElement e) => new()
    {
        Start = e.StartOrNull(),
        Duration = e.PropertyOrNull(Xcal + "duration"),
        Intervals = e.ChildOrNull(Strm + "intervals")?.Some(Ei + "interval", ReportDataXml.ReadInterval) ?? [],
        ReportId = e.IdOrNull(Ei + "eiReportID"),
        Descriptions = e.Any(Oadr + "oadrReportDescription", ReportDataXml.ReadDescription),
        ReportRequestId = e.Id(Ei + "reportRequestID"),
        ReportSpecifierId = e.Id(Ei + "reportSpecifierID"),
        ReportName = e.OpenTermOrNull(Ei + "reportName", Names),
        CreatedDateTime = e.Instant(Ei + "createdDateTime"),
    };

    private static XElement Write(OadrReport r) =>
        new(Oadr + "oadrReport",
            CalendarXml.StartOrNull(r.Start),
            CalendarXml.DurationOrNull(Xcal + "duration", r.Duration),
            r.Intervals.Count == 0 ? null : new XElement(Strm + "intervals", r.Intervals.Select(ReportDataXml.Write)),
            Optional(Ei + "eiReportID", r.ReportId),
            r.Descriptions.Select(ReportDataXml.Write),
            new XElement(Ei + "reportRequestID", r.ReportRequestId),
            new XElement(Ei + "reportSpecifierID", r.ReportSpecifierId),
            Optional(Ei + "reportName", r.ReportName),
            new XElement(Ei + "createdDateTime", InstantText.Format(r.CreatedDateTime)));
}
