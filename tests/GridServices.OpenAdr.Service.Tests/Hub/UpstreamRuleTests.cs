using GridServices.Contracts;
using GridServices.OpenAdr.Configuration;
using GridServices.OpenAdr.Messages;
using GridServices.OpenAdr.Registration;
using GridServices.OpenAdr.Service.Driver;
using GridServices.OpenAdr.Service.Hub;
using GridServices.OpenAdr.Session;
using NodaTime;

namespace GridServices.OpenAdr.Service.Tests.Hub;

/// <summary>A process that begins has heard nobody: what was lost stays lost until the VTN answers.</summary>
public sealed class UpstreamRuleTests
{
    private static readonly Instant Start = Instant.FromUtc(2027, 1, 15, 18, 0);

    [Theory]
    [InlineData(VenTransport.Pull)]
    [InlineData(VenTransport.Push)]
    public void Nothing_is_ok_before_the_vtn_was_heard_since_the_start(VenTransport transport)
    {
        var ven = View(transport);
        Assert.Equal(UpstreamStatus.Stale, GetStatus(ven, 0));
        Assert.Equal(UpstreamStatus.Stale, GetStatus(ven, 20));
        Assert.Equal(UpstreamStatus.Lost, GetStatus(ven, 101));
        Assert.Equal(UpstreamStatus.Ok, GetStatus(ven with { EventsHeardAt = Start + Duration.FromSeconds(20) }, 21));
    }

    [Theory]
    [InlineData(VenTransport.Pull)]
    [InlineData(VenTransport.Push)]
    public void A_vtn_that_was_lost_before_the_start_is_lost_at_once_and_since_then(VenTransport transport)
    {
        var ven = View(transport, new() { LostSince = Start - Duration.FromHours(3) });
        Assert.Equal(UpstreamStatus.Lost, GetStatus(ven, 0));
        Assert.InRange(UpstreamRule.LostBeforeStart(ven)!.Value, Start - Duration.FromHours(3), Start - Duration.FromHours(2));
        Assert.Null(UpstreamRule.LostBeforeStart(View(transport)));
        Assert.Null(UpstreamRule.LostBeforeStart(ven with { EventsHeardAt = Start }));
    }

    [Fact]
    public void A_push_that_came_before_the_start_is_no_hearing_and_one_after_it_is()
    {
        Assert.Equal(UpstreamStatus.Stale, GetStatus(View(VenTransport.Push, new() { PushedAt = Start - Duration.FromSeconds(1) }), 1));
        Assert.Equal(UpstreamStatus.Ok, GetStatus(View(VenTransport.Push, new() { PushedAt = Start + Duration.FromSeconds(1) }), 600));
    }

    [Fact]
    public void One_that_polls_and_was_heard_is_ok_for_two_and_a_half_polls()
    {
        var ven = View(VenTransport.Pull) with { EventsHeardAt = Start };
        Assert.Equal(UpstreamStatus.Ok, GetStatus(ven, 30));
        Assert.Equal(UpstreamStatus.Stale, GetStatus(ven, 31));
        Assert.Equal(UpstreamStatus.Lost, GetStatus(ven, 101));
    }

    [Fact]
    public void A_floor_for_polls_counts_as_the_interval_that_it_makes()
    {
        var ven = View(VenTransport.Pull) with { EventsHeardAt = Start };
        ven = ven with { Config = ven.Config with { PollFloor = Duration.FromMinutes(5) }, State = ven.State with { Registration = new VenRegistration("reg", "ven", "vtn", null) } };
        Assert.Equal(UpstreamStatus.Ok, GetStatus(ven, 600));
        Assert.Equal(UpstreamStatus.Stale, GetStatus(ven, 800));
        Assert.Equal(UpstreamStatus.Lost, GetStatus(ven, 3001));
    }

    [Fact]
    public void A_vtn_that_answers_every_question_with_an_error_is_there_and_has_told_nothing()
    {
        var ven = View(VenTransport.Pull);
        foreach (var purpose in new PendingRequest[] { new PendingRequest.Poll(), new PendingRequest.RequestEvents() })
        {
            Assert.Equal(UpstreamStatus.Lost, GetStatus(Answered(ven, purpose, new EiResponse(503, "busy", "r")), 101));
            Assert.Equal(UpstreamStatus.Ok, GetStatus(Answered(ven, purpose, EiResponse.Ok("r")), 101));
        }
    }

    [Theory]
    [InlineData(VenTransport.Pull)]
    [InlineData(VenTransport.Push)]
    public void A_list_of_another_vtn_after_the_start_ends_no_loss(VenTransport transport)
    {
        var ven = View(transport, new() { LostSince = Start - Duration.FromHours(3) });
        OadrDistributeEvent List(string vtnId) => new() { RequestId = "d", VtnId = vtnId, Events = [] };
        foreach (var purpose in new PendingRequest[] { new PendingRequest.Poll(), new PendingRequest.RequestEvents() })
        {
            Assert.Equal(UpstreamStatus.Lost, GetStatus(Answered(ven, purpose, List("vtn-other")), 101));
            Assert.Equal(UpstreamStatus.Ok, GetStatus(Answered(ven, purpose, List("vtn")), 101));
        }
    }

    private static VenView Answered(VenView ven, PendingRequest purpose, EiResponse response) => Answered(ven, purpose, new OadrResponse(response, "ven"));

    private static VenView Answered(VenView ven, PendingRequest purpose, OadrMessage answer)
    {
        var request = new VenNext.SendRequest(new OadrPoll("ven"), OadrServiceName.OadrPoll, "r", purpose);
        var exchange = new ExchangeResult(new VenInput.ReplyReceived(request, answer, string.Empty), [], true, null, null, Duration.Zero);
        return VenEngine.Record(ven, request, exchange, Start + Duration.FromSeconds(100));
    }

    private static UpstreamStatus GetStatus(VenView ven, int seconds) => UpstreamRule.Classify(ven, Start + Duration.FromSeconds(seconds)).Status;

    private static VenView View(VenTransport transport, OpenAdr.LinkState? link = null) => new()
    {
        Id = new("default", "site-1"),
        Config = new VenConfig { VtnUrl = "https://vtn.example/OpenADR2/Simple/2.0b", VenName = "site-1", SiteId = "site-1", Transport = transport, Programs = [] },
        State = VenState.Initial with { Registration = new VenRegistration("reg", "ven", "vtn", Duration.FromSeconds(10)), Link = link ?? new() },
        Since = Start,
    };
}
