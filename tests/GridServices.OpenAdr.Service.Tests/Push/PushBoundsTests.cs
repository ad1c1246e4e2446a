using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using GridServices.OpenAdr.Codec;
using GridServices.OpenAdr.Messages;
using GridServices.OpenAdr.Service.Tests.Rig;
using NodaTime;

namespace GridServices.OpenAdr.Service.Tests.Push;

/// <summary>What a VTN meets whose message can't be taken in now, whose answer is lost, or that has several VENs here.</summary>
public sealed class PushBoundsTests
{
    private const string ReportPath = "/OpenADR2/Simple/2.0b/EiReport";
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task An_event_whose_answer_was_cut_off_by_a_kill_is_answered_afterwards_and_counted_once()
    {
        await using var push = await PushRig.StartAsync();
        await push.RegisterAsync();
        var asked = 0;
        await using (var dying = await push.Rig.StartToDieAsync("before-push-answer", async () => asked = await push.Vtn.CountAsync("oadrRequestEvent")))
        {
            // The VEN asks for its events after its start: one that is issued before would be told there, and never pushed.
            await VenRig.UntilAsync(() => push.Vtn.CountAsync("oadrRequestEvent"), count => count > asked);
            await push.Vtn.IssueAsync("e1", start: "+PT1H");
            Assert.True(await dying.DiesAsync(), $"Nothing was taken in. {dying.LastWords}");
        }

        await push.Rig.StartServiceAsync();

        // The VTN sends it again, or the VEN asks for its events after the start, whichever comes first.
        await VenRig.UntilAsync(() => push.Vtn.GetAsync("/sim/created-events"), answers => answers.Count > 0);
        await push.Rig.HubHasAsync(e => e.Segments.Any(s => s.Cause?.EventId == "e1"));
        Assert.Single((await push.Rig.GetAsync(VenRig.Path + "/events")).AsArray());
        Assert.Single(push.Rig.Hub.Envelopes.Where(e => e.Segments.Any(s => s.Cause?.EventId == "e1")).Select(e => e.Revision).Distinct());
    }

    [Fact]
    public async Task A_report_request_whose_answer_was_cut_off_by_a_kill_gets_it_when_it_comes_again_and_begins_one_report()
    {
        await using var push = await PushRig.StartAsync();
        await push.RegisterAsync();
        var request = Asks(await push.Rig.VenIdAsync(), "rr-1");
        using var vtn = push.VtnCaller();
        await using (var dying = await push.Rig.StartToDieAsync("before-push-answer"))
        {
            var death = dying.DiesAsync();
            await VenRig.UntilAsync(async () => death.IsCompleted || await CutOffAsync(vtn, request), over => over);
            Assert.True(await death, $"Nothing was taken in. {dying.LastWords}");
        }

        await push.Rig.StartServiceAsync();
        var (first, second) = (await AnswerAsync(vtn, request), await AnswerAsync(vtn, request));
        Assert.Equal(first, second);
        Assert.Contains("<ei:responseCode>200<", first, StringComparison.Ordinal);
        Assert.Contains(">rr-1<", first, StringComparison.Ordinal);
        Assert.Single((await push.Rig.GetAsync(VenRig.Path + "/reports"))["requested"]!.AsArray());
    }

