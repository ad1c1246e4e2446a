using System.Net;
using System.Text.Json.Nodes;
using GridServices.OpenAdr.Service.Tests.Rig;

namespace GridServices.OpenAdr.Service.Tests.Push;

/// <summary>A VEN that is pushed to, over real mutual TLS, from its registration to restarts.</summary>
public sealed class PushLifeTests
{
    [Fact]
    public async Task A_pushed_event_goes_all_the_way_and_no_poll_is_sent()
    {
        await using var push = await PushRig.StartAsync();
        await push.RegisterAsync();
        await push.Vtn.IssueAsync("e1", level: 2);
        await push.Rig.HubHasAsync(e => e.Segments.Any(s => s.Cause?.EventId == "e1" && s.Limits.ImportLimitW == 30_000));
        await VenRig.UntilAsync(() => push.Vtn.GetAsync("/sim/created-events"), answers => answers.Count == 1);

        // The VTN notes a push once its answer is read; the VEN's own answer to the event may be there before.
        var pushes = await VenRig.UntilAsync(() => push.Vtn.GetAsync("/sim/pushes"), all => all.Any(IsOfTheEvent));
        var told = pushes.Single(IsOfTheEvent)!;
        Assert.Equal(("oadrResponse", "200"), (told["replyName"]!.GetValue<string>(), told["responseCode"]!.GetValue<string>()));
        Assert.Equal(0, await push.Vtn.CountAsync("oadrPoll"));

        var ven = await push.Rig.GetAsync(VenRig.Path);
        Assert.Equal("ok", ven["condition"]!["status"]!.GetValue<string>());
        Assert.NotNull(ven["condition"]!["lastPushAt"]);
        var rows = await VenRig.UntilAsync(
            async () => (await push.Rig.GetAsync(VenRig.Path + "/messages"))["messages"]!.AsArray(),
            r => r.Any(m => m!["message"]?.GetValue<string>() == "oadrResponse" && m["direction"]!.GetValue<string>() == "sent"));
        var row = rows.First(m => m!["message"]?.GetValue<string>() == "oadrDistributeEvent" && m["direction"]!.GetValue<string>() == "received" && m["xml"]?.GetValue<string>().Contains("e1", StringComparison.Ordinal) == true)!;
        Assert.Equal(64, row["sha256"]!.GetValue<string>().Length);
        using var client = push.Rig.Service.Client(push.Rig.Service.Tokens.Operator);
        Assert.Contains("openadr_pushed", await client.GetStringAsync("/metrics"), StringComparison.Ordinal);
    }

    private static bool IsOfTheEvent(JsonNode? push) => push!["request"]!.GetValue<string>().Contains("e1", StringComparison.Ordinal);

    [Fact]
    public async Task What_the_doctor_says_of_the_listener_and_the_address()
    {
        await using var push = await PushRig.StartAsync();
        await push.RegisterAsync();
        var report = await push.Rig.GetAsync(VenRig.Path + "/doctor");
        Assert.True(report["push"]!["listening"]!.GetValue<bool>());
        Assert.Equal(push.Address, report["push"]!["transportAddress"]!.GetValue<string>());
        Assert.Equal("ok", report["status"]!.GetValue<string>());
    }

    [Fact]
    public async Task Requests_to_register_again_and_cancellations_are_pushed_and_answered()
    {
        await using var push = await PushRig.StartAsync();
        await push.RegisterAsync();
        var ven = await push.Rig.VenIdAsync();
        await push.Vtn.PostAsync($"/sim/vens/{ven}/request-reregistration");
        await VenRig.UntilAsync(() => push.Vtn.CountAsync("oadrCreatePartyRegistration"), n => n == 2);
        await push.Vtn.PostAsync($"/sim/vens/{ven}/cancel-registration", new JsonObject { ["registrationId"] = "other" });
        await VenRig.UntilAsync(() => push.Vtn.GetAsync("/sim/pushes"), p => p.Any(x => x!["replyName"]?.GetValue<string>() == "oadrCanceledPartyRegistration" && x["responseCode"]!.GetValue<string>() == "452"));
        Assert.Equal("registered", await push.Rig.StateAsync());
        await push.Vtn.PostAsync($"/sim/vens/{ven}/cancel-registration");
        await VenRig.UntilAsync(() => push.Rig.StateAsync(), s => s == "registering");
    }

