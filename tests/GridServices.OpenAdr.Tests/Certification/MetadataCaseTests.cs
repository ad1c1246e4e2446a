using GridServices.OpenAdr.Configuration;
using GridServices.OpenAdr.Messages;
using GridServices.OpenAdr.Tests.Scripts;
using NodaTime;

namespace GridServices.OpenAdr.Tests.Certification;

/// <summary>METADATA, either way: the VTN's as this VEN asks for it, and the VEN's as the VTN wants it again and again.</summary>
public class MetadataCaseTests : EitherWay
{
    public MetadataCaseTests()
        : this(VenTransport.Pull)
    {
    }

    protected MetadataCaseTests(VenTransport transport)
        : base(transport)
    {
    }

    [Fact]
    public void R1_3070_the_vtns_METADATA_is_asked_for_once_and_answered_when_it_comes()
    {
        var ven = Registered();
        var asked = Asks(ven, Duration.Zero);
        Assert.Equal(("METADATA", Period.Zero, "0"), (asked.Specifier.ReportSpecifierId, asked.Specifier.ReportBackDuration.Normalize(), asked.Specifier.Payloads[0].RId));
        Comes(ven, asked.ReportRequestId);
        Assert.Empty(ven.State.VtnReports);
    }

    [Fact]
    public void R1_3080_to_3120_the_vtns_METADATA_is_asked_for_again_and_again_more_than_once_and_all_of_it_is_cancelled()
    {
        var ven = Registered();
        var (hourly, daily) = (Asks(ven, Duration.FromHours(1)), Asks(ven, Duration.FromDays(1)));
        Assert.Equal(Duration.FromHours(1), hourly.Specifier.ReportBackDuration.ToDuration());
        Assert.NotEqual(hourly.ReportRequestId, daily.ReportRequestId);
        Comes(ven, hourly.ReportRequestId);
        Assert.Equal(2, ven.State.VtnReports.Count);

        ven.Person(VenAction.CancelVtnMetadata).Sends<OadrCancelReport>(out var cancel);
        Assert.Equal([hourly.ReportRequestId, daily.ReportRequestId], cancel.ReportRequestIds);
        Assert.Equal((Vtn.VenId, false), (cancel.VenId, cancel.ReportToFollow));
        ven.Hears(new OadrCanceledReport(EiResponse.Ok(cancel.RequestId), [], Vtn.VenId)).Sends<OadrPoll>();
        Assert.Empty(ven.State.VtnReports);
        ven.Person(VenAction.CancelVtnMetadata).Sends<OadrPoll>();
        Assert.True(ven.Noted(NoteKind.MessageIgnored, NoteLevel.Warning));
    }

    [Theory]
    [InlineData(200, 0)]
    [InlineData(452, 0)]
    public void R1_3120_a_request_for_the_vtns_METADATA_rides_on_the_answer_to_METADATA_of_the_vtn(int code, int left)
    {
        var ven = Registered();
        ven.Takes(new VenInput.OperatorAction(VenAction.RequestVtnMetadata) { Rides = true }).PollsInVain();
        Assert.Empty(ven.State.VtnReports);
        Assert.True(ven.Noted(NoteKind.ReportRequested));
        ven.State = ven.State with { Link = new LinkState() };

        ven.Polls(new OadrRegisterReport { RequestId = "m-1", ReportRequestId = "0", VenId = Vtn.VenId }).Sends<OadrRegisteredReport>(out var answer);
        var asked = Assert.Single(answer.ReportRequests);
        Assert.Equal(("METADATA", "m-1"), (asked.Specifier.ReportSpecifierId, answer.Response.RequestId));
        Assert.Equal(asked.ReportRequestId, Assert.Single(ven.State.VtnReports).ReportRequestId);
        ven.Hears(new OadrCreatedReport(new EiResponse(code, "x", string.Empty), [], Vtn.VenId));
        Assert.Equal(code == 200 || ven.Config.Transport == VenTransport.Push ? 1 : left, ven.State.VtnReports.Count);
        ven.State = ven.State with { Link = new LinkState() };

        // Once: the next answer is a plain one.
        Comes(ven, asked.ReportRequestId);
        Assert.Empty(ven.State.VtnReports);
        Assert.Empty(ven.State.Owed);
    }

    [Fact]
    public void A_request_that_waits_to_ride_is_taken_back_without_a_word_to_the_vtn()
    {
        var ven = Registered();
        ven.Takes(new VenInput.OperatorAction(VenAction.RequestVtnMetadata) { Rides = true }).PollsInVain();
        ven.Person(VenAction.CancelVtnMetadata);
        Assert.Empty(ven.State.Owed);
        Assert.True(ven.Noted(NoteKind.ReportCancelled));
    }

    [Fact]
    public void A_request_that_waits_to_ride_goes_with_the_registration_and_stops_nothing_else()
    {
        var ven = Registered();
        ven.Takes(new VenInput.OperatorAction(VenAction.RequestVtnMetadata) { Rides = true }).PollsInVain();
        Assert.IsType<VenNext.WaitUntil>(ven.Next());
        ven.State = ven.State with { Link = new LinkState() };
        ven.Polls(new OadrCancelPartyRegistration("c-1", "reg-1", Vtn.VenId)).Sends<OadrCanceledPartyRegistration>();
        Assert.DoesNotContain(ven.State.Owed, o => o is Session.PendingRequest.RequestVtnMetadata);
    }

