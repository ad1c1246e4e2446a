using GridServices.Contracts;
using GridServices.OpenAdr.Configuration;
using GridServices.OpenAdr.Messages;
using GridServices.OpenAdr.Tests.Scripts;
using NodaTime;

namespace GridServices.OpenAdr.Tests.Registration;

public sealed class RegistrationTests
{
    [Fact]
    public void N1_0010_and_N1_0020_a_new_ven_queries_registers_tells_metadata_asks_for_events_and_polls()
    {
        var ven = new VenScript();
        ven.Sends<OadrQueryRegistration>(out var query).Hears(Vtn.Offers(query.RequestId)).Publishes();
        ven.Sends<OadrCreatePartyRegistration>(out var create);
        Assert.Equal(("req-2", null, null, "ven-under-test", true), (create.RequestId, create.RegistrationId, create.VenId, create.VenName, create.HttpPullModel));
        ven.Hears(Vtn.Registers("req-2")).Publishes("site-1 PROG7: nothing");
        ven.Sends<OadrRegisterReport>(out var metadata);
        Assert.Empty(metadata.Reports);
        Assert.Null(metadata.ReportRequestId);
        ven.Hears(new OadrRegisteredReport(EiResponse.Ok(metadata.RequestId), [], Vtn.VenId));
        ven.Sends<OadrRequestEvent>().Hears(Vtn.Distributes()).Publishes();
        var first = Assert.IsType<VenNext.WaitUntil>(ven.Next()).At - ven.Now;
        Assert.InRange(first, Duration.Zero, Duration.FromSeconds(10));
        ven.After(first).Polls(Vtn.Nothing);
        Assert.Equal(ven.Now + Duration.FromSeconds(10), Assert.IsType<VenNext.WaitUntil>(ven.Next()).At);
    }

    [Fact]
    public void N1_0025_a_preallocated_venID_is_given_on_the_first_registration()
    {
        var ven = new VenScript(Configs.Ven with { VenId = "ven-7", Quirks = new VenQuirks { SkipQueryRegistration = true } });
        ven.Sends<OadrCreatePartyRegistration>(out var create);
        Assert.Equal(("ven-7", null), (create.VenId, create.RegistrationId));
    }

    [Fact]
    public void N1_0060_another_venID_is_adopted_unless_it_is_pinned()
    {
        var config = Configs.Ven with { VenId = "ven-7", Quirks = new VenQuirks { SkipQueryRegistration = true } };
        var ven = new VenScript(config).Hears(Vtn.Registers("req-1", venId: "ven-other"));
        Assert.Equal("ven-other", ven.State.Registration?.VenId);
        Assert.True(ven.Noted(NoteKind.Registered, NoteLevel.Warning));

        var pinned = new VenScript(config with { PinVenId = true }).Hears(Vtn.Registers("req-1", venId: "ven-other"));
        Assert.Null(pinned.State.Registration);
        Assert.Contains(pinned.Notes, n => n.Class == ErrorClass.AuthzVenid && n.Level == NoteLevel.Alarm);
        Assert.IsType<VenNext.WaitUntil>(pinned.Next());
    }

    [Fact]
    public void A_reply_to_another_request_registers_nothing_unless_the_quirk_for_None_is_on()
    {
        var config = Configs.Ven with { Quirks = new VenQuirks { SkipQueryRegistration = true } };
        var ven = new VenScript(config).Hears(Vtn.Registers("req-999"));
        Assert.Null(ven.State.Registration);
        Assert.Contains(ven.Notes, n => n.Class == ErrorClass.Correlation);

        var openleadr = new VenScript(config with { Quirks = config.Quirks with { TolerateNoneRequestId = true } }).Hears(Vtn.Registers("None"));
        Assert.NotNull(openleadr.State.Registration);
    }

    [Theory]
    [InlineData("PT0S", 10)]
    [InlineData("PT30S", 30)]
    [InlineData("P1D", 3600)]
    [InlineData("P1M", 3600)]
    [InlineData(null, 10)]
    public void The_poll_frequency_is_clamped_and_never_shorter_than_the_configured_one(string? asked, long seconds)
    {
        var ven = new VenScript(Configs.Ven with { Quirks = new VenQuirks { SkipQueryRegistration = true } }).Hears(Vtn.Registers("req-1", poll: asked));
        ven.State = ven.State with { Owed = [], Link = new LinkState() };
        ven.Polls(Vtn.Nothing);
        Assert.Equal(ven.Now + Duration.FromSeconds(seconds), Assert.IsType<VenNext.WaitUntil>(ven.Next()).At);
    }

