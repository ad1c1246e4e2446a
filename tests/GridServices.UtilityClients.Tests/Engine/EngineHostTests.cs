using Dapper;
using GridServices.Contracts;
using GridServices.Hosting.Clustering;
using GridServices.Hosting.Refusals;
using GridServices.Hosting.Storage;
using GridServices.Testing;
using GridServices.UtilityClients.Tests.Rig;
using NodaTime;

namespace GridServices.UtilityClients.Tests.Engine;

public sealed class EngineHostTests
{
    private static CancellationToken Ct => TestContext.Current.CancellationToken;

    [Fact]
    public async Task Two_engines_of_a_tenant_cannot_claim_the_same()
    {
        await using var rig = await EngineRig.StartAsync();
        await rig.PutAsync("a", "site-1", "site-2");

        var refused = await Assert.ThrowsAsync<ProblemException>(() => rig.Host.PutAsync(EngineRig.Id("b"), new CountingConfig("site-2"), Ct));

        Assert.Equal("a has site-2", refused.Message);
        Assert.False(rig.Host.TryGet(EngineRig.Id("b"), out _));
        Assert.True(await rig.Host.PutAsync(new EngineId("other", "b"), new CountingConfig("site-2"), Ct));
    }

    [Fact]
    public async Task What_is_one_tenants_own_is_refused_to_another_without_naming_its_holder()
    {
        await using var rig = await EngineRig.StartAsync();
        await rig.PutAsync("a", "own-address");

        var refused = await Assert.ThrowsAsync<ProblemException>(() => rig.Host.PutAsync(new EngineId("other", "b"), new CountingConfig("own-address"), Ct));

        Assert.Equal((ErrorClass.Conflict, "own-address is taken"), (refused.Class, refused.Message));
        Assert.True(await rig.Host.PutAsync(new EngineId("other", "b"), new CountingConfig("own-other"), Ct));
        await Assert.ThrowsAsync<ProblemException>(() => rig.Host.PutAsync(EngineRig.Id("a"), new CountingConfig("own-other"), Ct));
        await rig.Host.DeleteAsync(EngineRig.Id("a"), Ct);
        Assert.True(await rig.Host.PutAsync(new EngineId("third", "c"), new CountingConfig("own-address"), Ct));
    }

    [Fact]
    public async Task Of_tenants_that_shared_what_is_now_one_tenants_own_the_first_keeps_it_and_the_others_are_warned_of()
    {
        await using var rig = await EngineRig.StartAsync();
        var later = new EngineId("other", "b");
        await rig.PutAsync("a", "own-address");
        await rig.Host.PutAsync(later, new CountingConfig("own-other"), Ct);
        await rig.Host.StopAsync(Ct);
        await rig.Store.WriteAsync(tx => tx.Connection!.ExecuteAsync("UPDATE engines SET sites = 'own-address'", transaction: tx));

        using var next = rig.NewHost();
        await next.StartAsync(Ct);

        Assert.Contains("other/b has 'own-address', which is another tenant's (default/a came first)", Assert.Single(rig.Log.All, line => line.StartsWith("Warning", StringComparison.Ordinal)), StringComparison.Ordinal);
        Assert.False(await PutAsync(EngineRig.Id("a"), "own-address", "site-1"));
        await Assert.ThrowsAsync<ProblemException>(() => PutAsync(later, "own-address", "site-1"));
        Assert.False(await PutAsync(later, "own-other"));
        await next.StopAsync(Ct);

        // The loops of a start are spread out.
        async Task<bool> PutAsync(EngineId id, params string[] sites)
        {
            var put = next.PutAsync(id, new CountingConfig(sites), Ct);
            await Until.HoldsAsync(() =>
            {
                rig.Time.Advance(Duration.FromMilliseconds(10));
                return put.IsCompleted;
            });
            return await put;
        }
    }