    [Theory]
    [InlineData(452, 0)]
    [InlineData(469, 1)]
    public void A_cancellation_is_done_where_the_vtn_never_knew_the_request_and_not_where_it_refuses(int code, int left)
    {
        var ven = Registered();
        Asks(ven, Duration.FromHours(1));
        ven.Person(VenAction.CancelVtnMetadata).Sends<OadrCancelReport>().Hears(new OadrCanceledReport(new EiResponse(code, "no", "x"), [], Vtn.VenId)).Sends<OadrPoll>();
        Assert.Equal(left, ven.State.VtnReports.Count);
    }

    [Fact]
    public void What_was_asked_of_the_vtn_goes_with_the_registration()
    {
        var ven = Registered();
        Asks(ven, Duration.FromHours(1));
        ven.Polls(new OadrCancelPartyRegistration("c-1", "reg-1", Vtn.VenId));
        Assert.Empty(ven.State.VtnReports);
    }

    [Fact]
    public void R1_3170_METADATA_wanted_each_hour_comes_each_hour_ends_other_reports_and_not_itself_and_is_cancelled()
    {
        var ven = Registered(Configs.Reporting).IsAskedFor(Vtn.Wants("rr-m", "METADATA", "PT0S", "PT1H", "0"));
        Assert.Equal("rr-m", Told(ven).ReportRequestId);
        ven.Polls(Vtn.AsksReports("q-2", Vtn.Wants("rr-1", "telemetry-usage", "PT1M", "PT2H", "power"))).Sends<OadrCreatedReport>(out var created).Hears(Vtn.Nothing);
        Assert.Equal(["rr-1", "rr-m"], created.PendingReports.Order(StringComparer.Ordinal));
        ven.At("18:59:59").Polls(Vtn.Nothing);
        Assert.Equal("rr-m", Told(ven.At("19:00")).ReportRequestId);
        Assert.Empty(ven.State.Reports);
        Assert.Equal("rr-m", Told(ven.At("22:30")).ReportRequestId);
        Assert.Equal(Vtn.Time("23:00"), Assert.Single(ven.State.Metadata).Due);

        ven.State = ven.State with { Link = new LinkState() };
        ven.Polls(new OadrCancelReport("x-1", ["rr-m"], false, Vtn.VenId)).Sends<OadrCanceledReport>(out var cancelled).Hears(Vtn.Nothing);
        Assert.Equal((200, 0), (cancelled.Response.Code, cancelled.PendingReports.Count));
        ven.At("23:30").Sends<OadrPoll>();
    }

    [Fact]
    public void METADATA_wanted_again_and_again_begins_and_ends_with_its_interval()
    {
        var ven = Registered(Configs.Reporting).IsAskedFor(Vtn.Wants("rr-m", "METADATA", "PT0S", "PT1H", "0").Between("19:00", "PT2H"));
        ven.Sends<OadrPoll>();
        Told(ven.At("19:00"));
        Told(ven.At("20:00"));
        Assert.Empty(ven.State.Metadata);
    }

    [Fact]
    public void METADATA_that_is_sent_in_vain_waits_like_any_message_and_comes_once()
    {
        var ven = Registered(Configs.Reporting).IsAskedFor(Vtn.Wants("rr-m", "METADATA", "PT0S", "PT1H", "0"));
        ven.Sends<OadrRegisterReport>().Fails(TransportFailure.HttpStatus, 503);
        Assert.Equal(1, Assert.Single(ven.State.Owed).Refusals);
        Told(ven.After(Duration.FromMinutes(10)).PollsInVain());
        Assert.Empty(ven.State.Owed);
        Assert.Equal(Vtn.Time("19:00"), Assert.Single(ven.State.Metadata).Due);
    }

    [Theory]
    [InlineData(500, 454)]
    [InlineData(-3_600_000, 459)]
    [InlineData(null, 459)]
    public void METADATA_at_a_pace_that_is_none_is_refused(int? milliseconds, int code)
    {
        var request = Vtn.Wants("rr-m", "METADATA", "PT0S", "P1M", "0");
        var back = milliseconds is { } ms ? Period.FromMilliseconds(ms) : request.Specifier.ReportBackDuration;
        var ven = Registered(Configs.Reporting).IsAskedFor(request with { Specifier = request.Specifier with { ReportBackDuration = back } }, code);
        Assert.Empty(ven.State.Metadata);
    }

    private static ReportRequest Asks(VenScript ven, Duration each)
    {
        ven.Takes(new VenInput.OperatorAction(VenAction.RequestVtnMetadata, each)).Sends<OadrCreateReport>(out var ask);
        ven.Hears(new OadrCreatedReport(EiResponse.Ok(ask.RequestId), [ask.ReportRequests[0].ReportRequestId], Vtn.VenId));
        return Assert.Single(ask.ReportRequests);
    }

    private static void Comes(VenScript ven, string reportRequestId)
    {
        ven.Polls(new OadrRegisterReport { RequestId = "m-1", ReportRequestId = reportRequestId, VenId = Vtn.VenId }).Sends<OadrRegisteredReport>(out var taken).Hears(Vtn.Nothing);
        Assert.Equal((200, "m-1"), (taken.Response.Code, taken.Response.RequestId));
    }

    private static OadrRegisterReport Told(VenScript ven)
    {
        ven.Sends<OadrRegisterReport>(out var metadata).Hears(new OadrRegisteredReport(EiResponse.Ok(metadata.RequestId), [], Vtn.VenId));
        return metadata;
    }
}

/// <summary>The same of a VEN that is pushed to.</summary>
public sealed class PushedMetadataCaseTests() : MetadataCaseTests(VenTransport.Push);
