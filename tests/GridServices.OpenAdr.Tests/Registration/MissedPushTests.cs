using GridServices.OpenAdr.Configuration;
using GridServices.OpenAdr.Messages;
using GridServices.OpenAdr.Session;
using GridServices.OpenAdr.Tests.Scripts;
using NodaTime;

namespace GridServices.OpenAdr.Tests.Registration;

/// <summary>Events that no push told of: when a VEN that is pushed to asks for them.</summary>
public sealed class MissedPushTests
{
    private static readonly VenConfig Config = Configs.Reporting with { Transport = VenTransport.Push, TransportAddress = "https://dr.example:8443" };
    private static readonly OadrEvent Event = Vtn.Event("e1", "20:00", "PT1H", Vtn.Simple(("PT1H", 1)));

    [Fact]
    public void After_a_loss_of_the_line_the_events_are_asked_for_since_no_poll_would_find_what_was_pushed_in_vain()
    {
        var ven = Registered();
        ven.Person(VenAction.PublishMetadata).Sends<OadrRegisterReport>().Fails(TransportFailure.Unreachable);
        ven.After(Duration.FromMinutes(10)).Sends<OadrRegisterReport>(out var metadata).Hears(new OadrRegisteredReport(EiResponse.Ok(metadata.RequestId), [], Vtn.VenId));
        ven.Sends<OadrRequestEvent>().Fails(TransportFailure.Unreachable);
        Assert.Contains(VenHealth.Check(ven.State), f => f.IsLine);
        ven.After(Duration.FromMinutes(10)).Sends<OadrRequestEvent>(out var request).Hears(Vtn.DistributesAs("d", Event) with { Response = EiResponse.Ok(request.RequestId) });
        Assert.Empty(VenHealth.Check(ven.State));
        ven.Answers("e1/0 200 OptIn");
        Assert.IsType<VenNext.WaitUntil>(ven.Next());
    }

    [Fact]
    public void What_could_not_be_taken_in_is_asked_for_once() // OpenADR 2.0b rule 500
    {
        var ven = Registered();
        ven.Takes(new VenInput.PushMissed()).Takes(new VenInput.PushMissed());
        ven.Sends<OadrRequestEvent>(out var request).Hears(Vtn.DistributesAs("d", Event) with { Response = EiResponse.Ok(request.RequestId) }).Answers("e1/0 200 OptIn");
        Assert.IsType<VenNext.WaitUntil>(ven.Next());
    }

    [Fact]
    public void What_is_missed_again_and_again_is_asked_for_once_a_minute_and_at_once_where_a_person_wants_it()
    {
        var ven = Registered();
        VenScript IsAsked() => ven.Sends<OadrRequestEvent>(out var request).Hears(Vtn.DistributesAs("d") with { Response = EiResponse.Ok(request.RequestId) });
        ven.Takes(new VenInput.PushMissed());
        var first = ven.Now;
        IsAsked().After(Duration.FromSeconds(1)).Takes(new VenInput.PushMissed()).Takes(new VenInput.PushMissed());
        Assert.Equal(first + Duration.FromMinutes(1), Assert.IsType<VenNext.WaitUntil>(ven.Next()).At);
        ven.After(Duration.FromSeconds(59));
        IsAsked().Takes(new VenInput.PushMissed());
        Assert.Equal(first + Duration.FromMinutes(2), Assert.IsType<VenNext.WaitUntil>(ven.Next()).At);

        ven.Person(VenAction.RequestEvents);
        IsAsked();
        Assert.Empty(ven.State.Owed);
        ven.After(Duration.FromMinutes(5)).Takes(new VenInput.PushMissed()).Sends<OadrRequestEvent>();
    }

    [Fact]
    public void A_request_that_waits_after_a_failure_is_not_hurried_by_what_is_missed()
    {
        var ven = Registered();
        ven.Takes(new VenInput.PushMissed()).Sends<OadrRequestEvent>().Fails(TransportFailure.Unreachable).Takes(new VenInput.PushMissed());
        Assert.IsType<VenNext.WaitUntil>(ven.Next());
        Assert.Equal(1, Assert.IsType<PendingRequest.RequestEvents>(Assert.Single(ven.State.Owed)).Refusals);
        var pull = VenScript.Registered(Configs.Reporting);
        pull.Takes(new VenInput.PushMissed()).PollsInVain();
    }

