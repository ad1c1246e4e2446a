using System.Net;
using System.Text.Json.Nodes;
using GridServices.OpenAdr.Service.Tests.Rig;
using GridServices.Testing;

namespace GridServices.OpenAdr.Service.Tests.Cluster;

/// <summary>Several nodes run the VENs together: each runs once, goes on wherever its node dies, hangs or leaves, and nothing is sent twice.</summary>
public sealed class ClusterLifeTests
{
    private static IEnumerable<JsonNode> Alive(JsonNode cluster) => cluster["nodes"]!.AsArray().Where(node => node!["alive"]!.GetValue<bool>()).Select(node => node!);

    private static long CountKeys(JsonNode cluster, string name) => Alive(cluster).Where(node => node["name"]!.GetValue<string>() == name).Sum(node => node["keys"]!.GetValue<long>());

    private static long AllKeys(JsonNode cluster) => Alive(cluster).Sum(node => node["keys"]!.GetValue<long>());

    private static async Task AssertAnsweredOnceAsync(ClusterRig rig, string eventId)
    {
        var answers = await rig.AnswersAsync(eventId);
        Assert.Equal(rig.Sites.Count, answers.Select(answer => answer.Split(' ')[0]).Distinct(StringComparer.Ordinal).Count());
        Assert.Equal(answers.Distinct(StringComparer.Ordinal), answers);
    }

    [Fact]
    public async Task A_node_that_is_killed_or_hangs_is_taken_over_and_nothing_is_lost_sent_twice_or_drawn_anew()
    {
        await using var rig = await ClusterRig.StartAsync();
        var first = await rig.JoinAsync("node-1");
        var second = await rig.JoinAsync("node-2");
        var third = await rig.JoinAsync("node-3");
        await first.UntilAsync("/v1/cluster", cluster => Alive(cluster).Count() == 3);
        await rig.EnrollAsync(through: first, seenBy: second);
        var starts = await rig.IssueAsync("before", seenBy: third);
        Assert.Equal(rig.Sites.Order(StringComparer.Ordinal), starts.Keys.Order(StringComparer.Ordinal));

        second.Signal("STOP");
        var taken = await first.UntilAsync("/v1/cluster", cluster => Alive(cluster).Count() == 2 && AllKeys(cluster) == rig.Sites.Count);
        Assert.Equal(starts, await rig.StartsAsync("before", first));
        await rig.IssueAsync("while-hung", seenBy: first);

        // It finds that it was taken over before it has said anything to anybody, and joins anew.
        second.Signal("CONT");
        await second.UntilAsync("/v1/cluster", cluster => Alive(cluster).Count() == 3 && AllKeys(cluster) == rig.Sites.Count);
        Assert.Contains("begins anew", second.Log, StringComparison.Ordinal);

        first.Signal("KILL");
        await first.EndsAsync();
        await third.UntilAsync("/v1/cluster", cluster => Alive(cluster).Count() == 2 && AllKeys(cluster) == rig.Sites.Count);
        Assert.Equal(starts, await rig.StartsAsync("before", third));
        await rig.IssueAsync("after", seenBy: second);

        foreach (var eventId in new[] { "before", "while-hung", "after" })
        {
            await AssertAnsweredOnceAsync(rig, eventId);
            await Until.HoldsAsync(() => rig.Limited(eventId).SetEquals(rig.Sites));
        }

        Assert.Equal(rig.Sites.Count, await rig.Vtn.CountAsync("oadrCreatePartyRegistration"));

        // Written down by a node once what it took over runs.
        await third.UntilAsync("/v1/cluster", cluster => cluster["takeOvers"]!.AsArray().Any(over => over!["from"]!.GetValue<string>() == "node-1"));
        Assert.NotNull(taken);
    }

    [Fact]
    public async Task A_node_that_joins_gets_its_share_and_one_that_leaves_hands_its_own_over_at_once()
    {
        await using var rig = await ClusterRig.StartAsync();
        var first = await rig.JoinAsync("node-1");
        await rig.EnrollAsync(through: first, seenBy: first);
        var starts = await rig.IssueAsync("e1", seenBy: first);

        var second = await rig.JoinAsync("node-2");
        await first.UntilAsync("/v1/cluster", cluster => CountKeys(cluster, "node-1") > 0 && CountKeys(cluster, "node-2") > 0 && AllKeys(cluster) == rig.Sites.Count);
        Assert.Equal(starts, await rig.StartsAsync("e1", second));

        // Whatever a request is about, either node answers it; what another VEN publishes is refused by both.
        foreach (var site in rig.Sites)
        {
            var ven = await second.UntilAsync($"/v1/vens/{site}", _ => true);
            Assert.Equal(ven["venId"]!.GetValue<string>(), (await first.UntilAsync($"/v1/vens/{site}", _ => true))["venId"]!.GetValue<string>());
            var same = VenRig.Config(rig.Vtn.Url);
            (same["venName"], same["siteId"]) = ("other", site);
            Assert.Equal(HttpStatusCode.Conflict, (await second.AskAsync(HttpMethod.Put, $"/v1/vens/other-{site}", same)).Status);
        }

        // One node follows the hub; what it reads reaches the VENs of both.
        rig.Feed(seconds: 20);
        foreach (var site in rig.Sites)
        {
            await second.UntilAsync($"/v1/vens/{site}/reports", reports => reports["channels"]![0]!["pointsKept"]!.GetValue<int>() >= 19);
        }

        Assert.Equal(HttpStatusCode.NotFound, (await second.AskAsync(HttpMethod.Get, "/v1/vens/none")).Status);
        var page = (await second.AskAsync(HttpMethod.Get, "/v1/vens?limit=3")).Body!;
        Assert.Equal(["site-01", "site-02", "site-03"], page["items"]!.AsArray().Select(ven => ven!["venKey"]!.GetValue<string>()));
        Assert.Equal("site-03", page["next"]!.GetValue<string>());

        // A node that a busy machine keeps from answering for seconds counts as dead: what was taken over before is none of the leaving.
        var before = (await first.UntilAsync("/v1/cluster", _ => true))["takeOvers"]!.AsArray().Count;
        second.Signal("TERM");
        await second.EndsAsync();
        await first.UntilAsync("/v1/cluster", cluster => CountKeys(cluster, "node-1") == rig.Sites.Count);
        await first.UntilAsync("/v1/vens", rig.AllRegistered);
        Assert.Equal(starts, await rig.StartsAsync("e1", first));
        Assert.Equal(before, (await first.UntilAsync("/v1/cluster", _ => true))["takeOvers"]!.AsArray().Count);
        await AssertAnsweredOnceAsync(rig, "e1");
        Assert.Equal(rig.Sites.Count, await rig.Vtn.CountAsync("oadrCreatePartyRegistration"));
    }
}
