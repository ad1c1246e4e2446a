using GridServices.OpenAdr.Configuration;
using GridServices.OpenAdr.Messages;
using GridServices.OpenAdr.Session;
using GridServices.OpenAdr.Tests.Scripts;
using NodaTime;

namespace GridServices.OpenAdr.Tests.Registration;

/// <summary>What another VTN says, or a list that says of itself that it failed, is no hearing of the VTN and cancels nothing.</summary>
public sealed class PushHearingTests
{
    private static readonly VenConfig Config = Configs.Reporting with { Transport = VenTransport.Push, TransportAddress = "https://dr.example:8443" };
    private static readonly OadrEvent Event = Vtn.Event("e1", "20:00", "PT1H", Vtn.Simple(("PT1H", 1)));

    [Theory]
    [InlineData(VenTransport.Push)]
    [InlineData(VenTransport.Pull)]
    public void A_request_for_events_that_another_vtn_answers_is_unanswered_and_asked_again(VenTransport transport)
    {
        var ven = VenScript.Registered(transport == VenTransport.Push ? Config : Configs.Reporting);
        ven.Person(VenAction.RequestEvents).Sends<OadrRequestEvent>(out var request);
        ven.Hears(Vtn.DistributesAs("d", Event) with { VtnId = "vtn-other", Response = EiResponse.Ok(request.RequestId) });
        var finding = Assert.Single(VenHealth.Check(ven.State), f => f.IsLine);
        Assert.Contains("vtn-other", finding.Problem, StringComparison.Ordinal);
        Assert.Empty(ven.State.Events);
        ven.Sends<OadrCreatedEvent>(out var refusal).Hears(Vtn.Nothing).PollsInVain();
        Assert.Equal(452, refusal.Response.Code);
        Assert.DoesNotContain(ven.Notes, n => n.Kind == NoteKind.MessageSentAgain);

        ven.After(Duration.FromSeconds(5)).Sends<OadrRequestEvent>(out request).Hears(Vtn.DistributesAs("d", Event) with { Response = EiResponse.Ok(request.RequestId) }).Answers("e1/0 200 OptIn");
        Assert.Empty(VenHealth.Check(ven.State));
    }

    [Fact]
    public void What_another_vtn_or_somebody_elses_ven_is_told_is_no_push_of_ours()
    {
        var ven = Registered();
        Push(ven, Vtn.Distributes(Event) with { VtnId = "vtn-other" });
        Push(ven, new OadrRequestReregistration("somebody-else"));
        Push(ven, Vtn.Distributes(Event), OadrServiceName.EiReport);
        Assert.Null(ven.State.Link.PushedAt);
        Push(ven, new OadrCancelReport("c-1", [], false, null));
        Assert.Equal(ven.Now, ven.State.Link.PushedAt);
    }

    [Fact]
    public void A_list_of_another_vtn_makes_the_ven_ask_its_own_within_a_minute()
    {
        var ven = Registered();
        Push(ven, Vtn.Distributes(Event) with { VtnId = "vtn-other" });
        Assert.Equal(ven.Now + Duration.FromMinutes(1), Assert.IsType<VenNext.WaitUntil>(ven.Next()).At);
        Push(ven.After(Duration.FromSeconds(59)), Vtn.Distributes(Event) with { VtnId = "vtn-other" });
        ven.After(Duration.FromSeconds(1)).Sends<OadrRequestEvent>(out var request).Hears(Vtn.DistributesAs("d") with { Response = EiResponse.Ok(request.RequestId) });
        Assert.Empty(VenHealth.Check(ven.State));
        Assert.Empty(ven.State.Owed);
    }

    [Fact]
    public void A_pushed_list_that_says_it_failed_cancels_nothing_and_is_asked_for()
    {
        var ven = Registered();
        Push(ven, Vtn.Distributes(Event));
        ven.Answers("e1/0 200 OptIn");
        var pushedAt = ven.Now;
        ven.After(Duration.FromMinutes(1));
        var said = Push(ven, Vtn.DistributesAs("dist-2") with { Response = new EiResponse(503, "busy", string.Empty) });
        Assert.Equal((459, "dist-2"), (said.Code, said.RequestId));
        ven.Publishes();
        Assert.Single(ven.State.Events);
        Assert.Equal(pushedAt, ven.State.Link.PushedAt);
        ven.Sends<OadrRequestEvent>();
    }