    [Fact]
    public async Task While_the_store_is_away_a_push_is_to_be_sent_again_and_does_nothing_until_then()
    {
        await using var push = await PushRig.StartAsync();
        await push.RegisterAsync();
        var request = Asks(await push.Rig.VenIdAsync(), "rr-1");
        using var vtn = push.VtnCaller();
        var store = Assert.Single(Directory.GetFiles(push.Rig.Folder, "*.db"));
        var asked = await push.Vtn.CountAsync("oadrRequestEvent");
        File.Move(store, store + ".away");
        using (var refused = await vtn.PostAsync(ReportPath, PushRig.Xml(request), Ct))
        {
            Assert.Equal(HttpStatusCode.ServiceUnavailable, refused.StatusCode);
            Assert.NotNull(refused.Headers.RetryAfter?.Delta);
        }

        Assert.Empty((await push.Rig.GetAsync(VenRig.Path + "/reports"))["requested"]!.AsArray());
        File.Move(store + ".away", store);

        // It may not come again: the VEN asks by itself.
        await VenRig.UntilAsync(() => push.Vtn.CountAsync("oadrRequestEvent"), count => count > asked);
        Assert.Contains(">rr-1<", await VenRig.UntilAsync(() => AnswerAsync(vtn, request), answer => answer.Length > 0), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Two_vens_of_one_vtn_with_a_path_each_get_what_is_theirs_alone()
    {
        await using var push = await PushRig.StartAsync();
        await push.RegisterAsync("site-1", push.Config("site-1", "/one"));
        await push.RegisterAsync("site-2", push.Config("site-2", "/two"));
        foreach (var (site, path, id) in new[] { ("site-1", "/one", "first"), ("site-2", "/two", "second") })
        {
            var venId = (await push.Rig.GetAsync($"/v1/vens/{site}"))["venId"]!.GetValue<string>();
            await push.Vtn.IssueAsync(id, start: "+PT1H", more: new JsonObject { ["venId"] = venId });
            await push.Rig.HubHasAsync(e => e.SiteId == site && e.Segments.Any(s => s.Cause?.EventId == id));
            using var vtn = push.VtnCaller();
            Assert.Contains($">rr-{id}<", await AnswerAsync(vtn, Asks(venId, $"rr-{id}"), path + ReportPath), StringComparison.Ordinal);
            Assert.Contains(">452<", await AnswerAsync(vtn, Asks("somebody-else", "rr-x"), path + ReportPath), StringComparison.Ordinal);
        }

        foreach (var (site, id) in new[] { ("site-1", "first"), ("site-2", "second") })
        {
            Assert.Equal(id, Assert.Single((await push.Rig.GetAsync($"/v1/vens/{site}/events")).AsArray())!["eventId"]!.GetValue<string>());
            Assert.Equal($"rr-{id}", Assert.Single((await push.Rig.GetAsync($"/v1/vens/{site}/reports"))["requested"]!.AsArray())!["reportRequestId"]!.GetValue<string>());
        }
    }

    [Fact]
    public async Task On_one_path_the_registration_or_the_report_tells_whose_a_message_without_venID_is()
    {
        await using var push = await PushRig.StartAsync();
        await push.RegisterAsync("site-1", push.Config("site-1", "/gr%C3%B6%C3%9Fe"));
        await push.RegisterAsync("site-2", push.Config("site-2", "/größe"));
        using var vtn = push.VtnCaller();
        var venId = (await push.Rig.GetAsync("/v1/vens/site-2"))["venId"]!.GetValue<string>();
        Assert.Contains(">rr-2<", await AnswerAsync(vtn, Asks(venId, "rr-2"), "/gr%C3%B6%C3%9Fe" + ReportPath), StringComparison.Ordinal);

        var cancels = PushRig.Message("oadrCancelReport", "<pyld:requestID>c-1</pyld:requestID><ei:reportRequestID>rr-2</ei:reportRequestID><pyld:reportToFollow>false</pyld:reportToFollow>");
        Assert.Contains("<ei:responseCode>200<", await AnswerAsync(vtn, cancels, "/größe" + ReportPath), StringComparison.Ordinal);
        var registrationId = (await push.Rig.GetAsync("/v1/vens/site-1"))["condition"]!["registrationId"]!.GetValue<string>();
        var ends = PushRig.Message("oadrCancelPartyRegistration", $"<pyld:requestID>c-2</pyld:requestID><ei:registrationID>{registrationId}</ei:registrationID>");
        Assert.Contains("<ei:responseCode>200<", await AnswerAsync(vtn, ends, "/größe/OpenADR2/Simple/2.0b/EiRegisterParty"), StringComparison.Ordinal);
        Assert.Null((await push.Rig.GetAsync("/v1/vens/site-1"))["condition"]!["registrationId"]);
        Assert.NotNull((await push.Rig.GetAsync("/v1/vens/site-2"))["condition"]!["registrationId"]);
    }

    [Fact]
    public async Task A_push_that_names_nobody_here_is_told_and_makes_no_ven_ask_and_one_that_may_be_anybodys_makes_each_ask()
    {
        await using var push = await PushRig.StartAsync();
        await push.RegisterAsync("site-1", push.Config("site-1"));
        await push.RegisterAsync("site-2", push.Config("site-2"));
        using var vtn = push.VtnCaller();
        Assert.Contains(">452<", await AnswerAsync(vtn, Asks("somebody-else", "rr-1")), StringComparison.Ordinal);
        using (var answer = await vtn.PostAsync("/", PushRig.Xml(PushRig.NoEvents("VTN-SIM")), Ct))
        {
            Assert.Equal(HttpStatusCode.NotFound, answer.StatusCode);
        }

        foreach (var site in new[] { "site-1", "site-2" })
        {
            Assert.Contains("HTTP 404", (await push.Rig.GetAsync($"/v1/vens/{site}/doctor"))["push"]!["lastRefused"]!.GetValue<string>(), StringComparison.Ordinal);
        }

        // What each of them may have missed comes after: a VEN that had asked before would have to wait a minute now.
        var asked = await push.Vtn.CountAsync("oadrRequestEvent");
        Assert.Equal(string.Empty, await AnswerAsync(vtn, "no xml"));
        await VenRig.UntilAsync(() => push.Vtn.CountAsync("oadrRequestEvent"), count => count >= asked + 2);
        Assert.Equal(asked + 2, await push.Vtn.CountAsync("oadrRequestEvent"));
    }

    /// <summary>False where an answer came, or nobody listens yet: it is said again until the service is gone.</summary>
    private static async Task<bool> CutOffAsync(HttpClient vtn, string request)
    {
        try
        {
            using var answer = await vtn.PostAsync(ReportPath, PushRig.Xml(request), Ct);
        }
        catch (HttpRequestException)
        {
            // Not listening yet, or dead by now.
        }

        return false;
    }

    /// <summary>Empty: it is to be sent again.</summary>
    private static async Task<string> AnswerAsync(HttpClient vtn, string request, string path = ReportPath)
    {
        using var answer = await vtn.PostAsync(path, PushRig.Xml(request), Ct);
        return answer.StatusCode == HttpStatusCode.OK ? await answer.Content.ReadAsStringAsync(Ct) : string.Empty;
    }

    private static string Asks(string venId, string reportRequestId)
    {
        var specifier = new ReportSpecifier
        {
            ReportSpecifierId = "telemetry-usage",
            Granularity = Period.FromSeconds(5),
            ReportBackDuration = Period.FromMinutes(10),
            Payloads = [new SpecifierPayload("power", null, "x-notApplicable")],
        };
        return Encoding.UTF8.GetString(OadrXml.Write(new OadrCreateReport($"q-{reportRequestId}", [new ReportRequest(reportRequestId, specifier)], venId)));
    }
}
