using GridServices.Contracts;
using GridServices.OpenAdr.Configuration;
using GridServices.OpenAdr.Messages;
using GridServices.OpenAdr.Session;
using GridServices.OpenAdr.Signatures;
using GridServices.OpenAdr.Tests.Scripts;
using NodaTime;

namespace GridServices.OpenAdr.Tests.Signatures;

/// <summary>A signed message counts once, whenever it comes again within the time its age would allow it.</summary>
public sealed class ReplayTests
{
    [Fact]
    public void The_same_nonce_is_refused_the_second_time_and_another_is_not()
    {
        var ven = VenScript.Registered();
        var stamp = new SignatureStamp(ven.Now, "nonce-0001");
        Hears(ven, Event("e1"), stamp);
        Assert.Single(ven.State.Events);

        Hears(ven, Event("e2"), stamp);
        Assert.Equal("e1", Assert.Single(ven.State.Events).Id);
        Assert.Contains(ven.Notes, note => note.Class == ErrorClass.ReplayNonce);

        Hears(ven, Event("e1", "e2"), stamp with { Nonce = "nonce-0002" });
        Assert.Equal(2, ven.State.Events.Count);
    }

    [Fact]
    public void Nonces_survive_a_restart_and_are_forgotten_when_age_refuses_their_messages()
    {
        var ven = VenScript.Registered();
        Hears(ven, Event("e1"), new SignatureStamp(ven.Now, "nonce-0001"));
        var restored = VenStateJson.Read(VenStateJson.Write(ven.State));
        Assert.Equal("nonce-0001", Assert.Single(restored.Nonces).Nonce);

        ven.After(ven.Config.Profile.ReplayWindow + Duration.FromSeconds(1));
        Hears(ven, Event("e1"), new SignatureStamp(ven.Now, "nonce-0002"));
        Assert.Equal("nonce-0002", Assert.Single(ven.State.Nonces).Nonce);
    }

    [Fact]
    public void After_a_start_what_was_sent_before_it_is_not_taken_even_where_its_nonce_was_lost()
    {
        var ven = VenScript.Registered();
        Hears(ven, Event("e1"), new SignatureStamp(ven.Now, "nonce-0001"));
        var stored = ven.State;

        // The same list signed anew changes nothing: a crash may lose its nonce.
        ven.After(Duration.FromSeconds(10));
        var lost = new SignatureStamp(ven.Now, "nonce-0002");
        Hears(ven, Event("e1"), lost);
        ven.After(Duration.FromSeconds(5)).State = SeenNonces.AfterStart(stored, ven.Now, 7);

        ven.After(Duration.FromSeconds(1));
        Hears(ven, Vtn.DistributesAs("dist-2"), new SignatureStamp(ven.Now, "nonce-0003"));
        Assert.Empty(ven.State.Events);
        Hears(ven, Event("e1"), lost);
        Assert.Empty(ven.State.Events);
        Assert.Contains(ven.Notes, note => note.Class == ErrorClass.ReplayWindow);
        Hears(ven, Event("e2"), new SignatureStamp(ven.Now, "nonce-0004"));
        Assert.Single(ven.State.Events);
    }

    [Theory]
    [InlineData(-240)]
    [InlineData(-1)]
    [InlineData(240)]
    public void After_a_start_a_vtn_whose_clock_differs_is_heard_at_once_and_its_earlier_messages_are_not(int aheadS)
    {
        var (ven, ahead) = (VenScript.Registered(), Duration.FromSeconds(aheadS));
        Hears(ven, Event("e1"), new SignatureStamp(ven.Now + ahead, "nonce-0001"));
        ven.After(Duration.FromMinutes(30));
        var stored = ven.State;
        var lost = new SignatureStamp(ven.Now + ahead, "nonce-0002");
        ven.After(Duration.FromSeconds(2)).State = SeenNonces.AfterStart(stored, ven.Now, 7);

        ven.After(Duration.FromSeconds(1));
        Hears(ven, Event("e1", "e2"), lost);
        Assert.Single(ven.State.Events);
        Hears(ven, Event("e1", "e2"), new SignatureStamp(ven.Now + ahead, "nonce-0003"));
        Assert.Equal(2, ven.State.Events.Count);
    }

