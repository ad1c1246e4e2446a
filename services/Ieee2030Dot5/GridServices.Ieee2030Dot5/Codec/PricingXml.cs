using System.Xml.Linq;
using GridServices.Ieee2030Dot5.Messages;
using GridServices.Wire;
using static GridServices.Ieee2030Dot5.Codec.Sep2Out;

namespace GridServices.Ieee2030Dot5.Codec;

/// <summary>TariffProfile down to ConsumptionTariffInterval.</summary>
internal static class PricingXml
{
    public static TariffProfile ReadProfile(ReceivedElement e) => new()
    {
        Href = e.Href(),
        MRid = e.Req("mRID").PlainMRid(),
        Description = e.Opt("description").TextOrNull(),
        Version = e.Opt("version").NumberOrNull<ushort>(),
        Currency = e.Opt("currency").NumberOrNull<ushort>(),
        PricePowerOfTenMultiplier = e.Opt("pricePowerOfTenMultiplier").NumberOrNull<sbyte>(),
        Primacy = e.Opt("primacy").NumberOrNull<byte>(),
        RateCode = e.Opt("rateCode").TextOrNull(),
        RateComponentListLink = e.Opt("RateComponentListLink").ListLink(),
        ServiceCategoryKind = e.Opt("serviceCategoryKind").NumberOrNull<byte>(),
        CombinedTimeTariffIntervalListLink = e.Ext("CombinedTimeTariffIntervalListLink").ListLink(),
    };

    public static XElement Write(TariffProfile p, Sep2Out o) =>
        El("TariffProfile", Head(p), Identified(p.MRid, p.Description, p.Version),
            Opt("currency", p.Currency),
            Opt("pricePowerOfTenMultiplier", p.PricePowerOfTenMultiplier),
            Opt("primacy", p.Primacy),
            Opt("rateCode", p.RateCode),
            Link("RateComponentListLink", p.RateComponentListLink),
            Opt("serviceCategoryKind", p.ServiceCategoryKind),
            p.CombinedTimeTariffIntervalListLink is { } l ? o.Ext13("CombinedTimeTariffIntervalListLink", new[] { Attr("href", l.Href), Attr("all", l.All) }) : null);

    public static RateComponent ReadComponent(ReceivedElement e) => new()
    {
        Href = e.Href(),
        MRid = e.Req("mRID").PlainMRid(),
        Description = e.Opt("description").TextOrNull(),
        Version = e.Opt("version").NumberOrNull<ushort>(),
        ActiveTimeTariffIntervalListLink = e.Opt("ActiveTimeTariffIntervalListLink").ListLink(),
        ReadingTypeLink = e.Opt("ReadingTypeLink").Link(),
        RoleFlags = e.Opt("roleFlags").Hex16(),
        TimeTariffIntervalListLink = e.Opt("TimeTariffIntervalListLink").ListLink(),
    };

    public static XElement Write(RateComponent c) =>
        El("RateComponent", Head(c), Identified(c.MRid, c.Description, c.Version),
            Link("ActiveTimeTariffIntervalListLink", c.ActiveTimeTariffIntervalListLink),
            Link("ReadingTypeLink", c.ReadingTypeLink),
            Opt("roleFlags", Hex(c.RoleFlags, 2)),
            Link("TimeTariffIntervalListLink", c.TimeTariffIntervalListLink));

    public static TimeTariffInterval ReadInterval(ReceivedElement e) => new()
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
        RandomizeDuration = EventXml.ReadRandom(e.Opt("randomizeDuration")),
        RandomizeStart = EventXml.ReadRandom(e.Opt("randomizeStart")),
        ConsumptionTariffIntervalListLink = e.Opt("ConsumptionTariffIntervalListLink").ListLink(),
        TouTier = e.Opt("touTier").NumberOrNull<byte>(),
        Summary = e.Ext("ConsumptionTariffIntervalListSummary") is { } s ? ReadPrices(s) : null,
        RateComponentLink = (e.Opt("RateComponentLink") ?? e.Ext("RateComponentLink")).Link(),
    };

    public static XElement Write(TimeTariffInterval i, Sep2Out o) =>
        El("TimeTariffInterval", Head(i), Attr("replyTo", i.ReplyTo), Attr("responseRequired", Hex(i.ResponseRequired, 2)),
            Identified(i.MRid, i.Description, i.Version),
            El("creationTime", i.CreationTime),
            EventXml.Write(i.EventStatus),
            Interval("interval", i.Interval),
            Opt("randomizeDuration", i.RandomizeDuration),
            Opt("randomizeStart", i.RandomizeStart),
            Link("ConsumptionTariffIntervalListLink", i.ConsumptionTariffIntervalListLink),
            Opt("touTier", i.TouTier),
            i.Summary is { } s ? o.Ext13("ConsumptionTariffIntervalListSummary", Sep2Xml.ListContent(s, Write)) : null,
            Link("RateComponentLink", i.RateComponentLink));

    public static ConsumptionTariffIntervalList ReadPrices(ReceivedElement e) =>
        ListXml.Read<ConsumptionTariffIntervalList, ConsumptionTariffInterval>(e, "ConsumptionTariffInterval", ReadPrice);

    public static ConsumptionTariffInterval ReadPrice(ReceivedElement e) => new()
    {
        Href = e.Href(),
        ConsumptionBlock = e.Opt("consumptionBlock").NumberOrNull<byte>(),
        Price = e.Req("price").Number<int>(),
        StartValue = e.Opt("startValue").NumberOrNull<long>(),
    };

    public static XElement Write(ConsumptionTariffInterval c) =>
        El("ConsumptionTariffInterval", Head(c), Opt("consumptionBlock", c.ConsumptionBlock), El("price", c.Price), Opt("startValue", c.StartValue));
}
