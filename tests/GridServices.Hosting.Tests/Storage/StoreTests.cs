using System.Data;
using Dapper;
using GridServices.Hosting.Storage;
using GridServices.Testing;
using NodaTime;

namespace GridServices.Hosting.Tests.Storage;

public sealed class StoreTests
{
    private static Task<TestStore> OpenAsync(Dialect dialect) => TestStores.OpenAsync(dialect, typeof(StoreTests).Assembly);

    private static Task<long> CountAsync(Store store) => store.ReadAsync(db => db.ExecuteScalarAsync<long>("SELECT COUNT(*) FROM note"));

    private static Task<int> InsertAsync(System.Data.Common.DbTransaction tx, string author = "me") => tx.Connection!.ExecuteAsync(
        "INSERT INTO note (author, written_at) VALUES (@author, 0)", new { author }, tx);

    [Theory]
    [ClassData(typeof(BothDatabases))]
    public async Task A_write_stands_after_its_delegate_returned(Dialect dialect)
    {
        await using var place = await OpenAsync(dialect);
        await place.Store.WriteAsync(tx => InsertAsync(tx));
        Assert.Equal(1, await CountAsync(place.Store));
        Assert.Equal(1, await CountAsync(await place.ReopenAsync()));
    }

    [Theory]
    [ClassData(typeof(BothDatabases))]
    public async Task A_write_that_throws_leaves_nothing(Dialect dialect)
    {
        await using var place = await OpenAsync(dialect);
        await Assert.ThrowsAsync<InvalidOperationException>(() => place.Store.WriteAsync(async tx =>
        {
            await InsertAsync(tx);
            throw new InvalidOperationException("changed my mind");
        }));
        Assert.Equal(0, await CountAsync(place.Store));
        await place.Store.WriteAsync(tx => InsertAsync(tx));
        Assert.Equal(1, await CountAsync(place.Store));
    }

    [Fact]
    public async Task What_a_broken_connection_has_disposed_of_is_a_lost_connection()
    {
        await using var place = await OpenAsync(Dialect.PostgreSql);
        var tries = 0;
        Assert.Equal(1, await place.Store.ReadAsync(db => tries++ == 0 ? throw new ObjectDisposedException("connector") : db.ExecuteScalarAsync<int>("SELECT 1")));
        Assert.Equal(1, await place.Store.WriteAsync(tx => tries++ == 2 ? throw new ObjectDisposedException("connector") : InsertAsync(tx)));
        Assert.Equal(4, tries);
        await Assert.ThrowsAsync<StoreUnavailableException>(() => place.Store.WriteAsync<int>(_ => throw new ObjectDisposedException("connector")));
        Assert.Equal(1, await CountAsync(place.Store));
    }

