using GridServices.Contracts;
using GridServices.OpenAdr.Messages;
using GridServices.OpenAdr.Session;
using GridServices.OpenAdr.Tests.Scripts;
using GridServices.Wire;
using NodaTime;

namespace GridServices.OpenAdr.Tests.Registration;

/// <summary>A message that the VTN does not take holds up nothing else, is parked in the end, and is never lost without a word.</summary>
public sealed class DeliveryTests
{
    private static readonly OadrEvent First = Vtn.Event("e1", "20:00", "PT1H", Vtn.Simple(("PT1H", 1)));
    private static readonly OadrEvent Second = Vtn.Event("e2", "22:00", "PT1H", Vtn.Simple(("PT1H", 2)));

    [Theory]
    [InlineData(TransportFailure.HttpStatus, 500)]
    [InlineData(TransportFailure.HttpStatus, 502)]
    [InlineData(TransportFailure.HttpStatus, 401)]
    [InlineData(TransportFailure.HttpStatus, 302)]
    [InlineData(TransportFailure.Unacceptable, null)]
    [InlineData(TransportFailure.Timeout, null)]
    [InlineData(TransportFailure.Unreachable, null)]
    public void An_answer_that_the_vtn_never_takes_is_parked_with_an_alarm_and_reports_polls_and_other_answers_go_on(TransportFailure kind, int? status)
    {
        var ven = VenScript.Registered(Configs.Reporting);
        ven.Polls(Vtn.AsksReports("q-1", Vtn.Wants("rr-1", "telemetry-usage", "PT1M", "PT1M", "power"))).Hears(Vtn.Nothing);
        ven.Gets(Vtn.Distributes(First));
        var (polls, reports, answers) = Talk(ven, Duration.FromMinutes(10), m => m is OadrCreatedEvent, kind, status);
        Assert.InRange(polls, 55, 62);
        Assert.InRange(reports, 9, 11);
        Assert.Equal(5, answers);
        var alarm = Assert.Single(ven.Notes, n => n.Level == NoteLevel.Alarm);
        Assert.Equal((NoteKind.MessageGivenUp, "e1"), (alarm.Kind, alarm.About));
        Assert.Contains("oadrCreatedEvent about event e1 is parked", alarm.Text, StringComparison.Ordinal);
        Assert.NotNull(Assert.Single(ven.State.Owed).ParkedAt);
        ven.Gets(Vtn.Distributes(First.NoResponse(), Second), "e2/0 200 OptIn");
    }

    [Fact]
    public void A_message_sent_in_vain_makes_no_line_that_comes_and_goes()
    {
        var ven = VenScript.Registered().Gets(Vtn.Distributes(First));
        Talk(ven, Duration.FromMinutes(10), m => m is OadrCreatedEvent, TransportFailure.HttpStatus, 500);
        Assert.DoesNotContain(ven.Notes, n => n.Kind is NoteKind.VtnLost or NoteKind.VtnBack);
        Assert.Equal(2, ven.Notes.Count(n => n.Text.Contains("oadrCreatedEvent", StringComparison.Ordinal)));
    }

    [Fact]
    public void While_the_vtn_takes_nothing_at_all_nothing_is_parked()
    {
        var ven = VenScript.Registered().Gets(Vtn.Distributes(First));
        Talk(ven, Duration.FromHours(2), _ => true, TransportFailure.HttpStatus, 500);
        Assert.Null(Assert.Single(ven.State.Owed).ParkedAt);
        Talk(ven, Duration.FromMinutes(6), _ => false, TransportFailure.HttpStatus, 500);
        Assert.Empty(ven.State.Owed);
        Assert.True(ven.Noted(NoteKind.MessageSentAgain));
    }

    [Fact]
    public void A_later_answer_about_the_same_event_takes_the_place_of_the_one_that_is_not_taken()
    {
        var ven = VenScript.Registered().Gets(Vtn.Distributes(First));
        ven.Sends<OadrCreatedEvent>().Fails(TransportFailure.HttpStatus, 500);
        ven.Takes(new VenInput.OptChosen("e1", OptType.OptOut)).Answers("e1/0 200 OptOut");
        Assert.Empty(ven.State.Owed);
        Talk(ven, Duration.FromMinutes(10), _ => false, TransportFailure.HttpStatus, 500);
        Assert.DoesNotContain(ven.Notes, n => n.Level == NoteLevel.Alarm);
    }