    [Fact]
    public async Task Reports_are_asked_for_and_cancelled_by_push()
    {
        await using var push = await PushRig.StartAsync();
        await push.RegisterAsync();
        var ven = await push.Rig.VenIdAsync();
        await push.Vtn.PostAsync($"/sim/vens/{ven}/request-reports", new JsonObject { ["granularity"] = "PT1S", ["reportBack"] = "PT2S" });
        await VenRig.UntilAsync(() => push.Vtn.CountAsync("oadrUpdateReport"), n => n > 0);
        await push.Vtn.PostAsync($"/sim/vens/{ven}/cancel-reports");
        await VenRig.UntilAsync(() => push.Vtn.GetAsync("/sim/pushes"), p => p.Any(x => x!["replyName"]?.GetValue<string>() == "oadrCanceledReport"));
        await VenRig.UntilAsync(async () => (await push.Rig.GetAsync(VenRig.Path))["condition"]!["reports"]!.GetValue<int>(), n => n == 0);
        var codes = (await push.Vtn.GetAsync("/sim/pushes")).Select(p => p!["responseCode"]?.GetValue<string>()).OfType<string>().Distinct().ToList();
        Assert.Equal("200", Assert.Single(codes));
    }

    [Fact]
    public async Task What_comes_by_push_and_by_request_counts_once()
    {
        await using var push = await PushRig.StartAsync();
        await push.RegisterAsync();
        await push.Vtn.IssueAsync("e1", start: "+PT1H");
        await push.Rig.HubHasAsync(e => e.Segments.Any(s => s.Cause?.EventId == "e1"));
        await VenRig.UntilAsync(() => push.Vtn.GetAsync("/sim/created-events"), answers => answers.Count == 1);
        var before = push.Rig.Hub.Envelopes.Count();
        await push.Rig.PostAsync("/actions/request-events");
        await VenRig.UntilAsync(() => push.Vtn.GetAsync("/sim/created-events"), answers => answers.Count == 2);
        Assert.Equal(before, push.Rig.Hub.Envelopes.Count());
        Assert.Single((await push.Rig.GetAsync(VenRig.Path + "/events")).AsArray());
    }

    [Fact]
    public async Task After_a_restart_the_ven_asks_for_what_was_pushed_in_vain_and_stays_registered()
    {
        await using var push = await PushRig.StartAsync();
        await push.RegisterAsync();
        var asked = await push.Vtn.CountAsync("oadrRequestEvent");
        await push.Rig.StopServiceAsync();
        await push.Vtn.IssueAsync("e1", start: "+PT1H");
        await push.Rig.StartServiceAsync();
        await push.Rig.HubHasAsync(e => e.Segments.Any(s => s.Cause?.EventId == "e1"));
        await VenRig.UntilAsync(() => push.Vtn.CountAsync("oadrRequestEvent"), n => n > asked);
        Assert.Equal(1, await push.Vtn.CountAsync("oadrCreatePartyRegistration"));
        Assert.Single((await push.Rig.GetAsync(VenRig.Path + "/events")).AsArray());
    }

    [Fact]
    public async Task Vens_that_pull_and_vens_that_are_pushed_to_live_side_by_side_at_one_vtn()
    {
        await using var push = await PushRig.StartAsync();
        await push.RegisterAsync();
        await push.RegisterAsync("site-2", push.Config("site-2", "/site-2"));
        await push.Rig.PutAsync("/v1/vens/site-3", Pull("site-3", push.Vtn.Url));
        await VenRig.UntilAsync(async () => (await push.Rig.GetAsync("/v1/vens/site-3"))["state"]!.GetValue<string>(), s => s == "registered");
        await push.Vtn.IssueAsync("e1", start: "+PT1H");
        foreach (var site in new[] { "site-1", "site-2", "site-3" })
        {
            await push.Rig.HubHasAsync(e => e.SiteId == site && e.Segments.Any(s => s.Cause?.EventId == "e1"));
        }
    }

    [Fact]
    public async Task A_vtn_that_signs_pushes_to_a_ven_that_demands_it_and_gets_signed_answers()
    {
        await using var push = await PushRig.StartAsync("--sign");
        var config = push.Config();
        config["profile"]!["signatures"] = "require";
        await push.RegisterAsync("site-1", config);
        await push.Vtn.IssueAsync("e1", start: "+PT1H");
        await push.Rig.HubHasAsync(e => e.Segments.Any(s => s.Cause?.EventId == "e1"));

        using var unsigned = push.VtnCaller();
        using var answer = await unsigned.PostAsync(PushRig.EventPath, PushRig.Xml(PushRig.NoEvents("VTN-SIM")), TestContext.Current.CancellationToken);
        Assert.Equal(HttpStatusCode.OK, answer.StatusCode);
        Assert.Contains("<ei:responseCode>469<", await answer.Content.ReadAsStringAsync(TestContext.Current.CancellationToken), StringComparison.Ordinal);
        Assert.Single((await push.Rig.GetAsync(VenRig.Path + "/events")).AsArray());
    }

    private static JsonObject Pull(string name, string vtnUrl)
    {
        var config = VenRig.Config(vtnUrl);
        (config["venName"], config["siteId"]) = (name, name);
        return config;
    }
}