    [Theory]
    [ClassData(typeof(BothDatabases))]
    public async Task A_write_cancelled_before_its_commit_leaves_nothing(Dialect dialect)
    {
        await using var place = await OpenAsync(dialect);
        using var cancel = new CancellationTokenSource();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => place.Store.WriteAsync(
            async tx =>
            {
                await InsertAsync(tx);
                await cancel.CancelAsync();
            },
            cancel.Token));
        Assert.Equal(0, await CountAsync(place.Store));
    }

    [Theory]
    [ClassData(typeof(BothDatabases))]
    public async Task Writers_at_once_lose_no_update(Dialect dialect)
    {
        await using var place = await OpenAsync(dialect);
        await place.Store.WriteAsync(tx => tx.Connection!.ExecuteAsync("INSERT INTO counter (name, value) VALUES ('n', 0)", transaction: tx));
        const int writers = 8, each = 10;
        await Task.WhenAll(Enumerable.Range(0, writers).Select(_ => Task.Run(async () =>
        {
            for (var i = 0; i < each; i++)
            {
                // Read, then write: lost unless the store is serializable or runs the loser again.
                await place.Store.WriteAsync(async tx =>
                {
                    var value = await tx.Connection!.ExecuteScalarAsync<long>("SELECT value FROM counter WHERE name = 'n'", transaction: tx);
                    await tx.Connection!.ExecuteAsync("UPDATE counter SET value = @next WHERE name = 'n'", new { next = value + 1 }, tx);
                });
            }
        })));
        Assert.Equal(writers * each, await place.Store.ReadAsync(db => db.ExecuteScalarAsync<long>("SELECT value FROM counter")));
    }

    [Theory]
    [ClassData(typeof(BothDatabases))]
    public async Task Readers_do_not_wait_for_a_writer_and_see_the_state_before_it(Dialect dialect)
    {
        await using var place = await OpenAsync(dialect);
        await place.Store.WriteAsync(async tx =>
        {
            await InsertAsync(tx);
            Assert.Equal(0, await CountAsync(place.Store).WaitAsync(Until.Ceiling));
        });
        Assert.Equal(1, await CountAsync(place.Store));
    }

    [Theory]
    [ClassData(typeof(BothDatabases))]
    public async Task A_snapshot_sees_one_moment_over_several_reads(Dialect dialect)
    {
        await using var place = await OpenAsync(dialect);
        const string count = "SELECT COUNT(*) FROM note";
        var (before, after) = await place.Store.SnapshotAsync(async tx =>
        {
            var first = await tx.Connection!.ExecuteScalarAsync<long>(count, transaction: tx);
            await place.Store.WriteAsync(write => InsertAsync(write));
            return (first, await tx.Connection!.ExecuteScalarAsync<long>(count, transaction: tx));
        });
        Assert.Equal((0, 0), (before, after));
        Assert.Equal(1, await CountAsync(place.Store));
    }

    [Theory]
    [ClassData(typeof(BothDatabases))]
    public async Task More_readers_than_connections_all_get_their_turn(Dialect dialect)
    {
        await using var place = await OpenAsync(dialect);
        var counts = await Task.WhenAll(Enumerable.Range(0, 50).Select(_ => Task.Run(() => CountAsync(place.Store))));
        Assert.All(counts, count => Assert.Equal(0, count));
    }

    [Theory]
    [ClassData(typeof(BothDatabases))]
    public async Task Instants_bytes_and_nulls_come_back_as_they_went(Dialect dialect)
    {
        await using var place = await OpenAsync(dialect);
        var at = Instant.FromUtc(2027, 1, 15, 18, 0).PlusTicks(1_234_567);
        byte[] payload = [0, 1, 255];
        await place.Store.WriteAsync(tx => tx.Connection!.ExecuteAsync(
            "INSERT INTO note (author, written_at, payload) VALUES ('a', @at, @payload), ('b', @at, NULL)", new { at, payload }, tx));
        var notes = await place.Store.ReadAsync(db => db.QueryAsync<Note>("SELECT id, author, written_at AS writtenAt, payload FROM note ORDER BY id"));
        Assert.Collection(
            notes,
            first =>
            {
                Assert.Equal(at, first.WrittenAt);
                Assert.Equal(payload, first.Payload);
            },
            second => Assert.Null(second.Payload));
    }

    [Theory]
    [ClassData(typeof(BothDatabases))]
    public async Task A_broken_rule_of_the_tables_is_the_callers_error_and_is_not_retried(Dialect dialect)
    {
        await using var place = await OpenAsync(dialect);
        var runs = 0;
        await Assert.ThrowsAnyAsync<System.Data.Common.DbException>(() => place.Store.WriteAsync(async tx =>
        {
            runs++;
            await tx.Connection!.ExecuteAsync("INSERT INTO counter (name, value) VALUES ('x', 1), ('x', 2)", transaction: tx);
        }));
        Assert.Equal(1, runs);
    }

    [Fact]
    public async Task On_postgresql_a_write_whose_connection_dies_runs_again_and_stands_once()
    {
        await using var place = await OpenAsync(Dialect.PostgreSql);
        var runs = 0;
        await place.Store.WriteAsync(async tx =>
        {
            runs++;
            await InsertAsync(tx);
            if (runs == 1)
            {
                var pid = await tx.Connection!.ExecuteScalarAsync<int>("SELECT pg_backend_pid()", transaction: tx);
                await place.Store.ReadAsync(db => db.ExecuteScalarAsync<bool>("SELECT pg_terminate_backend(@pid)", new { pid }));
                await tx.Connection!.ExecuteAsync("SELECT 1", transaction: tx);
            }
        });
        Assert.Equal(2, runs);
        Assert.Equal(1, await CountAsync(place.Store));
    }

    [Fact]
    public async Task On_postgresql_only_one_process_holds_a_right_and_it_ends_with_its_connection()
    {
        await using var place = await OpenAsync(Dialect.PostgreSql);
        var patient = place.Options with { TurnSilence = TimeSpan.FromHours(1) };
        await using var one = new Store(patient, [typeof(StoreTests).Assembly]);
        await using var other = new Store(patient, [typeof(StoreTests).Assembly]);
        var held = await one.TryLockAsync("relay");
        Assert.NotNull(held);
        Assert.Null(await other.TryLockAsync("relay"));
        Assert.NotNull(await other.TryLockAsync("another"));
        await place.Store.ReadAsync(db => db.ExecuteAsync(
            // This store's own right only: other tests hold theirs on the same server.
            "SELECT pg_terminate_backend(pid) FROM pg_locks WHERE locktype = 'advisory' AND pid <> pg_backend_pid() "
            + "AND ((classid::bigint << 32) | objid::bigint) = hashtextextended('gridservices.' || current_schema() || '.relay', 0)"));
        Assert.False(await held.IsHeldAsync(CancellationToken.None));
        await held.DisposeAsync();
        // The database tells of the end of a session before it lets go of its locks.
        var next = (await Until.HoldsAsync(() => other.TryLockAsync("relay"), taken => taken is not null))!;
        Assert.Null(await place.Store.TryLockAsync("relay"));
        await next.DisposeAsync();
        Assert.NotNull(await place.Store.TryLockAsync("relay"));
    }

    private sealed class Note
    {
        public long Id { get; init; }

        public string Author { get; init; } = string.Empty;

        public Instant WrittenAt { get; init; }

        public byte[]? Payload { get; init; }
    }
}
