using Dapper;
using GridServices.Contracts;
using GridServices.Hosting;
using GridServices.Hosting.Clustering;
using GridServices.Hosting.Refusals;
using GridServices.Hosting.Storage;
using GridServices.UtilityClients.Tests.Rig;

namespace GridServices.UtilityClients.Tests.Engine;

/// <summary>Claims over nodes of a cluster, which don't know each other's engines.</summary>
public sealed class EngineIndexTests
{
    private static Task TakeAsync(EngineRig rig, EngineId id, params string[] sites) =>
        rig.Store.WriteAsync(tx => EngineIndex.ReplaceAsync(tx, rig.Protocol, id, new CountingConfig(sites)), TestContext.Current.CancellationToken);

    [Fact]
    public async Task What_one_engine_claims_another_is_refused_until_it_lets_go()
    {
        await using var rig = await EngineRig.StartAsync(Dialect.PostgreSql);
        await TakeAsync(rig, EngineRig.Id("a"), "s1", "s2");
        await TakeAsync(rig, EngineRig.Id("a"), "s2", "s3");
        var refused = await Assert.ThrowsAsync<ProblemException>(() => TakeAsync(rig, EngineRig.Id("b"), "s3"));
        Assert.Equal("a has s3", refused.Message);
        await TakeAsync(rig, EngineRig.Id("b"), "s1");
        await TakeAsync(rig, new EngineId("other", "a"), "s2");

        await rig.Store.WriteAsync(tx => EngineIndex.RemoveAsync(tx, EngineRig.Id("a")), TestContext.Current.CancellationToken);
        await TakeAsync(rig, EngineRig.Id("b"), "s3");
        var holders = await EngineIndex.FindBySitesAsync(rig.Store, "default", ["s1", "s2", "s3"], TestContext.Current.CancellationToken);
        Assert.Equal(EngineRig.Id("b"), Assert.Single(holders["s3"]));
        Assert.Empty(holders["s1"]);
    }

    [Fact]
    public async Task Of_two_that_claim_the_same_at_once_one_gets_it()
    {
        await using var rig = await EngineRig.StartAsync(Dialect.PostgreSql);
        var outcomes = await Task.WhenAll(Enumerable.Range(0, 6).Select(async i =>
        {
            try
            {
                await TakeAsync(rig, EngineRig.Id($"e{i}"), "s1");
                return true;
            }
            catch (ProblemException)
            {
                return false;
            }
        }));
        Assert.Single(outcomes, taken => taken);
    }

    [Fact]
    public async Task What_is_one_tenants_own_is_refused_to_another_and_rebuilding_keeps_it()
    {
        await using var rig = await EngineRig.StartAsync(Dialect.PostgreSql);
        await StoreAsync(rig, "a", "own-1");
        await StoreAsync(rig, "b", "s1");
        await rig.Store.WriteAsync(tx => EngineIndex.RebuildAsync(tx, rig.Protocol), TestContext.Current.CancellationToken);
        var refused = await Assert.ThrowsAsync<ProblemException>(() => TakeAsync(rig, new EngineId("other", "x"), "own-1"));
        Assert.Equal("own-1 is taken", refused.Message);
    }

    [Fact]
    public async Task Each_start_takes_a_higher_number()
    {
        await using var rig = await EngineRig.StartAsync(Dialect.PostgreSql);
        var first = await rig.Store.WriteAsync(tx => EngineFence.NextAsync(tx, EngineRig.Id("a")), TestContext.Current.CancellationToken);
        var second = await rig.Store.WriteAsync(tx => EngineFence.NextAsync(tx, EngineRig.Id("a")), TestContext.Current.CancellationToken);
        Assert.True(second > first);
        await Assert.ThrowsAsync<EngineFencedException>(() => rig.Store.WriteAsync(tx => EngineFence.RequireAsync(tx, EngineRig.Id("a"), first), TestContext.Current.CancellationToken));
        await rig.Store.WriteAsync(tx => EngineFence.RequireAsync(tx, EngineRig.Id("a"), second), TestContext.Current.CancellationToken);
    }

    private static Task<int> StoreAsync(EngineRig rig, string key, string sites) => rig.Store.WriteAsync(
        tx => tx.Connection!.ExecuteAsync("INSERT INTO engines (tenant, engine_key, sites) VALUES ('default', @key, @sites)", new { key, sites }, tx), TestContext.Current.CancellationToken);

