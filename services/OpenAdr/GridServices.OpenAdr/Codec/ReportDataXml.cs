using System.Collections.Frozen;
using System.Xml.Linq;
using GridServices.Contracts;
using GridServices.OpenAdr.Messages;
using GridServices.Wire;
using static GridServices.OpenAdr.Codec.Ns;
using static GridServices.OpenAdr.Codec.ResponseXml;

namespace GridServices.OpenAdr.Codec;

/// <summary>Columns and rows of a report.</summary>
internal static class ReportDataXml
{
    private static readonly FrozenSet<string> Types = FrozenSet.Create(StringComparer.Ordinal,
        "reading", "usage", "demand", "setPoint", "deltaUsage", "deltaSetPoint", "deltaDemand", "baseline", "deviation", "avgUsage", "avgDemand",
        "operatingState", "upRegulationCapacityAvailable", "downRegulationCapacityAvailable", "regulationSetpoint", "storedEnergy",
        "targetEnergyStorage", "availableEnergyStorage", "price", "level", "powerFactor", "percentUsage", "percentDemand");

    private static readonly FrozenSet<string> Readings = FrozenSet.Create(StringComparer.Ordinal,
        "Direct Read", "Net", "Allocated", "Estimated", "Summed", "Derived", "Mean", "Peak", "Hybrid", "Contract", "Projected");

    private static readonly FrozenSet<string> Qualities = FrozenSet.Create(StringComparer.Ordinal,
        DataQuality.NoValue, DataQuality.PreviousValueUsed, DataQuality.Bad, "Quality Bad - Configuration Error", DataQuality.BadNotConnected,
        "Quality Bad - Device Failure", "Quality Bad - Sensor Failure", DataQuality.BadLastKnownValue, DataQuality.BadCommFailure,
        "Quality Bad - Out of Service", DataQuality.Uncertain, "Quality Uncertain - Last Usable Value",
        "Quality Uncertain - Sensor Not Accurate", "Quality Uncertain - EU Units Exceeded", DataQuality.UncertainSubNormal,
        DataQuality.Good, "Quality Good - Local Override", "Quality Limit - Field/Not", "Quality Limit - Field/Low",
        "Quality Limit - Field/High", "Quality Limit - Field/Constant");

    public static string ReadingType(this ReceivedElement e) => e.OpenTerm(Ei + "readingType", Readings);

    public static ReportDescription ReadDescription(ReceivedElement e) => new()
    {
        RId = e.Id(Ei + "rID"),
        Subject = Understood(() => TargetXml.ReadOrNull(e.ChildOrNull(Ei + "reportSubject"))),
        DataSource = Understood(() => TargetXml.ReadOrNull(e.ChildOrNull(Ei + "reportDataSource"))),
        ReportType = e.OpenTerm(Ei + "reportType", Types),
        ItemBase = Understood(() => ItemXml.ReadOrNull(e)),
        ReadingType = e.ReadingType(),
        MarketContext = e.IdOrNull(Emix + "marketContext"),
        SamplingRate = e.ChildOrNull(Oadr + "oadrSamplingRate") is { } s ? ReadSamplingRate(s) : null,
    };

    // What a VTN describes of itself is thanked for and not used: a subject or a unit of its own costs nothing.
    private static T? Understood<T>(Func<T?> read)
        where T : class
    {
        try
        {
            return read();
        }
        catch (WireFormatException strange) when (strange.Refusal.Class is Contracts.ErrorClass.TargetMismatch or Contracts.ErrorClass.Unit)
        {
            return null;
        }
    }

    public static XElement Write(ReportDescription d) =>
        new(Oadr + "oadrReportDescription",
            new XElement(Ei + "rID", d.RId),
            TargetXml.WriteOrNull(Ei + "reportSubject", d.Subject),
            TargetXml.WriteOrNull(Ei + "reportDataSource", d.DataSource),
            new XElement(Ei + "reportType", d.ReportType),
            ItemXml.WriteOrNull(d.ItemBase),
            new XElement(Ei + "readingType", d.ReadingType),
            Optional(Emix + "marketContext", d.MarketContext),
            d.SamplingRate is { } s ? Write(s) : null);

    public static ReportInterval ReadInterval(ReceivedElement e)
    {
        var payloads = e.Any(Oadr + "oadrReportPayload", ReadPayload);
        var feeds = e.Any(Oadr + "oadrGBPayload", FeedXml.Read);
        return payloads.Count + feeds.Count > 0
            ? new(e.StartOrNull(), e.PropertyOrNull(Xcal + "duration"), e.UidOrNull(), payloads, feeds)
            : throw e.Refuse(ErrorClass.SchemaInvalid, "'oadrReportPayload' is missing");
    }

