using Dapper;
using Npgsql;

namespace GridServices.Hosting;

/// <summary>A session's advisory lock on a connection of its own: the server drops it when the connection ends.</summary>
internal sealed class PostgreSqlHold : StoreHold
{
    private readonly NpgsqlConnection _connection;

    private PostgreSqlHold(NpgsqlConnection connection) => _connection = connection;

    internal static async Task<StoreHold?> TryTakeAsync(NpgsqlDataSource source, string key, CancellationToken ct)
    {
        var connection = await source.OpenConnectionAsync(ct);
        try
        {
            if (await connection.ExecuteScalarAsync<bool>("SELECT pg_try_advisory_lock(hashtextextended(@key, 0))", new { key }))
            {
                return new PostgreSqlHold(connection);
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
        catch (NpgsqlException)
        {
            return false;
        }
    }

    /// <summary>Back in the pool the connection is reset, which also releases its advisory locks (DISCARD ALL).</summary>
    public override ValueTask DisposeAsync() => _connection.DisposeAsync();
}
