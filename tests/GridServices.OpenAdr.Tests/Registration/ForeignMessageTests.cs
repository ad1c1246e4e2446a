using System.Text;
using System.Text.RegularExpressions;
using GridServices.Contracts;
using GridServices.OpenAdr.Codec;
using GridServices.OpenAdr.Configuration;
using GridServices.OpenAdr.Messages;
using GridServices.OpenAdr.Session;
using GridServices.OpenAdr.Tests.Scripts;
using GridServices.Wire;

namespace GridServices.OpenAdr.Tests.Registration;

/// <summary>What a poll found and is not for this VEN, can't be read in part, or can't even be written.</summary>
public sealed class ForeignMessageTests
{
    private const string Other = "ven-other";

    [Fact]
    public void A_report_message_for_another_ven_is_answered_452_and_not_carried_out()
    {
        var ven = VenScript.Registered(Configs.Reporting).IsAskedFor(Vtn.Wants("rr-1", "telemetry-usage", "PT1M", "PT5M", "power"));
        ven.Polls(new OadrCreateReport("q-2", [Vtn.Wants("rr-2", "telemetry-usage", "PT1M", "PT5M", "power")], Other)).Sends<OadrCreatedReport>(out var created).Hears(Vtn.Nothing);
        Assert.Equal((452, "q-2"), (created.Response.Code, created.Response.RequestId));
        ven.Polls(new OadrCancelReport("q-3", ["rr-1"], false, Other)).Sends<OadrCanceledReport>(out var cancelled).Hears(Vtn.Nothing);
        Assert.Equal((452, "q-3"), (cancelled.Response.Code, cancelled.Response.RequestId));
        ven.Polls(new OadrRegisterReport { RequestId = "q-4", VenId = Other }).Sends<OadrRegisteredReport>(out var registered).Hears(Vtn.Nothing);
        Assert.Equal((452, "q-4"), (registered.Response.Code, registered.Response.RequestId));
        ven.Polls(new OadrUpdateReport { RequestId = "q-5", VenId = Other }).Sends<OadrUpdatedReport>(out var updated).Hears(Vtn.Nothing);
        Assert.Equal((452, "q-5"), (updated.Response.Code, updated.Response.RequestId));
        Assert.Equal("rr-1", Assert.Single(ven.State.Reports).ReportRequestId);
    }

    [Fact]
    public void A_request_that_rides_on_an_answer_and_is_illegible_is_answered_alone_and_undoes_nothing()
    {
        var ven = new VenScript(Configs.Reporting with { Quirks = new VenQuirks { SkipQueryRegistration = true } });
        ven.Sends<OadrCreatePartyRegistration>(out var create).Hears(Vtn.Registers(create.RequestId)).Sends<OadrRegisterReport>(out var metadata);
        var riding = new OadrRegisteredReport(EiResponse.Ok(metadata.RequestId), [Vtn.Wants("rr-1", "telemetry-usage", "PT1M", "PT5M", "power").Between("23:00", "PT7H")], Vtn.VenId);
        ven.Hears(Bent(riding, ">PT7H<", ">P1M<"));
        Assert.DoesNotContain(ven.State.Owed, o => o is PendingRequest.PublishMetadata);
        ven.Sends<OadrRequestEvent>(out var request).Hears(Vtn.DistributesAs("d-1") with { Response = EiResponse.Ok(request.RequestId) }).Sends<OadrCreatedReport>(out var answer);
        Assert.Equal(459, answer.Response.Code);
    }

    [Fact]
    public void A_cancellation_that_rides_on_an_answer_and_is_illegible_is_answered_alone_and_nothing_is_sent_twice()
    {
        var ven = VenScript.Registered(Configs.Reporting).IsAskedFor(Vtn.Wants("rr-1", "telemetry-usage", "PT1M", "PT5M", "power")).ReadsEachMinute("18:00", 6);
        ven.At("18:05").Sends<OadrUpdateReport>(out var data);
        ven.Hears(Bent(ReportScript.Took(data) with { CancelReport = new OadrCancelReport("x-1", ["rr-1"], false, Vtn.VenId) }, "reportToFollow", "reportToFall"));
        ven.Sends<OadrCanceledReport>(out var answer).Hears(Vtn.Nothing);
        Assert.Equal(459, answer.Response.Code);
        Assert.True(Assert.Single(ven.State.Reports) is { Failures: 0 } report && report.Due > ven.Now);
    }

    [Fact]
    public void A_refusal_that_states_nothing_else_keeps_its_code()
    {
        var refused = Regex.Replace(
            Text(Vtn.Registers("r-1", code: 452)), "<oadr:oadrProfiles>.*</oadr:oadrProfiles>", string.Empty, RegexOptions.Singleline, TimeSpan.FromSeconds(5));
        Assert.Equal(452, Assert.IsType<OadrCreatedPartyRegistration>(Read(refused)).Response.Code);
        var list = Text(Vtn.DistributesAs("d-1") with { Response = new EiResponse(463, "no", "d-1") }).Replace($"<ei:vtnID>{Vtn.Id}</ei:vtnID>", string.Empty, StringComparison.Ordinal);
        Assert.Equal(463, Assert.IsType<OadrDistributeEvent>(Read(list)).Response!.Code);
    }

