using GridServices.OpenAdr.Configuration;
using GridServices.OpenAdr.Messages;
using GridServices.OpenAdr.Tests.Scripts;
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

    [Theory]
    [InlineData(20, 20)]
    [InlineData(3600, 300)]
    [InlineData(0, 1)]
    public void Retry_After_is_respected_up_to_the_longest_back_off(int asked, int seconds)
    {
        var ven = VenScript.Registered();
        ven.Takes(new VenInput.TransportFailed(ven.Request(), TransportFailure.HttpStatus, 503, Duration.FromSeconds(asked)));
        var pause = Assert.IsType<VenNext.WaitUntil>(ven.Next()).At - ven.Now;
        Assert.InRange(pause.TotalSeconds, seconds * 0.9, seconds * 1.1);
    }

    [Fact]
    public void A_poll_answered_with_an_error_waits_alone_and_what_else_is_due_goes_on()
    {
        var ven = VenScript.Registered();
        for (var k = 0; k < 12; k++)
        {
            ven.Sends<OadrPoll>().Fails(TransportFailure.HttpStatus, 500);
            ven.Person(VenAction.RequestEvents).Sends<OadrRequestEvent>(out var request).Hears(Vtn.DistributesAs("d") with { Response = EiResponse.Ok(request.RequestId) });
            var pause = Assert.IsType<VenNext.WaitUntil>(ven.Next()).At - ven.Now;
            Assert.InRange(pause.TotalSeconds, Math.Min(Math.Pow(2, k), 300) * 0.9, Math.Min(Math.Pow(2, k), 300) * 1.1);
            ven.After(pause);
        }

        ven.Polls(Vtn.Nothing);
    }

    [Fact]
    public void A_vtn_that_talks_nonsense_is_spoken_to_more_and_more_slowly()
    {
        var ven = new VenScript();
        var start = ven.Now;
        for (var i = 0; i < 8; i++)
        {
            ven.Hears(new OadrPoll("x"));
            ven.After(Assert.IsType<VenNext.WaitUntil>(ven.Next()).At - ven.Now);
        }

        Assert.True(ven.Now - start > Duration.FromSeconds(200));
        Assert.Single(ven.Notes, n => n.Kind == NoteKind.VtnLost);
    }

    [Fact]
    public void The_words_for_people_are_those_of_the_standard()
    {
        var ven = VenScript.Registered().Gets(Vtn.Distributes(Vtn.Event("e1", "20:00", "PT1H", Vtn.Simple(("PT1H", 1)))));
        ven.Takes(new VenInput.TransportFailed(ven.Request(), TransportFailure.Tls, Detail: "the certificate has expired.")).After(Duration.FromSeconds(2));
        ven.Fails(TransportFailure.Unacceptable);
        Assert.All(ven.Notes, n => Assert.DoesNotMatch(@"AnswerEvents|\(Tls\)|Unacceptable|\.\.|\.\)\.|\.;", n.Text));
        Assert.Contains(ven.Notes, n => n.Text.Contains("no TLS connection: the certificate has expired", StringComparison.Ordinal));
    }
}
