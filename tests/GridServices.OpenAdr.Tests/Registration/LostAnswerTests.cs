using GridServices.OpenAdr.Configuration;
using GridServices.OpenAdr.Messages;
using GridServices.OpenAdr.Session;
using GridServices.OpenAdr.Tests.Scripts;
using GridServices.Wire;

namespace GridServices.OpenAdr.Tests.Registration;

/// <summary>A poll takes out of the VTN's queue what its answer tells; where the answer is lost, it is asked for.</summary>
public sealed class LostAnswerTests
{
    private static readonly OadrEvent Event = Vtn.Event("e1", "20:00", "PT1H", Vtn.Simple(("PT1H", 1)));

    [Theory]
    [InlineData(TransportFailure.Timeout, null, false)]
    [InlineData(TransportFailure.Unreachable, null, true)]
    [InlineData(TransportFailure.Unacceptable, null, false)]
    [InlineData(TransportFailure.HttpStatus, 500, false)]
    [InlineData(TransportFailure.HttpStatus, 502, false)]
    [InlineData(TransportFailure.HttpStatus, 504, false)]
    public void Events_that_a_lost_answer_to_a_poll_told_are_asked_for_once_a_poll_is_answered_again(TransportFailure kind, int? status, bool isBroken)
    {
        var ven = VenScript.Registered();
        Loses(ven, new VenInput.TransportFailed(ven.Request(), kind, status) { IsBroken = isBroken });
        Loses(ven, new VenInput.TransportFailed(ven.Request(), kind, status) { IsBroken = isBroken });
        ven.Polls(Vtn.Nothing).Sends<OadrRequestEvent>(out var request).Hears(Vtn.DistributesAs("dist-2", Event) with { Response = EiResponse.Ok(request.RequestId) });
        ven.Answers("e1/0 200 OptIn");
        Waits(ven).Polls(Vtn.Nothing);
        Assert.IsType<VenNext.WaitUntil>(ven.Next());
    }

    [Theory]
    [InlineData(TransportFailure.Unreachable, null)]
    [InlineData(TransportFailure.Tls, null)]
    [InlineData(TransportFailure.HttpStatus, 503)]
    [InlineData(TransportFailure.HttpStatus, 404)]
    public void Where_no_answer_can_have_been_lost_nothing_is_asked_for(TransportFailure kind, int? status)
    {
        var ven = VenScript.Registered();
        Loses(ven, new VenInput.TransportFailed(ven.Request(), kind, status));
        ven.Polls(Vtn.Nothing);
        Assert.IsType<VenNext.WaitUntil>(ven.Next());
    }

    [Fact]
    public void An_answer_that_is_cut_off_in_the_middle_is_lost_too_and_one_that_is_answered_with_its_code_is_not()
    {
        var ven = VenScript.Registered();
        var cutOff = new ReadError(Contracts.ErrorClass.Malformed, "/", "unexpected end of file");
        Loses(ven, new VenInput.ReplyRefused(ven.Request(), cutOff));
        ven.Polls(Vtn.Nothing).Sends<OadrRequestEvent>().Hears(Vtn.Nothing);

        Waits(ven);
        ven.Takes(new VenInput.ReplyRefused(ven.Request(), cutOff, "oadrDistributeEvent", "d-1")).Sends<OadrCreatedEvent>().Hears(Vtn.Nothing);
        Waits(ven).Polls(Vtn.Nothing);
        Assert.IsType<VenNext.WaitUntil>(ven.Next());
    }

    [Fact]
    public void A_request_for_reports_that_was_lost_is_made_anew_by_METADATA()
    {
        var ven = VenScript.Registered(Configs.Reporting);
        Loses(ven, new VenInput.TransportFailed(ven.Request(), TransportFailure.Timeout));
        ven.Polls(Vtn.Nothing).Sends<OadrRequestEvent>().Hears(Vtn.Nothing);
        ven.Sends<OadrRegisterReport>(out var metadata).Hears(new OadrRegisteredReport(EiResponse.Ok(metadata.RequestId), [Vtn.Wants("rr-1", "telemetry-usage", "PT1M", "PT1M", "power")], Vtn.VenId));
        ven.Sends<OadrCreatedReport>().Hears(Vtn.Nothing);
        Assert.Equal("rr-1", Assert.Single(ven.State.Reports).ReportRequestId);
    }

    [Fact]
    public void METADATA_ends_no_report_that_runs_and_a_person_is_told_what_may_be_missing()
    {
        var ven = VenScript.Registered(Configs.Reporting);
        ven.Polls(Vtn.AsksReports("q-1", Vtn.Wants("rr-1", "telemetry-usage", "PT1M", "PT1H", "power"))).Hears(Vtn.Nothing);
        Loses(ven, new VenInput.TransportFailed(ven.Request(), TransportFailure.Timeout));
        ven.Polls(Vtn.Nothing).Sends<OadrRequestEvent>().Hears(Vtn.Nothing);
        Assert.IsType<VenNext.WaitUntil>(ven.Next());
        Assert.Single(ven.State.Reports);
        Assert.Contains(ven.Notes, n => n.Level == NoteLevel.Warning && n.Text.Contains("actions/publish-metadata", StringComparison.Ordinal));
    }

    [Fact]
    public void What_the_queue_held_when_the_process_died_or_an_exchange_was_cut_is_asked_for_at_once()
    {
        var ven = VenScript.Registered(Configs.Reporting).Takes(new VenInput.AnswerLost());
        ven.Sends<OadrRequestEvent>().Hears(Vtn.Nothing).Sends<OadrRegisterReport>();
        Assert.Empty(new VenScript(Configs.Reporting).Takes(new VenInput.AnswerLost()).State.Owed);
    }

    [Fact]
    public void A_push_ven_is_told_by_its_sender_what_was_not_delivered_and_repeats_no_METADATA()
    {
        var config = Configs.Reporting with { Transport = VenTransport.Push, TransportAddress = "https://dr.example:8443/site-1" };
        var ven = VenScript.Registered(config).Takes(new VenInput.AnswerLost());
        ven.Sends<OadrRequestEvent>().Hears(Vtn.Nothing);
        Assert.IsType<VenNext.WaitUntil>(ven.Next());
    }

    [Fact]
    public void A_cancelled_registration_that_was_lost_shows_by_the_next_poll()
    {
        var ven = VenScript.Registered();
        Loses(ven, new VenInput.TransportFailed(ven.Request(), TransportFailure.Timeout));
        ven.Polls(Vtn.Refuses(463)).Sends<OadrCreatePartyRegistration>(out var create).Hears(Vtn.Registers(create.RequestId, "reg-2"));
        ven.Sends<OadrRegisterReport>(out var metadata).Hears(new OadrRegisteredReport(EiResponse.Ok(metadata.RequestId), [], Vtn.VenId)).Sends<OadrRequestEvent>().Hears(Vtn.Nothing);
        Assert.DoesNotContain(ven.State.Owed, o => o is PendingRequest.RequestEvents);
    }

    private static void Loses(VenScript ven, VenInput failure)
    {
        ven.Takes(failure);
        Waits(ven);
    }

    private static VenScript Waits(VenScript ven) => ven.After(Assert.IsType<VenNext.WaitUntil>(ven.Next()).At - ven.Now);
}
