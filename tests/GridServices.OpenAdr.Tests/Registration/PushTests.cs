using GridServices.OpenAdr.Configuration;
using GridServices.OpenAdr.Messages;
using GridServices.OpenAdr.Session;
using GridServices.OpenAdr.Signatures;
using GridServices.OpenAdr.Tests.Scripts;
using NodaTime;

namespace GridServices.OpenAdr.Tests.Registration;

/// <summary>The certification's push set (N0, E0, R0, G0): the VTN speaks first, the VEN answers at once and never polls.</summary>
public sealed class PushTests
{
    private static readonly VenConfig Config = Configs.Reporting with { Transport = VenTransport.Push, TransportAddress = "https://dr.example:8443" };
    private static readonly OadrEvent Event = Vtn.Event("e1", "20:00", "PT1H", Vtn.Simple(("PT1H", 1)));

    [Fact]
    public void N0_0020_a_push_ven_registers_with_its_address_and_never_polls()
    {
        var ven = new VenScript(Config).Hears(Vtn.Offers("req-1"));
        ven.Sends<OadrCreatePartyRegistration>(out var create);
        Assert.Equal((false, "https://dr.example:8443"), (create.HttpPullModel, create.TransportAddress));
        ven.Hears(Vtn.Registers(create.RequestId));
        ven.Sends<OadrRegisterReport>(out var metadata).Hears(new OadrRegisteredReport(EiResponse.Ok(metadata.RequestId), [], Vtn.VenId));
        ven.Sends<OadrRequestEvent>(out var request).Hears(Vtn.DistributesAs("d") with { Response = EiResponse.Ok(request.RequestId) });
        Assert.Equal(Instant.MaxValue, Assert.IsType<VenNext.WaitUntil>(ven.Next()).At);
        ven.After(Duration.FromDays(2));
        Assert.IsType<VenNext.WaitUntil>(ven.Next());
    }

    [Fact]
    public void E0_0020_a_pushed_event_is_acknowledged_at_once_and_answered_in_a_request_of_its_own()
    {
        var ven = Registered();
        Assert.Equal((200, "dist-1"), Said(Push(ven, Vtn.Distributes(Event))));
        ven.Publishes("site-1 PROG7: 20:00-21:00 import 60000").Answers("e1/0 200 OptIn");
        Assert.IsType<VenNext.WaitUntil>(ven.Next());
        Assert.Equal(ven.Now, ven.State.Link.PushedAt);
    }

    [Fact]
    public void E0_0100_an_event_that_needs_no_response_gets_none_but_the_acknowledgement()
    {
        var ven = Registered();
        Assert.Equal((200, "dist-1"), Said(Push(ven, Vtn.Distributes(Event.NoResponse()))));
        Assert.IsType<VenNext.WaitUntil>(ven.Next());
    }

    [Fact]
    public void E0_0190_what_arrives_by_push_and_by_request_counts_once()
    {
        var ven = Registered();
        Push(ven, Vtn.Distributes(Event));
        ven.Answers("e1/0 200 OptIn").Person(VenAction.RequestEvents).Sends<OadrRequestEvent>().Hears(Vtn.DistributesAs("dist-2", Event)).Publishes().Answers("e1/0 200 OptIn");
        Push(ven, Vtn.Distributes(Event));
        ven.Publishes().Answers("e1/0 200 OptIn");
        Assert.Single(ven.State.Events);
    }

    [Fact]
    public void E0_0370_and_0392_a_pushed_list_modifies_refuses_and_implies_cancellations_like_a_polled_one()
    {
        var ven = Registered();
        Push(ven, Vtn.Distributes(Event.Modified(5)));
        ven.Answers("e1/5 200 OptIn");
        Push(ven, Vtn.DistributesAs("dist-2", Event.Modified(3)));
        ven.Publishes().Answers("e1/3 450 OptOut");
        Push(ven, Vtn.DistributesAs("dist-3"));
        ven.Publishes("site-1 PROG7: nothing");
    }

