using Dapper;
using GridServices.Hosting.Storage;
using GridServices.Testing;

namespace GridServices.Hosting.Tests.Storage;

/// <summary>SQLite may end a transaction on its own; then neither half of a change may stay, nor the connection be lost.</summary>
public sealed class RollbackTests
{
    private const string Insert = "INSERT INTO note (author, written_at, payload) VALUES ('me', 0, x'00')";

    private static Task<long> CountAsync(TestStore store) => store.Store.ReadAsync(db => db.ExecuteScalarAsync<long>("SELECT COUNT(*) FROM note"));

    private static Task<int> WriteAsync(TestStore store) => store.Store.WriteAsync(tx => tx.Connection!.ExecuteAsync(Insert, transaction: tx));

    [Fact]
    public async Task A_transaction_that_the_database_ended_is_not_told_as_committed()
    {
        await using var place = await TestStores.OpenAsync(Dialect.Sqlite, typeof(StoreTests).Assembly);
        await Assert.ThrowsAsync<StoreUnavailableException>(() => place.Store.WriteAsync(async tx =>
        {
            await tx.Connection!.ExecuteAsync(Insert, transaction: tx);
            await tx.Connection!.ExecuteAsync("ROLLBACK", transaction: tx);
        }));
        Assert.Equal(0, await CountAsync(place));
        await WriteAsync(place);
        Assert.Equal(1, await CountAsync(place));
    }

    [Fact]
    public async Task A_fault_after_the_database_ended_the_transaction_leaves_a_store_that_writes()
    {
        await using var place = await TestStores.OpenAsync(Dialect.Sqlite, typeof(StoreTests).Assembly);
        await Assert.ThrowsAsync<TimeZoneNotFoundException>(() => place.Store.WriteAsync(async tx =>
        {
            await tx.Connection!.ExecuteAsync(Insert + "; ROLLBACK", transaction: tx);
            throw new TimeZoneNotFoundException();
        }));
        await WriteAsync(place);
        Assert.Equal(1, await CountAsync(place));
    }

    [Fact]
    public async Task A_connection_that_ended_is_replaced()
    {
        await using var place = await TestStores.OpenAsync(Dialect.Sqlite, typeof(StoreTests).Assembly);
        await Assert.ThrowsAsync<TimeZoneNotFoundException>(() => place.Store.WriteAsync(async tx =>
        {
            await tx.Connection!.CloseAsync();
            throw new TimeZoneNotFoundException();
        }));
        await WriteAsync(place);
        Assert.Equal(1, await CountAsync(place));
    }

    [Fact]
    public async Task A_connection_that_dies_at_the_commit_leaves_its_outcome_unknown_and_the_store_usable()
    {
        await using var place = await TestStores.OpenAsync(Dialect.PostgreSql, typeof(StoreTests).Assembly);
        await place.Store.WriteAsync(tx => tx.Connection!.ExecuteAsync(
            """
            CREATE FUNCTION die() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN PERFORM pg_terminate_backend(pg_backend_pid()); RETURN NULL; END';
            CREATE CONSTRAINT TRIGGER die AFTER INSERT ON note DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION die();
            """,
            transaction: tx));
        var runs = 0;
        var unknown = await Assert.ThrowsAsync<StoreUnavailableException>(() => place.Store.WriteAsync(async tx =>
        {
            runs++;
            await tx.Connection!.ExecuteAsync("INSERT INTO note (author, written_at, payload) VALUES ('me', 0, '')", transaction: tx);
        }));
        Assert.True(unknown.OutcomeUnknown);
        Assert.Equal(1, runs);
        Assert.NotNull(place.Store.Commits.Failing);
        Assert.Null(await place.Store.TestCommitAsync(CancellationToken.None));
        Assert.Null(place.Store.Commits.Failing);
        Assert.Equal(0, await CountAsync(place));
    }
}
