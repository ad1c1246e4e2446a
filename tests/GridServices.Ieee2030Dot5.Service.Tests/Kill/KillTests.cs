using System.Text.Json.Nodes;
using GridServices.Hosting.Storage;
using GridServices.Ieee2030Dot5.Service.Tests.Rig;
using GridServices.Testing;

namespace GridServices.Ieee2030Dot5.Service.Tests.Kill;

/// <summary>kill -9 at each step between a control and its answer: nothing answered is lost, nothing is forgotten, nothing is told that is not on disk.</summary>
public sealed class KillTests
{
    private const string Doe = "11110000000000000000000000000001";
    private const string Path = "/v1/clients/site-1";

    [Theory]
    [InlineData("after-receive.controls")]
    [InlineData("after-apply.limits")]
    [InlineData("before-commit")]
    [InlineData("before-commit.limits")]
    [InlineData("outbox.mid-add")]
    [InlineData("after-commit")]
    [InlineData("after-commit.limits")]
    [InlineData("before-send")]
    [InlineData("after-send")]
    [InlineData("after-send:2")] // Received, then Started: two responses always go out.
    public async Task A_client_killed_at_any_step_goes_on_where_it_was(string crashAt)
    {
        await using var place = TestStores.Create(Dialect.Sqlite);
        await using var hub = await FakeHub.StartAsync();
        await using var server = await TreeServer.StartAsync();
        var tokens = new TestTokens(place.Folder);
        await using (var first = Start(place, tokens, hub, null))
        {
            await first.PutAsync(Path, Config(server));
            await ServiceRig.UntilAsync(() => hub.Envelopes.Any());
        }

        server.Issue(server.Control(Doe, TreeServer.Limit("opModExpLimW", 5000), -5, 600, more: "<randomizeStart>20</randomizeStart>"));
        await using (var dying = Start(place, tokens, hub, crashAt))
        {
            Assert.True(await dying.DiesAsync(), $"{crashAt} was not reached. {dying.LastWords}");
        }

        // What the utility was told must hold even if it never speaks again.
        var told = server.GetStatuses(Doe).ToList();
        server.IsOut = true;
        await using var again = Start(place, tokens, hub, null);
        if (told.Count > 0)
        {
            await ServiceRig.UntilAsync(() => Limits(hub));
        }

        server.IsOut = false;
        await ServiceRig.UntilAsync(() => Limits(hub) && server.GetStatuses(Doe).Contains("2"));

        // A response whose answer the kill cut off is sent once more; nothing else is said twice.
        var controls = await ServiceRig.UntilAsync(() => again.GetAsync(Path + "/controls"), c => c is not null);
        Assert.Equal("active", controls!.AsArray().Single()!["status"]!.GetValue<string>());
        var statuses = server.GetStatuses(Doe).ToList();
        Assert.Equal(["1", "2"], statuses.Distinct(StringComparer.Ordinal));
        Assert.InRange(statuses.Count, 2, 3);
        Assert.Empty(hub.Rejected);
        Assert.Empty(hub.Withdrawals);
        Assert.Single(hub.Envelopes.SelectMany(e => e.Segments).Where(s => s.Cause?.EventId == Doe).Select(s => s.Until).Distinct());
    }

    private static bool Limits(FakeHub hub) => hub.Envelopes.Any(e => e.Segments.Any(s => s.Cause?.EventId == Doe));

    private static ChildService Start(TestStore store, TestTokens tokens, FakeHub hub, string? crashAt) => ChildService.Start(
        store,
        tokens,
        crashAt is null ? null : new Dictionary<string, string>(StringComparer.Ordinal) { ["GS_CRASH_AT"] = crashAt },
        $"--Hub:Url={hub.Url}",
        "--Hub:Token=x");

    private static JsonObject Config(TreeServer server) => JsonNode.Parse($$"""
        { "serverUrl": "{{server.Url}}dcap", "siteId": "site-1", "lfdi": "{{TreeServer.Lfdi}}", "pin": "111115", "nameplate": { "maxW": 10000 },
          "reporting": { "enabled": false }, "polling": { "floor": "PT0.5S", "maxBackOff": "PT1S" } }
        """)!.AsObject();
}
