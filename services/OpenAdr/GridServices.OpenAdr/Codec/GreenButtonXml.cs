using System.Security.Cryptography;
using System.Text;
using System.Xml.Linq;
using GridServices.Wire;
using NodaTime;
using static GridServices.OpenAdr.Codec.Ns;

namespace GridServices.OpenAdr.Codec;

/// <summary>A Green Button feed (Atom with NAESB ESPI): usage point, meter reading, its type and one block of intervals, linked to one another.</summary>
internal static class GreenButtonXml
{
    private const string Point = "/UsagePoint/1";
    private const string Meter = Point + "/MeterReading/1";
    private const string Type = "/ReadingType/1";
    private static readonly XNamespace Espi = "http://naesb.org/espi";

    public static string Write(GreenButtonSeries series) =>
        new XElement(Atom + "feed",
            new XAttribute("xmlns", Atom.NamespaceName),
            Head(series, string.Empty),
            Entry(series, Point, [Meter], new XElement(Espi + "UsagePoint", new XElement(Espi + "ServiceCategory", new XElement(Espi + "kind", 0)))),
            Entry(series, Meter, [Type, Meter + "/IntervalBlock/1"], new XElement(Espi + "MeterReading")),
            Entry(series, Type, [], CreateReadingType(series)),
            Entry(series, Meter + "/IntervalBlock/1", [], CreateIntervalBlock(series)))
        .ToString(SaveOptions.DisableFormatting);

    private static XElement CreateReadingType(GreenButtonSeries series) =>
        new(Espi + "ReadingType",
            new XElement(Espi + "accumulationBehaviour", series.Type.Accumulation),
            new XElement(Espi + "commodity", 1),
            new XElement(Espi + "flowDirection", series.Type.FlowDirection),
            new XElement(Espi + "intervalLength", Seconds(series.IntervalLength)),
            new XElement(Espi + "kind", series.Type.Kind),
            new XElement(Espi + "powerOfTenMultiplier", 0),
            new XElement(Espi + "uom", series.Type.Unit));

    private static XElement CreateIntervalBlock(GreenButtonSeries series) =>
        new(Espi + "IntervalBlock",
            Span("interval", series.From, series.Until - series.From),
            series.Readings.Select(r => new XElement(Espi + "IntervalReading",
                r.Quality is { } quality ? new XElement(Espi + "ReadingQuality", new XElement(Espi + "quality", quality)) : null,
                Span("timePeriod", r.Start, r.Length),
                new XElement(Espi + "value", r.Value))));

    private static XElement Span(string name, Instant start, Duration length) =>
        new(Espi + name, new XElement(Espi + "duration", Seconds(length)), new XElement(Espi + "start", start.ToUnixTimeSeconds()));

    private static XElement Entry(GreenButtonSeries series, string self, string[] related, XElement content) =>
        new(Atom + "entry",
            Head(series, self),
            Link("self", self),
            Link("up", self[..self.LastIndexOf('/')]),
            related.Select(r => Link("related", r)),
            new XElement(Atom + "content", content));

    private static XElement[] Head(GreenButtonSeries series, string self) =>
    [
        new(Atom + "id", "urn:uuid:" + Uuid(series.Id + self)),
        new(Atom + "title", series.Title),
        new(Atom + "updated", InstantText.Format(series.Updated)),
    ];

    private static XElement Link(string relation, string href) => new(Atom + "link", new XAttribute("rel", relation), new XAttribute("href", href));

    private static long Seconds(Duration length) => (long)length.TotalSeconds;

    // RFC 9562 version 8: a name's hash, so that the same data has the same ID.
    private static Guid Uuid(string name)
    {
        var bytes = SHA256.HashData(Encoding.UTF8.GetBytes(name))[..16];
        (bytes[6], bytes[8]) = ((byte)((bytes[6] & 0x0F) | 0x80), (byte)((bytes[8] & 0x3F) | 0x80));
        return new Guid(bytes, bigEndian: true);
    }
}
