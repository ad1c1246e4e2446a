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
        catch (Exception lost) when (lost is NpgsqlException or InvalidOperationException)
        {
            return false;
        }
    }

    /// <summary>Given back explicitly: a pooled connection is reset only when it is used again.</summary>
    public override async ValueTask DisposeAsync()
    {
        try
        {
            await _connection.ExecuteAsync("SELECT pg_advisory_unlock_all()");
        }
        catch (Exception lost) when (lost is NpgsqlException or InvalidOperationException)
        {
            // The server has already dropped it with the connection.
        }

        await _connection.DisposeAsync();
    }
}
