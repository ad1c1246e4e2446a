using GridServices.OpenAdr.Messages;
using GridServices.OpenAdr.Session;
using GridServices.OpenAdr.Tests.Scripts;
using NodaTime;

namespace GridServices.OpenAdr.Tests;

/// <summary>A VTN that answers, but not with what was asked for, is no sound VTN; and what it refuses inside HTTP 200 is not lost without a word.</summary>
public sealed class HealthTests
{
    private static readonly OadrEvent First = Vtn.Event("e1", "20:00", "PT1H", Vtn.Simple(("PT1H", 1)));
    private static readonly OadrEvent Second = Vtn.Event("e2", "22:00", "PT1H", Vtn.Simple(("PT1H", 2)));

    public static TheoryData<string, OadrMessage> UselessReplies => new()
    {
        { "code 500 (no)", Vtn.Refuses(500) },
        { "code 454 (no)", Vtn.Refuses(454) },
        { "code 463 (no)", Vtn.Refuses(463) },
        { "code 452 (no)", Vtn.Refuses(452) },
        { "code 500 (no)", Vtn.Distributes(First) with { Response = new EiResponse(500, "no", string.Empty) } },
        { "code 452 (no)", Vtn.Distributes(First) with { Response = new EiResponse(452, "no", string.Empty) } },
        { "venID 'other'", new OadrRequestReregistration("other") },
        { "registration first", new OadrRequestReregistration(Vtn.VenId) },
        { "vtnID 'vtn-other'", Vtn.Distributes(First) with { VtnId = "vtn-other" } },
        { "oadrCreatedReport", new OadrCreatedReport(EiResponse.Ok("x"), [], Vtn.VenId) },
        { "oadrCanceledOpt instead", new OadrCanceledOpt(EiResponse.Ok("x"), "opt-1") },
    };

    [Theory]
    [MemberData(nameof(UselessReplies))]
    public void A_vtn_whose_polls_tell_nothing_of_events_is_not_well_until_one_does(string why, OadrMessage reply)
    {
        var ven = VenScript.Registered().Polls(Vtn.Nothing);
        Assert.Empty(VenHealth.Check(ven.State));
        var begin = ven.After(Duration.FromSeconds(10)).Now;
        Talk(ven, Duration.FromMinutes(5), m => m is OadrPoll ? reply : null);
        var finding = Assert.Single(VenHealth.Check(ven.State));
        Assert.True(finding.IsLine);
        Assert.Equal(begin, finding.Since);
        Assert.Contains(why, finding.Problem, StringComparison.Ordinal);
        Assert.Contains(finding.Problem, finding.Advice, StringComparison.Ordinal);
        Assert.Equal(begin, VenHealth.UsefulAt(ven.State, ven.Now));
        Assert.Empty(ven.State.Events);
        Talk(ven, Duration.FromMinutes(6), _ => null);
        Assert.Empty(VenHealth.Check(ven.State));
        Assert.Equal(ven.Now, VenHealth.UsefulAt(ven.State, ven.Now));
    }

    [Fact]
    public void A_poll_answered_with_an_error_inside_200_backs_off_as_with_HTTP_500()
    {
        var ven = VenScript.Registered();
        for (var k = 0; k < 10; k++)
        {
            ven.Polls(Vtn.Refuses(500));
            var pause = Assert.IsType<VenNext.WaitUntil>(ven.Next()).At - ven.Now;
            Assert.InRange(pause.TotalSeconds, Math.Min(Math.Pow(2, k), 300) * 0.9, Math.Min(Math.Pow(2, k), 300) * 1.1);
            ven.After(pause);
        }

        Assert.Single(ven.Notes, n => n.Kind == NoteKind.VtnLost);
    }

    [Fact]
    public void A_vtn_that_wants_a_registration_in_reply_to_everything_even_to_registering_is_not_well()
    {
        var ven = VenScript.Registered().Polls(Vtn.Nothing);
        Talk(ven, Duration.FromMinutes(5), _ => new OadrRequestReregistration(Vtn.VenId));
        Assert.True(Assert.Single(VenHealth.Check(ven.State)).IsLine);
    }

    [Fact]
    public void Events_refused_with_452_make_the_ven_register_with_its_IDs()
    {
        var ven = VenScript.Registered().Person(VenAction.RequestEvents).Sends<OadrRequestEvent>(out var request);
        ven.Hears(Vtn.Distributes() with { Response = new EiResponse(452, "who?", request.RequestId) }).Sends<OadrCreatePartyRegistration>(out var create);
        Assert.Equal("reg-1", create.RegistrationId);
        ven.Hears(Vtn.Registers(create.RequestId));
        Talk(ven, Duration.FromSeconds(5), _ => null);
        Assert.Empty(ven.State.Owed);
    }

    [Fact]
    public void An_answer_refused_with_500_inside_200_is_tried_again_split_and_parked_with_an_alarm()
    {
        var ven = VenScript.Registered().Gets(Vtn.Distributes(First, Second));
        var taken = new List<string>();
        Talk(ven, Duration.FromMinutes(5), m => m is OadrCreatedEvent c && c.EventResponses.Any(r => r.QualifiedEventId.EventId == "e1") ? Vtn.Refuses(500) : null, taken);
        Assert.Contains("e2/0 200 OptIn", taken);
        Assert.Equal(["e1"], PendingRequestText.GetEvents(Assert.Single(ven.State.Owed)));
        Assert.Equal("e1", Assert.Single(ven.Notes, n => n.Level == NoteLevel.Alarm).About);
        ven.Person(VenAction.Resend).Answers("e1/0 200 OptIn");
    }

