using Dapper;
using GridServices.Hosting.Storage;
using GridServices.Testing;
using Npgsql;

namespace GridServices.Hosting.Tests.Storage;

/// <summary>What PostgreSQL's own refusals are to a caller: "not now" or "not so".</summary>
public sealed class PostgreSqlFaultsTests
{
    [Theory]
    [InlineData(PostgresErrorCodes.DiskFull, true, "the database's disk is full")]
    [InlineData(PostgresErrorCodes.OutOfMemory, true, "said (53200)")]
    [InlineData(PostgresErrorCodes.TooManyConnections, true, "said (53300)")]
    [InlineData(PostgresErrorCodes.ReadOnlySqlTransaction, true, "the database is read-only")]
    [InlineData(PostgresErrorCodes.SerializationFailure, true, "too many writers at once")]
    [InlineData(PostgresErrorCodes.IoError, true, "said (58030)")]
    [InlineData(PostgresErrorCodes.DataCorrupted, true, "said (XX001)")]
    [InlineData(PostgresErrorCodes.InvalidPassword, true, "said (28P01)")]
    [InlineData(PostgresErrorCodes.InvalidAuthorizationSpecification, true, "said (28000)")]
    [InlineData(PostgresErrorCodes.InvalidCatalogName, true, "said (3D000)")]
    [InlineData(PostgresErrorCodes.UniqueViolation, false, "said (23505)")]
    [InlineData(PostgresErrorCodes.UndefinedTable, false, "said (42P01)")]
    public void A_state_of_the_server_is_told_apart_from_a_fault_of_ours(string sqlState, bool isUnavailable, string words)
    {
        var fault = new PostgresException("said", "ERROR", "ERROR", sqlState);
        Assert.Equal((isUnavailable, words), (PostgreSqlFaults.IsUnavailable(fault), PostgreSqlFaults.Explain(fault)));
        Assert.Equal(sqlState == PostgresErrorCodes.SerializationFailure, PostgreSqlFaults.IsContention(fault));
        Assert.False(PostgreSqlFaults.IsBrokenConnection(fault));
    }

    [Fact]
    public async Task A_server_whose_disk_is_full_refuses_the_write_and_the_next_one_is_tried_again()
    {
        await using var place = await TestStores.OpenAsync(Dialect.PostgreSql, typeof(StoreTests).Assembly);
        var store = await place.ReopenAsync();
        var refused = await Assert.ThrowsAsync<StoreUnavailableException>(() => store.WriteAsync(
            tx => tx.Connection!.ExecuteAsync("DO $$ BEGIN RAISE EXCEPTION 'could not extend file' USING ERRCODE = '53100'; END $$", transaction: tx)));
        Assert.Contains("the database's disk is full", refused.Message, StringComparison.Ordinal);
        Assert.Equal(1, await store.WriteAsync(tx => tx.Connection!.ExecuteScalarAsync<int>("SELECT 1", transaction: tx)));
    }

    // The statement's own word of it was lost, so the commit is the first to notice.
    [Fact]
    public async Task A_connection_that_is_gone_when_the_commit_begins_is_a_store_that_is_away()
    {
        await using var place = await TestStores.OpenAsync(Dialect.PostgreSql, typeof(StoreTests).Assembly);
        await Assert.ThrowsAsync<StoreUnavailableException>(() => place.Store.WriteAsync(async tx =>
        {
            await Assert.ThrowsAnyAsync<NpgsqlException>(() => tx.Connection!.ExecuteAsync("SELECT pg_terminate_backend(pg_backend_pid())", transaction: tx));
        }));
        Assert.Equal(1, await place.Store.WriteAsync(tx => tx.Connection!.ExecuteScalarAsync<int>("SELECT 1", transaction: tx)));
    }
}