    [Fact]
    public void A_wider_window_takes_nothing_whose_nonce_was_forgotten_under_the_narrow_one()
    {
        var ven = VenScript.Registered(Configs.Ven with { Profile = new VenProfile { Signatures = SignatureMode.Require } });
        var early = new SignatureStamp(ven.Now, "nonce-0001");
        Hears(ven, Event("e1"), early);
        ven.After(Duration.FromMinutes(10));
        Hears(ven, Vtn.DistributesAs("dist-2"), new SignatureStamp(ven.Now, "nonce-0002"));
        ven.Reconfigured(ven.Config with { Profile = ven.Config.Profile with { ReplayWindow = Duration.FromHours(1) } });

        Hears(ven, Event("e1"), early);
        Assert.Empty(ven.State.Events);
        ven.After(Duration.FromSeconds(1));
        Hears(ven, Event("e3"), new SignatureStamp(ven.Now, "nonce-0003"));
        Assert.Single(ven.State.Events);
    }

    [Fact]
    public void Nothing_is_taken_from_before_signatures_were_asked_for()
    {
        var ven = VenScript.Registered();
        var early = new SignatureStamp(ven.Now, "nonce-0001");
        ven.After(Duration.FromSeconds(5)).Reconfigured(ven.Config with { Profile = ven.Config.Profile with { Signatures = SignatureMode.Require } });
        ven.After(Duration.FromSeconds(5));
        ven.Sends<OadrCreatePartyRegistration>(out var again).Hears(Vtn.Registers(again.RequestId), new SignatureStamp(ven.Now, "nonce-0003"));
        ven.Sends<OadrRequestEvent>().Hears(Vtn.Distributes(), new SignatureStamp(ven.Now, "nonce-0004"));
        Hears(ven, Event("e1"), early);
        Assert.Empty(ven.State.Events);
        Hears(ven, Event("e1"), new SignatureStamp(ven.Now, "nonce-0002"));
        Assert.Single(ven.State.Events);
    }

    [Fact]
    public void A_signing_ven_says_nothing_for_two_seconds_after_a_start_for_stamps_may_be_whole_seconds()
    {
        var ven = VenScript.Registered(Configs.Ven with { Profile = new VenProfile { Signatures = SignatureMode.Require } });
        Hears(ven, Event("e1"), new SignatureStamp(ven.Now, "nonce-0001"));
        ven.After(Duration.FromSeconds(30)).State = SeenNonces.AfterStart(ven.State, ven.Now, 7);
        Assert.Equal(ven.Now + Duration.FromSeconds(2), Assert.IsType<VenNext.WaitUntil>(ven.Next()).At);
        ven.After(Duration.FromSeconds(2));
        Hears(ven, Event("e1", "e2"), new SignatureStamp(ven.Now - Duration.FromMilliseconds(999), "nonce-0002"));
        Assert.Equal(2, ven.State.Events.Count);
        var off = ven.Config with { Profile = new VenProfile() };
        Assert.IsType<VenNext.SendRequest>(Ven.Next(off, ven.State with { NoncesSince = ven.Now, Link = new LinkState() }, ven.Now));
    }

    [Fact]
    public void A_push_that_is_too_old_to_be_told_from_a_repetition_is_asked_for_and_a_repetition_is_not()
    {
        var ven = VenScript.Registered(Configs.Ven with { Transport = VenTransport.Push, TransportAddress = "https://dr.example:8443" });
        var stamp = new SignatureStamp(ven.Now, "nonce-0001");
        ven.State = SeenNonces.AfterStart(ven.State, ven.Now, 7);
        ven.Takes(new VenInput.MessagePushed(OadrServiceName.EiEvent, Event("e1"), new string('b', 64), stamp));
        Assert.Empty(ven.State.Events);
        ven.Sends<OadrRequestEvent>().Hears(Vtn.DistributesAs("d") with { Response = EiResponse.Ok("x") });

        var taken = new VenInput.MessagePushed(OadrServiceName.EiEvent, Event(), new string('b', 64), new SignatureStamp(ven.After(Duration.FromSeconds(5)).Now, "nonce-0002"));
        ven.Takes(taken).Takes(taken);
        Assert.IsType<VenNext.WaitUntil>(ven.Next());
    }

