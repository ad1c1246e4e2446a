using System.Globalization;
using Dapper;
using Npgsql;

namespace GridServices.Hosting.Storage;

/// <summary>A session's advisory lock on a connection of its own: the server drops it when the connection ends.</summary>
internal sealed class PostgreSqlLock : StoreLock
{
    /// <summary>A process that is stopped or cut off keeps its session, and with it the right: the server ends a session that says nothing for so long.</summary>
    internal static readonly TimeSpan Silence = TimeSpan.FromSeconds(60);

    // In one statement, so that none is held without an end. Servers before version 14 do not know the setting.
    private const string Take =
        """
        WITH turn AS MATERIALIZED (SELECT pg_try_advisory_lock(hashtextextended(@key, 0)) AS taken)
        SELECT taken, (SELECT COUNT(set_config(name, @silence, false)) FROM pg_settings WHERE taken AND name = 'idle_session_timeout') FROM turn
        """;

    private readonly NpgsqlConnection _connection;

    private PostgreSqlLock(NpgsqlConnection connection) => _connection = connection;

    internal static Task<StoreLock?> TryTakeAsync(NpgsqlDataSource source, string key, TimeSpan silence, CancellationToken ct) =>
        TryAsync(source, db => db.ExecuteScalarAsync<bool>(Take, new { key, silence = silence.TotalMilliseconds.ToString("F0", CultureInfo.InvariantCulture) }), ct);

    /// <summary>Shares the right to write with others that do; one that had it alone, whose session broke, writes nothing more.</summary>
    internal static Task<StoreLock?> TryShareAsync(NpgsqlDataSource source, string key, string holder, long now, CancellationToken ct) => TryAsync(
        source,
        async db => await db.ExecuteScalarAsync<bool>("SELECT pg_try_advisory_lock_shared(hashtextextended(@key, 0))", new { key })
            && await db.ExecuteScalarAsync<long>(PostgreSqlOwner.NextTerm, new { holder, now }) > 0,
        ct);

    private static async Task<StoreLock?> TryAsync(NpgsqlDataSource source, Func<NpgsqlConnection, Task<bool>> take, CancellationToken ct)
    {
        var connection = await source.OpenConnectionAsync(ct);
        try
        {
            if (await PostgreSqlFaults.OnAsync(connection, () => take(connection)))
            {
                return new PostgreSqlLock(connection);
            }
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }

        await connection.DisposeAsync();
        return null;
    }

    public override async Task<bool> IsHeldAsync(CancellationToken ct)
    {
        try
        {
            return await _connection.ExecuteScalarAsync<int>("SELECT 1") == 1;
        }
        catch (Exception lost) when (lost is NpgsqlException or InvalidOperationException)
        {
            return false;
        }
    }

    /// <summary>Given back explicitly, the lock and the session's end: a pooled connection is reset only when it is used again.</summary>
    public override async ValueTask DisposeAsync()
    {
        try
        {
            await _connection.ExecuteAsync("SELECT pg_advisory_unlock_all(); RESET ALL");
        }
        catch (Exception lost) when (lost is NpgsqlException or InvalidOperationException)
        {
            // The server has already dropped it with the connection.
        }

        await _connection.DisposeAsync();
    }
}
