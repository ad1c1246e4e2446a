using System.Net;
using System.Text;
using System.Text.Json.Nodes;
using GridServices.Hosting.Auth;
using GridServices.Hosting.Storage;
using GridServices.OpenAdr.Service.Tests.Rig;
using GridServices.Testing;

namespace GridServices.OpenAdr.Service.Tests.Api;

/// <summary>Opts over HTTP, against the simulated VTN.</summary>
public sealed class OptApiTests
{
    private const string Opts = VenRig.Path + "/opts";
    private const string Schedule = """{ "optType": "optOut", "optReason": "mustRun", "periods": [ { "start": "2100-01-01T00:00:00Z", "duration": "PT2H" } ], "reason": "harvest", "actor": "Maria" }""";

    [Theory, ClassData(typeof(BothDatabases))]
    public async Task A_schedule_is_held_by_the_VTN_outlives_its_memory_and_a_restart_and_is_cancelled(Dialect dialect)
    {
        await using var rig = await VenRig.StartAsync(dialect);
        await rig.RegisterAsync();
        var (status, made, location, _) = await PostAsync(rig, Schedule);
        Assert.Equal(HttpStatusCode.Created, status);
        Assert.Equal($"{Opts}/{made["optId"]}", location);
        await IsAsync(rig, location!, "held");
        var held = Assert.Single(await rig.Vtn.GetAsync("/sim/opts"))!;
        Assert.Equal(("optOut", "mustRun", "2100-01-01T00:00:00Z", "PT2H"), (Text(held, "optType"), Text(held, "optReason"), Text(held["periods"]![0]!, "start"), Text(held["periods"]![0]!, "duration")));

        await rig.Vtn.PostAsync($"/sim/vens/{await rig.VenIdAsync()}/forget");
        await rig.StopServiceAsync();
        await rig.StartServiceAsync();
        await VenRig.UntilAsync(() => rig.Vtn.GetAsync("/sim/opts"), opts => opts.Count == 1);
        Assert.Equal(("Maria", "harvest"), (Text(await IsAsync(rig, location!, "held"), "actor"), Text(await rig.GetAsync(location!), "reason")));

        Assert.Equal(HttpStatusCode.NoContent, (await rig.SendAsync(HttpMethod.Delete, location!)).Status);
        await VenRig.UntilAsync(() => rig.Vtn.GetAsync("/sim/opts"), opts => opts.Count == 0);
        await VenRig.UntilAsync(() => rig.SendAsync(HttpMethod.Get, location!), r => r.Status == HttpStatusCode.NotFound);
        Assert.Empty((await rig.GetAsync(Opts)).AsArray());
        Assert.All(await rig.Vtn.GetAsync("/sim/messages?name=oadrCreateOpt"), m => Assert.Empty(m!["schemaErrors"]!.AsArray()));
    }