    [Fact]
    public void An_answer_refused_with_400_inside_200_is_parked_with_an_alarm_event_by_event()
    {
        var ven = VenScript.Registered().Gets(Vtn.Distributes(First, Second));
        Talk(ven, Duration.FromMinutes(5), m => m is OadrCreatedEvent c && c.EventResponses.Any(r => r.QualifiedEventId.EventId == "e1") ? Vtn.Refuses(452) : null);
        Assert.Equal(["e1"], PendingRequestText.GetEvents(Assert.Single(ven.State.Owed)));
        Assert.Equal("e1", Assert.Single(ven.Notes, n => n.Level == NoteLevel.Alarm).About);
    }

    [Theory]
    [InlineData(500)]
    [InlineData(454)]
    public void Metadata_refused_inside_200_is_not_forgotten(int code)
    {
        var ven = VenScript.Registered().Person(VenAction.PublishMetadata);
        ven.Hears(new OadrRegisteredReport(new EiResponse(code, "no", "x"), [], null));
        Assert.IsType<PendingRequest.PublishMetadata>(Assert.Single(ven.State.Owed));
        Assert.Equal(code == 454, ven.Noted(NoteKind.MessageGivenUp, NoteLevel.Alarm));
        ven.Person(VenAction.Resend).Sends<OadrRegisterReport>(out var metadata).Hears(new OadrRegisteredReport(EiResponse.Ok(metadata.RequestId), [], null));
        Assert.Empty(ven.State.Owed);
    }

    [Fact]
    public void A_report_refused_with_500_inside_200_keeps_its_window_and_is_told()
    {
        var ven = Reporting();
        Talk(ven, Duration.FromMinutes(5), m => m is OadrUpdateReport r ? new OadrUpdatedReport(new EiResponse(500, "no", r.RequestId), null, null) : null);
        Assert.Equal(Vtn.Time("18:01"), Assert.Single(ven.State.Reports).Due);
        var finding = Assert.Single(VenHealth.Check(ven.State));
        Assert.Contains("code 500", finding.Problem, StringComparison.Ordinal);
        Assert.False(finding.IsLine);
        Talk(ven, Duration.FromMinutes(6), _ => null);
        Assert.True(Assert.Single(ven.State.Reports).Due > Vtn.Time("18:05"));
        Assert.Empty(VenHealth.Check(ven.State));
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_report_that_is_refused_for_good_is_told_once_and_not_with_each_window(bool http)
    {
        var ven = Reporting();
        Talk(ven, Duration.FromMinutes(20), m => m is not OadrUpdateReport r ? null : http ? Vtn.Nothing : new OadrUpdatedReport(new EiResponse(461, "no", r.RequestId), null, null), http404: http);
        Assert.True(Assert.Single(ven.State.Reports).Due >= Vtn.Time("18:20"));
        Assert.Single(ven.Notes, n => n.Level == NoteLevel.Alarm);
        Assert.Single(VenHealth.Check(ven.State));
    }

    [Fact]
    public void A_state_stored_before_problems_were_noted_is_read()
    {
        var ven = Reporting();
        var json = System.Text.Encoding.UTF8.GetString(VenStateJson.Write(ven.State));
        var older = json.Replace(",\"timedOut\":false", string.Empty, StringComparison.Ordinal).Replace(",\"isTold\":false", string.Empty, StringComparison.Ordinal)
            .Replace(",\"inDoubt\":false", string.Empty, StringComparison.Ordinal);
        Assert.NotEqual(json, older);
        Assert.Equal(ven.State, VenStateJson.Read(System.Text.Encoding.UTF8.GetBytes(older)));
    }

    private static VenScript Reporting() => VenScript.Registered(Configs.Reporting)
        .Polls(Vtn.AsksReports("q-1", Vtn.Wants("rr-1", "telemetry-usage", "PT1M", "PT1M", "power"))).Hears(Vtn.Nothing).Polls(Vtn.Nothing).At("18:01");

    private static void Talk(VenScript ven, Duration length, Func<OadrMessage, OadrMessage?> reply, List<string>? taken = null, bool http404 = false)
    {
        for (var until = ven.Now + length; ven.Now < until;)
        {
            if (ven.Next() is VenNext.WaitUntil wait)
            {
                ven.After(Duration.Min(wait.At - ven.Now, until - ven.Now));
                continue;
            }

            var message = ven.Request().Message;
            if (reply(message) is { } said)
            {
                _ = http404 ? ven.Fails(TransportFailure.HttpStatus, 404) : ven.Hears(said);
                continue;
            }

            if (message is OadrCreatedEvent answer)
            {
                taken?.Add(Show.Format(answer));
            }

            ven.Hears(message switch
            {
                OadrCreatePartyRegistration create => Vtn.Registers(create.RequestId),
                OadrRegisterReport metadata => new OadrRegisteredReport(EiResponse.Ok(metadata.RequestId), [], Vtn.VenId),
                OadrUpdateReport report => new OadrUpdatedReport(EiResponse.Ok(report.RequestId), null, Vtn.VenId),
                OadrRequestEvent request => Vtn.Distributes() with { Response = EiResponse.Ok(request.RequestId) },
                _ => Vtn.Nothing,
            });
        }
    }
}
