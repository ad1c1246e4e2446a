using System.Net;
using System.Text.Json.Nodes;
using GridServices.Hosting.Storage;
using GridServices.OpenAdr.Service.Driver;
using GridServices.OpenAdr.Service.Tests.Rig;
using GridServices.Testing;
using GridServices.UtilityClients.Engine;
using Microsoft.Extensions.DependencyInjection;
using NodaTime;

namespace GridServices.OpenAdr.Service.Tests.Api;

/// <summary>Many VENs in one request.</summary>
public sealed class VenBulkTests
{
    [Theory, ClassData(typeof(BothDatabases))]
    public async Task Many_are_made_changed_and_removed_and_outlive_a_restart(Dialect dialect)
    {
        await using var rig = await VenRig.StartAsync(dialect);
        var made = await PutAsync(rig, Enumerable.Range(0, 60).Select(i => Ven(rig, $"v{i}")));
        Assert.Equal((60, 0, 0), (Count(made, "created"), Count(made, "changed"), Count(made, "refused")));

        var again = await PutAsync(rig, Enumerable.Range(0, 60).Where(i => i != 7).Select(i => Ven(rig, $"v{i}", i < 5 ? "PT5S" : "PT1H")), "v7", "nobody");
        Assert.Equal((0, 5, 54, 1, 0), (Count(again, "created"), Count(again, "changed"), Count(again, "unchanged"), Count(again, "removed"), Count(again, "refused")));
        Assert.Equal("absent", Status(again, "nobody"));
        Assert.Equal("removed", Status(again, "v7"));

        await rig.StopServiceAsync();
        await rig.StartServiceAsync();
        Assert.Equal(59, (await rig.GetAsync("/v1/vens")).AsArray().Count);
        Assert.Equal("PT5S", (await rig.GetAsync("/v1/vens/v3"))["config"]!["pollInterval"]!.GetValue<string>());
    }

    [Fact]
    public async Task One_fault_and_nothing_is_done_and_every_fault_is_named()
    {
        await using var rig = await VenRig.StartAsync();
        var bad = Ven(rig, "b");
        bad["config"]!["vtnUrl"] = "nowhere";
        var worse = Ven(rig, "not a key");
        var (status, problem) = await SendAsync(rig, [Ven(rig, "a"), bad, worse, Ven(rig, "a")]);

        Assert.Equal(HttpStatusCode.UnprocessableEntity, status);
        var pointers = problem!["errors"]!.AsArray().Select(e => e!["pointer"]!.GetValue<string>()).ToList();
        Assert.Contains("/vens/1/config/vtnUrl", pointers);
        Assert.Contains("/vens/2/venKey", pointers);
        Assert.Contains("/vens/3/venKey", pointers);
        Assert.Empty((await rig.GetAsync("/v1/vens")).AsArray());
    }

    [Fact]
    public async Task A_dry_run_says_what_would_be_done_and_does_nothing()
    {
        await using var rig = await VenRig.StartAsync();
        await PutAsync(rig, [Ven(rig, "a")]);
        var (status, said) = await SendAsync(rig, [Ven(rig, "a", "PT7S"), Ven(rig, "b")], "?dryRun=true");

        Assert.Equal(HttpStatusCode.OK, status);
        Assert.Equal(("changed", "created"), (Status(said!, "a"), Status(said!, "b")));
        Assert.Single((await rig.GetAsync("/v1/vens")).AsArray());

        // What would be refused is told as refused, also between two VENs of the request; what is removed is free.
        var (thief, twin, heir) = (Ven(rig, "thief"), Ven(rig, "twin"), Ven(rig, "heir"));
        (thief["config"]!["siteId"], twin["config"]!["siteId"], heir["config"]!["siteId"]) = ("s-a", "s-b", "s-a");
        var foreseen = (await SendAsync(rig, [thief, Ven(rig, "b"), twin], "?dryRun=true")).Body!;
        Assert.Equal(("refused", "created", "refused"), (Status(foreseen, "thief"), Status(foreseen, "b"), Status(foreseen, "twin")));
        Assert.Contains("already publishes", foreseen["items"]!.ToJsonString(), StringComparison.Ordinal);
        Assert.Equal("created", Status((await SendAsync(rig, [heir], "?dryRun=true", "a")).Body!, "heir"));
        Assert.Equal(HttpStatusCode.UnprocessableEntity, (await SendAsync(rig, [Ven(rig, "a")], "?dryRun=maybe")).Status);
    }

