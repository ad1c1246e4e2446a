using Dapper;
using GridServices.Hosting;
using GridServices.Hosting.Clustering;
using GridServices.Hosting.Refusals;
using GridServices.Hosting.Storage;
using GridServices.Ieee2030Dot5.Configuration;
using GridServices.Ieee2030Dot5.Service.Driver;
using GridServices.Ieee2030Dot5.Service.Storage;
using GridServices.Testing;
using GridServices.UtilityClients.Engine;
using Microsoft.Extensions.Logging.Abstractions;
using NodaTime;

namespace GridServices.Ieee2030Dot5.Service.Tests.Driver;

/// <summary>A client whose row can't be read stays known as such until another state was committed in its place.</summary>
public sealed class UnreadableClientTests
{
    [Fact]
    public async Task A_commit_that_fails_leaves_it_unreadable_so_that_the_next_PUT_counts_on_from_far_beyond()
    {
        await using var place = await TestStores.OpenAsync(Dialect.Sqlite, typeof(ClientStore).Assembly);
        var (store, id, now) = (place.Store, new EngineId("t", "c"), Instant.FromUtc(2027, 1, 1, 0, 0));
        await store.WriteAsync(tx => tx.Connection!.ExecuteAsync(
            "INSERT INTO clients (tenant, client_key, config, notification_id, created_at, updated_at) VALUES ('t', 'c', '{', 'n', @now, @now)", new { now }, tx));
        var protocol = new ClientProtocol(new ClientStore(store), null!, new NotificationHosts(false), SystemClock.Instance, NullLogger<ClientProtocol>.Instance);
        Assert.Empty(await protocol.LoadAsync(null, CancellationToken.None));

        await Assert.ThrowsAsync<InvalidOperationException>(() => store.WriteAsync(async tx =>
        {
            await protocol.SaveStateAsync(tx, id, null, DerClientState.Initial, now);
            throw new InvalidOperationException("the commit fails");
        }));
        Assert.Contains(id, protocol.Unreadable.Keys);

        await store.WriteAsync(tx => protocol.SaveStateAsync(tx, id, null, DerClientState.Initial, now));
        await store.WriteAsync(tx => protocol.SaveStateAsync(tx, id, DerClientState.Initial, DerClientState.Initial, now));
        Assert.Empty(protocol.Unreadable);
    }

    [Theory, InlineData(true), InlineData(false)]
    public async Task In_a_cluster_one_that_another_node_found_unreadable_counts_as_well(bool isCluster)
    {
        await using var place = await TestStores.OpenAsync(Dialect.Sqlite, typeof(ClientStore).Assembly);
        var now = Instant.FromUtc(2027, 1, 1, 0, 0);
        await place.Store.WriteAsync(async tx =>
        {
            await tx.Connection!.ExecuteAsync("INSERT INTO clients (tenant, client_key, config, notification_id, created_at, updated_at) VALUES ('t', 'c', '{', 'n', @now, @now)", new { now }, tx);
            await tx.Connection!.ExecuteAsync("INSERT INTO client_states (tenant, client_key, state, updated_at) VALUES ('t', 'c', '{', @now)", new { now }, tx);
        });
        var node = new ClusterNode(
            new ClusterOptions { PostgreSql = isCluster ? "Host=db" : null }, new ServiceIdentity("test", 1, typeof(ClientStore).Assembly) { Clusters = true }, "http://127.0.0.1:1", null!);
        var protocol = new ClientProtocol(new ClientStore(place.Store), null!, new NotificationHosts(false), SystemClock.Instance, NullLogger<ClientProtocol>.Instance, node);

        var inherited = await protocol.InheritedAsync("t", new DerClientConfig { ServerUrl = "https://u.example/dcap", SiteId = "site-1" }, [], TestContext.Current.CancellationToken);

        Assert.Equal(isCluster, inherited.Devices.Values.Any(d => d.Schedule.RevisionFloor > 0));
    }

    [Theory]
    [InlineData("{", "{ \"entry\": 5 }", null)]
    [InlineData("{", null, null)]
    [InlineData("{\"serverUrl\":\"https://u.example/dcap\",\"siteId\":\"site-1\"}", "{ \"entry\": 5 }", "site-1")]
    [InlineData("{", "{ \"devices\": { \"AA\": { \"lfdi\": \"AA\", \"siteId\": \"site-1\" } } }", "site-1")]
    public async Task It_keeps_its_sites_as_far_as_one_of_its_rows_tells_them(string config, string? state, string? site)
    {
        await using var place = await TestStores.OpenAsync(Dialect.Sqlite, typeof(ClientStore).Assembly);
        var (store, now) = (place.Store, Instant.FromUtc(2027, 1, 1, 0, 0));
        await store.WriteAsync(async tx =>
        {
            await tx.Connection!.ExecuteAsync("INSERT INTO clients (tenant, client_key, config, notification_id, created_at, updated_at) VALUES ('t', 'c', @config, 'n', @now, @now)", new { config, now }, tx);
            if (state is not null)
            {
                await tx.Connection!.ExecuteAsync("INSERT INTO client_states (tenant, client_key, state, updated_at) VALUES ('t', 'c', @state, @now)", new { state, now }, tx);
            }
        });
        var protocol = new ClientProtocol(new ClientStore(store), null!, new NotificationHosts(false), SystemClock.Instance, NullLogger<ClientProtocol>.Instance);
        Assert.Empty(await protocol.LoadAsync(null, CancellationToken.None));

        var known = protocol.Unreadable.Values.Single();
        Assert.Equal(site, known.Sites?.Single());
        var wanted = new DerClientConfig { ServerUrl = "https://u.example/dcap", SiteId = "site-1" };
        protocol.RequireFree(new EngineId("t", "c"), wanted);
        protocol.RequireFree(new EngineId("other", "d"), wanted);
        protocol.RequireFree(new EngineId("t", "d"), wanted with { SiteId = "site-2" });
        if (site is null)
        {
            protocol.RequireFree(new EngineId("t", "d"), wanted);
        }
        else
        {
            Assert.Contains("'c' already speaks for site 'site-1'", Assert.Throws<ProblemException>(() => protocol.RequireFree(new EngineId("t", "d"), wanted)).Message, StringComparison.Ordinal);
        }
    }
}