    [Fact]
    public void E0_1080_events_of_another_vtnID_are_answered_452_and_nothing_else()
    {
        var ven = Registered();
        Assert.Equal((452, "dist-1"), Said(Push(ven, Vtn.Distributes(Event) with { VtnId = "VTN-TEST" })));
        Assert.Empty(ven.State.Events);
        Assert.IsType<VenNext.WaitUntil>(ven.Next());
    }

    [Fact]
    public void N0_0050_a_pushed_request_to_register_again_is_acknowledged_and_then_done_with_the_ids()
    {
        var ven = Registered();
        Assert.Equal(200, Assert.IsType<OadrResponse>(Push(ven, new OadrRequestReregistration(Vtn.VenId))).Response.Code);
        Push(ven, new OadrRequestReregistration(Vtn.VenId));
        ven.Sends<OadrCreatePartyRegistration>(out var create).Hears(Vtn.Registers(create.RequestId));
        Assert.Equal(("reg-1", Vtn.VenId), (create.RegistrationId, create.VenId));
        Assert.IsType<VenNext.WaitUntil>(ven.Next());
        Assert.Equal(452, Assert.IsType<OadrResponse>(Push(ven, new OadrRequestReregistration("somebody-else"))).Response.Code);
        Assert.Equal(452, Assert.IsType<OadrResponse>(Push(ven, new OadrRequestReregistration("somebody-else"))).Response.Code);
    }

    [Fact]
    public void N0_0040_a_pushed_cancellation_is_confirmed_erases_everything_and_is_confirmed_again_when_repeated()
    {
        var ven = Registered();
        Push(ven, Vtn.Distributes(Event));
        var cancel = new OadrCancelPartyRegistration("c-1", "reg-1", Vtn.VenId);
        var first = Push(ven, cancel);
        ven.Publishes("site-1 PROG7: withdrawn");
        Assert.Equal((200, "c-1", "reg-1"), Assert.IsType<OadrCanceledPartyRegistration>(first) is var c ? (c.Response.Code, c.Response.RequestId, c.RegistrationId) : default);
        Assert.Equal(first, Push(ven, cancel));
        Assert.IsType<VenNext.WaitUntil>(ven.Next());
    }

    [Fact]
    public void N0_0070_a_cancellation_with_a_wrong_registrationID_is_answered_452_and_the_ven_stays_registered()
    {
        var ven = Registered();
        Assert.Equal(452, Assert.IsType<OadrCanceledPartyRegistration>(Push(ven, new OadrCancelPartyRegistration("c-1", "reg-9", Vtn.VenId))).Response.Code);
        Assert.NotNull(ven.State.Registration);
    }

    [Fact]
    public void N0_0080_what_is_pushed_while_unregistered_is_ignored_and_done_when_it_comes_again_after()
    {
        var ven = new VenScript(Config with { Quirks = new VenQuirks { SkipQueryRegistration = true } });
        var request = Vtn.AsksReports("r-1", Vtn.Wants("rr-1", "TELEMETRY_USAGE", "PT1M", "PT5M", "power"));
        Assert.Equal((463, "r-1"), Said(Push(ven, request)));
        Assert.Equal((463, "dist-1"), Said(Push(ven, Vtn.Distributes(Event))));
        ven.Hears(Vtn.Registers("req-1"));
        Assert.Empty(ven.State.Events);
        Push(ven, request);
        Assert.DoesNotContain(ven.State.PushAnswers, a => a.Answer is PendingRequest.Acknowledge { Response.Code: 463 });
    }

