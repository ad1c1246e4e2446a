using Dapper;
using GridServices.Cluster.Membership;
using GridServices.Cluster.Nodes;
using GridServices.Cluster.Tests.Feedback;
using GridServices.Hosting.Storage;
using GridServices.Testing;
using Microsoft.Extensions.Logging.Abstractions;

namespace GridServices.Cluster.Tests.Nodes;

/// <summary>A node is a member only as long as its row stands.</summary>
public sealed class NodeHeartbeatTests
{
    [Fact]
    public async Task One_whose_row_was_ended_and_forgotten_meanwhile_joins_no_more()
    {
        var ct = TestContext.Current.CancellationToken;
        await using var place = await TestStores.OpenAsync(Dialect.PostgreSql, typeof(Store).Assembly);
        using var silo = new FakeSilo();
        using var standby = new Standby();
        await using var database = new ClusterDatabase(place.Options.PostgreSql!, place.Schema, silo.Node.Sessions);
        using var beat = new NodeHeartbeat(database, silo.Node, standby, silo, new FakeWork(), silo, NullLogger<NodeHeartbeat>.Instance);
        await beat.StartAsync(ct);
        Assert.Equal(1, await place.Store.ReadAsync(db => db.ExecuteScalarAsync<long>("SELECT COUNT(*) FROM cluster_nodes WHERE node = 'me'"), ct));

        await place.Store.WriteAsync(tx => tx.Connection!.ExecuteAsync("DELETE FROM cluster_nodes", transaction: tx), ct);
        await Until.HoldsAsync(() => silo.ApplicationStopping.IsCancellationRequested);
        Assert.True(standby.WasOvertaken);
        Assert.Equal(0, await place.Store.ReadAsync(db => db.ExecuteScalarAsync<long>("SELECT COUNT(*) FROM cluster_nodes"), ct));
        await beat.StopAsync(ct);
    }
}
