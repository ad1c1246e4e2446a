using System.Text;
using GridServices.Tariffs.Prices;
using NodaTime;

namespace GridServices.Tariffs.Tests.Prices;

public sealed class DayAheadTests
{
    private static readonly BiddingZone Zone = new("DE-LU", "10Y1001A1001A82H");
    private static readonly DayAheadTimetable Timetable = new();
    private static readonly LocalDate Day = new(2026, 3, 28);

    [Theory]
    [InlineData("2026-03-28", 24)]
    [InlineData("2026-03-29", 23)]
    [InlineData("2026-10-25", 25)]
    public void A_market_day_has_as_many_hours_as_the_clock_changes_leave(string day, int hours) =>
        Assert.Equal(Duration.FromHours(hours), Timetable.Bounds(NodaTime.Text.LocalDatePattern.Iso.Parse(day).Value).Duration);

    [Theory]
    [InlineData("2026-03-28T11:59:59Z", 1)]
    [InlineData("2026-03-28T12:00:00Z", 2)]
    [InlineData("2026-03-29T10:59:59Z", 1)]
    [InlineData("2026-03-29T11:00:00Z", 2)]
    public void Tomorrow_is_wanted_once_it_is_out_by_the_markets_own_clock(string now, int days) =>
        Assert.Equal(days, Timetable.GetWantedDays(NodaTime.Text.InstantPattern.ExtendedIso.Parse(now).Value).Length);

    [Fact]
    public void What_fails_is_tried_ever_more_rarely_and_what_is_known_never_again()
    {
        var now = Instant.FromUtc(2026, 3, 28, 10, 0);
        DayAheadDay? held = null;
        var pauses = new List<Duration>();
        for (var i = 0; i < 9; i++)
        {
            held = Timetable.Following(Zone, Day, new DayAheadReply.Failed("down"), held, now);
            pauses.Add(held.NextTryAt!.Value - now);
            var known = new Dictionary<(string, LocalDate), DayAheadDay> { [(Zone.Name, Day)] = held };
            Assert.DoesNotContain((Zone, Day), Timetable.Due([Zone], known, now));
            now = held.NextTryAt.Value;
            Assert.Contains((Zone, Day), Timetable.Due([Zone], known, now));
        }

        Assert.Equal([30, 60, 120, 240, 480, 960, 1920, 3600, 3600], pauses.Select(p => (int)p.TotalSeconds));
        var done = Timetable.Following(Zone, Day, Reply(200, Document(Day, 24)), held, now);
        Assert.Equal((DayAheadState.Complete, null), (done.State, done.NextTryAt));
    }

    [Fact]
    public void A_pause_that_is_asked_for_is_kept()
    {
        var held = Timetable.Following(Zone, Day, new DayAheadReply.Failed("slow down", Duration.FromMinutes(20)), null, Instant.FromUtc(2026, 3, 28, 10, 0));
        Assert.Equal(Instant.FromUtc(2026, 3, 28, 10, 20), held.NextTryAt);
    }

    [Fact]
    public void Half_a_day_is_kept_and_asked_for_again()
    {
        var held = Timetable.Following(Zone, Day, Reply(200, Document(Day, 12)), null, Instant.FromUtc(2026, 3, 28, 10, 0));
        Assert.Equal((DayAheadState.Partial, Instant.FromUtc(2026, 3, 28, 10, 10)), (held.State, held.NextTryAt));
    }

    [Theory]
    [InlineData(200, "<Acknowledgement_MarketDocument xmlns='urn:a'><Reason><code>999</code><text>No matching data found for Data item Day-ahead Prices</text></Reason></Acknowledgement_MarketDocument>", typeof(DayAheadReply.NoData))]
    [InlineData(400, "<Acknowledgement_MarketDocument xmlns='urn:a'><Reason><code>999</code><text>No matching data found</text></Reason></Acknowledgement_MarketDocument>", typeof(DayAheadReply.NoData))]
    [InlineData(400, "<Acknowledgement_MarketDocument xmlns='urn:a'><Reason><code>999</code><text>Invalid in_Domain</text></Reason></Acknowledgement_MarketDocument>", typeof(DayAheadReply.Refused))]
    [InlineData(200, "<Acknowledgement_MarketDocument xmlns='urn:a'><Reason><code>A01</code><text>fine</text></Reason></Acknowledgement_MarketDocument>", typeof(DayAheadReply.Refused))]
    [InlineData(401, "", typeof(DayAheadReply.Refused))]
    [InlineData(429, "", typeof(DayAheadReply.Failed))]
    [InlineData(503, "<html>sorry</html>", typeof(DayAheadReply.Failed))]
    [InlineData(200, "not xml", typeof(DayAheadReply.Failed))]
    [InlineData(200, "<!DOCTYPE a [<!ENTITY b SYSTEM 'file:///etc/passwd'>]><a>&b;</a>", typeof(DayAheadReply.Failed))]
    [InlineData(200, "<html><body>maintenance</body></html>", typeof(DayAheadReply.Failed))]
    [InlineData(200, "", typeof(DayAheadReply.Failed))]
    public void Whatever_the_platform_answers_has_a_meaning(int status, string body, Type kind) => Assert.IsType(kind, Reply(status, body));

    [Fact]
    public void Quarter_hours_of_a_later_auction_do_not_slip_in_between_the_hours_of_the_first()
    {
        var body = Document(Day, 24, extra: Series(Day, 2, "PT15M", Enumerable.Range(1, 96).Select(i => (i, 999m))));
        var curve = Assert.IsType<DayAheadReply.Prices>(Reply(200, body)).Document.Curve("x");
        Assert.Equal((24, false), (curve.Points.Length, curve.Points.Any(p => p.Price == 0.999m)));
        Assert.All(curve.Points.Zip(curve.Points.Skip(1)), p => Assert.Equal(p.First.Until, p.Second.From));
    }

    internal static string Document(LocalDate day, int hours, string extra = "") =>
        $"<Publication_MarketDocument xmlns='urn:iec62325.351:tc57wg16:451-3:publicationdocument:7:3'><type>A44</type>{Series(day, 1, "PT60M", Enumerable.Range(1, hours).Select(i => (i, 10m * i)))}{extra}</Publication_MarketDocument>";

    private static string Series(LocalDate day, int sequence, string resolution, IEnumerable<(int Position, decimal Price)> points)
    {
        var (start, count) = (Timetable.Bounds(day).Start, 0);
        var text = new StringBuilder();
        foreach (var (position, price) in points)
        {
            text.Append(System.Globalization.CultureInfo.InvariantCulture, $"<Point><position>{position}</position><price.amount>{price}</price.amount></Point>");
            count++;
        }

        var end = start + Duration.FromMinutes(resolution == "PT15M" ? 15 : 60) * count;
        var minute = NodaTime.Text.InstantPattern.CreateWithInvariantCulture("uuuu-MM-dd'T'HH:mm'Z'");
        return $"<TimeSeries><classificationSequence_AttributeInstanceComponent.position>{sequence}</classificationSequence_AttributeInstanceComponent.position><currency_Unit.name>EUR</currency_Unit.name><price_Measure_Unit.name>MWH</price_Measure_Unit.name><curveType>A01</curveType>"
            + $"<Period><timeInterval><start>{minute.Format(start)}</start><end>{minute.Format(end)}</end></timeInterval><resolution>{resolution}</resolution>{text}</Period></TimeSeries>";
    }

    private static DayAheadReply Reply(int status, string body) => DayAheadReply.Parse(status, Encoding.UTF8.GetBytes(body), null);
}
