using System.Net;
using System.Xml.Linq;
using GridServices.Testing;
using static GridServices.Client.Tests.Simulators.VtnUnderTest;

namespace GridServices.Client.Tests.Simulators;

/// <summary>The simulated VTN keeps the VTN's side of the rules.</summary>
public sealed class VtnExchangeTests
{
    private const string OneMinute = """{"eventId":"e1","start":"+PT1H","signals":[{"intervals":[{"duration":"PT1M","value":1},{"duration":"PT1M","value":2}]}]}""";

    [Fact]
    public async Task A_query_shows_no_IDs_and_a_registration_gives_them()
    {
        await using var vtn = await VtnUnderTest.StartAsync("--vtn-id", "V", "--poll-freq", "PT2S", "--ven-id", "VEN-7");
        var query = await vtn.SayAsync("EiRegisterParty", Root("oadrQueryRegistration", new XElement("{http://docs.oasis-open.org/ns/energyinterop/201110/payloads}requestID", "q")));
        Assert.Empty(query.Descendants(Ei + "venID"));
        Assert.Empty(query.Descendants(Ei + "registrationID"));
        var registered = await vtn.RegisterAsync();
        Assert.Equal(("VEN-7", "V"), (vtn.VenId, registered.Descendants(Ei + "vtnID").Single().Value));
        Assert.Equal("PT2S", registered.Descendants(Oadr + "oadrRequestedOadrPollFreq").Single().Value);
    }

    [Fact]
    public async Task A_stranger_is_answered_463()
    {
        await using var vtn = await VtnUnderTest.StartAsync();
        Assert.Equal("463", Code(await vtn.PollAsync()));
        await vtn.RegisterAsync();
        Assert.Equal("200", Code(await vtn.PollAsync()));
        await vtn.SimAsync($"/sim/vens/{vtn.VenId}/forget");
        Assert.Equal("463", Code(await vtn.PollAsync()));
    }

    [Fact]
    public async Task An_event_comes_once_by_poll_and_always_on_request()
    {
        await using var vtn = await VtnUnderTest.StartAsync();
        await vtn.RegisterAsync();
        await vtn.SimAsync("/sim/events", OneMinute);
        Assert.Equal(["e1/0/far"], Events(await vtn.PollAsync()));
        Assert.Equal("oadrResponse", (await vtn.PollAsync()).Name.LocalName);
        Assert.Equal(["e1/0/far"], Events(await vtn.RequestEventAsync()));
    }

    [Fact]
    public async Task A_modification_raises_the_number_and_keeps_the_start()
    {
        await using var vtn = await VtnUnderTest.StartAsync();
        await vtn.RegisterAsync();
        var issued = await vtn.SimAsync("/sim/events", OneMinute);
        var modified = await vtn.SimAsync(HttpMethod.Patch, "/sim/events/e1", """{"comment":"x","priority":3}""");
        Assert.Equal((1, issued["start"]!.GetValue<string>()), (modified["modification"]!.GetValue<int>(), modified["start"]!.GetValue<string>()));
        Assert.Equal(["e1/1/far"], Events(await vtn.PollAsync()));
    }

    [Fact]
    public async Task A_cancelled_event_is_told_until_it_is_answered()
    {
        await using var vtn = await VtnUnderTest.StartAsync();
        await vtn.RegisterAsync();
        await vtn.SimAsync("/sim/events", OneMinute);
        await vtn.SimAsync("/sim/events/e1/cancel");
        var told = await vtn.PollAsync();
        Assert.Equal(["e1/1/cancelled"], Events(told));
        Assert.Equal(["e1/1/cancelled"], Events(await vtn.RequestEventAsync()));
        await vtn.OptInAsync(told.Elements().Single(e => e.Name.LocalName is "requestID").Value, "e1", 1);
        Assert.Empty(Events(await vtn.RequestEventAsync()));
        var answer = Assert.Single(await vtn.GetAsync("/sim/created-events"))!;
        Assert.Equal(("e1", "optIn", true), (answer["eventId"]!.GetValue<string>(), answer["optType"]!.GetValue<string>(), answer["echoesDistribute"]!.GetValue<bool>()));
        Assert.InRange(answer["afterToldMs"]!.GetValue<long>(), 0, (long)Until.Ceiling.TotalMilliseconds);
    }

    [Fact]
    public async Task A_dropped_event_vanishes_from_the_next_payload()
    {
        await using var vtn = await VtnUnderTest.StartAsync();
        await vtn.RegisterAsync();
        await vtn.SimAsync("/sim/events", OneMinute);
        await vtn.PollAsync();
        await vtn.SimAsync(HttpMethod.Delete, "/sim/events/e1");
        var told = await vtn.PollAsync();
        Assert.Equal("oadrDistributeEvent", told.Name.LocalName);
        Assert.Empty(Events(told));
    }

