using Dapper;
using GridServices.Hosting.Storage;
using GridServices.Testing;

namespace GridServices.Hosting.Tests.Storage;

/// <summary>What the store relies on in SQLite itself, so that another version of its package can't change it unseen.</summary>
public sealed class SqliteSetupTests
{
    private static async Task<T?> WriterAsync<T>(TestStore store, string sql) => await store.Store.WriteAsync(tx => tx.Connection!.ExecuteScalarAsync<T>(sql, transaction: tx));

    private static async Task<T?> ReaderAsync<T>(TestStore store, string sql) => await store.Store.ReadAsync(db => db.ExecuteScalarAsync<T>(sql));

    [Fact]
    public async Task Sqlite_is_new_enough()
    {
        await using var place = await TestStores.OpenAsync(Dialect.Sqlite, typeof(StoreTests).Assembly);
        var version = Version.Parse((await ReaderAsync<string>(place, "SELECT sqlite_version()"))!);
        Assert.True(version >= new Version(3, 50, 2), $"SQLite {version} has published faults.");
    }

    [Theory]
    [InlineData("journal_mode", "wal")]
    [InlineData("synchronous", "2")]
    [InlineData("busy_timeout", "10000")]
    [InlineData("foreign_keys", "1")]
    [InlineData("journal_size_limit", "67108864")]
    [InlineData("query_only", "0")]
    public async Task The_writer_commits_to_the_disk(string pragma, string value)
    {
        await using var place = await TestStores.OpenAsync(Dialect.Sqlite, typeof(StoreTests).Assembly);
        Assert.Equal(value, await WriterAsync<string>(place, $"PRAGMA {pragma}"));
    }

    [Theory]
    [InlineData("journal_mode", "wal")]
    [InlineData("busy_timeout", "10000")]
    [InlineData("query_only", "1")]
    public async Task A_reader_only_reads_and_never_waits_for_the_writer(string pragma, string value)
    {
        await using var place = await TestStores.OpenAsync(Dialect.Sqlite, typeof(StoreTests).Assembly);
        Assert.Equal(value, await ReaderAsync<string>(place, $"PRAGMA {pragma}"));
    }
}
