using Dapper;
using GridServices.Hosting.Storage;
using GridServices.Hosting.Tests.Sample;
using GridServices.Testing;
using Npgsql;

namespace GridServices.Hosting.Tests.Storage;

/// <summary>A node of a cluster beside an instance that works alone.</summary>
public sealed class ClusterStartTests
{
    [Fact]
    public async Task A_node_that_is_started_beside_an_instance_that_works_alone_is_refused_before_it_touches_the_tables()
    {
        var ct = TestContext.Current.CancellationToken;
        await using var place = TestStores.Create(Dialect.PostgreSql);
        await using var alone = new Store(place.Options with { OneWriter = true }, []);
        await alone.ReachAsync(ct);
        Assert.True(await alone.TryOwnAsync(ct));

        Task<ServiceApp> JoinAsync() => ServiceApp.StartAsync(
            args => SampleApp.Build(args, _ => { }, SampleApp.Identity with { Clusters = true }), place, $"--Cluster:PostgreSql={place.Options.PostgreSql}");
        var refused = await Assert.ThrowsAsync<StartException>(JoinAsync);
        Assert.Contains("stop it, then start this one", refused.Message, StringComparison.Ordinal);
        await using var db = new NpgsqlConnection(place.Options.PostgreSql);
        var tables = new { place.Schema };
        const string Tables = "SELECT COUNT(*) FROM pg_tables WHERE schemaname = @Schema AND tablename = 'schema_version'";
        Assert.Equal(0, await db.ExecuteScalarAsync<long>(Tables, tables));

        await alone.DisposeAsync();
        await using var node = await JoinAsync();
        Assert.Equal(1, await db.ExecuteScalarAsync<long>(Tables, tables));
    }
}
