using System.Text;
using System.Xml.Linq;
using GridServices.OpenAdr.Codec;
using GridServices.OpenAdr.Messages;
using GridServices.OpenAdr.Tests.Scripts;
using GridServices.Testing;
using NodaTime;

namespace GridServices.OpenAdr.Tests.Reports;

public sealed class GreenButtonReportTests
{
    private static readonly XNamespace Atom = "http://www.w3.org/2005/Atom";
    private static readonly XNamespace Espi = "http://naesb.org/espi";

    [Fact]
    public void A_history_is_told_as_one_feed_per_channel()
    {
        var ven = VenScript.Registered(Configs.WithHistory).Reads("18:00", 7, register: 1000).Reads("18:01", -8, register: 1100).Reads("18:02", 9, register: 1250);

        var report = ven.At("18:03").IsAskedFor(Asks("gb-energy", "gb-power")).Reports();

        Assert.Equal("HISTORY_GREENBUTTON", report.ReportName);
        var interval = Assert.Single(report.Intervals);
        Assert.Equal((Vtn.Time("18:00"), Duration.FromMinutes(3), 0), (interval.Start!.Value, interval.Duration!.ToDuration(), interval.Payloads.Count));
        var (energy, power) = (Feed(interval.GreenButtonFeeds[0]), Feed(interval.GreenButtonFeeds[1]));
        Assert.Equal(["4 1 12 72 60", "12 4 37 38 60"], new[] { FormatType(energy), FormatType(power) });
        Assert.Equal([(60, 100), (60, 150)], Readings(energy));
        Assert.Equal([(60, 7), (60, -8), (60, 9)], Readings(power));
        Assert.Equal("gb-energy", energy.Element(Atom + "title")!.Value);
    }

    [Fact]
    public void Each_resource_of_a_feed_is_linked_and_keeps_its_ID()
    {
        var ven = VenScript.Registered(Configs.WithHistory).ReadsEachMinute("18:00", 3);
        var first = Feed(ven.At("18:03").IsAskedFor(Asks("gb-energy")).Reports().Intervals[0].GreenButtonFeeds[0]);
        var again = Feed(ven.At("18:04").IsAskedFor(Asks("gb-energy")).Reports().Intervals[0].GreenButtonFeeds[0]);

        Assert.Equal(first.Descendants(Atom + "id").Select(i => i.Value), again.Descendants(Atom + "id").Select(i => i.Value));
        Assert.Equal(5, first.Descendants(Atom + "id").Select(i => i.Value).Distinct().Count());
        var links = first.Descendants(Atom + "link").ToLookup(l => l.Attribute("rel")!.Value, l => l.Attribute("href")!.Value);
        Assert.All(links["related"], href => Assert.Contains(href, links["self"]));
        Assert.Contains("/UsagePoint/1/MeterReading/1/IntervalBlock", links["up"]);
    }

    [Fact]
    public void Over_a_gap_the_energy_is_one_reading_and_a_register_set_back_is_none()
    {
        var ven = VenScript.Registered(Configs.WithHistory).Reads("18:00", 1, register: 10).Reads("18:05", 1, register: 60).Reads("18:06", 1, register: 5).Reads("18:07", 1, register: 7);
        var feed = Feed(ven.At("18:08").IsAskedFor(Asks("gb-energy")).Reports().Intervals[0].GreenButtonFeeds[0]);
        Assert.Equal([(300, 50), (60, 2)], Readings(feed));
    }

    [Fact]
    public void Where_nothing_is_kept_the_feed_has_no_readings()
    {
        var report = VenScript.Registered(Configs.WithHistory).At("18:08").IsAskedFor(Asks("gb-energy")).Reports();
        Assert.Empty(Readings(Feed(Assert.Single(report.Intervals[0].GreenButtonFeeds))));
    }

    [Fact]
    public void A_long_history_is_split_into_feeds_that_can_be_written_and_read()
    {
        var ven = VenScript.Registered(Configs.WithHistory with { ReportBufferPoints = 10_000 });
        var points = Enumerable.Range(0, 9_000).Select(i => new OpenAdr.Reports.ReportPoint(Vtn.Time("2027-01-01T00:00:00Z") + Duration.FromMinutes(i), i, null));
        ven.State = ven.State with { Points = ven.State.Points.SetItem("gb-power", [.. points]) };
        ven.IsAskedFor(Asks("gb-power").Between("2027-01-01T00:00:00Z", "PT0S")).Sends<OadrUpdateReport>(out var data);

        var xml = OadrXml.Write(data);

        Assert.Equal(5, data.Reports[0].Intervals[0].GreenButtonFeeds.Count);
        Assert.Empty(PayloadShapes.Errors(xml));
        Assert.Equal(9_000, XElement.Load(new MemoryStream(xml)).Descendants(Espi + "IntervalReading").Count());
    }

    private static ReportRequest Asks(params string[] rIds) => Vtn.Wants("rr-g", "history-greenbutton", "PT0S", "PT0S", rIds).Between("18:00", "PT0S");

    private static XElement Feed(string text) => XElement.Load(new MemoryStream(Encoding.UTF8.GetBytes(text)));

    private static string FormatType(XElement feed)
    {
        var type = feed.Descendants(Espi + "ReadingType").Single();
        return string.Join(' ', new[] { "accumulationBehaviour", "flowDirection", "kind", "uom", "intervalLength" }.Select(n => type.Element(Espi + n)!.Value));
    }

    private static IEnumerable<(int Seconds, int Value)> Readings(XElement feed) =>
        feed.Descendants(Espi + "IntervalReading").Select(r => ((int)r.Element(Espi + "timePeriod")!.Element(Espi + "duration")!, (int)r.Element(Espi + "value")!));
}