    [Fact]
    public void A_later_answer_takes_the_place_of_a_parked_one_and_leaves_its_other_events_there()
    {
        var ven = VenScript.Registered().Gets(Vtn.Distributes(First, Second));
        ven.Sends<OadrCreatedEvent>().Fails(TransportFailure.HttpStatus, 406);
        Assert.Equal(2, ven.State.Owed.Count);
        Talk(ven, Duration.FromMinutes(1), m => m is OadrCreatedEvent, TransportFailure.HttpStatus, 406);
        Assert.All(ven.State.Owed, o => Assert.NotNull(o.ParkedAt));
        ven.Takes(new VenInput.OptChosen("e1", OptType.OptOut)).Answers("e1/0 200 OptOut");
        Assert.Equal(["e2"], PendingRequestText.GetEvents(Assert.Single(ven.State.Owed)));
    }

    [Fact]
    public void An_answer_about_several_events_is_sent_event_by_event_so_that_one_of_them_cannot_silence_the_others()
    {
        var ven = VenScript.Registered().Gets(Vtn.Distributes(First, Second));
        var taken = new List<string>();
        Talk(ven, Duration.FromMinutes(10), m => m is OadrCreatedEvent c && c.EventResponses.Any(r => r.QualifiedEventId.EventId == "e1"), TransportFailure.HttpStatus, 500, taken);
        Assert.Contains("e2/0 200 OptIn", taken);
        Assert.Equal(["e1"], PendingRequestText.GetEvents(Assert.Single(ven.State.Owed)));
        Assert.Contains(ven.Notes, n => n.Level == NoteLevel.Alarm && n.About == "e1");
    }

    [Fact]
    public void A_parked_message_is_tried_again_each_hour_for_a_day_and_whenever_a_person_says_so()
    {
        var ven = VenScript.Registered().Gets(Vtn.Distributes(Vtn.Event("e1", "2027-01-17T20:00:00Z", "PT1H", Vtn.Simple(("PT1H", 1)))));
        Talk(ven, Duration.FromMinutes(10), m => m is OadrCreatedEvent, TransportFailure.HttpStatus, 500);
        var (_, _, again) = Talk(ven, Duration.FromHours(40), m => m is OadrCreatedEvent, TransportFailure.HttpStatus, 500);
        Assert.InRange(again, 22, 25);
        Assert.Single(ven.Notes, n => n.Level == NoteLevel.Alarm);
        ven.Person(VenAction.Resend).Answers("e1/0 200 OptIn");
        Assert.Empty(ven.State.Owed);
    }

    [Theory]
    [InlineData(400)]
    [InlineData(406)]
    [InlineData(413)]
    [InlineData(501)]
    public void What_must_not_be_sent_again_unchanged_is_parked_at_once_and_waits_for_a_person(int status)
    {
        var ven = VenScript.Registered().Gets(Vtn.Distributes(First));
        ven.Sends<OadrCreatedEvent>(out var answer).Fails(TransportFailure.HttpStatus, status);
        Assert.True(ven.Noted(NoteKind.MessageGivenUp, NoteLevel.Alarm));
        var (_, _, again) = Talk(ven, Duration.FromHours(3), m => m is OadrCreatedEvent, TransportFailure.HttpStatus, status);
        Assert.Equal(0, again);
        ven.Person(VenAction.Resend).Sends<OadrCreatedEvent>(out var resent).Hears(Vtn.Nothing);
        Assert.Equal(answer, resent);
    }