    [Fact]
    public async Task One_whose_stream_another_publishes_is_refused_alone()
    {
        await using var rig = await VenRig.StartAsync();
        await PutAsync(rig, [Ven(rig, "a")]);
        var thief = Ven(rig, "thief");
        thief["config"]!["siteId"] = "s-a";
        var said = await PutAsync(rig, [thief, Ven(rig, "b")]);

        Assert.Equal(("refused", "created"), (Status(said, "thief"), Status(said, "b")));
        Assert.Contains("already publishes", said["items"]!.AsArray().Single(i => Text(i, "venKey") == "thief")!["problem"]!.GetValue<string>(), StringComparison.Ordinal);
    }

    /// <summary>What shows while a change is being stored is neither on disk for sure nor what was wanted last.</summary>
    [Fact]
    public async Task Nothing_is_unchanged_that_waits_to_be_stored()
    {
        await using var rig = await VenRig.StartAsync();
        await PutAsync(rig, [Ven(rig, "a")]);
        var services = rig.Service.App.Services;
        var (host, store) = (services.GetRequiredService<VenHost>(), services.GetRequiredService<Store>());
        var held = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var begun = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        var busy = store.WriteAsync(_ =>
        {
            begun.SetResult();
            return held.Task;
        });
        await begun.Task;

        var first = PutAsync(rig, [Ven(rig, "a", "PT7S"), Ven(rig, "new")]);
        await VenRig.UntilAsync(() => IsChanging("a") && IsChanging("new"));
        var thief = Ven(rig, "thief");
        thief["config"]!["siteId"] = "s-new";
        Assert.Equal("refused", Status((await SendAsync(rig, [thief], "?dryRun=true")).Body!, "thief"));
        var second = PutAsync(rig, [Ven(rig, "a"), Ven(rig, "new")]);
        await VenRig.UntilAsync(() => second.IsCompleted || Interval("a") == "PT1H");
        held.SetResult();
        await busy;

        Assert.Equal(("changed", "created"), (Status(await first, "a"), Status(await first, "new")));
        Assert.Equal(0, Count(await second, "unchanged"));
        Assert.Equal("PT1H", (await rig.GetAsync("/v1/vens/a"))["config"]!["pollInterval"]!.GetValue<string>());

        bool IsChanging(string key) => host.TryGet(new EngineId("default", key), out var loop) && loop.IsChanging;

        string? Interval(string key) => host.TryGet(new EngineId("default", key), out var loop) && loop.Claims.Last().PollInterval == Duration.FromHours(1) ? "PT1H" : null;
    }

    private static async Task<JsonNode> PutAsync(VenRig rig, IEnumerable<JsonObject> vens, params string[] remove)
    {
        var (status, answer) = await SendAsync(rig, vens, string.Empty, remove);
        Assert.True(status == HttpStatusCode.OK, $"{status}: {answer}");
        return answer!;
    }

    private static Task<(HttpStatusCode Status, JsonNode? Body)> SendAsync(VenRig rig, IEnumerable<JsonObject> vens, string query = "", params string[] remove)
    {
        var body = new JsonObject { ["vens"] = new JsonArray([.. vens]), ["remove"] = new JsonArray([.. remove.Select(r => (JsonNode)r)]) };
        return rig.SendAsync(HttpMethod.Put, "/v1/vens" + query, body.ToJsonString());
    }

    private static JsonObject Ven(VenRig rig, string key, string pollInterval = "PT1H")
    {
        var config = VenRig.Config(rig.Vtn.Url, pollInterval);
        config["siteId"] = $"s-{key.Replace(' ', '-')}";
        config["venName"] = key;
        return new JsonObject { ["venKey"] = key, ["config"] = config };
    }

    private static int Count(JsonNode answer, string name) => answer[name]!.GetValue<int>();

    private static string Status(JsonNode answer, string key) => Text(answer["items"]!.AsArray().Single(i => Text(i, "venKey") == key), "status");

    private static string Text(JsonNode? node, string name) => node![name]!.GetValue<string>();
}
