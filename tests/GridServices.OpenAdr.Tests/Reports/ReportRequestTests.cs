using GridServices.OpenAdr.Configuration;
using GridServices.OpenAdr.Messages;
using GridServices.OpenAdr.Tests.Scripts;
using NodaTime;
using static GridServices.OpenAdr.Tests.Reports.ReportTests;

namespace GridServices.OpenAdr.Tests.Reports;

/// <summary>Requests for reports: what confirms, follows and ends them.</summary>
public class ReportRequestTests : EitherWay
{
    public ReportRequestTests()
        : this(VenTransport.Pull)
    {
    }

    protected ReportRequestTests(VenTransport transport)
        : base(transport)
    {
    }

    [Fact]
    public void R1_3180_two_requests_in_one_payload_are_both_pending()
    {
        var ven = Registered(Configs.Reporting)
            .Polls(Vtn.AsksReports("q-1", Vtn.Wants("rr-1", "telemetry-usage", "PT1M", "PT5M", "power"), Vtn.Wants("rr-2", "telemetry-status", "PT1M", "PT5M", "status")));
        ven.Sends<OadrCreatedReport>(out var created);
        Assert.Equal(["rr-1", "rr-2"], created.PendingReports);
    }

    [Fact]
    public void R1_3040_a_cancelled_report_is_confirmed_and_gone_and_an_unknown_one_is_452()
    {
        var ven = Registered(Configs.Reporting);
        Ask(ven, Vtn.Wants("rr-1", "telemetry-usage", "PT1M", "PT5M", "power"));
        ven.Polls(new OadrCancelReport("x-1", ["rr-1"], false, Vtn.VenId)).Sends<OadrCanceledReport>(out var cancelled).Hears(Vtn.Nothing);
        Assert.Equal((200, "x-1", 0), (cancelled.Response.Code, cancelled.Response.RequestId, cancelled.PendingReports.Count));
        ven.Polls(new OadrCancelReport("x-2", ["rr-1"], false, Vtn.VenId)).Sends<OadrCanceledReport>(out var unknown);
        Assert.Equal(452, unknown.Response.Code);
    }

    [Fact]
    public void R1_3045_with_reportToFollow_one_last_report_comes()
    {
        var ven = Registered(Configs.Reporting);
        Ask(ven, Vtn.Wants("rr-1", "telemetry-usage", "PT1M", "PT30M", "power"));
        Reads(ven, "18:00:30", 4);
        ven.At("18:02").Polls(new OadrCancelReport("x-1", ["rr-1"], true, Vtn.VenId)).Sends<OadrCanceledReport>().Hears(Vtn.Nothing);
        ven.Sends<OadrUpdateReport>(out var last).Hears(Updated(last)).Sends<OadrPoll>();
        Assert.Equal([4d, 4d], last.Reports[0].Intervals.Select(i => i.Payloads[0].Value!.Value));
        Assert.Empty(ven.State.Reports);
    }

    [Fact]
    public void R1_3050_a_cancellation_that_rides_on_oadrUpdatedReport_is_honoured()
    {
        var ven = Registered(Configs.Reporting);
        Ask(ven, Vtn.Wants("rr-1", "telemetry-usage", "PT1M", "PT1M", "power"));
        ven.At("18:01").Sends<OadrUpdateReport>(out var data);
        ven.Hears(Updated(data) with { CancelReport = new OadrCancelReport("x-1", ["rr-1"], false, Vtn.VenId) });
        ven.Sends<OadrCanceledReport>();
        Assert.Empty(ven.State.Reports);
    }

    [Fact]
    public void R1_3060_a_request_that_rides_on_oadrRegisteredReport_is_honoured()
    {
        var ven = Unregistered(Configs.Reporting with { Quirks = new VenQuirks { SkipQueryRegistration = true } }).Hears(Vtn.Registers("req-1"));
        ven.Sends<OadrRegisterReport>(out var metadata);
        ven.Hears(new OadrRegisteredReport(EiResponse.Ok(metadata.RequestId), [Vtn.Wants("rr-1", "telemetry-usage", "PT1M", "PT5M", "power")], Vtn.VenId));
        ven.Sends<OadrRequestEvent>().Hears(Vtn.Distributes()).Sends<OadrCreatedReport>(out var created);
        Assert.Equal(["rr-1"], created.PendingReports);
    }

    [Fact]
    public void New_METADATA_ends_the_reports_asked_for_before()
    {
        var ven = Registered(Configs.Reporting);
        Ask(ven, Vtn.Wants("rr-1", "telemetry-usage", "PT1M", "PT5M", "power"));
        ven.Reconfigured(By(Configs.Reporting with { Reports = [.. Configs.Reporting.Reports.Take(1)] }));
        ven.Sends<OadrRegisterReport>(out var metadata).Hears(new OadrRegisteredReport(EiResponse.Ok(metadata.RequestId), [], Vtn.VenId));
        Assert.Empty(ven.State.Reports);
    }

    [Fact]
    public void A_channel_that_is_added_ends_no_report_that_runs_and_is_told_when_a_person_says_so()
    {
        var fewer = Configs.Reporting with { Reports = [.. Configs.Reporting.Reports.Where(r => r.RId == "power")] };
        var ven = Registered(fewer);
        Ask(ven, Vtn.Wants("rr-1", "telemetry-usage", "PT1M", "PT5M", "power"));
        ven.Reconfigured(By(Configs.Reporting));
        Assert.DoesNotContain(ven.State.Owed, o => o is Session.PendingRequest.PublishMetadata);
        Assert.Equal("rr-1", Assert.Single(ven.State.Reports).ReportRequestId);
        Assert.Contains(ven.Notes, n => n.Kind == NoteKind.Configuration && n.Text.Contains(Configs.Reporting.Reports.First(r => r.RId != "power").RId, StringComparison.Ordinal));
        ven.Takes(new VenInput.OperatorAction(VenAction.PublishMetadata));
        Assert.Contains(ven.State.Owed, o => o is Session.PendingRequest.PublishMetadata);
    }

    [Fact]
    public void A_channel_that_is_added_is_told_at_once_where_no_report_runs()
    {
        var ven = Registered(Configs.Reporting with { Reports = [.. Configs.Reporting.Reports.Where(r => r.RId == "power")] });
        Assert.Contains(ven.Reconfigured(By(Configs.Reporting)).State.Owed, o => o is Session.PendingRequest.PublishMetadata);
    }

    [Fact]
    public void A_report_the_vtn_cannot_take_does_not_hold_up_the_polls()
    {
        var ven = Registered(Configs.Reporting);
        Ask(ven, Vtn.Wants("rr-1", "telemetry-usage", "PT1M", "PT1M", "power"));
        ven.At("18:01").Sends<OadrUpdateReport>().Fails(TransportFailure.HttpStatus, 406).After(Duration.FromSeconds(2)).Sends<OadrPoll>();
        Assert.Equal(Vtn.Time("18:02"), ven.State.Reports[0].Due);
    }
}

/// <summary>The same, pushed.</summary>
public sealed class PushedReportRequestTests() : ReportRequestTests(VenTransport.Push);