    [Fact]
    public void With_an_interval_the_events_are_asked_for_and_what_no_push_told_of_is_named()
    {
        var ven = VenScript.Registered(Config with { ResyncInterval = Duration.FromHours(1) });
        Assert.Equal(ven.Now + Duration.FromHours(1), Assert.IsType<VenNext.WaitUntil>(ven.Next()).At);
        ven.After(Duration.FromHours(1)).Sends<OadrRequestEvent>(out var request).Hears(Vtn.DistributesAs("d", Event) with { Response = EiResponse.Ok(request.RequestId) });
        ven.Answers("e1/0 200 OptIn");
        Assert.Single(ven.Notes, n => n.About == "e1" && n.Text.Contains("had not been pushed", StringComparison.Ordinal));

        Assert.Equal(ven.Now + Duration.FromHours(1), Assert.IsType<VenNext.WaitUntil>(ven.Next()).At);
        ven.After(Duration.FromHours(1)).Sends<OadrRequestEvent>(out request).Hears(Vtn.DistributesAs("d-2", Event) with { Response = EiResponse.Ok(request.RequestId) }).Answers("e1/0 200 OptIn");
        Assert.Single(ven.Notes, n => n.Text.Contains("had not been pushed", StringComparison.Ordinal));
    }

    [Fact]
    public void A_request_at_an_interval_that_fails_is_owed_and_shown_from_then_on()
    {
        var ven = VenScript.Registered(Config with { ResyncInterval = Duration.FromHours(1) });
        ven.After(Duration.FromHours(1)).Sends<OadrRequestEvent>().Fails(TransportFailure.Unreachable);
        Assert.Contains(VenHealth.Check(ven.State), f => f.IsLine);
        ven.After(Duration.FromMinutes(10)).Sends<OadrRequestEvent>(out var request).Hears(Vtn.DistributesAs("d") with { Response = EiResponse.Ok(request.RequestId) });
        Assert.Empty(VenHealth.Check(ven.State));
        Assert.Equal(ven.Now + Duration.FromHours(1), Assert.IsType<VenNext.WaitUntil>(ven.Next()).At);
    }

    /// <summary>A portal's 404 must not shut the only way by which a push VEN notices what it missed.</summary>
    [Fact]
    public void A_final_refusal_of_the_events_stops_no_asking()
    {
        var ven = VenScript.Registered(Config with { ResyncInterval = Duration.FromHours(1) });
        ven.After(Duration.FromHours(1));
        for (var i = 0; i < 8; i++)
        {
            ven.Sends<OadrRequestEvent>().Fails(TransportFailure.HttpStatus, 404);
            Assert.IsType<VenNext.WaitUntil>(ven.Next());
            ven.After(Duration.FromHours(1));
        }
    }

    [Fact]
    public void What_is_cancelled_and_still_listed_was_not_missed()
    {
        var ven = VenScript.Registered(Config with { ResyncInterval = Duration.FromHours(1) });
        var cancelled = Event with { Descriptor = Event.Descriptor with { Status = EventStatus.Cancelled } };
        ven.After(Duration.FromHours(1)).Sends<OadrRequestEvent>(out var request).Hears(Vtn.DistributesAs("d", cancelled) with { Response = EiResponse.Ok(request.RequestId) });
        Assert.DoesNotContain(ven.Notes, n => n.Text.Contains("had not been pushed", StringComparison.Ordinal));
    }

    [Theory]
    [InlineData(VenTransport.Push, 30, "/resyncInterval")]
    [InlineData(VenTransport.Push, 60, null)]
    [InlineData(VenTransport.Pull, 3600, "/resyncInterval")]
    public void An_interval_is_a_push_vens_and_a_minute_at_least(VenTransport transport, int seconds, string? fault)
    {
        var config = Config with { Transport = transport, TransportAddress = transport == VenTransport.Push ? Config.TransportAddress : null, ResyncInterval = Duration.FromSeconds(seconds) };
        Assert.Equal(fault, VenConfigRules.Check(config).Select(f => f.Pointer).SingleOrDefault());
    }

    private static VenScript Registered() => VenScript.Registered(Config);
}