    [Fact]
    public async Task Nodes_that_start_at_once_bring_it_to_what_is_stored_beside_one_that_configures_and_what_is_unreadable_keeps_its_claims()
    {
        await using var rig = await EngineRig.StartAsync(Dialect.PostgreSql);
        await TakeAsync(rig, EngineRig.Id("gone"), "s1");
        await TakeAsync(rig, EngineRig.Id("unreadable"), "s2");
        await StoreAsync(rig, "unreadable", "?");
        await StoreAsync(rig, "a", "s3,s4");
        await StoreAsync(rig, "b", "s1");
        var stored = rig.Store.WriteAsync(
            async tx =>
            {
                await EngineIndex.ReplaceAsync(tx, rig.Protocol, EngineRig.Id("new"), new CountingConfig("s5"));
                await tx.Connection!.ExecuteAsync("INSERT INTO engines (tenant, engine_key, sites) VALUES ('default', 'new', 's5')", transaction: tx);
            },
            TestContext.Current.CancellationToken);
        await Task.WhenAll([stored, .. Enumerable.Range(0, 4).Select(_ => rig.Store.WriteAsync(tx => EngineIndex.RebuildAsync(tx, rig.Protocol), TestContext.Current.CancellationToken))]);
        var holders = await EngineIndex.FindBySitesAsync(rig.Store, "default", ["s1", "s2", "s3", "s4", "s5"], TestContext.Current.CancellationToken);
        Assert.Equal(["s1 b", "s2 unreadable", "s3 a", "s4 a", "s5 new"], holders.SelectMany(site => site.Select(id => $"{site.Key} {id.Key}")).Order(StringComparer.Ordinal));
    }

    private static Placements CreatePlacements(EngineRig rig, string name) => new(
        rig.Store,
        new ClusterNode(new ClusterOptions { PostgreSql = "Host=db", Name = name }, new ServiceIdentity("test", 1, typeof(EngineIndexTests).Assembly) { Clusters = true }, "http://127.0.0.1:1", null!),
        new Standby(),
        rig.Clock);

    [Fact]
    public async Task Of_two_nodes_that_are_given_one_new_engine_at_once_one_makes_it_and_goes_on()
    {
        await using var rig = await EngineRig.StartAsync(Dialect.PostgreSql);
        var ct = TestContext.Current.CancellationToken;
        var nodes = new[] { "node-1", "node-2" }.Select(name => new EngineHost<CountingView, CountingConfig, CountingState, CountingInput, CountingKind>(
            rig.Protocol, rig.With with { Placements = CreatePlacements(rig, name) }, rig.Log)).ToList();
        Assert.True(await nodes[0].PutAsync(EngineRig.Id("a"), new CountingConfig("s1"), ct));
        var loser = CreatePlacements(rig, "node-2");

        // The other one looked before it was stored; what it does after that must not touch the one that runs.
        Assert.Null(await loser.TryTakeNewAsync(nodes[1], new PlacedKey("default", "a"), async tx => (await rig.Protocol.ConfigsAsync(tx, EngineRig.Id("a"))).Count > 0, ct));
        var refused = await Assert.ThrowsAsync<ProblemException>(() => nodes[1].PutAsync(EngineRig.Id("a"), new CountingConfig("s1"), ct));
        Assert.Equal(ErrorClass.Unavailable, refused.Class);
        Assert.False(await nodes[0].PutAsync(EngineRig.Id("a"), new CountingConfig("s2"), ct));
        Assert.Equal(1, await rig.CountAsync("cluster_placements"));

        Assert.True(await nodes[0].DeleteAsync(EngineRig.Id("a"), TestContext.Current.CancellationToken));
        Assert.Equal((0, 1), (await rig.CountAsync("cluster_placements"), await rig.CountAsync("engine_fences")));
        foreach (var node in nodes)
        {
            await node.StopAsync(CancellationToken.None);
            node.Dispose();
        }
    }

    [Fact]
    public async Task What_could_not_be_read_and_has_been_replaced_by_another_node_since_is_that_nodes()
    {
        await using var rig = await EngineRig.StartAsync(Dialect.PostgreSql);
        var ct = TestContext.Current.CancellationToken;
        await StoreAsync(rig, "x", "?");
        rig.Protocol.Unreadable = "x";
        using var node = new EngineHost<CountingView, CountingConfig, CountingState, CountingInput, CountingKind>(rig.Protocol, rig.With with { Placements = CreatePlacements(rig, "node-2") }, rig.Log);
        rig.Protocol.Loaded = async () =>
        {
            rig.Protocol.Loaded = () => Task.CompletedTask;
            await CreatePlacements(rig, "node-1").AcquireAsync(node, new PlacedKey("default", "x"), ct);
        };

        var refused = await Assert.ThrowsAsync<ProblemException>(() => node.PutAsync(EngineRig.Id("x"), new CountingConfig("s1"), ct));
        Assert.Equal(ErrorClass.Unavailable, refused.Class);
        Assert.Equal(1, await rig.Store.ReadAsync(db => EngineFence.HighestAsync(db, EngineRig.Id("x")), ct));
    }
}
