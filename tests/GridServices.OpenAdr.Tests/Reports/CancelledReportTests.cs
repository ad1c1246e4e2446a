using GridServices.OpenAdr.Configuration;
using GridServices.OpenAdr.Messages;
using GridServices.OpenAdr.Tests.Scripts;

namespace GridServices.OpenAdr.Tests.Reports;

/// <summary>Cancellations and requests, on their own and riding on other messages.</summary>
public class CancelledReportTests : EitherWay
{
    public CancelledReportTests()
        : this(VenTransport.Pull)
    {
    }

    protected CancelledReportTests(VenTransport transport)
        : base(transport)
    {
    }

    [Fact]
    public void A_cancellation_with_reportToFollow_that_rides_on_oadrUpdatedReport_brings_one_last_report()
    {
        var ven = Asked("PT1M", "PT5M");
        ven.Reads("18:04:30", 4).At("18:05").Reports(riding: new OadrCancelReport("x-1", ["rr-1"], true, Vtn.VenId));
        ven.Sends<OadrCanceledReport>(out var confirmed).Hears(Vtn.Nothing);
        Assert.Equal((200, "x-1", "rr-1"), (confirmed.Response.Code, confirmed.Response.RequestId, Assert.Single(confirmed.PendingReports)));

        var last = ven.Reports();

        Assert.Equal(["4 held"], last.Column("power"));
        Assert.Equal(last.Intervals[0].Duration!.ToDuration(), last.Duration!.ToDuration());
        ven.Sends<OadrPoll>();
        Assert.Empty(ven.State.Reports);
    }

    [Fact]
    public void A_cancellation_that_rides_on_the_answer_to_the_last_report_is_no_error_and_ends()
    {
        var ven = Registered(Configs.Reporting).IsAskedFor(Vtn.Wants("rr-1", "telemetry-status", "PT0S", "PT0S", "status"));
        ven.Reports(riding: new OadrCancelReport("x-1", ["rr-1"], true, Vtn.VenId));
        ven.Sends<OadrCanceledReport>(out var confirmed).Hears(Vtn.Nothing).Sends<OadrPoll>();
        Assert.Equal((200, 0), (confirmed.Response.Code, confirmed.PendingReports.Count));
    }

    // OpenADR 2.0b rule 306: METADATA ends what was asked for before, so a VTN that forgot may ask anew; openleadr issue 186.
    [Fact]
    public void A_VTN_that_forgot_its_request_is_told_METADATA_again_but_not_for_ever()
    {
        var ven = Asked("PT1M", "PT5M").ReadsEachMinute("18:00", 6).Sends<OadrUpdateReport>(out var data).Hears(Unknown(data));
        ven.Sends<OadrRegisterReport>(out var metadata).Hears(new OadrRegisteredReport(EiResponse.Ok(metadata.RequestId), [Vtn.Wants("rr-2", "telemetry-usage", "PT1M", "PT5M", "power")], Vtn.VenId));
        ven.Sends<OadrCreatedReport>().Hears(Vtn.Nothing);
        Assert.Equal(["rr-2"], ven.State.Reports.Select(r => r.ReportRequestId));

        // Polls come after all that is owed and fresh.
        ven.ReadsEachMinute("18:06", 5).Sends<OadrUpdateReport>(out data).Hears(Unknown(data)).Sends<OadrPoll>();
    }

    private static OadrUpdatedReport Unknown(OadrUpdateReport data) => new(new EiResponse(452, "no such reportRequestID", data.RequestId), null, Vtn.VenId);

    [Fact]
    public void A_cancellation_of_an_unknown_report_is_452_also_where_it_rides()
    {
        var ven = Asked("PT1M", "PT5M").At("18:05");
        ven.Reports(riding: new OadrCancelReport("x-1", ["rr-other"], false, Vtn.VenId));
        ven.Sends<OadrCanceledReport>(out var confirmed);
        Assert.Equal((452, "rr-1"), (confirmed.Response.Code, Assert.Single(confirmed.PendingReports)));
    }

    [Fact]
    public void A_cancellation_that_rides_on_a_refusal_is_honoured_too()
    {
        var ven = Asked("PT1M", "PT5M").At("18:05");
        ven.Sends<OadrUpdateReport>(out var data);
        ven.Hears(new OadrUpdatedReport(new EiResponse(454, "no", data.RequestId), new OadrCancelReport("x-1", ["rr-1"], false, Vtn.VenId), Vtn.VenId));
        ven.Sends<OadrCanceledReport>(out var confirmed);
        Assert.Equal(200, confirmed.Response.Code);
        Assert.Empty(ven.State.Reports);
    }

