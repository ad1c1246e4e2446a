using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using GridServices.Hosting.Storage;
using GridServices.Operations.Notifications;
using GridServices.Operations.Opt;
using GridServices.Operations.Service.Events;
using GridServices.Operations.Service.Notify;
using GridServices.Testing;
using Microsoft.Extensions.DependencyInjection;
using NodaTime;

namespace GridServices.Operations.Service.Tests.Provisioning;

/// <summary>Opt plans as opt schedules, told to the simulated utility by the real OpenAdr service.</summary>
public sealed class OptScheduleTests
{
    private const string Wanting = ", \"optSchedules\": true";

    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Theory, ClassData(typeof(BothDatabases))]
    public async Task A_plan_is_held_by_the_utility_answers_events_outlives_a_lost_answer_and_a_restart_and_goes_with_the_plan(Dialect dialect)
    {
        await using var store = TestStores.Create(dialect);
        await using var land = await EnrolledAsync(store);
        var plan = await PlanAsync(land, "2026-01-01T00:00:00Z", "2034-01-01T00:00:00Z");
        var held = await StateAsync(land, plan, "held");
        var first = Assert.Single(await VtnAsync(land, o => o.Count == 1))!;
        Assert.Equal(("optOut", "mustRun", (string)held["optId"]!), ((string)first["optType"]!, (string)first["optReason"]!, (string)first["optId"]!));

        await land.CallAsync("e1", "+PT2H");
        var answered = await Installation.UntilAsync(() => GetVenAsync(land, "events"), e => e.AsArray() is [{ } only] && (string?)only["optType"] == "optOut");
        Assert.False((bool?)answered[0]!["optByPerson"] ?? false);

        // Killed between the sending and the storing of its answer.
        var schedules = land.Operations.Service.App.Services.GetRequiredService<OptScheduleStore>();
        var kept = await schedules.ListAsync("default", Ct);
        await schedules.SaveAsync("default", kept, [.. kept.Select(k => k with { OptId = null, State = OptScheduleState.Unsent })], Ct);
        await land.RestartOperationsAsync();
        Assert.Equal((string)held["optId"]!, (string)(await StateAsync(land, plan, "held"))["optId"]!);
        Assert.Single((await GetVenAsync(land, "opts")).AsArray());

        await land.Operations.SendAsync(HttpMethod.Patch, $"/v1/opt-plans/{plan}", """{ "until": "2035-01-01T00:00:00Z" }""", HttpStatusCode.OK, type: "application/merge-patch+json");
        var second = Assert.Single(await VtnAsync(land, o => o.Count == 1 && (string)o[0]!["optId"]! != (string)held["optId"]!))!;
        Assert.True(second["periods"]!.AsArray().Count > first["periods"]!.AsArray().Count);

        await land.Operations.SendAsync(HttpMethod.Delete, $"/v1/opt-plans/{plan}", null, HttpStatusCode.NoContent);
        await VtnAsync(land, o => o.Count == 0);
        Assert.True((bool)(await land.Operations.GetAsync("/v1/audit/verify"))["isSound"]!);
    }

    [Fact]
    public async Task A_schedule_that_the_utility_refuses_is_shown_with_its_words_told_to_people_and_applied_event_by_event()
    {
        await using var land = await EnrolledAsync(null);
        await PostAsync(land.Vtn, "/sim/refuse-opts", """{ "code": "454", "words": "no schedules here" }""");
        var plan = await PlanAsync(land, "2026-01-01T00:00:00Z", "2034-01-01T00:00:00Z");
        Assert.Equal("454 (no schedules here)", (string)(await StateAsync(land, plan, "refused"))["problem"]!);
        var notices = await land.Operations.Service.App.Services.GetRequiredService<LineNotices>().ReadAsync("default", Instant.MinValue, Ct);
        Assert.Contains(notices, n => n.Trigger == Trigger.OptScheduleRefused && n.Arguments.Any(a => a.Text == "454 (no schedules here)"));

        await land.CallAsync("e2", "+PT2H");
        await Installation.UntilAsync(() => JsonAsync(land.Vtn, "/sim/created-events"), c => c.AsArray().Any(r => r!.ToJsonString().Contains("optOut", StringComparison.Ordinal)));
        Assert.Empty(await VtnAsync(land, _ => true));
    }

    [Fact]
    public async Task A_schedule_that_a_person_made_at_the_service_is_neither_replaced_nor_cancelled()
    {
        await using var land = await EnrolledAsync(null);
        await PostAsync(land.OpenAdrHttp, "/v1/vens/site-1/opts", """{ "optType": "optOut", "optReason": "economic", "periods": [ { "start": "2100-01-01T00:00:00Z", "duration": "PT2H" } ] }""");
        var byHand = (string)(await VtnAsync(land, o => o.Count == 1))[0]!["optId"]!;
        var plan = await PlanAsync(land, "2026-01-01T00:00:00Z", "2034-01-01T00:00:00Z");
        await UnsentAsync(land, plan, byHand);

        await land.Operations.SendAsync(HttpMethod.Delete, $"/v1/opt-plans/{plan}", null, HttpStatusCode.NoContent);
        var schedules = land.Operations.Service.App.Services.GetRequiredService<OptScheduleStore>();
        await Until.HoldsAsync(() => schedules.ListAsync("default", Ct), all => all.All(s => s.EndedAt is not null));
        Assert.Equal(byHand, (string)Assert.Single(await VtnAsync(land, _ => true))!["optId"]!);
    }

    [Fact]
    public async Task While_the_service_is_away_a_plan_waits_and_says_so()
    {
        await using var land = await EnrolledAsync(null);
        await land.OpenAdr.App.StopAsync(Ct);
        var plan = await PlanAsync(land, "2026-01-01T00:00:00Z", "2034-01-01T00:00:00Z");
        await UnsentAsync(land, plan, "does not answer");
    }

    [Fact]
    public async Task A_reason_that_the_standard_does_not_have_is_refused_at_the_form()
    {
        await using var land = await OperationsUnderTest.StartAsync(null, null, OtherServices.Nowhere);
        await land.SiteAsync(await land.CustomerAsync());
        await land.PostAsync("/v1/opt-plans", """{ "siteId": "site-1", "from": "2026-01-01T00:00:00Z", "until": "2034-01-01T00:00:00Z", "direction": "out", "reason": "holiday" }""", HttpStatusCode.UnprocessableEntity);
    }

    private static async Task<Installation> EnrolledAsync(TestStore? store)
    {
        var land = await Installation.StartAsync(store);
        var id = await land.EnrollAsync(answers: Wanting);
        await Installation.UntilAsync(() => land.StatusAsync(id), s => (string)s["lamps"]!["registered"]!["state"]! == "on");
        return land;
    }

    private static async Task<string> PlanAsync(Installation installation, string from, string until) => (string)(await installation.Operations.PostAsync(
        "/v1/opt-plans", $$"""{ "siteId": "site-1", "from": "{{from}}", "until": "{{until}}", "direction": "out", "reason": "mustRun", "text": "harvest" }"""))["id"]!;

    private static async Task<JsonNode> StateAsync(Installation installation, string plan, string state) =>
        (await Installation.UntilAsync(() => installation.Operations.GetAsync($"/v1/opt-plans/{plan}/schedules"), s => s.AsArray() is [{ } only] && (string)only["state"]! == state))[0]!;

    /// <summary>Waits until it is not sent for this reason: a service that was slow once was away at that look.</summary>
    private static Task<JsonNode> UnsentAsync(Installation installation, string plan, string problem) => Installation.UntilAsync(
        () => installation.Operations.GetAsync($"/v1/opt-plans/{plan}/schedules"),
        s => s.AsArray() is [{ } only] && (string)only["state"]! == "unsent" && ((string?)only["problem"])?.Contains(problem, StringComparison.Ordinal) == true);

    private static async Task<JsonArray> VtnAsync(Installation installation, Func<JsonArray, bool> holds) => (await Installation.UntilAsync(() => JsonAsync(installation.Vtn, "/sim/opts"), o => holds(o.AsArray()))).AsArray();

    private static Task<JsonNode> GetVenAsync(Installation installation, string what) => JsonAsync(installation.OpenAdrHttp, $"/v1/vens/site-1/{what}");

    private static async Task<JsonNode> JsonAsync(HttpClient http, string path) => JsonNode.Parse(await http.GetStringAsync(new Uri(path, UriKind.Relative), Ct))!;

    private static async Task PostAsync(HttpClient http, string path, string json)
    {
        using var content = new StringContent(json, Encoding.UTF8, "application/json");
        using var answer = await http.PostAsync(new Uri(path, UriKind.Relative), content, Ct);
        Assert.True(answer.IsSuccessStatusCode, await answer.Content.ReadAsStringAsync(Ct));
    }
}
