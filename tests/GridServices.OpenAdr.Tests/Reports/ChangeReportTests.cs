using GridServices.OpenAdr.Configuration;
using GridServices.OpenAdr.Messages;
using GridServices.OpenAdr.Tests.Scripts;
using NodaTime;

namespace GridServices.OpenAdr.Tests.Reports;

/// <summary>Reports on change, of status, delayed, and after an outage.</summary>
public class ChangeReportTests : EitherWay
{
    public ChangeReportTests()
        : this(VenTransport.Pull)
    {
    }

    protected ChangeReportTests(VenTransport transport)
        : base(transport)
    {
    }

    [Fact]
    public void Of_several_channels_the_one_that_did_not_change_holds_its_value_and_says_so()
    {
        var ven = Registered(Configs.Reporting).IsAskedFor(Vtn.Wants("rr-1", "telemetry-usage", "PT0S", "PT5M", "power", "energy"));
        ven.Reads("18:01", 10, register: 100);
        ven.At("18:03").Takes(new VenInput.ReadingsArrived([new SiteReading("site-1", new Contracts.Reading { At = Vtn.Time("18:03"), NetPowerW = 20 })]));

        var report = ven.At("18:05").Reports();

        Assert.Equal(["10", "20"], report.Column("power"));
        Assert.Equal(["100", "100 held"], report.Column("energy"));
        Assert.Equal([Vtn.Time("18:01"), Vtn.Time("18:03")], report.Intervals.Select(i => i.Start!.Value));
        Assert.All(report.Intervals, i => Assert.Null(i.Duration));
    }

    [Fact]
    public void A_status_on_change_tells_each_override_also_within_a_sampling_interval()
    {
        var ven = Status("PT0S", "PT10M");
        ven.Reads("18:01", 1).Reads("18:02", 1).Reads("18:02:20", 1, manual: true).Reads("18:02:40", 1, manual: true).Reads("18:02:50", 1).Reads("18:03", 1);
        ReadsUntil(ven, "18:04", "18:10");

        var report = ven.At("18:10").Reports();

        Assert.Equal(["on", "on by hand", "on"], report.Column("status"));
        Assert.Equal([Vtn.Time("18:01"), Vtn.Time("18:02:20"), Vtn.Time("18:02:50")], report.Intervals.Select(i => i.Start!.Value));
    }

    /// <summary>OpenADR 2.0b rules 317, 510: what a reading shows that comes after its window went out is told with the next.</summary>
    [Fact]
    public void A_change_whose_reading_comes_after_its_window_is_told_with_the_next_and_once()
    {
        var ven = Status("PT0S", "PT1M").Reads("18:00:10", 1);
        ven.At("18:01").Reports();
        ven.At("18:01:05").Takes(new VenInput.ReadingsArrived([new SiteReading("site-1", new Contracts.Reading { At = Vtn.Time("18:00:50"), ManualOverride = true })]));
        ven.Reads("18:01:40", 1);
        Assert.Equal(["on by hand", "on"], ven.At("18:02").Reports().Column("status").Select(s => s.Replace(" held", string.Empty, StringComparison.Ordinal)));
        Assert.Equal(["on held"], ven.At("18:03").Reports().Column("status"));
    }

    [Fact]
    public void A_status_on_change_tells_when_the_site_falls_silent_and_when_it_is_back()
    {
        var ven = Status("PT0S", "PT10M").Reads("18:01", 1).Reads("18:02", 1).Reads("18:08", 1, manual: true);
        var report = ven.At("18:10").Reports();
        Assert.Equal(["on", "off", "on by hand"], report.Column("status"));
        Assert.Equal([Vtn.Time("18:01"), Vtn.Time("18:05"), Vtn.Time("18:08")], report.Intervals.Select(i => i.Start!.Value));
        Assert.Equal(["off"], ven.At("18:20").Reports().Column("status"));
        Assert.Equal(["off"], ven.At("18:30").Reports().Column("status"));
    }

    [Fact]
    public void A_periodic_status_tells_override_and_silence_interval_by_interval()
    {
        var ven = Status("PT1M", "PT6M").Reads("18:00", 1).Reads("18:01", 1, manual: true);
        Assert.Equal(["on", "on by hand", "on by hand held", "on by hand held", "off", "off"], ven.At("18:06").Reports().Column("status"));
    }

    [Theory]
    [InlineData("18:02:30", "on by hand")]
    [InlineData("18:10", "off")]
    public void A_status_asked_for_once_is_off_where_the_site_is_silent(string at, string status)
    {
        var ven = Registered(Configs.Reporting).Reads("18:01", 1, manual: true).At(at);
        Assert.Equal([status], ven.IsAskedFor(Vtn.Wants("rr-1", "telemetry-status", "PT0S", "PT0S", "status")).Reports().Column("status"));
    }