    [Fact]
    public void A_signed_push_that_was_told_to_come_again_gets_its_answer_and_is_done_once()
    {
        var ven = VenScript.Registered(Configs.Reporting with { Transport = VenTransport.Push, TransportAddress = "https://dr.example:8443" });
        var cancels = new OadrCancelReport("r-1", ["nobody's"], false, Vtn.VenId);
        var first = new VenInput.MessagePushed(OadrServiceName.EiReport, cancels, new string('b', 64), new SignatureStamp(ven.Now, "nonce-0001"));
        var answer = PushAnswers.GetAnswer(ven.Config, ven.Takes(first).State, first);
        Assert.Equal(452, Assert.IsType<OadrCanceledReport>(answer).Response.Code);
        var again = first with { IsSentAgain = true };
        Assert.Equal(answer, PushAnswers.GetAnswer(ven.Config, ven.Takes(again).State, again));

        // A list that came before another is not done after it.
        var list = new VenInput.MessagePushed(OadrServiceName.EiEvent, Event("e1"), new string('c', 64), new SignatureStamp(ven.Now, "nonce-0002"));
        ven.Takes(list).Takes(new VenInput.MessagePushed(OadrServiceName.EiEvent, Event(), new string('d', 64), new SignatureStamp(ven.Now, "nonce-0003")));
        var before = ven.State;
        again = list with { IsSentAgain = true };
        Assert.Same(before, ven.Takes(again).State);
        Assert.Equal(200, Assert.IsType<OadrResponse>(PushAnswers.GetAnswer(ven.Config, ven.State, again)).Response.Code);
        Assert.DoesNotContain(ven.Notes, n => n.Class == ErrorClass.ReplayNonce);

        // Who was not asked to send it again is refused as before, and one too old is whoever sends it.
        ven.Takes(first);
        Assert.Equal(469, Assert.IsType<OadrCanceledReport>(PushAnswers.GetAnswer(ven.Config, ven.State, first)).Response.Code);
        ven.After(ven.Config.Profile.ReplayWindow).Takes(again);
        Assert.Equal(469, Assert.IsType<OadrResponse>(PushAnswers.GetAnswer(ven.Config, ven.State, again)).Response.Code);
    }

    [Fact]
    public void A_clock_that_is_put_back_after_a_start_locks_nobody_out()
    {
        var ven = VenScript.Registered();
        ven.State = SeenNonces.AfterStart(ven.State, ven.Now + Duration.FromHours(1), 7);
        Hears(ven, Event("e1"), new SignatureStamp(ven.Now, "nonce-0001"));
        Assert.Empty(ven.State.Events);
        ven.After(Duration.FromSeconds(1));
        Hears(ven, Event("e1"), new SignatureStamp(ven.Now, "nonce-0002"));
        Assert.Single(ven.State.Events);
    }

    [Theory]
    [InlineData(10)]
    [InlineData(11)]
    public void At_the_windows_edge_and_beyond_a_message_is_too_old_whether_its_nonce_is_known_or_not(int seconds)
    {
        var ven = VenScript.Registered(Configs.Ven with { Profile = new VenProfile { ReplayWindow = Duration.FromSeconds(10) } });
        var stamp = new SignatureStamp(ven.Now, "nonce-0001");
        Hears(ven, Event("e1"), stamp);
        Hears(ven, Vtn.DistributesAs("dist-2"), new SignatureStamp(ven.Now, "nonce-0002"));
        Assert.Empty(ven.State.Events);

        ven.After(Duration.FromSeconds(seconds));
        Hears(ven, Event("e1"), stamp);
        Assert.Empty(ven.State.Events);
        Hears(ven, Event("e2"), new SignatureStamp(ven.Now - Duration.FromSeconds(seconds), "nonce-0003"));
        Assert.Empty(ven.State.Events);
        Hears(ven, Event("e3"), new SignatureStamp(ven.Now - Duration.FromSeconds(9), "nonce-0004"));
        Assert.Single(ven.State.Events);
    }

    [Fact]
    public void A_push_that_waited_until_its_nonce_was_forgotten_is_not_taken_again_and_is_asked_for()
    {
        var ven = VenScript.Registered(Configs.Ven with
        {
            Transport = VenTransport.Push,
            TransportAddress = "https://dr.example:8443",
            Profile = new VenProfile { Signatures = SignatureMode.Require, ReplayWindow = Duration.FromSeconds(10) },
        });
        var first = new VenInput.MessagePushed(OadrServiceName.EiEvent, Event("e1"), new string('b', 64), new SignatureStamp(ven.Now, "nonce-0001"));
        ven.Takes(first);
        ven.After(Duration.FromSeconds(5)).Takes(new VenInput.MessagePushed(OadrServiceName.EiEvent, Vtn.DistributesAs("d-2"), new string('c', 64), new SignatureStamp(ven.Now, "nonce-0002")));
        Assert.Empty(ven.State.Events);

        // Verified nine seconds after it was signed, it comes to its turn when the VEN's own request is over.
        ven.After(Duration.FromSeconds(31)).Takes(first);
        Assert.Empty(ven.State.Events);
        Assert.Contains(ven.State.Owed, o => o is PendingRequest.RequestEvents);
    }

