using GridServices.Contracts;
using GridServices.OpenAdr.Messages;
using GridServices.OpenAdr.Tests.Scripts;
using GridServices.Wire;
using NodaTime;

namespace GridServices.OpenAdr.Tests.Registration;

public sealed class LineTests
{
    [Fact]
    public void G1_4011_an_empty_poll_costs_no_write()
    {
        var ven = VenScript.Registered().Polls(Vtn.Nothing);
        Assert.False(ven.LastStep.MustStore);
        Assert.Empty(ven.LastStep.Notes);
    }

    [Fact]
    public void G1_4015_the_queue_is_drained_before_the_ven_pauses_and_every_answer_comes_before_the_next_poll()
    {
        var ven = VenScript.Registered(Configs.Reporting);
        ven.Polls(Vtn.Distributes(Vtn.Event("e1", "20:00", "PT1H", Vtn.Simple(("PT1H", 1))))).Answers("e1/0 200 OptIn");
        ven.Polls(Vtn.AsksReports("q-1", Vtn.Wants("rr-1", "telemetry-usage", "PT1M", "PT5M", "power")));
        ven.Sends<OadrCreatedReport>().Hears(Vtn.Nothing);
        ven.Polls(new OadrRegisterReport { RequestId = "m-1" });
        ven.Sends<OadrRegisteredReport>().Hears(Vtn.Nothing);
        ven.Polls(Vtn.Nothing).Waits("18:00:10");
    }

    [Fact]
    public void A_queue_without_end_is_left_after_a_hundred_messages()
    {
        var ven = VenScript.Registered();
        for (var i = 0; i < 100; i++)
        {
            ven.Polls(Vtn.Distributes());
        }

        ven.Waits("18:00:10");
    }

    [Fact]
    public void T_BO_1_failures_in_a_row_double_the_pause_within_ten_percent_up_to_the_longest()
    {
        var ven = VenScript.Registered();
        for (var k = 0; k < 100; k++)
        {
            ven.Fails(TransportFailure.Unreachable);
            var pause = Assert.IsType<VenNext.WaitUntil>(ven.Next()).At - ven.Now;
            var nominal = Math.Min(Math.Pow(2, k), 300);
            Assert.InRange(pause.TotalSeconds, nominal * 0.9, nominal * 1.1);
            ven.After(pause);
        }

        Assert.Single(ven.Notes, n => n.Kind == NoteKind.VtnLost);
        ven.Polls(Vtn.Nothing);
        Assert.True(ven.Noted(NoteKind.VtnBack));
        Assert.IsType<VenNext.WaitUntil>(ven.Next());
    }

    [Fact]
    public void T_BO_2_a_thousand_vens_that_start_together_do_not_poll_together()
    {
        var seconds = new int[10];
        for (var i = 0; i < 1000; i++)
        {
            var ven = new VenScript(Configs.Ven with { Quirks = new VenQuirks { SkipQueryRegistration = true } });
            var step = Ven.Apply(ven.Config, ven.State, new VenInput.ReplyReceived(ven.Request(), Vtn.Registers("req-1"), new string('a', 64)), ven.Now, (ulong)i);
            seconds[(int)(step.State.Link.PollAt!.Value - ven.Now).TotalSeconds]++;
        }

        Assert.All(seconds, n => Assert.InRange(n, 1, 300));
    }

    [Theory]
    [InlineData(404)]
    [InlineData(406)]
    public void What_was_answered_404_or_406_is_not_sent_again(int status)
    {
        var ven = VenScript.Registered().Gets(Vtn.Distributes(Vtn.Event("e1", "20:00", "PT1H", Vtn.Simple(("PT1H", 1)))));
        ven.Sends<OadrCreatedEvent>().Fails(TransportFailure.HttpStatus, status);
        Assert.Empty(ven.State.Owed);
        Assert.True(ven.Noted(NoteKind.MessageGivenUp, NoteLevel.Alarm));
        ven.After(Duration.FromSeconds(2)).Sends<OadrPoll>();
    }

    [Fact]
    public void What_was_answered_503_is_sent_again_the_same_after_a_pause()
    {
        var ven = VenScript.Registered().Gets(Vtn.Distributes(Vtn.Event("e1", "20:00", "PT1H", Vtn.Simple(("PT1H", 1)))));
        ven.Sends<OadrCreatedEvent>(out var first).Fails(TransportFailure.HttpStatus, 503).After(Duration.FromSeconds(2));
        ven.Sends<OadrCreatedEvent>(out var second);
        Assert.Equal(first, second);
    }