    public static XElement Write(ReportInterval i) =>
        new(Ei + "interval",
            CalendarXml.StartOrNull(i.Start),
            CalendarXml.DurationOrNull(Xcal + "duration", i.Duration),
            CalendarXml.UidOrNull(i.Uid),
            i.Payloads.Select(Write),
            i.GreenButtonFeeds.Select(f => new XElement(Oadr + "oadrGBPayload", FeedXml.Write(f))));

    private static SamplingRate ReadSamplingRate(ReceivedElement e) =>
        new(CalendarXml.NotNegative(e.Period(Oadr + "oadrMinPeriod"), e),
            CalendarXml.NotNegative(e.Period(Oadr + "oadrMaxPeriod"), e),
            e.Flag(Oadr + "oadrOnChange"));

    private static XElement Write(SamplingRate s) =>
        new(Oadr + "oadrSamplingRate",
            new XElement(Oadr + "oadrMinPeriod", PeriodText.Format(s.MinPeriod)),
            new XElement(Oadr + "oadrMaxPeriod", PeriodText.Format(s.MaxPeriod)),
            new XElement(Oadr + "oadrOnChange", s.OnChange));

    private static ReportPayload ReadPayload(ReceivedElement e)
    {
        var number = e.ChildOrNull(Ei + "payloadFloat");
        var status = e.ChildOrNull(Oadr + "oadrPayloadResourceStatus");
        if (number is null == status is null)
        {
            throw e.Refuse(ErrorClass.SchemaInvalid, "either 'payloadFloat' or 'oadrPayloadResourceStatus' belongs here");
        }

        return new ReportPayload
        {
            RId = e.Id(Ei + "rID"),
            Confidence = e.UnsignedOrNull(Ei + "confidence") is { } c && c > 100
                ? throw e.Refuse(ErrorClass.SchemaInvalid, "confidence is 0 to 100")
                : e.UnsignedOrNull(Ei + "confidence"),
            Accuracy = e.NumberOrNull(Ei + "accuracy"),
            Value = number?.Number(Ei + "value"),
            Status = status is null ? null : ReadStatus(status),
            Quality = e.OpenTermOrNull(Oadr + "oadrDataQuality", Qualities),
        };
    }

    private static XElement Write(ReportPayload p) =>
        new(Oadr + "oadrReportPayload",
            new XElement(Ei + "rID", p.RId),
            Optional(Ei + "confidence", p.Confidence),
            OptionalNumber(Ei + "accuracy", p.Accuracy),
            (p.Value, p.Status) switch
            {
                ({ } value, null) => SignalXml.Float(value),
                (null, { } status) => Write(status),
                _ => throw new ArgumentException("a report payload has either a value or a status", nameof(p)),
            },
            Optional(Oadr + "oadrDataQuality", p.Quality));

    private static ResourceStatus ReadStatus(ReceivedElement e) =>
        new(e.Flag(Oadr + "oadrOnline"),
            e.Flag(Oadr + "oadrManualOverride"),
            e.ChildOrNull(Oadr + "oadrLoadControlState") is { } s
                ? new LoadControlState(ReadValue(s, "oadrCapacity"), ReadValue(s, "oadrLevelOffset"), ReadValue(s, "oadrPercentOffset"), ReadValue(s, "oadrSetPoint"))
                : null);

    private static XElement Write(ResourceStatus s) =>
        new(Oadr + "oadrPayloadResourceStatus",
            new XElement(Oadr + "oadrOnline", s.Online),
            new XElement(Oadr + "oadrManualOverride", s.ManualOverride),
            s.LoadControlState is { } state
                ? new XElement(Oadr + "oadrLoadControlState",
                    Write("oadrCapacity", state.Capacity), Write("oadrLevelOffset", state.LevelOffset),
                    Write("oadrPercentOffset", state.PercentOffset), Write("oadrSetPoint", state.SetPoint))
                : null);

    private static LoadControlValue? ReadValue(ReceivedElement parent, string name) =>
        parent.ChildOrNull(Oadr + name) is { } e
            ? new(e.NumberOrNull(Oadr + "oadrMin"), e.NumberOrNull(Oadr + "oadrMax"), e.Number(Oadr + "oadrCurrent"), e.NumberOrNull(Oadr + "oadrNormal"))
            : null;

    private static XElement? Write(string name, LoadControlValue? v) => v is null ? null :
        new(Oadr + name,
            OptionalNumber(Oadr + "oadrMin", v.Min),
            OptionalNumber(Oadr + "oadrMax", v.Max),
            OptionalNumber(Oadr + "oadrCurrent", v.Current),
            OptionalNumber(Oadr + "oadrNormal", v.Normal));

    private static XElement? OptionalNumber(XName name, double? value) => value is { } v ? new XElement(name, NumberText.Format(v)) : null;
}
