using System.Xml.Linq;
using GridServices.Contracts;
using GridServices.Ieee2030Dot5.Messages;
using GridServices.Wire;
using static GridServices.Ieee2030Dot5.Codec.Sep2Out;
using Reading = GridServices.Ieee2030Dot5.Messages.Reading;

namespace GridServices.Ieee2030Dot5.Codec;

/// <summary>MirrorUsagePoint and what hangs on it.</summary>
internal static class MeteringXml
{
    private const long Int48 = 1L << 47;

    public static MirrorUsagePoint ReadPoint(ReceivedElement e) => new()
    {
        Href = e.Href(),
        MRid = e.Req("mRID").MRid(),
        Description = e.Opt("description").TextOrNull(),
        Version = e.Opt("version").NumberOrNull<ushort>(),
        RoleFlags = (ushort)e.Req("roleFlags").Hex(2),
        ServiceCategoryKind = e.Opt("serviceCategoryKind").NumberOrNull<byte>() ?? 0,
        Status = e.Opt("status").NumberOrNull<byte>() ?? 0,
        DeviceLFdi = e.Req("deviceLFDI").HexText() ?? string.Empty,
        MeterReadings = e.Every("MirrorMeterReading").Select(ReadMeterReading).ToValueList(),
        PostRate = e.Opt("postRate").NumberOrNull<uint>(),
    };

    public static XElement Write(MirrorUsagePoint p) =>
        El("MirrorUsagePoint", Head(p), Identified(p.MRid, p.Description, p.Version),
            El("roleFlags", Hex(p.RoleFlags, p.RoleFlags > byte.MaxValue ? 4 : 2)),
            El("serviceCategoryKind", p.ServiceCategoryKind),
            El("status", p.Status),
            El("deviceLFDI", p.DeviceLFdi),
            p.MeterReadings.Select(Write),
            Opt("postRate", p.PostRate));

    public static MirrorMeterReading ReadMeterReading(ReceivedElement e) => new()
    {
        Href = e.Href(),
        MRid = e.Req("mRID").MRid(),
        Description = e.Opt("description").TextOrNull(),
        Version = e.Opt("version").NumberOrNull<ushort>(),
        LastUpdateTime = e.Opt("lastUpdateTime").TimeOrNull(),
        ReadingSets = e.Every("MirrorReadingSet").Select(ReadSet).ToValueList(),
        NextUpdateTime = e.Opt("nextUpdateTime").TimeOrNull(),
        Reading = e.Opt("Reading") is { } reading ? ReadReading(reading) : null,
        ReadingType = e.Opt("ReadingType") is { } type ? ReadType(type) : null,
    };

    public static XElement Write(MirrorMeterReading m) =>
        El("MirrorMeterReading", Head(m), Identified(m.MRid, m.Description, m.Version),
            Opt("lastUpdateTime", m.LastUpdateTime),
            m.ReadingSets.Select(Write),
            Opt("nextUpdateTime", m.NextUpdateTime),
            m.Reading is { } reading ? Write(reading) : null,
            m.ReadingType is { } type ? Write(type) : null);

    public static ReadingType ReadType(ReceivedElement e) => new()
    {
        Href = e.Href(),
        AccumulationBehaviour = e.Opt("accumulationBehaviour").NumberOrNull<byte>(),
        Commodity = e.Opt("commodity").NumberOrNull<byte>(),
        DataQualifier = e.Opt("dataQualifier").NumberOrNull<byte>(),
        FlowDirection = e.Opt("flowDirection").NumberOrNull<byte>(),
        IntervalLength = e.Opt("intervalLength").NumberOrNull<uint>(),
        Kind = e.Opt("kind").NumberOrNull<byte>(),
        Phase = e.Opt("phase").NumberOrNull<byte>(),
        PowerOfTenMultiplier = e.Opt("powerOfTenMultiplier").NumberOrNull<sbyte>(),
        SubIntervalLength = e.Opt("subIntervalLength").NumberOrNull<uint>(),
        Uom = e.Opt("uom").NumberOrNull<byte>(),
    };

    public static XElement Write(ReadingType t) =>
        El("ReadingType", Head(t),
            Opt("accumulationBehaviour", t.AccumulationBehaviour),
            Opt("commodity", t.Commodity),
            Opt("dataQualifier", t.DataQualifier),
            Opt("flowDirection", t.FlowDirection),
            Opt("intervalLength", t.IntervalLength),
            Opt("kind", t.Kind),
            Opt("phase", t.Phase),
            Opt("powerOfTenMultiplier", t.PowerOfTenMultiplier),
            Opt("subIntervalLength", t.SubIntervalLength),
            Opt("uom", t.Uom));

    private static MirrorReadingSet ReadSet(ReceivedElement e) => new()
    {
        MRid = e.Req("mRID").MRid(),
        Description = e.Opt("description").TextOrNull(),
        Version = e.Opt("version").NumberOrNull<ushort>(),
        TimePeriod = e.Req("timePeriod").Interval(),
        Readings = e.Every("Reading").Select(ReadReading).ToValueList(),
    };

    private static XElement Write(MirrorReadingSet s) =>
        El("MirrorReadingSet", Identified(s.MRid, s.Description, s.Version), Interval("timePeriod", s.TimePeriod), s.Readings.Select(Write));

    private static Reading ReadReading(ReceivedElement e) => new()
    {
        ConsumptionBlock = e.Opt("consumptionBlock").NumberOrNull<byte>(),
        QualityFlags = e.Opt("qualityFlags").Hex16(),
        TimePeriod = e.Opt("timePeriod")?.Interval(),
        TouTier = e.Opt("touTier").NumberOrNull<byte>(),
        Value = e.Opt("value") is { } v
            ? v.Number<long>() is >= -Int48 and < Int48 and var value ? value : throw v.Refuse(ErrorClass.SemanticNumber, "the reading has more than 48 bits")
            : null,
        LocalId = e.Opt("localID").Hex16(),
    };

    private static XElement Write(Reading r) =>
        El("Reading",
            Opt("consumptionBlock", r.ConsumptionBlock),
            Opt("qualityFlags", Hex(r.QualityFlags, 4)),
            Interval("timePeriod", r.TimePeriod),
            Opt("touTier", r.TouTier),
            Opt("value", r.Value),
            Opt("localID", Hex(r.LocalId, 4)));
}