    [Theory]
    [InlineData(typeof(OadrRegisterReport))]
    [InlineData(typeof(OadrRequestEvent))]
    [InlineData(typeof(OadrCreateReport))]
    [InlineData(typeof(OadrCancelPartyRegistration))]
    [InlineData(typeof(OadrCreatePartyRegistration))]
    [InlineData(typeof(OadrQueryRegistration))]
    [InlineData(typeof(OadrResponse))]
    [InlineData(typeof(OadrCreatedReport))]
    [InlineData(typeof(OadrCanceledReport))]
    [InlineData(typeof(OadrRegisteredReport))]
    [InlineData(typeof(OadrUpdatedReport))]
    [InlineData(typeof(OadrUpdateReport))]
    [InlineData(typeof(OadrCanceledPartyRegistration))]
    public void No_kind_of_message_that_the_vtn_never_takes_keeps_an_event_from_being_heard_and_answered(Type kind)
    {
        var ven = VenScript.Registered(Configs.Reporting);
        ven.Polls(Vtn.AsksReports("q-1", Vtn.Wants("rr-1", "telemetry-usage", "PT1M", "PT1M", "power")));
        if (kind != typeof(OadrCreatedReport))
        {
            ven.Hears(Vtn.Nothing);
        }

        _ = kind.Name switch
        {
            nameof(OadrRegisterReport) => ven.Person(VenAction.PublishMetadata),
            nameof(OadrRequestEvent) => ven.Person(VenAction.RequestEvents),
            nameof(OadrCreateReport) => ven.Person(VenAction.RequestVtnMetadata),
            nameof(OadrCancelPartyRegistration) => ven.Person(VenAction.CancelRegistration),
            nameof(OadrCreatePartyRegistration) => ven.Person(VenAction.Reregister),
            nameof(OadrQueryRegistration) => ven.Person(VenAction.QueryRegistration),
            nameof(OadrResponse) => ven.Polls(new OadrRequestReregistration("other")),
            nameof(OadrCanceledReport) => ven.Polls(new OadrCancelReport("c-1", ["unknown"], false, null)),
            nameof(OadrRegisteredReport) => ven.Polls(new OadrRegisterReport { RequestId = "m-1" }),
            nameof(OadrUpdatedReport) => ven.Polls(new OadrUpdateReport { RequestId = "u-1" }),
            nameof(OadrCanceledPartyRegistration) => ven.Polls(new OadrCancelPartyRegistration("c-1", "wrong", null)),
            nameof(OadrUpdateReport) => ven.Polls(Vtn.Nothing).At("18:01"),
            _ => ven,
        };
        Assert.Equal(kind, ven.Request().Message.GetType());
        ven.Fails(TransportFailure.HttpStatus, 500);
        Talk(ven, Duration.FromMinutes(3), m => m.GetType() == kind, TransportFailure.HttpStatus, 500);
        ven.Gets(Vtn.Distributes(First), "e1/0 200 OptIn");
        ven.State = ven.State with { Link = ven.State.Link with { PollAt = null } };
        ven.Sends<OadrPoll>();
    }

    [Theory]
    [InlineData(200)]
    [InlineData(202)]
    [InlineData(204)]
    public void A_2xx_without_a_body_settles_an_answer(int status)
    {
        var ven = VenScript.Registered(Configs.Reporting).Gets(Vtn.Distributes(First));
        ven.Sends<OadrCreatedEvent>().Empty(status).Polls(new OadrRegisterReport { RequestId = "m-1" });
        ven.Sends<OadrRegisteredReport>().Empty(status).Polls(Vtn.AsksReports("q-1", Vtn.Wants("rr-1", "telemetry-usage", "PT1M", "PT1M", "power")));
        ven.Sends<OadrCreatedReport>().Empty(status).Polls(new OadrRequestReregistration(Vtn.VenId));
        ven.Sends<OadrResponse>().Empty(status).Sends<OadrCreatePartyRegistration>(out var create).Hears(Vtn.Registers(create.RequestId));
        Assert.Empty(ven.State.Owed);
        ven.Polls(Vtn.Nothing).At("18:01").Sends<OadrUpdateReport>().Empty(status);
        Assert.Equal(Vtn.Time("18:02"), Assert.Single(ven.State.Reports).Due);
        Assert.DoesNotContain(ven.Notes, n => n.Level >= NoteLevel.Warning);
    }

    [Fact]
    public void A_2xx_without_a_body_is_no_answer_to_a_question()
    {
        var ven = VenScript.Registered();
        ven.Sends<OadrPoll>().Empty(200);
        Assert.True(ven.Noted(NoteKind.VtnLost, NoteLevel.Warning));
        ven.Person(VenAction.RequestEvents).Sends<OadrRequestEvent>().Empty(204);
        ven.Person(VenAction.PublishMetadata).Sends<OadrRegisterReport>().Empty(204);
        ven.Person(VenAction.Reregister).Sends<OadrCreatePartyRegistration>().Empty(204);
        ven.Person(VenAction.CancelRegistration).Sends<OadrCancelPartyRegistration>().Empty(204);
        Assert.Equal(4, ven.State.Owed.Count);
        Assert.NotNull(ven.State.Registration);
    }

