using GridServices.Contracts;
using GridServices.OpenAdr.Configuration;
using GridServices.OpenAdr.Messages;
using GridServices.OpenAdr.Tests.Scripts;
using NodaTime;

namespace GridServices.OpenAdr.Tests.Registration;

/// <summary>What makes a VEN register again, and what keeps it from doing so in circles.</summary>
public sealed class ReregistrationTests
{
    [Fact]
    public void N1_0050_and_N1_0065_a_requested_reregistration_is_acknowledged_and_done_with_the_ids()
    {
        var ven = VenScript.Registered().Polls(new OadrRequestReregistration(Vtn.VenId));
        ven.Sends<OadrResponse>(out var ack).Hears(Vtn.Nothing);
        Assert.Equal(200, ack.Response.Code);
        ven.Sends<OadrCreatePartyRegistration>(out var again);
        Assert.Equal(("reg-1", Vtn.VenId), (again.RegistrationId, again.VenId));
        ven.Hears(Vtn.Registers(again.RequestId)).Publishes();
        ven.Sends<OadrPoll>();
    }

    [Fact]
    public void A_vtn_that_calls_itself_otherwise_is_adopted_with_a_warning_and_its_first_word_of_an_event_counts()
    {
        var held = Vtn.Event("e1", "17:30", "PT2H", Vtn.Simple(("PT2H", 1))).Modified(3);
        var ven = VenScript.Registered().Gets(Vtn.Distributes(held), "e1/3 200 OptIn");
        ven.State = ven.State with { Link = new LinkState() };
        ven.Polls(new OadrRequestReregistration(Vtn.VenId)).Sends<OadrResponse>().Hears(Vtn.Nothing);
        ven.Sends<OadrCreatePartyRegistration>(out var again).Hears(Vtn.Registers(again.RequestId, vtnId: "vtn-2"));
        Assert.Contains(ven.Notes, n => n is { Level: NoteLevel.Warning, Class: ErrorClass.AuthzVtnid });
        var other = Vtn.Event("e1", "17:30", "PT2H", Vtn.Simple(("PT2H", 3)));
        ven.Sends<OadrRequestEvent>().Hears(Vtn.Distributes(other) with { VtnId = "vtn-2" }).Publishes("site-1 PROG7: 17:30-19:30 import 0").Answers("e1/0 200 OptIn");
    }

    [Fact]
    public void A_reregistration_asked_of_another_venID_is_answered_452()
    {
        var ven = VenScript.Registered().Polls(new OadrRequestReregistration("ven-other"));
        ven.Sends<OadrResponse>(out var refused).Hears(Vtn.Nothing);
        Assert.Equal(452, refused.Response.Code);
        Assert.NotNull(ven.State.Registration);
    }

    [Fact]
    public void A_reregistration_asked_of_another_venID_again_and_again_is_answered_and_told_once_and_polls_keep_their_pace()
    {
        var ven = VenScript.Registered().Polls(new OadrRequestReregistration("ven-other"));
        ven.Sends<OadrResponse>().Hears(new OadrRequestReregistration("ven-other")).Waits("18:00:10");
        for (var i = 0; i < 100; i++)
        {
            ven.After(Assert.IsType<VenNext.WaitUntil>(ven.Next()).At - ven.Now).Polls(new OadrRequestReregistration("ven-other"));
        }

        Assert.Single(ven.Notes, n => n.Class == ErrorClass.AuthzVenid);
        Assert.Equal("18:16:40", ven.Now.ToString("HH:mm:ss", null));
    }

    [Fact]
    public void A_vtn_that_has_forgotten_the_ven_may_say_so_in_reply_to_any_message_and_what_was_said_is_said_again_after_the_registration()
    {
        var evening = Vtn.Event("e1", "20:00", "PT1H", Vtn.Simple(("PT1H", 1)));
        var ven = VenScript.Registered().Gets(Vtn.Distributes(evening));
        ven.Sends<OadrCreatedEvent>(out var answer).Hears(new OadrRequestReregistration(Vtn.VenId));
        ven.Sends<OadrCreatePartyRegistration>(out var again);
        Assert.Equal(("reg-1", Vtn.VenId), (again.RegistrationId, again.VenId));
        ven.Hears(Vtn.Registers(again.RequestId)).After(Duration.FromSeconds(2)).Polls(Vtn.Nothing);
        ven.Sends<OadrCreatedEvent>(out var repeated).Hears(Vtn.Nothing);
        Assert.Equal(answer, repeated);
        Assert.Empty(ven.State.Owed);
    }