    [Fact]
    public void A_request_for_events_that_another_vtn_answers_is_not_parked_however_often()
    {
        var ven = VenScript.Registered(Configs.Reporting).Person(VenAction.RequestEvents);
        for (var times = 0; times < 8; times++)
        {
            ven.Hears(Vtn.DistributesAs("d", Event) with { VtnId = "vtn-other", Response = EiResponse.Ok(UntilAsked(ven)) });
        }

        Assert.Null(Assert.Single(ven.State.Owed.OfType<PendingRequest.RequestEvents>()).ParkedAt);
        Assert.False(ven.Noted(NoteKind.MessageGivenUp));
        ven.Hears(Vtn.DistributesAs("d", Event) with { Response = EiResponse.Ok(UntilAsked(ven)) }).Answers("e1/0 200 OptIn");
        Assert.Empty(ven.State.Owed.OfType<PendingRequest.RequestEvents>());
    }

    [Fact]
    public void An_answer_that_is_lost_while_a_request_for_events_is_parked_has_it_sent_once_more()
    {
        var ven = VenScript.Registered(Configs.Reporting).Person(VenAction.RequestEvents);
        _ = UntilAsked(ven);
        ven.Fails(TransportFailure.HttpStatus, 400);
        Assert.NotNull(Assert.Single(ven.State.Owed.OfType<PendingRequest.RequestEvents>()).ParkedAt);
        Assert.Null(ven.State.Owed.Single().NotBefore);

        ven.After(Duration.FromMinutes(1)).Sends<OadrPoll>().Fails(TransportFailure.HttpStatus, 502).After(Duration.FromMinutes(10)).Polls(Vtn.Nothing);
        var heard = ven.Now;
        ven.Hears(Vtn.DistributesAs("d", Event) with { Response = EiResponse.Ok(UntilAsked(ven)) }).Answers("e1/0 200 OptIn");
        Assert.True(ven.Now <= heard + ven.Config.MaxBackOff + Duration.FromMinutes(1));
        Assert.Empty(ven.State.Owed);
    }

    [Fact]
    public void Another_vtns_list_delays_nothing_that_was_missed()
    {
        var missed = Registered();
        Push(missed, Vtn.Distributes(Event) with { VtnId = "vtn-other" });
        missed.Takes(new VenInput.PushMissed()).Sends<OadrRequestEvent>(out var request).Hears(Vtn.DistributesAs("d") with { Response = EiResponse.Ok(request.RequestId) });
        Assert.Empty(missed.State.Owed);

        // Within the pause: what is missed next waits for its minute, and nothing puts that off.
        var first = missed.Now;
        Push(missed.After(Duration.FromSeconds(10)), Vtn.Distributes(Event) with { VtnId = "vtn-other" });
        for (var second = 0; second < 40; second++)
        {
            missed.After(Duration.FromSeconds(1)).Takes(new VenInput.PushMissed());
        }

        Assert.Equal(first + Duration.FromMinutes(1), Assert.IsType<VenNext.WaitUntil>(missed.Next()).At);
    }

    // Everything else is answered as a VTN does that has nothing to say.
    private static string UntilAsked(VenScript ven)
    {
        for (var steps = 0; ; steps++)
        {
            Assert.True(steps < 10_000, "it does not ask");
            switch (ven.Next())
            {
                case VenNext.SendRequest { Message: OadrRequestEvent asked }:
                    return asked.RequestId;
                case VenNext.WaitUntil { At: var at }:
                    ven.After(at - ven.Now);
                    break;
                default:
                    ven.Hears(Vtn.Nothing);
                    break;
            }
        }
    }

    private static VenScript Registered() => VenScript.Registered(Config);

    private static EiResponse Push(VenScript ven, OadrMessage message, OadrServiceName? service = null)
    {
        var pushed = new VenInput.MessagePushed(service ?? VtnMessages.FindService(message)!.Value, message, new string('b', 64));
        ven.Takes(pushed);
        return PushAnswers.GetAnswer(ven.Config, ven.State, pushed) is OadrResponse answer ? answer.Response : EiResponse.Ok(string.Empty);
    }
}