    [Fact]
    public async Task A_new_engine_that_cannot_be_stored_is_not_there()
    {
        await using var rig = await EngineRig.StartAsync();
        rig.Protocol.IsStoreAway = true;

        await Assert.ThrowsAsync<StoreUnavailableException>(() => rig.Host.PutAsync(EngineRig.Id("a"), new CountingConfig("site-1"), Ct));

        Assert.False(rig.Host.TryGet(EngineRig.Id("a"), out _));
        rig.Protocol.IsStoreAway = false;
        Assert.True(await rig.Host.PutAsync(EngineRig.Id("a"), new CountingConfig("site-1"), Ct));
        Assert.False(await rig.Host.PutAsync(EngineRig.Id("a"), new CountingConfig("site-3"), Ct));
        Assert.Single(rig.Host.FindBySite("default", "site-3"));
        Assert.Empty(rig.Host.FindBySite("default", "site-1"));
    }

    [Fact]
    public async Task A_host_starts_with_what_is_stored()
    {
        await using var rig = await EngineRig.StartAsync();
        var loop = await rig.PutAsync("a", "site-1");
        await loop.SubmitAsync(new CountingInput("add", 7), Ct);
        await rig.Host.StopAsync(Ct);

        using var next = rig.NewHost();
        Assert.False(next.IsLoaded);
        await next.StartAsync(Ct);

        Assert.True(next.IsLoaded);
        var view = Assert.Single(next.Views);
        Assert.Equal((EngineRig.Id("a"), 7), (view.Id, view.State.Total));
        Assert.Equal(["site-1"], view.Config.Sites);
        await next.StopAsync(Ct);
    }

    [Fact]
    public async Task An_engine_is_stopped_and_started_by_its_key_and_what_waited_is_written()
    {
        await using var rig = await EngineRig.StartAsync();
        var loop = await rig.PutAsync("a", "site-1");
        await loop.SubmitAsync(new CountingInput("count", 4), Ct);
        Assert.Equal((0, 0), await rig.StoredAsync("a"));

        Assert.True(await rig.Host.StopEngineAsync(loop.Id));

        Assert.Equal((0, 4), await rig.StoredAsync("a"));
        Assert.False(rig.Host.TryGet(loop.Id, out _));
        Assert.Empty(rig.Host.FindBySite("default", "site-1"));
        Assert.False(await rig.Host.StopEngineAsync(loop.Id));

        Assert.True(await rig.Host.StartEngineAsync(loop.Id, fence: null, Ct));
        Assert.False(await rig.Host.StartEngineAsync(loop.Id, fence: null, Ct));
        Assert.False(await rig.Host.StartEngineAsync(EngineRig.Id("nobody"), fence: null, Ct));
        Assert.Equal(4, Assert.Single(rig.Host.FindBySite("default", "site-1")).View.State.Deferred);
    }

    [Theory, ClassData(typeof(BothDatabases))]
    public async Task An_engine_that_was_started_elsewhere_writes_nothing_more_here(Dialect dialect)
    {
        await using var rig = await EngineRig.StartAsync(dialect);
        var id = (await rig.PutAsync("a", "site-1")).Id;
        await rig.Host.StopEngineAsync(id);
        await rig.Host.StartEngineAsync(id, fence: 1, Ct);
        Assert.True(rig.Host.TryGet(id, out var here));
        await here.SubmitAsync(new CountingInput("add"), Ct);
        using var elsewhere = rig.NewHost();
        await elsewhere.StartEngineAsync(id, fence: 2, Ct);
        Assert.True(elsewhere.TryGet(id, out var there));
        await there.SubmitAsync(new CountingInput("add"), Ct);

        await Assert.ThrowsAsync<ProblemException>(() => here.SubmitAsync(new CountingInput("publish", 100), Ct));

        Assert.Equal((2, 0), await rig.StoredAsync("a"));
        Assert.Equal(0, await rig.CountAsync("outbox"));
        Assert.False(here.HasUnsaved);
        await Until.HoldsAsync(() => !here.Offer(new EngineWork<CountingConfig, CountingInput, CountingKind>.Apply(new CountingInput("add"))));
        await there.SubmitAsync(new CountingInput("add"), Ct);
        Assert.Equal((3, 0), await rig.StoredAsync("a"));
        await elsewhere.StopAsync(Ct);
    }