    [Fact]
    public async Task Status_goes_by_time()
    {
        await using var vtn = await VtnUnderTest.StartAsync();
        await vtn.RegisterAsync();
        foreach (var (id, start, more) in new[] { ("far", "+PT1H", ""), ("near", "+PT1H", ",\"rampUp\":\"PT2H\""), ("active", "-PT1M", ""), ("open", "-PT10H", ",\"duration\":\"PT0S\""), ("over", "-PT10H", ""), ("window", "-PT5M", ",\"startAfter\":\"PT9M\"") })
        {
            await vtn.SimAsync("/sim/events", $$"""{"eventId":"{{id}}","start":"{{start}}"{{more}},"signals":[{"intervals":[{"duration":"PT2M","value":1}]}]}""");
        }

        Assert.Equal(["far/0/far", "near/0/near", "active/0/active", "open/0/active", "window/0/active"], Events(await vtn.RequestEventAsync()));
    }

    [Fact]
    public async Task Registration_can_be_asked_for_again_and_cancelled()
    {
        await using var vtn = await VtnUnderTest.StartAsync();
        var id = (await vtn.RegisterAsync()).Descendants(Ei + "registrationID").Single().Value;
        await vtn.SimAsync($"/sim/vens/{vtn.VenId}/request-reregistration");
        await vtn.SimAsync($"/sim/vens/{vtn.VenId}/cancel-registration", """{"registrationId":"wrong"}""");
        await vtn.SimAsync($"/sim/vens/{vtn.VenId}/cancel-registration");
        Assert.Equal("oadrRequestReregistration", (await vtn.PollAsync()).Name.LocalName);
        Assert.Equal("wrong", (await vtn.PollAsync()).Descendants(Ei + "registrationID").Single().Value);
        Assert.Equal(id, (await vtn.PollAsync()).Descendants(Ei + "registrationID").Single().Value);
    }

    [Theory]
    [InlineData("""{"signals":[{"intervals":[{"duration":"PT1","value":1}]}]}""")]
    [InlineData("""{"start":"tomorrow"}""")]
    [InlineData("""{"misspelt":1}""")]
    [InlineData("not json")]
    public async Task A_senseless_command_is_refused_with_a_reason(string body)
    {
        await using var vtn = await VtnUnderTest.StartAsync();
        using var content = new StringContent(body);
        using var response = await vtn.Http.PostAsync("/sim/events", content);
        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Contains("error", await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Journal_holds_the_header_facts()
    {
        await using var vtn = await VtnUnderTest.StartAsync();
        await vtn.RegisterAsync();
        using var chunked = new HttpRequestMessage(HttpMethod.Post, "/OpenADR2/Simple/2.0b/OadrPoll") { Content = new StringContent("<x/>", null, "text/xml") };
        chunked.Headers.TransferEncodingChunked = true;
        using var refused = await vtn.Http.SendAsync(chunked);
        var messages = await vtn.GetAsync("/sim/messages");
        Assert.Equal([true, false], messages.Select(m => m!["headers"]!["conforms"]!.GetValue<bool>()));
        Assert.True(messages[1]!["headers"]!["chunked"]!.GetValue<bool>());
    }

    [Fact]
    public async Task The_log_waits_for_the_next_line()
    {
        await using var vtn = await VtnUnderTest.StartAsync();
        var last = (await vtn.Http.GetStringAsync("/sim/log")).Split('\n', StringSplitOptions.RemoveEmptyEntries).Length;
        var waiting = vtn.Http.GetStringAsync($"/sim/log?since={last}&wait=PT60S");
        await vtn.RegisterAsync();
        Assert.Contains("\"kind\":\"registered\"", await waiting, StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_demo_script_issues_its_event_after_the_first_poll()
    {
        await using var vtn = await VtnUnderTest.StartAsync("--script", "demo");
        await vtn.RegisterAsync();
        await vtn.PollAsync();
        await Until.HoldsAsync(() => vtn.GetAsync("/sim/events"), events => events.Count > 0);

        Assert.StartsWith("demo-", Events(await vtn.PollAsync()).Single(), StringComparison.Ordinal);
    }

    internal static IEnumerable<string> Events(XElement distribute) => distribute.Elements(Oadr + "oadrEvent").Select(e =>
        $"{e.Descendants(Ei + "eventID").First().Value}/{e.Descendants(Ei + "modificationNumber").First().Value}/{e.Descendants(Ei + "eventStatus").First().Value}");

    private static string Code(XElement reply) => reply.Descendants(Ei + "responseCode").First().Value;
}