    [Fact]
    public void R0_3020_a_pushed_report_request_is_confirmed_and_a_repeated_one_begins_no_other_report()
    {
        var ven = Registered();
        var specifier = Assert.Single(GridServices.OpenAdr.Reports.Metadata.Create(Config, ven.State, null, "x", ven.Now).Reports, r => r.ReportName!.Contains("USAGE", StringComparison.Ordinal)).ReportSpecifierId;
        var request = Vtn.AsksReports("r-1", Vtn.Wants("rr-1", specifier, "PT1M", "PT5M", "power"));
        var first = Assert.IsType<OadrCreatedReport>(Push(ven, request));
        Assert.Equal((200, "rr-1"), (first.Response.Code, Assert.Single(first.PendingReports)));
        var due = Assert.Single(ven.State.Reports).Due;
        ven.After(Duration.FromMinutes(2));
        Assert.Equal(first, Push(ven, request));
        Assert.Equal(due, Assert.Single(ven.State.Reports).Due);

        var cancel = new OadrCancelReport("r-2", ["rr-1"], false, Vtn.VenId);
        Assert.Equal(200, Assert.IsType<OadrCanceledReport>(Push(ven, cancel)).Response.Code);
        Assert.Equal(200, Assert.IsType<OadrCanceledReport>(Push(ven, cancel)).Response.Code);
        Assert.Equal(452, Assert.IsType<OadrCanceledReport>(Push(ven, cancel with { RequestId = "r-3" })).Response.Code);
    }

    [Fact]
    public void A_vtn_whose_requestIDs_are_all_alike_gets_everything_done()
    {
        var ven = Registered();
        var specifier = Assert.Single(GridServices.OpenAdr.Reports.Metadata.Create(Config, ven.State, null, "x", ven.Now).Reports, r => r.ReportName!.Contains("USAGE", StringComparison.Ordinal)).ReportSpecifierId;
        var request = Vtn.AsksReports("0", Vtn.Wants("rr-1", specifier, "PT1M", "PT5M", "power"));
        Push(ven, request);
        Push(ven, new OadrCancelReport("0", ["rr-1"], false, Vtn.VenId));
        Assert.Empty(ven.State.Reports);
        Push(ven, request);
        Assert.Single(ven.State.Reports);
    }

    [Fact]
    public void R0_3070_the_vtns_METADATA_and_data_are_answered_at_once()
    {
        var ven = Registered();
        Assert.IsType<OadrRegisteredReport>(Push(ven, new OadrRegisterReport { RequestId = "m-1", Reports = [], VenId = Vtn.VenId }));
        Assert.IsType<OadrUpdatedReport>(Push(ven, new OadrUpdateReport { RequestId = "u-1", Reports = [], VenId = Vtn.VenId }));
        var ask = Vtn.AsksReports("r-9", Vtn.Wants("md-1", "METADATA", "PT0S", "PT0S", "0"));
        Assert.IsType<OadrCreatedReport>(Push(ven, ask));
        ven.Sends<OadrRegisterReport>(out var metadata);
        Assert.Equal("md-1", metadata.ReportRequestId);
    }

    [Fact]
    public void A_message_at_the_wrong_endpoint_or_of_a_ven_is_answered_459_and_does_nothing()
    {
        var ven = Registered();
        Assert.Equal((459, "dist-1"), Said(Push(ven, Vtn.Distributes(Event), OadrServiceName.EiReport)));
        Assert.Equal((459, "q"), Said(Push(ven, new OadrQueryRegistration("q"), OadrServiceName.EiRegisterParty)));
        Assert.Equal((459, ""), Said(Push(ven, new OadrPoll(Vtn.VenId), OadrServiceName.EiEvent)));
        Assert.Empty(ven.State.Events);
    }

    [Fact]
    public void G0_4010_a_signed_push_that_is_sent_again_is_refused_and_does_nothing()
    {
        var ven = Registered();
        var stamp = new SignatureStamp(ven.Now, "nonce-1");
        Push(ven, Vtn.Distributes(Event), stamp: stamp);
        ven.Answers("e1/0 200 OptIn");
        Push(ven, Vtn.DistributesAs("dist-2"), stamp: new SignatureStamp(ven.Now, "nonce-2"));
        Assert.Equal((469, "dist-1"), Said(Push(ven, Vtn.Distributes(Event), stamp: stamp)));
        ven.Publishes();
    }