    [Fact]
    public async Task One_site_is_opted_out_of_an_event_and_the_other_keeps_its_limit()
    {
        await using var rig = await VenRig.StartAsync();
        await RegisterTwoSitesAsync(rig);
        await rig.Vtn.IssueAsync("e1", level: 2, start: "+PT1H");
        await rig.HubHasAsync(e => e is { SiteId: "site-1", Segments.Count: 1 });
        await rig.HubHasAsync(e => e is { SiteId: "site-2", Segments.Count: 1 });

        var (status, made, location, _) = await PostAsync(rig, """{ "optType": "optOut", "optReason": "overrideStatus", "eventId": "e1", "resourceIds": [ "r1" ] }""");

        Assert.Equal(HttpStatusCode.Created, status);
        Assert.Equal(["site-1"], made["sites"]!.AsArray().Select(s => s!.GetValue<string>()));
        await VenRig.UntilAsync(() => rig.Hub.Envelopes.Last(e => e.SiteId == "site-1").Segments.Count == 0);
        await IsAsync(rig, location!, "held");
        var held = Assert.Single(await rig.Vtn.GetAsync("/sim/opts"))!;
        Assert.Equal(("e1", "overrideStatus", "r1"), (Text(held, "eventId"), Text(held, "optReason"), held["resourceIds"]![0]!.GetValue<string>()));
        Assert.Single(rig.Hub.Envelopes.Last(e => e.SiteId == "site-2").Segments);
        var (refused, problem) = await rig.SendAsync(HttpMethod.Delete, location!);
        Assert.Equal(HttpStatusCode.Conflict, refused);
        Assert.Contains("rule 211", Text(problem!, "detail"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_VTNs_words_of_a_refusal_are_shown_and_the_opt_can_be_dropped()
    {
        await using var rig = await VenRig.StartAsync();
        await rig.RegisterAsync();
        await rig.Vtn.PostAsync("/sim/refuse-opts", new JsonObject { ["code"] = "454", ["words"] = "no schedules here" });

        var (_, _, location, _) = await PostAsync(rig, Schedule);

        var refused = await IsAsync(rig, location!, "refused");
        Assert.Equal("454 (no schedules here)", Text(refused, "problem"));
        Assert.NotNull(refused["parkedAt"]);
        Assert.Equal(HttpStatusCode.NoContent, (await rig.SendAsync(HttpMethod.Delete, location!)).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await rig.SendAsync(HttpMethod.Get, location!)).Status);
    }

    [Fact]
    public async Task A_schedule_waits_for_the_VTN_and_the_same_key_makes_it_once()
    {
        await using var rig = await VenRig.StartAsync();
        await rig.PutAsync(VenRig.Path, VenRig.Config("http://127.0.0.1:9/OpenADR2/Simple/2.0b"));

        var (_, made, location, tag) = await PostAsync(rig, Schedule, key: "k-1");
        var again = await PostAsync(rig, Schedule, key: "k-1");
        var other = await PostAsync(rig, Schedule.Replace("harvest", "works", StringComparison.Ordinal), key: "k-1");

        Assert.Equal("waiting", Text(made, "status"));
        Assert.Equal((HttpStatusCode.Created, Text(made, "optId"), tag), (again.Status, Text(again.Body, "optId"), again.Tag));
        Assert.Equal(422, (int)other.Status);
        Assert.Single((await rig.GetAsync(Opts)).AsArray());
        Assert.Equal(HttpStatusCode.PreconditionFailed, await DeleteAsync(rig, location!, "\"0000\""));
        Assert.Equal(HttpStatusCode.NoContent, await DeleteAsync(rig, location!, tag!));
        Assert.Empty((await rig.GetAsync(Opts)).AsArray());
    }

    [Theory]
    [InlineData("""{ "optTyp": "optOut" }""", "/optTyp", "did you mean optType")]
    [InlineData("""{ "optType": "optOut", "optReason": "economics" }""", "/optReason", "did you mean economic")]
    [InlineData("""{ "optType": "optOut", "optReason": "tired" }""", "/optReason", "economic, emergency, mustRun, notParticipating, outageRunStatus, overrideStatus, participating, x-schedule")]
    [InlineData("""{ "optType": "optOut", "optReason": "economic" }""", "/periods", "are missing")]
    [InlineData("""{ "optType": "optOut", "optReason": "economic", "eventId": "e9" }""", "/eventId", "no such event")]
    [InlineData("""{ "optType": "optOut", "optReason": "economic", "periods": [ { "start": "2100-01-01T00:00:00Z" } ] }""", "/periods/0", "duration")]
    [InlineData("""{ "optType": "optOut", "optReason": "economic", "periods": [ null ] }""", "/periods/0", "")]
    [InlineData("""{ "optType": "optOut", "optReason": "economic", "resourceIds": [ null ], "eventId": "e1" }""", "/resourceIds/0", "")]
    [InlineData("""{ "optType": "optOut", "optReason": "economic", "periods": [ { "start": "2100-01-01T00:00:00Z", "duration": "PT1H", "end": 1 } ] }""", "/periods/0/end", "not known")]
    [InlineData("""{ "optType": "optOut", "optReason": "economic", "periods": [ { "start": "2020-01-01T00:00:00Z", "duration": "PT1H" } ] }""", "/periods/0/start", "over already")]
    public async Task A_slip_is_named(string json, string pointer, string words)
    {
        await using var rig = await VenRig.StartAsync();
        await rig.EnrollAsync();

        var (status, body, _, _) = await PostAsync(rig, json);

        Assert.InRange((int)status, 400, 422);
        var fault = body["errors"]!.AsArray().FirstOrDefault(e => Text(e!, "pointer") == pointer && Text(e!, "detail")!.Contains(words, StringComparison.Ordinal));
        Assert.True(fault is not null, body.ToJsonString());
        Assert.Empty((await rig.GetAsync(Opts)).AsArray());
    }

    [Fact]
    public async Task Only_who_may_opt_makes_and_cancels_opts_and_others_see_them()
    {
        await using var rig = await VenRig.StartAsync();
        await rig.EnrollAsync();
        var tokens = rig.Service.Tokens;
        var viewer = tokens.Add("viewer", Role.Viewer);
        var elsewhere = tokens.Add("elsewhere", Role.Operator, sites: ["site-9"]);
        await VenRig.UntilAsync(async () => (await rig.SendAsync(HttpMethod.Get, Opts, token: viewer)).Status, s => s == HttpStatusCode.OK);

        Assert.Equal(HttpStatusCode.Forbidden, (await rig.SendAsync(HttpMethod.Post, Opts, Schedule, viewer)).Status);
        Assert.Equal(HttpStatusCode.Forbidden, (await rig.SendAsync(HttpMethod.Delete, Opts + "/o1", token: viewer)).Status);
        Assert.Equal(HttpStatusCode.Forbidden, (await rig.SendAsync(HttpMethod.Get, Opts, token: elsewhere)).Status);
        Assert.Equal(HttpStatusCode.NotFound, (await rig.SendAsync(HttpMethod.Delete, Opts + "/o1")).Status);
    }

    private static async Task RegisterTwoSitesAsync(VenRig rig)
    {
        var config = VenRig.Config(rig.Vtn.Url);
        config.Remove("siteId");
        config["reports"] = new JsonArray();
        config["sites"] = JsonNode.Parse("""[ { "siteId": "site-1", "targets": { "resourceIds": [ "r1" ] } }, { "siteId": "site-2", "targets": { "resourceIds": [ "r2" ] } } ]""");
        await rig.PutAsync(VenRig.Path, config);
        await VenRig.UntilAsync(() => rig.StateAsync(), s => s == "registered");
    }

    private static Task<JsonNode> IsAsync(VenRig rig, string path, string status) => VenRig.UntilAsync(() => rig.GetAsync(path), o => Text(o, "status") == status);

    private static async Task<(HttpStatusCode Status, JsonNode Body, string? Location, string? Tag)> PostAsync(VenRig rig, string body, string? key = null)
    {
        using var client = rig.Service.Client(rig.Service.Tokens.Operator);
        using var request = new HttpRequestMessage(HttpMethod.Post, Opts) { Content = new StringContent(body, Encoding.UTF8, "application/json") };
        if (key is not null)
        {
            request.Headers.Add("Idempotency-Key", key);
        }

        using var answer = await client.SendAsync(request);
        return (answer.StatusCode, JsonNode.Parse(await answer.Content.ReadAsStringAsync())!, answer.Headers.Location?.OriginalString, answer.Headers.ETag?.Tag);
    }

    private static async Task<HttpStatusCode> DeleteAsync(VenRig rig, string path, string tag)
    {
        using var client = rig.Service.Client(rig.Service.Tokens.Operator);
        using var request = new HttpRequestMessage(HttpMethod.Delete, path);
        request.Headers.TryAddWithoutValidation("If-Match", tag);
        using var answer = await client.SendAsync(request);
        return answer.StatusCode;
    }

    private static string? Text(JsonNode node, string name) => node[name]?.GetValue<string>();
}
