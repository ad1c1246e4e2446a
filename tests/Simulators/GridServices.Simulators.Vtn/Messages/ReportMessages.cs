using System.Xml.Linq;
using NodaTime;
using static GridServices.Simulators.Vtn.Messages.Payload;

namespace GridServices.Simulators.Vtn.Messages;

/// <summary>One data point that a VEN offered in its METADATA report.</summary>
public sealed record OfferedPoint(string SpecifierId, string ReportName, string RId, string ReadingType, Duration? MinPeriod, Duration? MaxPeriod);

/// <summary>One value of an oadrUpdateReport.</summary>
public sealed record ReportedValue(string ReportRequestId, string ReportName, string RId, Instant? At, decimal? Value, string? Quality, bool? Online, bool? ManualOverride);

/// <summary>What a VTN says and reads about reports.</summary>
internal static class ReportMessages
{
    public static XElement RegisteredReport(string? requestId, string venId, IEnumerable<XElement> requests) =>
        Root("oadrRegisteredReport", EiResponse("200", "OK", requestId), requests, VenId(venId));

    public static XElement UpdatedReport(string? requestId, string venId, XElement? cancel) =>
        Root("oadrUpdatedReport", EiResponse("200", "OK", requestId), cancel, VenId(venId));

    public static XElement CreatedReport(string code, string description, string? requestId, string venId) =>
        Root("oadrCreatedReport", EiResponse(code, description, requestId), new XElement(Ns.Oadr + "oadrPendingReports"), VenId(venId));

    public static XElement CanceledReport(string? requestId, string venId) =>
        Root("oadrCanceledReport", EiResponse("200", "OK", requestId), new XElement(Ns.Oadr + "oadrPendingReports"), VenId(venId));

    /// <summary>The simulator offers no reports of its own: an empty METADATA report (rule 301).</summary>
    public static XElement RegisterReport(string requestId, string venId, string? reportRequestId) =>
        Root("oadrRegisterReport", RequestId(requestId), VenId(venId), reportRequestId is null ? null : new XElement(Ns.Ei + "reportRequestID", reportRequestId));

    public static XElement CreateReport(string requestId, string venId, IEnumerable<XElement> requests) =>
        Root("oadrCreateReport", RequestId(requestId), requests, VenId(venId));

    public static XElement CancelReport(string requestId, string venId, IEnumerable<string> reportRequestIds, bool reportToFollow) =>
        Root(
            "oadrCancelReport", RequestId(requestId), reportRequestIds.Select(id => new XElement(Ns.Ei + "reportRequestID", id)),
            new XElement(Ns.Pyld + "reportToFollow", reportToFollow), VenId(venId));

    /// <summary>A request of points of one specifier; zero duration of the interval = for ever (rule 325).</summary>
    public static XElement ReportRequest(string reportRequestId, string specifierId, Duration granularity, Duration reportBack, Instant start, Duration length, IEnumerable<string> rIds) =>
        new(Ns.Oadr + "oadrReportRequest",
            new XElement(Ns.Ei + "reportRequestID", reportRequestId),
            new XElement(
                Ns.Ei + "reportSpecifier",
                new XElement(Ns.Ei + "reportSpecifierID", specifierId),
                new XElement(Ns.Xcal + "granularity", Period(granularity)),
                new XElement(Ns.Ei + "reportBackDuration", Period(reportBack)),
                new XElement(
                    Ns.Ei + "reportInterval",
                    new XElement(
                        Ns.Xcal + "properties",
                        new XElement(Ns.Xcal + "dtstart", new XElement(Ns.Xcal + "date-time", IsoText.Format(start))),
                        new XElement(Ns.Xcal + "duration", Period(length)))),
                rIds.Select(rId => new XElement(
                    Ns.Ei + "specifierPayload", new XElement(Ns.Ei + "rID", rId), new XElement(Ns.Ei + "readingType", "x-notApplicable")))));

    /// <summary>The request for the VEN's METADATA (rule 301: specifier METADATA, rID 0).</summary>
    public static XElement MetadataRequest(string reportRequestId) =>
        new(Ns.Oadr + "oadrReportRequest",
            new XElement(Ns.Ei + "reportRequestID", reportRequestId),
            new XElement(
                Ns.Ei + "reportSpecifier",
                new XElement(Ns.Ei + "reportSpecifierID", "METADATA"),
                new XElement(Ns.Xcal + "granularity", Period(Duration.Zero)),
                new XElement(Ns.Ei + "reportBackDuration", Period(Duration.Zero)),
                new XElement(Ns.Ei + "specifierPayload", new XElement(Ns.Ei + "rID", "0"), new XElement(Ns.Ei + "readingType", "x-notApplicable"))));

    public static IEnumerable<OfferedPoint> Offered(XElement registerReport) =>
        from report in registerReport.Elements(Ns.Oadr + "oadrReport")
        from point in report.Elements(Ns.Oadr + "oadrReportDescription")
        let sampling = point.Element(Ns.Oadr + "oadrSamplingRate")
        select new OfferedPoint(
            report.Text(Ns.Ei + "reportSpecifierID") ?? "", report.Text(Ns.Ei + "reportName") ?? "", point.Text(Ns.Ei + "rID") ?? "",
            point.Text(Ns.Ei + "readingType") ?? "", PeriodOrNull(sampling?.Text(Ns.Oadr + "oadrMinPeriod")), PeriodOrNull(sampling?.Text(Ns.Oadr + "oadrMaxPeriod")));

    public static IEnumerable<ReportedValue> Values(XElement updateReport) =>
        from report in updateReport.Elements(Ns.Oadr + "oadrReport")
        from interval in report.Descendants(Ns.Ei + "interval")
        from payload in interval.Elements(Ns.Oadr + "oadrReportPayload")
        let status = payload.Element(Ns.Oadr + "oadrPayloadResourceStatus")
        select new ReportedValue(
            report.Text(Ns.Ei + "reportRequestID") ?? "", report.Text(Ns.Ei + "reportName") ?? "", payload.Text(Ns.Ei + "rID") ?? "",
            IsoText.ParseInstantOrNull(interval.Element(Ns.Xcal + "dtstart")?.Value), Number(payload.Find(Ns.Ei + "value")),
            payload.Text(Ns.Oadr + "oadrDataQuality"), Flag(status?.Text(Ns.Oadr + "oadrOnline")), Flag(status?.Text(Ns.Oadr + "oadrManualOverride")));

    private static XElement Period(Duration duration) => new(Ns.Xcal + "duration", IsoText.Format(duration));

    private static Duration? PeriodOrNull(string? text) => text is null ? null : IsoText.ParseDuration(text);

    private static decimal? Number(string? text) =>
        decimal.TryParse(text, System.Globalization.NumberStyles.Float, System.Globalization.CultureInfo.InvariantCulture, out var number) ? number : null;

    private static bool? Flag(string? text) => text switch { "true" or "1" => true, "false" or "0" => false, _ => null };
}
