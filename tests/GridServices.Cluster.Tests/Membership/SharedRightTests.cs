using Dapper;
using GridServices.Cluster.Membership;
using GridServices.Hosting;
using GridServices.Testing;
using Npgsql;

namespace GridServices.Cluster.Tests.Membership;

/// <summary>Nodes write together; an instance without cluster mode writes alone, or not at all.</summary>
public sealed class SharedRightTests
{
    private const string TakeAlone = "SELECT pg_try_advisory_lock(hashtextextended(@key, 0))";

    [Fact]
    public async Task Nodes_share_the_right_to_write_and_nobody_has_it_alone_meanwhile()
    {
        var ct = TestContext.Current.CancellationToken;
        await using var place = await TestStores.OpenAsync(Dialect.PostgreSql, typeof(Store).Assembly);
        await using var alone = new NpgsqlConnection(place.Options.PostgreSql);
        await alone.OpenAsync(ct);
        var key = new { key = $"gridservices.{place.Schema}.owner" };
        var first = new ClusterDatabase(place.Options.PostgreSql!, place.Schema, "first");
        var second = new ClusterDatabase(place.Options.PostgreSql!, place.Schema, "second");
        Assert.True(await first.TryShareAsync(ct));
        Assert.True(await second.TryShareAsync(ct));
        Assert.True(await second.TryShareAsync(ct));
        Assert.False(await alone.ExecuteScalarAsync<bool>(TakeAlone, key));

        await first.DisposeAsync();
        Assert.False(await alone.ExecuteScalarAsync<bool>(TakeAlone, key));
        await second.DisposeAsync();
        await Until.HoldsAsync(() => alone.ExecuteScalarAsync<bool>(TakeAlone, key), taken => taken);

        await using var late = new ClusterDatabase(place.Options.PostgreSql!, place.Schema, "late");
        Assert.False(await late.TryShareAsync(ct));
    }
}