    [Theory]
    [InlineData(-240)]
    [InlineData(0)]
    [InlineData(240)]
    public void A_new_ven_registers_at_once_whatever_the_vtns_clock_and_takes_nothing_that_was_signed_before_it(int aheadS)
    {
        var ahead = Duration.FromSeconds(aheadS);
        var ven = new VenScript(Configs.Ven with { Profile = new VenProfile { Signatures = SignatureMode.Require } });
        var before = new SignatureStamp(ven.Now + ahead, "nonce-0001");
        ven.State = SeenNonces.AfterStart(VenState.Initial, ven.Now, 7);
        ven.After(Duration.FromSeconds(2));
        ven.Sends<OadrQueryRegistration>(out var query).Hears(Vtn.Offers(query.RequestId), new SignatureStamp(ven.Now + ahead, "nonce-0002"));
        ven.Sends<OadrCreatePartyRegistration>(out var create).Hears(Vtn.Registers(create.RequestId), new SignatureStamp(ven.Now + ahead, "nonce-0003"));
        Assert.NotNull(ven.State.Registration);
        Assert.Equal(ahead, ven.State.SenderAhead);

        ven.Sends<OadrRegisterReport>(out var metadata).Hears(new OadrRegisteredReport(EiResponse.Ok(metadata.RequestId), [], null), new SignatureStamp(ven.Now + ahead, "nonce-0004"));
        ven.Sends<OadrRequestEvent>().Hears(Vtn.Distributes(), new SignatureStamp(ven.Now + ahead, "nonce-0005"));
        Hears(ven, Event("e1"), before);
        Assert.Empty(ven.State.Events);
        Hears(ven, Event("e1"), new SignatureStamp(ven.Now + ahead, "nonce-0006"));
        Assert.Single(ven.State.Events);
    }

    [Fact]
    public void An_answer_to_another_new_ven_or_from_before_the_row_was_lost_names_no_request_of_a_new_one()
    {
        static VenScript New(ulong seed)
        {
            var ven = new VenScript(Configs.Ven with { Profile = new VenProfile { Signatures = SignatureMode.Require } });
            ven.State = SeenNonces.AfterStart(VenState.Initial, ven.Now, seed);
            return ven.After(Duration.FromSeconds(2));
        }

        New(1).Sends<OadrQueryRegistration>(out var theirs);
        var ven = New(2);
        var stamp = new SignatureStamp(ven.Now - Duration.FromMinutes(4), "nonce-0001");
        ven.Sends<OadrQueryRegistration>(out var ours).Hears(Vtn.Offers(theirs.RequestId), stamp);
        Assert.NotEqual(theirs.RequestId, ours.RequestId);
        Assert.Null(ven.State.SenderAhead);

        // It outlives a start, so that a crash repeats the request with its requestID; without signatures it is not needed.
        Assert.Equal(ven.State.RequestMark, SeenNonces.AfterStart(VenStateJson.Read(VenStateJson.Write(ven.State)), ven.Now, 3).RequestMark);
        Assert.Equal("req-1", Assert.IsType<VenNext.SendRequest>(Ven.Next(Configs.Ven, SeenNonces.AfterStart(VenState.Initial, ven.Now, 4), ven.Now)).RequestId);
    }

    [Fact]
    public void Another_requests_answer_shows_nothing_of_the_vtns_clock()
    {
        var ven = new VenScript(Configs.Ven with { Profile = new VenProfile { Signatures = SignatureMode.Require } });
        ven.State = SeenNonces.AfterStart(VenState.Initial, ven.Now, 7);
        ven.After(Duration.FromSeconds(2));
        ven.Sends<OadrQueryRegistration>().Hears(Vtn.Offers("somebody-elses"), new SignatureStamp(ven.Now - Duration.FromMinutes(4), "nonce-0001"));
        Assert.Null(ven.State.SenderAhead);
        Assert.Contains(ven.Notes, note => note.Class == ErrorClass.ReplayWindow);
    }

    private static void Hears(VenScript ven, OadrMessage message, SignatureStamp stamp)
    {
        ven.State = ven.State with { Link = ven.State.Link with { PollAt = null, QuietUntil = null } };
        ven.Sends<OadrPoll>().Hears(message, stamp);
        if (ven.State.Owed.Count > 0)
        {
            ven.Sends<OadrCreatedEvent>().Hears(Vtn.Nothing);
        }
    }

    private static OadrDistributeEvent Event(params string[] ids) =>
        Vtn.Distributes([.. ids.Select(id => Vtn.Event(id, "20:00", "PT1H", Vtn.Simple(("PT1H", 1))))]);
}