    [Theory, ClassData(typeof(BothDatabases))]
    public async Task An_engine_that_was_started_elsewhere_asks_the_utility_nothing_more(Dialect dialect)
    {
        await using var rig = await EngineRig.StartAsync(dialect);
        var id = (await rig.PutAsync("a", "site-1")).Id;
        await rig.Host.StopEngineAsync(id);
        await rig.Host.StartEngineAsync(id, fence: 1, Ct);
        Assert.True(rig.Host.TryGet(id, out var here));
        await here.SubmitAsync(new CountingInput("add"), Ct);
        Assert.Equal(2, await rig.Store.WriteAsync(tx => rig.Host.NextFenceAsync(tx, new PlacedKey(id.Tenant, id.Key)), Ct));
        var asked = false;
        rig.Protocol.Requests.Enqueue(_ =>
        {
            asked = true;
            return Task.FromResult(new CountingInput("never"));
        });

        here.Offer(new EngineWork<CountingConfig, CountingInput, CountingKind>.Apply(new CountingInput("count")));

        await Until.HoldsAsync(() => here.IsFenced);
        Assert.False(asked);
    }

    [Fact]
    public async Task Readings_go_to_the_engines_of_their_site_that_want_them()
    {
        await using var rig = await EngineRig.StartAsync();
        var (wants, silent, far) = (await rig.PutAsync("a", "site-1"), await rig.PutAsync("b", "silent"), await rig.PutAsync("c", "site-3"));
        FeedbackItem Item(string site) => new() { SiteId = site, Reading = new Reading { At = rig.Clock.GetCurrentInstant(), NetPowerW = 1 } };

        await rig.Host.ApplyReadingsAsync("default", [Item("site-1"), Item("silent"), Item("site-1"), Item("nowhere")]);

        Assert.Equal([2, 0, 0], new[] { wants, silent, far }.Select(l => l.View.State.Total));
        Assert.Equal((2, 0), await rig.StoredAsync("a"));
    }

    [Fact]
    public async Task Readings_that_an_engine_could_not_apply_are_not_taken()
    {
        await using var rig = await EngineRig.StartAsync();
        var (a, b) = (await rig.PutAsync("a", "site-1"), await rig.PutAsync("b", "site-2"));
        FeedbackItem Item(string site) => new() { SiteId = site, Reading = new Reading { At = rig.Clock.GetCurrentInstant(), NetPowerW = 1 } };
        rig.Protocol.ReadingsAre = "boom";
        await Assert.ThrowsAsync<InvalidOperationException>(() => rig.Host.ApplyReadingsAsync("default", [Item("site-1")]));
        Assert.False(await rig.Host.ApplyReadingsAsync(a.Id, [new SiteReading("site-1", Item("site-1").Reading!)]));
        rig.Protocol.ReadingsAre = "readings";

        // One that has ended alone has no more use for them; one that ends with the service gets them after the next start.
        await rig.Host.DeleteAsync(b.Id, Ct);
        await rig.Host.ApplyReadingsAsync("default", [Item("site-1"), Item("site-2")]);
        rig.Protocol.IsStoreAway = true;
        var (timers, underWay) = (rig.Time.Waiting, rig.Host.ApplyReadingsAsync("default", [Item("site-1")]));
        await Until.HoldsAsync(() => rig.Time.Waiting > timers);
        await rig.Host.StopAsync(Ct);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => underWay);
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => rig.Host.ApplyReadingsAsync("default", [Item("site-1")]));
        Assert.Equal((1, 0), await rig.StoredAsync("a"));
    }
}
