using Dapper;
using GridServices.Cluster.Membership;
using GridServices.Hosting.Storage;
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
        Assert.False(await late.TryShareAsync(ct));
        await alone.ExecuteAsync("SELECT pg_advisory_unlock_all()");
        Assert.True(await late.TryShareAsync(ct));
        Assert.False(await alone.ExecuteScalarAsync<bool>(TakeAlone, key));
    }

    [Fact]
    public async Task A_right_that_was_lost_is_asked_for_anew()
    {
        var ct = TestContext.Current.CancellationToken;
        await using var place = await TestStores.OpenAsync(Dialect.PostgreSql, typeof(Store).Assembly);
        await using var alone = new NpgsqlConnection(place.Options.PostgreSql);
        await alone.OpenAsync(ct);
        var key = new { key = $"gridservices.{place.Schema}.owner" };
        await using var node = new ClusterDatabase(place.Options.PostgreSql!, place.Schema, place.Schema + " node");
        Assert.True(await node.TryShareAsync(ct));

        await alone.ExecuteAsync("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = @name", new { name = place.Schema + " node" });
        await Until.HoldsAsync(() => alone.ExecuteScalarAsync<bool>(TakeAlone, key), taken => taken);
        Assert.False(await node.TryShareAsync(ct));
        Assert.False(await node.TryShareAsync(ct));
    }

    // Whoever had it alone shows its term in every transaction: see PostgreSqlOwner.
    [Fact]
    public async Task The_term_of_one_that_had_the_right_alone_and_lost_its_session_unawares_ends_with_the_first_share()
    {
        const string Term = "SELECT term FROM store_owner";
        var ct = TestContext.Current.CancellationToken;
        await using var place = await TestStores.OpenAsync(Dialect.PostgreSql, typeof(Store).Assembly);
        await place.Store.WriteAsync(tx => tx.Connection!.ExecuteAsync("INSERT INTO store_owner (one, term, holder, since) VALUES (1, 7, 'alone', 0)", transaction: tx), ct);
        await using var node = new ClusterDatabase(place.Options.PostgreSql!, place.Schema, "node");
        Assert.True(await node.TryShareAsync(ct));
        Assert.Equal(8, await place.Store.ReadAsync(db => db.ExecuteScalarAsync<long>(Term), ct));
        Assert.True(await node.TryShareAsync(ct));
        Assert.Equal(8, await place.Store.ReadAsync(db => db.ExecuteScalarAsync<long>(Term), ct));
    }
}