    [Fact]
    public void Of_a_report_on_change_the_last_message_tells_the_changes_so_far()
    {
        var ven = Asked("PT0S", "PT1H").Reads("18:01", 5).Reads("18:02", 6).At("18:03");
        ven.Polls(new OadrCancelReport("x-1", ["rr-1"], true, Vtn.VenId)).Sends<OadrCanceledReport>().Hears(Vtn.Nothing);
        Assert.Equal(["5", "6"], ven.Reports().Column("power"));
        Assert.Empty(ven.State.Reports);
    }

    [Fact]
    public void A_delayed_report_cancelled_with_reportToFollow_before_its_start_sends_one_report()
    {
        var ven = Registered(Configs.Reporting).IsAskedFor(Vtn.Wants("rr-1", "telemetry-usage", "PT1M", "PT5M", "power").Between("19:00", "PT0S"));
        ven.Reads("18:01", 5).Polls(new OadrCancelReport("x-1", ["rr-1"], true, Vtn.VenId)).Sends<OadrCanceledReport>().Hears(Vtn.Nothing);
        Assert.Equal(["5"], ven.Reports().Column("power"));
        Assert.Empty(ven.State.Reports);
    }

    [Fact]
    public void Several_reports_are_cancelled_at_once_and_the_others_stay()
    {
        var ven = Asked("PT1M", "PT5M").IsAskedFor(Vtn.Wants("rr-2", "telemetry-usage", "PT1M", "PT5M", "energy"))
            .IsAskedFor(Vtn.Wants("rr-3", "telemetry-status", "PT1M", "PT5M", "status"));
        ven.Polls(new OadrCancelReport("x-1", ["rr-1", "rr-3"], false, Vtn.VenId)).Sends<OadrCanceledReport>(out var confirmed);
        Assert.Equal((200, "rr-2"), (confirmed.Response.Code, Assert.Single(confirmed.PendingReports)));
    }

    [Fact]
    public void A_METADATA_request_that_rides_on_the_answer_to_its_own_METADATA_is_served_once()
    {
        var ask = Vtn.Wants("rr-m", "METADATA", "PT0S", "PT0S", "0");
        var ven = Registered(Configs.Reporting).IsAskedFor(ask);
        ven.Sends<OadrRegisterReport>(out var metadata);
        ven.Hears(new OadrRegisteredReport(EiResponse.Ok(metadata.RequestId), [ask, Vtn.Wants("rr-1", "telemetry-usage", "PT1M", "PT5M", "power")], Vtn.VenId));
        ven.Sends<OadrCreatedReport>(out var created).Hears(Vtn.Nothing).Sends<OadrPoll>();
        Assert.Equal((200, "rr-1"), (created.Response.Code, Assert.Single(created.PendingReports)));
    }

    [Fact]
    public void A_bad_request_that_rides_on_oadrRegisteredReport_is_refused_like_any_other()
    {
        var ven = Registered(Configs.Reporting).Person(VenAction.PublishMetadata);
        ven.Sends<OadrRegisterReport>(out var metadata);
        ven.Hears(new OadrRegisteredReport(EiResponse.Ok(metadata.RequestId), [Vtn.Wants("rr-1", "nope", "PT1M", "PT5M", "power")], Vtn.VenId));
        ven.Sends<OadrCreatedReport>(out var created);
        Assert.Equal((452, 0), (created.Response.Code, created.PendingReports.Count));
    }

    [Fact]
    public void What_the_VTN_reports_is_thanked_for_and_changes_nothing()
    {
        var ven = Asked("PT1M", "PT5M");
        var (reports, points) = (ven.State.Reports, ven.State.Points);
        var report = new OadrReport { ReportRequestId = "0", ReportSpecifierId = "vtn-load", ReportName = "METADATA_TELEMETRY_USAGE", CreatedDateTime = Vtn.Time("18:00") };
        ven.Polls(new OadrRegisterReport { RequestId = "m-1", Reports = [report], VenId = Vtn.VenId, ReportRequestId = "req-9" });
        ven.Sends<OadrRegisteredReport>(out var registered).Hears(Vtn.Nothing);
        ven.Polls(new OadrUpdateReport { RequestId = "u-1", Reports = [report with { ReportName = "TELEMETRY_USAGE" }], VenId = Vtn.VenId });
        ven.Sends<OadrUpdatedReport>(out var updated).Hears(Vtn.Nothing);
        Assert.Equal((200, "m-1", 0), (registered.Response.Code, registered.Response.RequestId, registered.ReportRequests.Count));
        Assert.Equal((200, "u-1", null), (updated.Response.Code, updated.Response.RequestId, updated.CancelReport));
        Assert.Equal((reports, points), (ven.State.Reports, ven.State.Points));
    }

    private VenScript Asked(string granularity, string back) =>
        Registered(Configs.Reporting).IsAskedFor(Vtn.Wants("rr-1", "telemetry-usage", granularity, back, "power"));
}

/// <summary>The same, pushed.</summary>
public sealed class PushedCancelledReportTests() : CancelledReportTests(VenTransport.Push);