    [Theory]
    [InlineData(typeof(OadrRegisterReport))]
    [InlineData(typeof(OadrRequestEvent))]
    [InlineData(typeof(OadrPoll))]
    [InlineData(typeof(OadrUpdateReport))]
    [InlineData(typeof(OadrCreatedReport))]
    [InlineData(typeof(OadrResponse))]
    [InlineData(typeof(OadrCreateReport))]
    public void Oadr_request_reregistration_is_understood_in_reply_to_every_message_but_those_of_registration(Type message)
    {
        var ven = VenScript.Registered(Configs.Reporting);
        ven.Polls(Vtn.AsksReports("q-1", Vtn.Wants("rr-1", "telemetry-usage", "PT1M", "PT1M", "power")));
        switch (message.Name)
        {
            case nameof(OadrRegisterReport):
                ven.Hears(Vtn.Nothing).Person(VenAction.PublishMetadata);
                break;
            case nameof(OadrRequestEvent):
                ven.Hears(Vtn.Nothing).Person(VenAction.RequestEvents);
                break;
            case nameof(OadrCreateReport):
                ven.Hears(Vtn.Nothing).Person(VenAction.RequestVtnMetadata);
                break;
            case nameof(OadrUpdateReport):
                ven.Hears(Vtn.Nothing).At("18:01");
                break;
            case nameof(OadrPoll):
                ven.Hears(Vtn.Nothing);
                break;
            case nameof(OadrResponse):
                ven.Hears(Vtn.Nothing).Polls(new OadrRequestReregistration(Vtn.VenId));
                break;
        }

        Assert.Equal(message, ven.Request().Message.GetType());
        ven.Hears(new OadrRequestReregistration(Vtn.VenId));
        if (ven.Request().Message is OadrResponse)
        {
            ven.Hears(Vtn.Nothing);
        }

        ven.Sends<OadrCreatePartyRegistration>(out var create);
        Assert.Equal("reg-1", create.RegistrationId);
    }

    [Fact]
    public void A_vtn_that_wants_a_registration_in_reply_to_everything_gets_no_storm()
    {
        var ven = VenScript.Registered().Gets(Vtn.Distributes(Vtn.Event("e1", "20:00", "PT1H", Vtn.Simple(("PT1H", 1)))));
        var (requests, until) = (0, ven.Now + Duration.FromMinutes(10));
        while (ven.Now < until)
        {
            switch (ven.Next())
            {
                case VenNext.WaitUntil wait:
                    ven.After(wait.At - ven.Now);
                    break;
                case VenNext.SendRequest { Message: OadrCreatePartyRegistration create }:
                    requests++;
                    ven.Hears(Vtn.Registers(create.RequestId));
                    break;
                default:
                    requests++;
                    ven.Hears(new OadrRequestReregistration(Vtn.VenId));
                    break;
            }
        }

        Assert.InRange(requests, 20, 250);
    }

    [Fact]
    public void Said_463_in_any_kind_of_answer_the_ven_registers_anew()
    {
        var ven = VenScript.Registered(Configs.Reporting).Polls(Vtn.AsksReports("q-1", Vtn.Wants("rr-1", "telemetry-usage", "PT1M", "PT1M", "power"))).Hears(Vtn.Nothing);
        ven.At("18:01").Sends<OadrUpdateReport>(out var report).Hears(new OadrUpdatedReport(new EiResponse(463, "who?", report.RequestId), null, null));
        ven.Sends<OadrCreatePartyRegistration>(out var create);
        Assert.Null(create.RegistrationId);
    }

    [Fact]
    public void An_illegible_poll_frequency_falls_back_to_the_default_with_a_warning()
    {
        var config = Configs.Ven with { PollInterval = null, Quirks = new VenQuirks { SkipQueryRegistration = true } };
        var ven = new VenScript(config).Hears(Vtn.Registers("req-1", poll: null) with { PollFrequencyFault = "'soon' is not a duration such as PT15M" });
        Assert.NotNull(ven.State.Registration);
        Assert.Contains(ven.Notes, n => n.Level == NoteLevel.Warning && n.Text.Contains("'soon'", StringComparison.Ordinal) && n.Text.Contains("10 s", StringComparison.Ordinal));
    }

    [Fact]
    public void A_vtn_whose_query_service_is_broken_is_registered_with_all_the_same()
    {
        var ven = new VenScript();
        for (var i = 0; i < 3; i++)
        {
            ven.Sends<OadrQueryRegistration>().Fails(TransportFailure.HttpStatus, 500).After(Duration.FromSeconds(10));
        }

        ven.Sends<OadrCreatePartyRegistration>();
    }
}
