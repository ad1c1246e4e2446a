using System.Net;
using Dapper;
using GridServices.EnvelopeHub.Service;
using GridServices.Hosting;
using GridServices.Hosting.Storage;
using GridServices.Testing;
using Microsoft.Extensions.DependencyInjection;

namespace GridServices.EnvelopeHub.Tests.Nodes;

/// <summary>Instances of a cluster on one schema, and one that would work on it alone.</summary>
public sealed class StoreShareTests
{
    [Fact]
    public async Task One_that_works_alone_stands_by_while_a_hub_of_the_cluster_lives_and_the_other_way_round_is_refused()
    {
        await using var hubs = new TwoHubs();
        var together = await hubs.StartAsync();
        await using var alone = await ServiceApp.StartAsync(EnvelopeHubApp.Build, hubs.Place);
        using var client = alone.Client(alone.Tokens.Controller);
        using var refused = await client.GetAsync(new Uri("/v1/sites", UriKind.Relative));
        Assert.Equal(HttpStatusCode.ServiceUnavailable, refused.StatusCode);

        await together.App.StopAsync();
        using var probe = alone.Client();
        await Readiness.UntilAsync(probe, ready: true);
        var fault = await Assert.ThrowsAsync<StartException>(hubs.StartAsync);
        Assert.Contains("Cluster:PostgreSql", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task No_transaction_of_a_hub_that_is_stopped_is_waited_for()
    {
        await using var hubs = new TwoHubs();
        var store = (await hubs.StartAsync()).App.Services.GetRequiredService<Store>();
        Assert.Equal("15s", await store.WriteAsync(tx => tx.Connection!.ExecuteScalarAsync<string>("SHOW idle_in_transaction_session_timeout", transaction: tx)));
        Assert.Equal("15s", await store.ReadAsync(db => db.ExecuteScalarAsync<string>("SHOW idle_in_transaction_session_timeout")));
    }
}