    // OpenADR 2.0b rules 314, 315: from the first change to the end of the window, and never into the future.
    [Fact]
    public void A_report_on_change_states_the_period_from_its_first_change_to_now()
    {
        var ven = Status("PT0S", "PT10M");
        ReadsUntil(ven, "18:00", "18:09");
        Assert.Equal(Duration.FromMinutes(10), ven.At("18:10").Reports().Duration!.ToDuration());
        ReadsUntil(ven, "18:10", "18:18");
        var report = ven.Reads("18:18", 1, manual: true).At("18:20").Reports();
        Assert.Equal((Vtn.Time("18:18"), Duration.FromMinutes(2)), (report.Start, report.Duration!.ToDuration()));
    }

    [Fact]
    public void A_delayed_report_sent_once_waits_for_its_dtstart()
    {
        var ven = Registered(Configs.Reporting).IsAskedFor(Vtn.Wants("rr-1", "telemetry-usage", "PT0S", "PT0S", "power").Between("18:10", "PT0S"));
        ven.Reads("18:09", 9).Sends<OadrPoll>();
        Assert.Equal(["9"], ven.At("18:10").Reports().Column("power"));
        Assert.Empty(ven.State.Reports);
    }

    [Fact]
    public void A_delayed_periodic_report_tells_nothing_of_before_and_ends_with_its_interval()
    {
        var ven = Registered(Configs.Reporting).IsAskedFor(Vtn.Wants("rr-1", "telemetry-usage", "PT1M", "PT2M", "power").Between("18:10", "PT3M"));
        ReadsUntil(ven, "18:05", "18:15");
        ven.At("18:11:59").Polls(Vtn.Nothing);
        Assert.Equal(Vtn.Time("18:10"), ven.At("18:12").Reports().Start);
        Assert.Equal(Duration.FromMinutes(1), ven.At("18:13").Reports().Duration!.ToDuration());
        Assert.Empty(ven.State.Reports);
    }

    [Fact]
    public void An_rID_asked_for_twice_is_told_once()
    {
        var ven = Registered(Configs.Reporting).IsAskedFor(Vtn.Wants("rr-1", "telemetry-usage", "PT1M", "PT2M", "power", "energy", "power"));
        Assert.Equal(["power", "energy"], ven.At("18:02").Reports().Intervals[0].Payloads.Select(p => p.RId));
    }

    [Fact]
    public void After_an_outage_every_channel_of_a_report_is_filled_in_without_a_hole_or_a_repetition()
    {
        var ven = Registered(Configs.Reporting).IsAskedFor(Vtn.Wants("rr-1", "telemetry-usage", "PT1M", "PT5M", "power", "energy"));
        for (var minute = 0; minute < 150; minute++)
        {
            ven.ReadsEachMinute((Vtn.Time("18:00") + Duration.FromMinutes(minute)).ToString("uuuu-MM-dd'T'HH:mm:ss'Z'", null), 1);
            while (ven.Next() is VenNext.SendRequest)
            {
                ven.Fails(TransportFailure.Unreachable);
            }
        }

        var told = new List<ReportInterval>();
        ven.At("20:30").Person(VenAction.Resend);
        while (told.Count < 150)
        {
            var message = ven.Request().Message;
            told.AddRange(message is OadrUpdateReport data ? data.Reports[0].Intervals : []);
            ven.Hears(message is OadrUpdateReport sent ? ReportScript.Took(sent) : Vtn.Nothing);
        }

        Assert.Equal(Enumerable.Range(0, 150).Select(m => Vtn.Time("18:00") + Duration.FromMinutes(m)), told.Select(i => i.Start!.Value));
        Assert.All(told, i => Assert.All(i.Payloads, p => Assert.Equal(DataQuality.Good, p.Quality)));
    }

    private VenScript Status(string granularity, string back) =>
        Registered(Configs.Reporting).IsAskedFor(Vtn.Wants("rr-1", "telemetry-status", granularity, back, "status"));

    private static void ReadsUntil(VenScript ven, string from, string until)
    {
        for (var at = Vtn.Time(from); at < Vtn.Time(until); at += Duration.FromMinutes(1))
        {
            ven.Reads(at.ToString("HH:mm:ss", null), 1);
        }
    }
}

/// <summary>The same, pushed.</summary>
public sealed class PushedChangeReportTests() : ChangeReportTests(VenTransport.Push);
