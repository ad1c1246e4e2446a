using GridServices.OpenAdr.Messages;
using GridServices.OpenAdr.Session;
using GridServices.OpenAdr.Tests.Scripts;
using NodaTime;

namespace GridServices.OpenAdr.Tests.Reports;

/// <summary>METADATA of the VTN whose promise was lost on its way: asked for under one name, and cancelled whether it was promised or not.</summary>
public sealed class VtnReportTests
{
    private static readonly Duration Hour = Duration.FromHours(1);

    [Fact]
    public void A_request_that_the_vtn_may_have_goes_again_under_the_same_name()
    {
        var ven = Asks(Hour, out var first).Takes(new VenInput.AnswerLost());
        ven.Person(VenAction.Resend).Sends<OadrCreateReport>(out var again);
        Assert.NotEqual(first.RequestId, again.RequestId);
        Assert.Equal(GetName(first), GetName(again));
        ven.Takes(new VenInput.OperatorAction(VenAction.RequestVtnMetadata, Hour)).Sends<OadrCreateReport>(out var ordered).Hears(Promises(ordered));
        Assert.Equal(GetName(first), Assert.Single(ven.State.VtnReports).ReportRequestId);
        Assert.DoesNotContain(ven.State.Owed, o => o is PendingRequest.RequestVtnMetadata);
    }

    [Fact]
    public void A_request_that_is_dropped_after_a_week_can_be_cancelled()
    {
        var ven = Asks(Hour, out var asked).Fails(TransportFailure.HttpStatus, 406).After(Duration.FromDays(7)).Takes(new VenInput.Tick());
        Assert.Equal(GetName(asked), Assert.Single(ven.State.VtnReports).ReportRequestId);
    }

    [Fact]
    public void Another_rhythm_takes_no_place_of_a_request_that_is_parked()
    {
        var ven = Asks(Hour, out var hourly).Fails(TransportFailure.HttpStatus, 406).After(Duration.FromSeconds(1));
        ven.Takes(new VenInput.OperatorAction(VenAction.RequestVtnMetadata, Duration.FromDays(1))).Sends<OadrCreateReport>(out var daily).Hears(Promises(daily));
        ven.Person(VenAction.CancelVtnMetadata).Sends<OadrCancelReport>(out var cancel);
        Assert.Equal([GetName(daily), GetName(hourly)], cancel.ReportRequestIds);
    }

    [Fact]
    public void A_request_whose_answer_was_lost_is_cancelled_and_not_made_again()
    {
        var ven = Asks(Hour, out var asked).Fails(TransportFailure.Timeout).PollsInVain();
        ven.Person(VenAction.CancelVtnMetadata).Sends<OadrCancelReport>(out var cancel);
        Assert.Equal([GetName(asked)], cancel.ReportRequestIds);
        Assert.DoesNotContain(ven.State.Owed, o => o is PendingRequest.RequestVtnMetadata);
        ven.Hears(new OadrCanceledReport(new EiResponse(452, "never heard of it", cancel.RequestId), [], Vtn.VenId));
        Assert.Empty(ven.State.VtnReports);
        Assert.Empty(ven.State.Owed);
    }

    [Fact]
    public void METADATA_once_that_is_still_owed_is_taken_back_without_a_word_to_the_vtn()
    {
        var ven = Asks(Duration.Zero, out _).Fails(TransportFailure.Timeout).PollsInVain().Person(VenAction.CancelVtnMetadata);
        Assert.Empty(ven.State.Owed);
        Assert.True(ven.Noted(NoteKind.ReportCancelled));
    }

    [Fact]
    public void An_error_of_the_vtns_own_ends_neither_the_request_nor_its_cancellation()
    {
        var (ven, busy) = (Asks(Hour, out var asked), new EiResponse(503, "busy", string.Empty));
        ven.Hears(new OadrCreatedReport(busy, [], Vtn.VenId));
        Assert.Equal(1, Assert.IsType<PendingRequest.RequestVtnMetadata>(Assert.Single(ven.State.Owed)).Refusals);
        ven.Person(VenAction.Resend).Hears(Promises(asked)).Person(VenAction.CancelVtnMetadata).Sends<OadrCancelReport>();
        ven.Hears(new OadrCanceledReport(busy, [], Vtn.VenId));
        Assert.Equal(1, Assert.IsType<PendingRequest.CancelVtnMetadata>(Assert.Single(ven.State.Owed)).Refusals);
        Assert.Single(ven.State.VtnReports);
    }

    private static VenScript Asks(Duration each, out OadrCreateReport ask) =>
        VenScript.Registered().Takes(new VenInput.OperatorAction(VenAction.RequestVtnMetadata, each)).Sends(out ask);

    private static string GetName(OadrCreateReport ask) => Assert.Single(ask.ReportRequests).ReportRequestId;

    private static OadrCreatedReport Promises(OadrCreateReport ask) => new(EiResponse.Ok(ask.RequestId), [GetName(ask)], Vtn.VenId);
}
