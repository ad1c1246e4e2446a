using System.Net;
using System.Net.Http.Json;
using System.Text.Json.Nodes;
using GridServices.Hosting;
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
        await using var store = TestStores.Of(dialect);
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
        await land.Operations.PutAsync($"/v1/events/{eventId}/sites/site-1/opt", """{ "direction": "out", "reason": "economic", "text": "inventory" }""");
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
        await land.Operations.PostAsync("/v1/opt-plans", """{ "siteId": "site-1", "from": "2026-01-01T00:00:00Z", "until": "2050-01-01T00:00:00Z", "direction": "out", "reason": "x-schedule" }""");
        await land.CallAsync("e18", "+PT2H");
        await Installation.UntilAsync(() => land.Operations.GetAsync("/v1/events"), e => e["items"]!.AsArray() is [{ } only] && (string)only["event"]!["sites"]![0]!["opt"]!["state"]! == "out");
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
        await watch.LookAsync("default", Ct);
        var status = await land.StatusAsync(id);
        Assert.Equal("/pollInterval", (string)status["documents"]![0]!["drift"]![0]!["pointer"]!);
        Assert.True((bool)(await land.EnrollmentAsync(id))["drifted"]!);
        await watch.LookAsync("default", Ct);
        Assert.Equal("PT3S", (string)(await JsonAsync(land.OpenAdrHttp, "/v1/vens/site-1"))["config"]!["pollInterval"]!);

        var decided = await land.Operations.PostAsync($"/v1/enrollments/{id}/drift/restore", null, HttpStatusCode.OK, key: "decided-once");
        Assert.NotEqual("PT3S", (string)(await JsonAsync(land.OpenAdrHttp, "/v1/vens/site-1"))["config"]!["pollInterval"]!);
        Assert.False((bool)(await land.EnrollmentAsync(id))["drifted"]!);

        // Sent again with its key it is answered again; without one it is a decision about what is there now: nothing.
        Assert.Equal(decided.ToJsonString(), (await land.Operations.PostAsync($"/v1/enrollments/{id}/drift/restore", null, HttpStatusCode.OK, key: "decided-once")).ToJsonString());
        await land.Operations.PostAsync($"/v1/enrollments/{id}/drift/restore", null, HttpStatusCode.Conflict);
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

    private static async Task<JsonNode> JsonAsync(HttpClient http, string path) => JsonNode.Parse(await http.GetStringAsync(new Uri(path, UriKind.Relative), Ct))!;
}
