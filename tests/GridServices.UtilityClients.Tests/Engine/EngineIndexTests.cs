using GridServices.Hosting;
using GridServices.UtilityClients.Tests.Rig;

namespace GridServices.UtilityClients.Tests.Engine;

/// <summary>Claims over nodes of a cluster, which don't know each other's engines.</summary>
public sealed class EngineIndexTests
{
    private static Task TakeAsync(EngineRig rig, EngineId id, params string[] sites) =>
        rig.Store.WriteAsync(tx => EngineIndex.TakeAsync(tx, rig.Protocol, id, new CountingConfig(sites)), TestContext.Current.CancellationToken);

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
        var holders = await EngineIndex.OfSitesAsync(rig.Store, "default", ["s1", "s2", "s3"], TestContext.Current.CancellationToken);
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
        await rig.Store.WriteAsync(
            tx => EngineIndex.RebuildAsync(tx, rig.Protocol, [(EngineRig.Id("a"), new CountingConfig("own-1")), (EngineRig.Id("b"), new CountingConfig("s1"))]),
            TestContext.Current.CancellationToken);
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
}