    [Theory]
    [InlineData("P1Y", "P1Y", 3600)]
    [InlineData("P1M", "P1M", 3600)]
    [InlineData("P7D", "P7D", 3600)]
    [InlineData("PT0S", "PT0S", 1)]
    [InlineData("PT1H", null, 3600)]
    [InlineData("PT60M", null, 3600)]
    public void A_poll_frequency_that_is_not_taken_as_it_is_said_is_told_and_the_first_poll_comes_within_a_minute(string asked, string? told, long seconds)
    {
        var ven = new VenScript(Configs.Ven with { PollInterval = null, Quirks = new VenQuirks { SkipQueryRegistration = true } }).Hears(Vtn.Registers("req-1", poll: asked));
        Assert.Equal(Duration.FromSeconds(seconds), ven.State.Registration?.PollFrequency);
        Assert.InRange(ven.State.Link.PollAt!.Value - ven.Now, Duration.Zero, Duration.FromMinutes(1));
        var warnings = ven.Notes.Where(n => n.Level == NoteLevel.Warning).ToList();
        Assert.Equal(told is null ? 0 : 1, warnings.Count);
        Assert.All(warnings, w => Assert.Contains($"{told}; that is taken as {seconds} s", w.Text, StringComparison.Ordinal));
    }

    [Fact]
    public void A_poll_frequency_of_zero_becomes_the_floor_where_nothing_is_configured()
    {
        var config = Configs.Ven with { PollInterval = null, Quirks = new VenQuirks { SkipQueryRegistration = true } };
        var ven = new VenScript(config).Hears(Vtn.Registers("req-1", poll: "PT0S"));
        Assert.Equal(Duration.FromSeconds(1), ven.State.Registration?.PollFrequency);
    }

    [Fact]
    public void N1_0030_after_its_own_cancellation_the_ven_waits_for_a_person()
    {
        var ven = VenScript.Registered().Person(VenAction.CancelRegistration);
        ven.Sends<OadrCancelPartyRegistration>(out var cancel);
        Assert.Equal("reg-1", cancel.RegistrationId);
        ven.Hears(new OadrCanceledPartyRegistration(EiResponse.Ok(cancel.RequestId), "reg-1", Vtn.VenId)).Publishes("site-1 PROG7: withdrawn");
        Assert.Equal(Instant.MaxValue, Assert.IsType<VenNext.WaitUntil>(ven.Next()).At);
        ven.Person(VenAction.Register).Sends<OadrQueryRegistration>();
    }

    [Fact]
    public void N1_0040_a_cancellation_by_the_vtn_is_confirmed_erases_everything_and_is_followed_by_a_new_try()
    {
        var ven = VenScript.Registered().Gets(Vtn.Distributes(Vtn.Event("e1", "20:00", "PT1H", Vtn.Simple(("PT1H", 1)))), "e1/0 200 OptIn");
        ven.Polls(new OadrCancelPartyRegistration("c-1", "reg-1", Vtn.VenId)).Publishes("site-1 PROG7: withdrawn");
        ven.Sends<OadrCanceledPartyRegistration>(out var confirmed);
        Assert.Equal((200, "c-1", "reg-1"), (confirmed.Response.Code, confirmed.Response.RequestId, confirmed.RegistrationId));
        ven.Hears(Vtn.Nothing).Waits("18:05");
        Assert.Empty(ven.State.Events);
        ven.At("18:05").Sends<OadrQueryRegistration>();
    }

    [Fact]
    public void N1_0070_a_cancellation_with_a_wrong_registrationID_is_answered_452_and_the_ven_stays_registered()
    {
        var ven = VenScript.Registered().Polls(new OadrCancelPartyRegistration("c-1", "reg-wrong", null)).Publishes();
        ven.Sends<OadrCanceledPartyRegistration>(out var refused).Hears(Vtn.Nothing);
        Assert.Equal(452, refused.Response.Code);
        Assert.NotNull(ven.State.Registration);
        ven.Polls(new OadrCancelPartyRegistration("c-2", "reg-1", null));
        Assert.Null(ven.State.Registration);
    }

    [Fact]
    public void N1_0080_what_arrives_while_unregistered_is_ignored()
    {
        var ven = VenScript.Registered();
        var poll = ven.Request();
        ven.Polls(new OadrCancelPartyRegistration("c-1", "reg-1", null));
        ven.Takes(new VenInput.ReplyReceived(poll, Vtn.Distributes(Vtn.Event("e1", "20:00", "PT1H", Vtn.Simple(("PT1H", 1)))), new string('b', 64)));
        Assert.Empty(ven.State.Events);
        Assert.True(ven.Noted(NoteKind.MessageIgnored, NoteLevel.Warning));
        ven.Publishes();
    }