    [Fact]
    public void Another_transport_is_told_by_a_registration_with_the_same_ids()
    {
        var ven = VenScript.Registered(Configs.Reporting).Reconfigured(Config);
        ven.Sends<OadrCreatePartyRegistration>(out var create);
        Assert.Equal(("reg-1", false, "https://dr.example:8443"), (create.RegistrationId, create.HttpPullModel, create.TransportAddress));
        ven.Hears(Vtn.Registers(create.RequestId)).Sends<OadrRequestEvent>();
    }

    [Theory]
    [InlineData(null, "/transportAddress")]
    [InlineData("http://dr.example", "/transportAddress")]
    [InlineData("https://dr.example/OpenADR2/Simple/2.0b/EiEvent", "/transportAddress")]
    [InlineData("https://dr.example:8443/site%2F1", "/transportAddress")]
    [InlineData("https://dr.example:8443/site%25201", "/transportAddress")]
    [InlineData("https://dr.example:8443/site%00", "/transportAddress")]
    [InlineData("https://dr.example:8443/site-1/OpenADR2/Simple/2.0b", null)]
    public void A_push_address_is_an_https_base_url(string? address, string? fault)
    {
        Assert.Equal(fault, VenConfigRules.Check(Config with { TransportAddress = address }).Select(f => f.Pointer).SingleOrDefault());
        if (fault is null)
        {
            Assert.Equal("/site-1", PushAddress.GetPrefix(address!));
        }
    }

    [Theory]
    [InlineData("https://dr.example:8443/site%201", "/site 1")]
    [InlineData("https://dr.example:8443/site 1/OpenADR2/Simple/2.0b/", "/site 1")]
    [InlineData("https://dr.example:8443/größe", "/größe")]
    [InlineData("https://dr.example:8443/gr%C3%B6%C3%9Fe", "/größe")]
    [InlineData("https://dr.example:8443", "")]
    public void The_path_is_compared_without_escapes_as_a_server_reads_it(string address, string prefix)
    {
        Assert.Empty(VenConfigRules.Check(Config with { TransportAddress = address }));
        Assert.Equal(prefix, PushAddress.GetPrefix(address));
    }

    [Fact]
    public void A_message_without_venID_names_a_ven_by_its_registration_or_a_report_of_it()
    {
        var ven = Registered();
        ven.Takes(new VenInput.MessagePushed(OadrServiceName.EiReport, Vtn.AsksReports("q-1", Vtn.Wants("rr-1", "telemetry-usage", "PT1M", "PT1M", "power")), new string('a', 64)));
        Assert.NotEmpty(ven.State.Reports);
        Assert.True(VtnMessages.Names(new OadrCancelPartyRegistration("c-1", ven.State.Registration!.RegistrationId, null), ven.State));
        Assert.False(VtnMessages.Names(new OadrCancelPartyRegistration("c-1", "another", null), ven.State));
        Assert.True(VtnMessages.Names(new OadrCancelReport("c-2", ["rr-1"], ReportToFollow: false, null), ven.State));
        Assert.False(VtnMessages.Names(new OadrCancelReport("c-2", ["rr-2"], ReportToFollow: false, null), ven.State));
        Assert.False(VtnMessages.Names(new OadrRequestReregistration(string.Empty), ven.State));
    }

    private static VenScript Registered() => VenScript.Registered(Config);

    private static (int, string) Said(OadrMessage answer) => Assert.IsType<OadrResponse>(answer) is var said ? (said.Response.Code, said.Response.RequestId) : default;

    private static OadrMessage Push(VenScript ven, OadrMessage message, OadrServiceName? service = null, SignatureStamp? stamp = null)
    {
        var pushed = new VenInput.MessagePushed(service ?? VtnMessages.FindService(message)!.Value, message, new string('b', 64), stamp);
        ven.Takes(pushed);
        return PushAnswers.GetAnswer(ven.Config, VenStateJson.Read(VenStateJson.Write(ven.State)), pushed);
    }
}