    [Fact]
    public void A_reply_that_cannot_be_read_parks_the_answer_in_the_end()
    {
        var ven = VenScript.Registered().Gets(Vtn.Distributes(First));
        for (var until = ven.Now + Duration.FromMinutes(5); ven.Now < until;)
        {
            Step(ven, m => m is OadrCreatedEvent, () => ven.Takes(new VenInput.ReplyRefused(ven.Request(), new ReadError(ErrorClass.Malformed, "/", "is no XML"))));
        }

        Assert.NotNull(Assert.Single(ven.State.Owed).ParkedAt);
        Assert.Single(ven.State.Events);
    }

    [Theory]
    [InlineData("oadrDistributeEvent", typeof(OadrCreatedEvent))]
    [InlineData("oadrCreateReport", typeof(OadrCreatedReport))]
    [InlineData("oadrCancelReport", typeof(OadrCanceledReport))]
    [InlineData("oadrRegisterReport", typeof(OadrRegisteredReport))]
    [InlineData("oadrUpdateReport", typeof(OadrUpdatedReport))]
    [InlineData("oadrCancelPartyRegistration", typeof(OadrCanceledPartyRegistration))]
    [InlineData("oadrRequestReregistration", typeof(OadrResponse))]
    public void What_cannot_be_read_is_answered_with_its_code_where_its_kind_is_legible(string message, Type answer)
    {
        var ven = VenScript.Registered();
        ven.Takes(new VenInput.ReplyRefused(ven.Request(), new ReadError(ErrorClass.SchemaInvalid, "/", "'vtnID' is missing"), message, "r-7"));
        var sent = ven.Request().Message;
        Assert.Equal(answer, sent.GetType());
        var response = (EiResponse)answer.GetProperty("Response")!.GetValue(sent)!;
        Assert.Equal((459, "r-7", "'vtnID' is missing"), (response.Code, response.RequestId, response.Description));
        ven.Hears(Vtn.Nothing);
        Assert.IsType<VenNext.WaitUntil>(ven.Next());
        Assert.DoesNotContain(ven.Notes, n => n.Kind == NoteKind.VtnLost);
    }

    [Fact]
    public void A_report_that_the_vtn_never_takes_holds_up_no_other_report_and_is_told_once()
    {
        var ven = VenScript.Registered(Configs.Reporting);
        ven.Polls(Vtn.AsksReports("q-1", Vtn.Wants("rr-1", "telemetry-usage", "PT1M", "PT1M", "power"), Vtn.Wants("rr-2", "telemetry-usage", "PT1M", "PT1M", "energy"))).Hears(Vtn.Nothing);
        var taken = 0;
        for (var until = ven.Now + Duration.FromMinutes(30); ven.Now < until;)
        {
            taken += ven.Next() is VenNext.SendRequest { Message: OadrUpdateReport other } && other.Reports[0].ReportRequestId == "rr-2" ? 1 : 0;
            Step(ven, m => m is OadrUpdateReport u && u.Reports[0].ReportRequestId == "rr-1", () => ven.Fails(TransportFailure.HttpStatus, 500));
        }

        Assert.InRange(taken, 28, 31);
        Assert.Single(ven.Notes, n => n.Level == NoteLevel.Alarm);
        Talk(ven, Duration.FromMinutes(6), _ => false, TransportFailure.HttpStatus, 500);
        Assert.All(ven.State.Reports, r => Assert.Equal(0, r.Failures));
    }

