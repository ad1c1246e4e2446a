using System.Xml.Linq;
using GridServices.OpenAdr.Messages;
using GridServices.Wire;
using static GridServices.OpenAdr.Codec.Ns;

namespace GridServices.OpenAdr.Codec;

/// <summary>oadrReportRequest: which columns, how often.</summary>
internal static class ReportRequestXml
{
    public static ReportRequest Read(ReceivedElement e) => new(e.Id(Ei + "reportRequestID"), ReadSpecifier(e.Child(Ei + "reportSpecifier")));

    public static XElement Write(ReportRequest r) =>
        new(Oadr + "oadrReportRequest", new XElement(Ei + "reportRequestID", r.ReportRequestId), Write(r.Specifier));

    private static ReportSpecifier ReadSpecifier(ReceivedElement e) => new()
    {
        ReportSpecifierId = e.Id(Ei + "reportSpecifierID"),
        Granularity = e.Property(Xcal + "granularity"),
        ReportBackDuration = e.Property(Ei + "reportBackDuration"),
        ReportInterval = e.ChildOrNull(Ei + "reportInterval") is { } i ? CalendarXml.ReadProperties(i.Child(Xcal + "properties")) : null,
        Payloads = e.Some(Ei + "specifierPayload", p => new SpecifierPayload(p.Id(Ei + "rID"), ItemXml.ReadOrNull(p), p.ReadingType())),
    };

    private static XElement Write(ReportSpecifier s) =>
        new(Ei + "reportSpecifier",
            new XElement(Ei + "reportSpecifierID", s.ReportSpecifierId),
            CalendarXml.Duration(Xcal + "granularity", s.Granularity),
            CalendarXml.Duration(Ei + "reportBackDuration", s.ReportBackDuration),
            s.ReportInterval is { } i ? new XElement(Ei + "reportInterval", CalendarXml.WriteProperties(i)) : null,
            s.Payloads.Select(p => new XElement(Ei + "specifierPayload",
                new XElement(Ei + "rID", p.RId), ItemXml.WriteOrNull(p.ItemBase), new XElement(Ei + "readingType", p.ReadingType))));
}