    [Theory]
    [InlineData(TransportFailure.HttpStatus, 500)]
    [InlineData(TransportFailure.Timeout, null)]
    public void A_message_that_the_vtn_never_takes_does_not_keep_the_ven_from_polling(TransportFailure kind, int? status)
    {
        var ven = VenScript.Registered().Gets(Vtn.Distributes(Vtn.Event("e1", "20:00", "PT1H", Vtn.Simple(("PT1H", 1)))));
        for (var i = 0; i < 5; i++)
        {
            ven.Sends<OadrCreatedEvent>().Fails(kind, status).After(Duration.FromMinutes(1));
        }

        ven.Polls(Vtn.Nothing).Sends<OadrCreatedEvent>();
    }

    [Fact]
    public void A_broken_report_service_does_not_keep_the_ven_from_asking_for_events()
    {
        var ven = new VenScript(Configs.Ven with { Quirks = new VenQuirks { SkipQueryRegistration = true } });
        ven.Sends<OadrCreatePartyRegistration>(out var create).Hears(Vtn.Registers(create.RequestId));
        for (var i = 0; i < 5; i++)
        {
            ven.Sends<OadrRegisterReport>().Fails(TransportFailure.HttpStatus, 500).After(Duration.FromMinutes(1));
        }

        ven.Polls(Vtn.Nothing).Sends<OadrRequestEvent>(out var request).Hears(Vtn.DistributesAs("dist-0") with { Response = EiResponse.Ok(request.RequestId) });
        ven.Sends<OadrRegisterReport>();
    }

    [Fact]
    public void An_answer_that_is_taken_without_a_word_is_given_up_in_the_end()
    {
        var ven = VenScript.Registered().Gets(Vtn.Distributes(Vtn.Event("e1", "20:00", "PT1H", Vtn.Simple(("PT1H", 1)))));
        for (var i = 0; i < 5; i++)
        {
            ven.Sends<OadrCreatedEvent>().Fails(TransportFailure.HttpStatus, 204).After(Duration.FromMinutes(1));
        }

        Assert.Empty(ven.State.Owed);
    }

    [Fact]
    public void A_reply_that_cannot_be_read_is_tried_again_and_given_up_in_the_end()
    {
        var ven = VenScript.Registered().Gets(Vtn.Distributes(Vtn.Event("e1", "20:00", "PT1H", Vtn.Simple(("PT1H", 1)))));
        for (var i = 0; i < 5; i++)
        {
            ven.Sends<OadrCreatedEvent>();
            ven.Takes(new VenInput.ReplyRefused(ven.Request(), new Refusal(ErrorClass.Malformed, "/", "is no XML"))).After(Duration.FromMinutes(1));
        }

        ven.Sends<OadrPoll>();
        Assert.Single(ven.State.Events);
    }

    [Fact]
    public void An_answer_is_owed_over_a_crash_until_the_vtn_took_it()
    {
        var ven = VenScript.Registered().Gets(Vtn.Distributes(Vtn.Event("e1", "20:00", "PT1H", Vtn.Simple(("PT1H", 1)))));
        var before = ven.Request();
        ven.State = VenStateJson.Read(VenStateJson.Write(ven.State));
        Assert.Equal(before, ven.Request());
        ven.Hears(Vtn.Nothing);
        Assert.Empty(ven.State.Owed);
    }

    [Fact]
    public void F16_a_clock_that_is_put_back_a_day_stops_neither_polls_nor_retries()
    {
        var ven = VenScript.Registered().Polls(Vtn.Nothing).At("2027-01-14T18:00:00Z").Polls(Vtn.Nothing);
        ven.After(Duration.FromSeconds(10)).Fails(TransportFailure.Unreachable).At("2027-01-13T18:00:00Z").Sends<OadrPoll>();
    }

    [Fact]
    public void A_vtn_that_talks_nonsense_is_spoken_to_more_and_more_slowly()
    {
        var ven = new VenScript();
        var start = ven.Now;
        for (var i = 0; i < 8; i++)
        {
            ven.Sends<OadrQueryRegistration>().Hears(new OadrPoll("x"));
            ven.After(Assert.IsType<VenNext.WaitUntil>(ven.Next()).At - ven.Now);
        }

        Assert.True(ven.Now - start > Duration.FromSeconds(200));
        Assert.Single(ven.Notes, n => n.Kind == NoteKind.VtnLost);
    }
}
