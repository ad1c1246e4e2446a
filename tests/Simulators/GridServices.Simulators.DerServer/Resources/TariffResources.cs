using System.Xml.Linq;
using GridServices.Simulators.DerServer.Model;
using NodaTime;
using static GridServices.Simulators.DerServer.Resources.SepXml;

namespace GridServices.Simulators.DerServer.Resources;

/// <summary>What a client reads of tariffs.</summary>
internal static class TariffResources
{
    public static XElement Profile(SimDevice d, SimTariff t, Instant now, SepXml xml) =>
        El("TariffProfile", At("href", Href(d, t)),
            El("mRID", t.MRid),
            El("description", $"Tariff {t.Number}"),
            Opt("currency", t.Currency),
            El("pricePowerOfTenMultiplier", t.Multiplier),
            El("primacy", t.Primacy),
            El("rateCode", $"T{t.Number}"),
            Link("RateComponentListLink", $"{Href(d, t)}/rc", t.Components.Count),
            El("serviceCategoryKind", 0),
            t.IsCombined ? xml.Ext("CombinedTimeTariffIntervalListLink", At("href", $"{Href(d, t)}/ctti"), At("all", Listed(t, now).Count())) : null);

    public static XElement Component(SimDevice d, SimTariff t, SimRateComponent c, Instant now) =>
        El("RateComponent", At("href", Href(d, t, c)),
            El("mRID", c.MRid),
            Link("ReadingTypeLink", $"{Href(d, t, c)}/rt"),
            El("roleFlags", "00"),
            Link("TimeTariffIntervalListLink", $"{Href(d, t, c)}/tti", Listed(c, now).Count()));

    public static XElement ReadingType(SimDevice d, SimTariff t, SimRateComponent c) =>
        El("ReadingType", At("href", $"{Href(d, t, c)}/rt"),
            Opt("commodity", c.Commodity),
            Opt("flowDirection", c.FlowDirection),
            El("powerOfTenMultiplier", c.Multiplier),
            El("uom", c.Uom));

    public static XElement Interval(SimDevice d, SimTariff t, SimRateComponent c, SimPrice p, Instant now, SepXml xml) =>
        El("TimeTariffInterval",
            At("href", Href(d, t, c, p)),
            At("replyTo", $"/edev/{d.Number}/rsps/price/rsp"),
            At("responseRequired", "03"),
            El("mRID", p.MRid),
            El("version", 0),
            El("creationTime", p.Created.ToUnixTimeSeconds()),
            El("EventStatus",
                El("currentStatus", p.StatusAt(now)),
                El("dateTime", (p.CancelledAt ?? (now < p.Start ? p.Created : Instant.Max(p.Start, p.Created))).ToUnixTimeSeconds()),
                El("potentiallySuperseded", false)),
            El("interval", El("duration", (long)p.Length.TotalSeconds), El("start", p.Start.ToUnixTimeSeconds())),
            Opt("randomizeStart", p.RandomizeStart),
            Link("ConsumptionTariffIntervalListLink", $"{Href(d, t, c, p)}/cti", p.Blocks.Count),
            El("touTier", 0),
            xml.Ext("ConsumptionTariffIntervalListSummary", At("all", p.Blocks.Count), At("results", p.Blocks.Count), Prices(d, t, c, p)),
            xml.Extension is null ? null : Link("RateComponentLink", Href(d, t, c)));

    public static List<XElement> Prices(SimDevice d, SimTariff t, SimRateComponent c, SimPrice p) =>
    [
        .. p.Blocks.Select((b, i) => El("ConsumptionTariffInterval", At("href", $"{Href(d, t, c, p)}/cti/{i + 1}"),
            El("consumptionBlock", i + 1), El("price", b.Price), El("startValue", b.From))),
    ];

    public static IEnumerable<(SimRateComponent Component, SimPrice Price)> Listed(SimTariff t, Instant now) =>
        t.Components.SelectMany(c => Listed(c, now).Select(p => (c, p))).OrderBy(p => p.p.Start).ThenByDescending(p => p.p.Created);

    /// <summary>All that is not over; what was cancelled for five minutes more.</summary>
    public static IEnumerable<SimPrice> Listed(SimRateComponent c, Instant now) =>
        c.Intervals.Where(p => p.End > now && (p.CancelledAt is not { } at || at + Duration.FromMinutes(5) > now));

    private static string Href(SimDevice d, SimTariff t) => $"/edev/{d.Number}/tp/{t.Number}";

    private static string Href(SimDevice d, SimTariff t, SimRateComponent c) => $"{Href(d, t)}/rc/{c.Number}";

    private static string Href(SimDevice d, SimTariff t, SimRateComponent c, SimPrice p) => $"{Href(d, t, c)}/tti/{p.Number}";
}
