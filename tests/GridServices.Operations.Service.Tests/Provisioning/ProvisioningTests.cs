using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using GridServices.Hosting.Auth;
using GridServices.Hosting.Storage;
using GridServices.Operations.Service.Provisioning;
using GridServices.Testing;
using Microsoft.Extensions.DependencyInjection;

namespace GridServices.Operations.Service.Tests.Provisioning;

public sealed class ProvisioningTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory, ClassData(typeof(BothDatabases))]
    public async Task An_enrollment_becomes_a_registered_VEN_and_its_events_are_seen_opted_and_kept(Dialect dialect)
    {
        await using var store = TestStores.Create(dialect);
        await using var land = await Installation.StartAsync(store);
        var id = await land.EnrollAsync();
        await Installation.UntilAsync(() => land.EnrollmentAsync(id), e => (string)e["state"]! == "testing");
        var status = await Installation.UntilAsync(() => land.StatusAsync(id), s => (string)s["lamps"]!["registered"]!["state"]! == "on");
        Assert.Equal("/v1/vens/site-1", (string)status["documents"]![0]!["path"]!);

        await land.CallAsync("e17", "+PT1H");
        var events = await Installation.UntilAsync(() => land.Operations.GetAsync("/v1/events"), e => e["items"]!.AsArray().Count == 1);
        var held = events["items"]![0]!;
        Assert.Equal("OPENADR-PLAIN", (string)held["event"]!["templateCode"]!);
        var eventId = (string)held["id"]!;
        await land.Operations.PutAsync($"/v1/events/{eventId}/sites/site-1/opt", """{ "direction": "in", "reason": "participating" }""", HttpStatusCode.PreconditionFailed, $"\"{eventId}-0\"");
        await land.Operations.PutAsync($"/v1/events/{eventId}/sites/site-1/opt", """{ "direction": "out", "reason": "economic", "text": "inventory" }""", ifMatch: "*");
        await Installation.UntilAsync(() => land.Operations.GetAsync($"/v1/events/{eventId}"), e => (string)e["event"]!["sites"]![0]!["opt"]!["state"]! == "out");
        var told = await Installation.UntilAsync(() => JsonAsync(land.Vtn, "/sim/created-events"), c => c.AsArray().Any(r => r!.ToJsonString().Contains("optOut", StringComparison.Ordinal)));
        Assert.NotNull(told);

        // The registration is cancelled and made anew: still out, without anybody doing anything.
        var ven = (await JsonAsync(land.OpenAdrHttp, "/v1/vens/site-1"))["venId"]!;
        using var nothing = new StringContent("{}", System.Text.Encoding.UTF8, "application/json");
        using var asked = await land.Vtn.PostAsync(new Uri($"/sim/vens/{ven}/request-reregistration", UriKind.Relative), nothing, Ct);
        Assert.True(asked.IsSuccessStatusCode);
        await Installation.UntilAsync(() => land.Operations.GetAsync($"/v1/events/{eventId}"), e => (string)e["event"]!["sites"]![0]!["opt"]!["state"]! == "out");
        Assert.True((bool)(await JsonAsync(land.Operations.Http, "/v1/audit/verify"))["isSound"]!);
    }

    [Fact]
    public async Task A_standing_plan_is_told_of_an_event_that_was_not_known_when_it_was_made()
    {
        await using var land = await Installation.StartAsync();
        var id = await land.EnrollAsync();
        await Installation.UntilAsync(() => land.StatusAsync(id), s => (string)s["lamps"]!["registered"]!["state"]! == "on");
        var plan = (string)(await land.Operations.PostAsync("/v1/opt-plans", """{ "siteId": "site-1", "from": "2026-01-01T00:00:00Z", "until": "2050-01-01T00:00:00Z", "direction": "out", "reason": "x-schedule" }"""))["id"]!;
        await land.CallAsync("e18", "+PT2H");
        await Installation.UntilAsync(() => land.Operations.GetAsync("/v1/events"), e => e["items"]!.AsArray() is [{ } only] && (string)only["event"]!["sites"]![0]!["opt"]!["state"]! == "out");

        // The plan is taken back: no plan wants it any more, and the policy answers again.
        await land.Operations.SendAsync(HttpMethod.Delete, $"/v1/opt-plans/{plan}", null, HttpStatusCode.NoContent);
        await Installation.UntilAsync(() => land.Operations.GetAsync("/v1/events"), e => (string)e["items"]![0]!["event"]!["sites"]![0]!["opt"]!["state"]! == "in");
        Assert.Contains("event.optTold", (await land.Operations.GetAsync("/v1/audit?limit=50")).ToJsonString(), StringComparison.Ordinal);

        // A person chooses out and at once in: the first is a word of ours and no other person's, whatever the service's clock says.
        var called = (string)(await land.Operations.GetAsync("/v1/events"))["items"]![0]!["id"]!;
        await land.Operations.PutAsync($"/v1/events/{called}/sites/site-1/opt", """{ "direction": "out", "reason": "economic" }""");
        await land.Operations.PutAsync($"/v1/events/{called}/sites/site-1/opt", """{ "direction": "in", "reason": "participating" }""");
        await Installation.UntilAsync(() => JsonAsync(land.OpenAdrHttp, "/v1/vens/site-1/events"), e => (string?)e.AsArray().Single(o => (string)o!["eventId"]! == "e18")!["optReason"] == "participating");
    }

    [Fact]
    public async Task What_a_service_refuses_is_taken_back_whole_and_shown_at_the_forms_field()
    {
        await using var land = await Installation.StartAsync();
        var id = await land.EnrollAsync(more: ", \"marketContext\": \"not a uri \\u200b\"");
        await Installation.UntilAsync(() => land.EnrollmentAsync(id), e => (string)e["state"]! == "accepted");
        var refusal = (await land.StatusAsync(id))["refusal"]!;
        Assert.Equal("OpenAdr", (string)refusal["service"]!);
        Assert.Equal("/identity/marketContext", (string)refusal["fields"]![0]!["pointer"]!);
        using var gone = await land.OpenAdrHttp.GetAsync(new Uri("/v1/vens/site-1", UriKind.Relative), Ct);
        Assert.Equal(HttpStatusCode.NotFound, gone.StatusCode);
    }

    [Fact]
    public async Task A_change_by_hand_is_shown_and_stays_until_a_person_restores_ours()
    {
        await using var land = await Installation.StartAsync();
        var id = await land.EnrollAsync();
        await Installation.UntilAsync(() => land.EnrollmentAsync(id), e => (string)e["state"]! == "testing");
        var config = (await JsonAsync(land.OpenAdrHttp, "/v1/vens/site-1"))["config"]!.DeepClone();
        config["pollInterval"] = "PT3S";
        (await land.OpenAdrHttp.PutAsJsonAsync("/v1/vens/site-1", config, Ct)).EnsureSuccessStatusCode();

        var watch = land.Operations.Service.App.Services.GetRequiredService<DocumentWatch>();
        var status = await Installation.UntilAsync(
            async () =>
            {
                await watch.CheckAsync("default", Ct);
                return await land.StatusAsync(id);
            },
            s => s["documents"]![0]!["drift"] is JsonArray { Count: > 0 });
        Assert.Equal("/pollInterval", (string)status["documents"]![0]!["drift"]![0]!["pointer"]!);
        Assert.True((bool)(await land.EnrollmentAsync(id))["drifted"]!);
        await watch.CheckAsync("default", Ct);
        Assert.Equal("PT3S", (string)(await JsonAsync(land.OpenAdrHttp, "/v1/vens/site-1"))["config"]!["pollInterval"]!);

        var decided = await land.Operations.PostAsync($"/v1/enrollments/{id}/drift/restore", null, HttpStatusCode.OK, key: "decided-once");
        Assert.NotEqual("PT3S", (string)(await JsonAsync(land.OpenAdrHttp, "/v1/vens/site-1"))["config"]!["pollInterval"]!);
        Assert.False((bool)(await land.EnrollmentAsync(id))["drifted"]!);

        // Sent again with its key it is answered again; without one it is a decision about what is there now: nothing.
        Assert.Equal(decided.ToJsonString(), (await land.Operations.PostAsync($"/v1/enrollments/{id}/drift/restore", null, HttpStatusCode.OK, key: "decided-once")).ToJsonString());
        await land.Operations.PostAsync($"/v1/enrollments/{id}/drift/restore", null, HttpStatusCode.Conflict);
    }

    [Fact]
    public async Task Enrollments_that_share_a_VEN_take_nothing_from_each_other()
    {
        await using var land = await Installation.StartAsync();
        var first = await land.EnrollAsync(more: ", \"marketContext\": \"http://utility.example/dr\"");
        await Installation.UntilAsync(() => land.EnrollmentAsync(first), e => (string)e["state"]! == "testing");
        var meter = (string)(await land.Operations.PostAsync("/v1/meter-points", """{ "siteId": "site-1", "kind": "utility", "scheme": "OTHER", "identifier": "M-2" }"""))["id"]!;
        var second = (string)(await land.Operations.PostAsync("/v1/enrollments", $$"""
            { "siteId": "site-1", "program": "OPENADR-PLAIN", "meterPointIds": ["{{meter}}"], "period": { "from": "2026-01-01" },
              "identity": { "vtnUrl": "{{land.VtnUrl}}", "venName": "site-1", "marketContext": "http://utility.example/b" },
              "answers": { "peakDemandKw": 100, "levelOneKw": 60, "levelTwoKw": 30, "levelThreeKw": 10 } }
            """))["id"]!;
        await land.ActAsync(second, "submit");
        await land.ActAsync(second, "accept", """{ "reference": "U-2" }""");
        await land.ActAsync(second, "provision");
        await Installation.UntilAsync(() => land.EnrollmentAsync(second), e => (string)e["state"]! == "testing");

        // While one of them can't be applied, what the other one has at the services stays, and says what it waits for.
        await PatchAsync(land, second, """{ "answers": { "levelTwoKw": null } }""");
        await PatchAsync(land, first, """{ "answers": { "levelOneKw": "55" } }""");
        await Installation.UntilAsync(() => land.StatusAsync(first), s => ((string?)s["pending"]?["problem"])?.Contains(second, StringComparison.Ordinal) == true);
        Assert.Equal(2, (await ProgramsAsync(land)).Count);
        await PatchAsync(land, second, """{ "answers": { "levelTwoKw": 30 } }""");
        await Until.HoldsAsync(() => ProgramsAsync(land), p => LevelW(p[0], "1") == 55_000);

        // A level of the second one was changed by hand and taken over; then the first one ends.
        var config = (await JsonAsync(land.OpenAdrHttp, "/v1/vens/site-1"))["config"]!.DeepClone();
        config["programs"]![1]!["signals"]!["SIMPLE"]!["levels"]!["2"]!["importLimitW"] = 20_000;
        (await land.OpenAdrHttp.PutAsJsonAsync("/v1/vens/site-1", config, Ct)).EnsureSuccessStatusCode();
        await Installation.UntilAsync(() => land.StatusAsync(second), s => s["pending"] is null);
        await Installation.UntilAsync(
            async () =>
            {
                await land.Operations.Service.App.Services.GetRequiredService<DocumentWatch>().CheckAsync("default", Ct);
                return await land.EnrollmentAsync(second);
            },
            e => (bool)e["drifted"]!);
        await land.Operations.PostAsync($"/v1/enrollments/{second}/drift/take-over", null, HttpStatusCode.OK);
        await land.ActAsync(first, "end", """{ "reason": "the customer leaves" }""");
        var left = await Until.HoldsAsync(() => ProgramsAsync(land), p => p.Count == 1);
        Assert.Equal(("http://utility.example/b", 60_000, 20_000), ((string)left[0]!["marketContext"]!, LevelW(left[0], "1"), LevelW(left[0], "2")));
    }

    [Fact]
    public async Task Plans_of_one_person_for_more_sites_than_one_may_opt_out_wait_for_a_second_person()
    {
        await using var land = await Installation.StartAsync();
        string[] sites = ["site-1", "site-2"];
        await land.Operations.PutAsync("/v1/settings", """{ "twoPersonRule": true, "twoPersonOptOutSites": 1 }""");
        foreach (var site in sites)
        {
            var id = await land.EnrollAsync(site);
            await Installation.UntilAsync(() => land.StatusAsync(id), s => (string)s["lamps"]!["registered"]!["state"]! == "on");
            await land.Operations.PostAsync("/v1/opt-plans", $$"""{ "siteId": "{{site}}", "from": "2026-01-01T00:00:00Z", "until": "2050-01-01T00:00:00Z", "direction": "out", "reason": "mustRun" }""");
        }

        await land.CallAsync("e19", "+PT2H");
        Task<JsonNode> AskedAsync() => land.Operations.GetAsync("/v1/approvals");
        var asked = (await Installation.UntilAsync(AskedAsync, a => a["items"]!.AsArray() is { Count: > 0 }))["items"]![0]!;
        var second = land.Operations.Service.Client(await land.Operations.Service.AddTokenAsync("second", Role.Operator));
        await land.Operations.PostAsync($"/v1/approvals/{asked["id"]}/grant", null, HttpStatusCode.Conflict);
        var seen = await Task.WhenAll(sites.Select(site => JsonAsync(land.OpenAdrHttp, $"/v1/vens/{site}/events")));
        Assert.InRange(seen.Count(events => events.ToJsonString().Contains("optOut", StringComparison.Ordinal)), 0, 1); // one site one person may opt out
        await land.Operations.SendAsync(HttpMethod.Post, $"/v1/approvals/{asked["id"]}/grant", null, HttpStatusCode.OK, http: second);
        await Installation.UntilAsync(() => land.Operations.GetAsync("/v1/events"), e => e["items"]![0]!["event"]!["sites"]!.AsArray().All(s => (string)s!["opt"]!["state"]! == "out"));
    }

    [Fact]
    public async Task A_service_that_is_down_says_unknown_and_loses_no_change()
    {
        await using var land = await Installation.StartAsync();
        var id = await land.EnrollAsync();
        await Installation.UntilAsync(() => land.StatusAsync(id), s => (string)s["lamps"]!["registered"]!["state"]! == "on");
        await land.OpenAdr.App.StopAsync(Ct);
        await Installation.UntilAsync(() => land.Operations.GetAsync("/v1/services"), s => s.AsArray().Any(i => (string)i!["service"]! == "OpenAdr" && !(bool)i["answers"]!));
        Assert.Equal("unknown", (string)(await land.StatusAsync(id))["lamps"]!["registered"]!["state"]!);
        var held = await land.EnrollmentAsync(id);
        await land.Operations.SendAsync(HttpMethod.Patch, $"/v1/enrollments/{id}", """{ "answers": { "levelOneKw": "55" } }""", HttpStatusCode.OK, type: "application/merge-patch+json");
        var pending = (await Installation.UntilAsync(() => land.StatusAsync(id), s => s["pending"]?["problem"] is not null))["pending"]!;
        Assert.True((long)pending["tries"]! > 0, held.ToJsonString());
    }

    [Fact]
    public async Task The_connection_limit_holds_at_the_hub_before_any_utility_speaks()
    {
        await using var land = await Installation.StartAsync();
        await land.Operations.SiteAsync(await land.Operations.CustomerAsync(), "site-9");
        var effective = await Installation.UntilAsync(
            async () =>
            {
                using var answer = await land.HubHttp.GetAsync(new Uri("/v1/sites/site-9/effective", UriKind.Relative), Ct);
                return answer.IsSuccessStatusCode ? JsonNode.Parse(await answer.Content.ReadAsStringAsync(Ct))! : new JsonObject();
            },
            e => e["targets"] is JsonArray { Count: > 0 } targets && targets[0]!["segments"]![0]!["limits"]!["importLimitW"] is not null);
        var limit = effective["targets"]![0]!["segments"]![0]!["limits"]!["importLimitW"]!;
        Assert.Equal(80_000, (long)limit["value"]!);
        Assert.Equal("safety", (string)limit["boundBy"]!["tier"]!);
    }

    private static Task<JsonNode> PatchAsync(Installation installation, string id, string patch) =>
        installation.Operations.SendAsync(HttpMethod.Patch, $"/v1/enrollments/{id}", patch, HttpStatusCode.OK, type: "application/merge-patch+json");

    private static async Task<JsonArray> ProgramsAsync(Installation installation) => (await JsonAsync(installation.OpenAdrHttp, "/v1/vens/site-1"))["config"]!["programs"]!.AsArray();

    private static int LevelW(JsonNode? program, string level) => (int)program!["signals"]!["SIMPLE"]!["levels"]![level]!["importLimitW"]!;

    private static async Task<JsonNode> JsonAsync(HttpClient http, string path) => JsonNode.Parse(await http.GetStringAsync(new Uri(path, UriKind.Relative), Ct))!;
}
