using GridServices.OpenAdr.Configuration;
using GridServices.OpenAdr.Messages;
using GridServices.OpenAdr.Tests.Scripts;
using NodaTime;

namespace GridServices.OpenAdr.Tests.Reports;

/// <summary>After a long outage, and after the clock was put back, reports go on from now.</summary>
public sealed class OutageReportTests
{
    private static readonly VenConfig EachSecond = Configs.Reporting with { Reports = [Configs.Reporting.Reports[0] with { SamplingInterval = Duration.FromSeconds(1) }] };

    [Fact]
    public void Of_a_week_without_readings_no_more_is_told_than_could_be_kept()
    {
        var ven = VenScript.Registered(EachSecond).IsAskedFor(Vtn.Wants("rr-1", "telemetry-usage", "PT1S", "PT1S", "power"));
        ven.After(Duration.FromDays(7));
        Assert.InRange(ReportsSent(ven, out _), 1, 4);
        Assert.InRange(Assert.Single(ven.State.Reports).Due - ven.Now, Duration.FromSeconds(-1), Duration.FromSeconds(1));
    }

    [Fact]
    public void What_was_measured_before_the_outage_is_told_first()
    {
        var ven = VenScript.Registered(Configs.Reporting).IsAskedFor(Vtn.Wants("rr-1", "telemetry-usage", "PT1M", "PT5M", "power")).ReadsEachMinute("18:00", 12);
        ven.At("18:12").After(Duration.FromDays(7));
        ReportsSent(ven, out var values);
        Assert.Equal(Enumerable.Range(0, 12).Select(i => (double)i), values);
    }

    [Fact]
    public void A_poll_that_is_due_goes_between_two_late_reports()
    {
        var ven = VenScript.Registered(Configs.Reporting).IsAskedFor(Vtn.Wants("rr-1", "telemetry-usage", "PT1M", "PT5M", "power")).ReadsEachMinute("18:00", 12);
        ven.At("18:12").After(Duration.FromDays(7)).Reports();
        ven.Polls(Vtn.Distributes(Vtn.Event("e1", "2027-01-25T20:00:00Z", "PT1H", Vtn.Simple(("PT1H", 2))))).Answers("e1/0 200 OptIn");
        ven.Reports();
    }

    /// <summary>OpenADR 2.0b rule 500: the VTN takes three seconds for each report, and wants one each two.</summary>
    [Theory]
    [InlineData("PT0S")]
    [InlineData("PT1S")]
    public void Reports_that_fall_due_faster_than_the_vtn_takes_them_keep_no_poll_back(string granularity)
    {
        var ven = VenScript.Registered(EachSecond).IsAskedFor(Vtn.Wants("rr-1", "telemetry-usage", granularity, "PT2S", "power"));
        var polls = 0;
        for (var exchange = 0; exchange < 20; exchange++)
        {
            ven.After(Duration.FromSeconds(3));
            switch (ven.Request().Message)
            {
                case OadrUpdateReport data:
                    ven.Hears(ReportScript.Took(data));
                    break;
                case OadrPoll:
                    polls++;
                    ven.Hears(Vtn.Nothing);
                    break;
            }
        }

        Assert.InRange(polls, 4, 7);
    }

    [Fact]
    public void Planned_by_a_clock_that_was_a_day_ahead_reports_go_on_at_their_pace()
    {
        var ven = VenScript.Registered(Configs.Reporting, at: "2027-01-16T18:00:00Z");
        ven.IsAskedFor(Vtn.Wants("rr-1", "telemetry-usage", "PT1M", "PT1M", "power")).IsAskedFor(Vtn.Wants("rr-m", "METADATA", "PT0S", "PT1H", "0"));
        ven.Sends<OadrRegisterReport>(out var metadata).Hears(new OadrRegisteredReport(EiResponse.Ok(metadata.RequestId), [], Vtn.VenId));
        ven.IsAskedFor(Vtn.Wants("rr-2", "telemetry-usage", "PT1M", "PT1M", "power"));

        ven.At("18:00").Takes(new VenInput.Tick());
        Assert.True(ven.Noted(NoteKind.ReportRequested, NoteLevel.Warning));
        ven.State = ven.State with { Link = ven.State.Link with { PollAt = Vtn.Time("18:30") } };
        Assert.Equal("18:00", ven.At("18:01").Reports().Start!.Value.ToString("HH:mm", null));
        Assert.Equal("18:01", ven.At("18:02").Reports().Start!.Value.ToString("HH:mm", null));
        Assert.InRange(Assert.Single(ven.State.Metadata).Due, Vtn.Time("18:59"), Vtn.Time("19:01"));
    }

    [Fact]
    public void Nothing_else_to_do_the_ven_looks_at_its_plans_by_itself()
    {
        var push = Configs.Reporting with { Transport = VenTransport.Push, TransportAddress = "https://dr.example:8443" };
        var ven = VenScript.Registered(push, at: "2027-01-16T18:00:00Z").IsAskedFor(Vtn.Wants("rr-1", "telemetry-usage", "PT1M", "PT1M", "power"));
        Assert.Equal(ven.At("18:00").Now, Assert.IsType<VenNext.WaitUntil>(ven.Next()).At);
    }

    [Fact]
    public void A_start_that_the_vtn_put_into_the_future_stays()
    {
        var ven = VenScript.Registered(Configs.Reporting).IsAskedFor(Vtn.Wants("rr-1", "telemetry-usage", "PT1M", "PT1M", "power").Between("23:00", "PT1H"));
        ven.At("17:00").Takes(new VenInput.Tick());
        Assert.Equal(Vtn.Time("23:01"), Assert.Single(ven.State.Reports).Due);
    }

    /// <summary>Sends until nothing is due, polls among them; the good values told, oldest first.</summary>
    private static int ReportsSent(VenScript ven, out List<double> values)
    {
        (var sent, values) = (0, []);
        while (ven.Next() is VenNext.SendRequest { Message: var message })
        {
            if (message is OadrUpdateReport data)
            {
                sent++;
                values.AddRange(data.Reports.SelectMany(r => r.Intervals).Where(i => i.Payloads[0].Quality == DataQuality.Good).Select(i => i.Payloads[0].Value!.Value));
                ven.Hears(ReportScript.Took(data));
            }
            else
            {
                ven.Hears(Vtn.Nothing);
            }
        }

        return sent;
    }
}