    [Theory]
    [InlineData(404)]
    [InlineData(405)]
    public void What_a_proxy_without_its_vtn_says_to_everything_parks_nothing_and_loses_no_report(int status)
    {
        var ven = VenScript.Registered(Configs.Reporting);
        ven.Polls(Vtn.AsksReports("q-1", Vtn.Wants("rr-1", "telemetry-usage", "PT1M", "PT1M", "power"))).Hears(Vtn.Nothing);
        ven.Gets(Vtn.Distributes(First, Second)).Person(VenAction.PublishMetadata);
        Talk(ven, Duration.FromMinutes(10), _ => true, TransportFailure.HttpStatus, status);
        Assert.Equal(2, ven.State.Owed.Count);
        Assert.All(ven.State.Owed, o => Assert.Null(o.ParkedAt));
        Assert.Equal(Vtn.Time("18:01"), Assert.Single(ven.State.Reports).Due);
        Talk(ven, Duration.FromMinutes(6), _ => false, TransportFailure.HttpStatus, status);
        Assert.Empty(ven.State.Owed);
        Assert.DoesNotContain(ven.Notes, n => n.Level == NoteLevel.Alarm);
    }

    [Fact]
    public void A_404_to_one_message_alone_parks_it_once_the_vtn_took_another()
    {
        var ven = VenScript.Registered().Gets(Vtn.Distributes(First));
        var (_, _, sent) = Talk(ven, Duration.FromMinutes(10), m => m is OadrCreatedEvent, TransportFailure.HttpStatus, 404);
        Assert.InRange(sent, 2, 5);
        Assert.NotNull(Assert.Single(ven.State.Owed).ParkedAt);
        Assert.Single(ven.Notes, n => n.Level == NoteLevel.Alarm);
        var (_, _, again) = Talk(ven, Duration.FromHours(3), m => m is OadrCreatedEvent, TransportFailure.HttpStatus, 404);
        Assert.Equal(0, again);
    }

    [Fact]
    public void What_is_parked_and_tried_each_hour_outlives_a_passing_404()
    {
        var ven = VenScript.Registered().Gets(Vtn.Distributes(Vtn.Event("e1", "2027-01-17T20:00:00Z", "PT1H", Vtn.Simple(("PT1H", 1)))));
        Talk(ven, Duration.FromMinutes(10), m => m is OadrCreatedEvent, TransportFailure.HttpStatus, 500);
        Assert.NotNull(Assert.Single(ven.State.Owed).ParkedAt);
        Talk(ven, Duration.FromMinutes(70), m => m is OadrCreatedEvent, TransportFailure.HttpStatus, 404);
        Talk(ven, Duration.FromMinutes(70), _ => false, TransportFailure.HttpStatus, 404);
        Assert.Empty(ven.State.Owed);
    }

    private static (int Polls, int Reports, int Failed) Talk(
        VenScript ven, Duration length, Func<OadrMessage, bool> failing, TransportFailure kind, int? status, List<string>? taken = null)
    {
        var (polls, reports, failed) = (0, 0, 0);
        for (var until = ven.Now + length; ven.Now < until;)
        {
            if (ven.Next() is VenNext.SendRequest { Message: var message })
            {
                polls += message is OadrPoll ? 1 : 0;
                reports += message is OadrUpdateReport ? 1 : 0;
                failed += failing(message) ? 1 : 0;
                if (message is OadrCreatedEvent answer && !failing(message))
                {
                    taken?.Add(Show.Format(answer));
                }
            }

            Step(ven, failing, () => ven.Fails(kind, status));
        }

        while (ven.Next() is VenNext.SendRequest { Message: not OadrPoll })
        {
            Step(ven, failing, () => ven.Fails(kind, status));
        }

        return (polls, reports, failed);
    }

    private static void Step(VenScript ven, Func<OadrMessage, bool> failing, Action fail)
    {
        switch (ven.Next())
        {
            case VenNext.WaitUntil wait:
                ven.After(wait.At - ven.Now);
                break;
            case VenNext.SendRequest { Message: var message } when failing(message):
                fail();
                break;
            case VenNext.SendRequest { Message: OadrUpdateReport report }:
                ven.Hears(new OadrUpdatedReport(EiResponse.Ok(report.RequestId), null, Vtn.VenId));
                break;
            case VenNext.SendRequest { Message: OadrRegisterReport metadata }:
                ven.Hears(new OadrRegisteredReport(EiResponse.Ok(metadata.RequestId), [], Vtn.VenId));
                break;
            case VenNext.SendRequest { Message: OadrCreatePartyRegistration create }:
                ven.Hears(Vtn.Registers(create.RequestId));
                break;
            default:
                ven.Hears(Vtn.Nothing);
                break;
        }
    }
}