    [Theory]
    [InlineData("oadrCreateReport", 461)]
    [InlineData("oadrDistributeEvent", 460)]
    public void An_illegible_unit_is_461_where_it_stands_in_a_report(string message, int code)
    {
        var ven = VenScript.Registered(Configs.Reporting);
        ven.Takes(new VenInput.ReplyRefused(ven.Sends<OadrPoll>().Request(), new ReadError(ErrorClass.Unit, "/", "no such unit"), message, "q-9"));
        Assert.Equal(code, ven.Request().Message switch { OadrCreatedReport report => report.Response.Code, OadrCreatedEvent events => events.Response.Code, _ => 0 });
    }

    [Fact]
    public void Thousands_of_resources_in_a_target_are_read()
    {
        var many = Vtn.Event("e1", "20:00", "PT1H", Vtn.Simple(("PT1H", 1))) with { Target = new EiTarget { ResourceIds = Enumerable.Range(0, 5_000).Select(i => $"r{i}").ToValueList() } };
        Assert.Equal(5_000, Assert.IsType<OadrDistributeEvent>(Read(Text(Vtn.Distributes(many)))).Events[0].Value!.Target!.ResourceIds.Count);
    }

    [Fact]
    public void A_message_that_cannot_be_written_is_parked_and_holds_up_nothing()
    {
        var ven = VenScript.Registered().Gets(Vtn.Distributes(Vtn.Event("e1", "20:00", "PT1H", Vtn.Simple(("PT1H", 1)))));
        ven.Takes(new VenInput.TransportFailed(ven.Request(), TransportFailure.Unwritable, Detail: "U+FFFF"));
        Assert.NotNull(Assert.Single(ven.State.Owed).ParkedAt);
        ven.Polls(Vtn.Distributes(Vtn.Event("e1", "20:00", "PT1H", Vtn.Simple(("PT1H", 1))), Vtn.Event("e2", "21:00", "PT1H", Vtn.Simple(("PT1H", 1)))));
        Assert.Contains(ven.State.Events, e => e.Id == "e2");
    }

    [Fact]
    public void Two_distributions_pushed_in_a_row_are_answered_each_with_its_requestID()
    {
        var ven = VenScript.Registered(Configs.Ven with { Transport = VenTransport.Push, TransportAddress = "https://dr.example:8443" });
        var wanted = Vtn.Event("e1", "20:00", "PT1H", Vtn.Simple(("PT1H", 1)));
        foreach (var id in new[] { "d-1", "d-2" })
        {
            ven.Takes(new VenInput.MessagePushed(OadrServiceName.EiEvent, Vtn.DistributesAs(id, wanted), new string('a', 64), null));
        }

        Assert.Equal(["d-1", "d-2"], ven.State.Owed.OfType<PendingRequest.AnswerEvents>().SelectMany(a => a.Responses).Select(r => r.RequestId));
    }

    /// <summary>Profile section 9.1.7: a request that may have arrived goes again under its requestID, and no other has that one.</summary>
    [Fact]
    public void A_request_without_an_answer_keeps_its_requestID_whatever_goes_between()
    {
        var ven = VenScript.Registered(Configs.Reporting).IsAskedFor(Vtn.Wants("rr-1", "telemetry-usage", "PT1M", "PT5M", "power")).ReadsEachMinute("18:00", 6);
        var lost = ven.At("18:05").Request();
        Assert.IsType<OadrUpdateReport>(lost.Message);
        ven.Fails(TransportFailure.Timeout).PollsInVain().Person(VenAction.RequestEvents).Sends<OadrRequestEvent>(out var between);
        Assert.NotEqual(lost.RequestId, between.RequestId);
        ven.Hears(Vtn.DistributesAs("d-9") with { Response = EiResponse.Ok(between.RequestId) });
        var again = ven.At("18:30").Request();
        while (again.Message is not OadrUpdateReport)
        {
            ven.Hears(Vtn.Nothing);
            again = ven.Request();
        }

        Assert.Equal(lost.RequestId, again.RequestId);
        ven.Hears(ReportScript.Took((OadrUpdateReport)again.Message));
        Assert.Null(Assert.Single(ven.State.Reports).Number);
    }

    /// <summary>While the clock stood a month ahead the event was over and forgotten; the hub still holds its limit.</summary>
    [Fact]
    public void After_a_clock_that_leapt_ahead_and_came_back_events_are_asked_for_again()
    {
        var wanted = Vtn.Event("e1", "20:00", "PT1H", Vtn.Simple(("PT1H", 2)));
        var ven = VenScript.Registered().Gets(Vtn.Distributes(wanted), "e1/0 200 OptIn").PollsInVain();
        ven.At("2027-02-15T18:00:00Z").Polls(Vtn.Nothing).At("18:01").Polls(Vtn.Nothing).Sends<OadrRequestEvent>(out var request);
        ven.Hears(Vtn.DistributesAs("d-2", wanted) with { Response = EiResponse.Ok(request.RequestId) });
        Assert.Equal("e1", Assert.Single(ven.State.Events).Id);
        Assert.Equal(30_000, ven.Hub[("site-1", "PROG7")].Segments.Single(s => s.Cause?.EventId == "e1").Limits.ImportLimitW);
    }

    private static string Text(OadrMessage message) => Encoding.UTF8.GetString(OadrXml.Write(message));

    private static OadrMessage Read(string xml)
    {
        var outcome = OadrXml.Read(Encoding.UTF8.GetBytes(xml));
        Assert.True(outcome.Message is not null, outcome.Refusal?.ToString());
        return outcome.Message;
    }

    private static OadrMessage Bent(OadrMessage message, string passage, string replacement)
    {
        var text = Text(message);
        Assert.Contains(passage, text, StringComparison.Ordinal);
        return Read(text.Replace(passage, replacement, StringComparison.Ordinal));
    }
}