    [Fact]
    public void Unknown_at_the_vtn_the_ven_registers_anew_and_its_limits_stay_meanwhile()
    {
        var ven = VenScript.Registered().Gets(Vtn.Distributes(Vtn.Event("e1", "17:30", "PT2H", Vtn.Simple(("PT2H", 2)))), "e1/0 200 OptIn");
        ven.Polls(Vtn.Refuses(463)).Publishes();
        ven.Sends<OadrCreatePartyRegistration>(out var create);
        Assert.Null(create.RegistrationId);
        ven.Hears(Vtn.Registers(create.RequestId, registrationId: "reg-2")).Publishes();
        ven.Sends<OadrRegisterReport>(out var metadata).Hears(new OadrRegisteredReport(EiResponse.Ok(metadata.RequestId), [], Vtn.VenId)).Publishes();
        ven.Sends<OadrRequestEvent>().Hears(Vtn.Distributes()).Publishes("site-1 PROG7: nothing");
    }

    [Fact]
    public void A_vtn_that_asks_for_registrations_for_ever_is_served_ever_more_slowly_and_a_person_is_told()
    {
        var ven = VenScript.Registered();
        var requests = 0;
        var until = ven.Now + Duration.FromMinutes(30);
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
                case VenNext.SendRequest { Message: OadrPoll }:
                    ven.Hears(new OadrRequestReregistration(Vtn.VenId));
                    break;
                default:
                    ven.Hears(Vtn.Nothing);
                    break;
            }
        }

        Assert.InRange(requests, 4, 12);
        Assert.True(ven.Noted(NoteKind.RegistrationLoop, NoteLevel.Alarm));
    }

    [Fact]
    public void N1_0015_a_query_while_registered_changes_nothing()
    {
        var ven = VenScript.Registered().Person(VenAction.QueryRegistration);
        ven.Sends<OadrQueryRegistration>(out var query).Hears(Vtn.Offers(query.RequestId)).Publishes();
        Assert.NotNull(ven.State.Registration);
        ven.Sends<OadrPoll>();
    }

    // OpenADR 2.0b rule 514: a VTN may sign only to VENs that say that they take signatures.
    [Fact]
    public void Signatures_are_told_and_a_changed_setting_is_told_by_registering_again()
    {
        var signing = Configs.Ven with { Profile = new VenProfile { Signatures = SignatureMode.Require } };
        var first = new VenScript(signing).Sends<OadrQueryRegistration>(out var query).Hears(Vtn.Offers(query.RequestId));
        first.Sends<OadrCreatePartyRegistration>(out var create);
        Assert.True(create.XmlSignature);

        var ven = VenScript.Registered().Reconfigured(signing).After(Duration.FromSeconds(2)).Sends<OadrCreatePartyRegistration>(out var again);
        Assert.Equal(("reg-1", true), (again.RegistrationId, again.XmlSignature));
        ven.Hears(Vtn.Registers(again.RequestId)).Sends<OadrRequestEvent>();
        VenScript.Registered(signing).Reconfigured(signing with { Profile = new VenProfile { Signatures = SignatureMode.Sign } }).PollsInVain();
        VenScript.Registered(signing).Reconfigured(Configs.Ven).Sends<OadrCreatePartyRegistration>(out var off);
        Assert.False(off.XmlSignature);
    }

    [Fact]
    public void A_person_can_order_every_exchange_that_the_certification_needs()
    {
        var ven = VenScript.Registered().Person(VenAction.RequestEvents).Person(VenAction.PublishMetadata).Person(VenAction.RequestVtnMetadata);
        ven.Sends<OadrRequestEvent>().Hears(Vtn.Distributes());
        ven.Sends<OadrRegisterReport>().Hears(new OadrRegisteredReport(EiResponse.Ok("x"), [], Vtn.VenId));
        ven.Sends<OadrCreateReport>(out var ask);
        Assert.Equal("METADATA", ask.ReportRequests[0].Specifier.ReportSpecifierId);
        ven.Hears(new OadrCreatedReport(EiResponse.Ok(ask.RequestId), [], Vtn.VenId));
        ven.Polls(new OadrRegisterReport { RequestId = "m-1" });
        ven.Sends<OadrRegisteredReport>(out var taken).Hears(Vtn.Nothing);
        Assert.Equal("m-1", taken.Response.RequestId);
        ven.Person(VenAction.Register).Sends<OadrCreatePartyRegistration>(out var anew);
        Assert.Null(anew.RegistrationId);
    }

    [Fact]
    public void Deleting_a_ven_withdraws_its_streams_and_keeps_their_revisions()
    {
        var ven = VenScript.Registered().Takes(new VenInput.Removed()).Publishes("site-1 PROG7: withdrawn");
        Assert.Equal(2, ven.State.Revisions["PROG7"]);
        Assert.Empty(ven.State.Owed);
    }
}
