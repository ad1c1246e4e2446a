using Dapper;
using GridServices.Hosting.Storage;
using NodaTime;
using Npgsql;

namespace GridServices.Cluster.Membership;

/// <summary>Connections of their own for signs of life and membership: the service's load on its store must not make a node look dead.</summary>
internal sealed class ClusterDatabase : IAsyncDisposable
{
    private const int AnswerSeconds = 5;
    private readonly string _ownerKey;
    private readonly string _sessions;
    private NpgsqlConnection? _share;
    private readonly NpgsqlDataSource _source;

    /// <param name="connection">The cluster's database.</param>
    /// <param name="schema">The service's.</param>
    /// <param name="sessions">What the sessions are called.</param>
    public ClusterDatabase(string connection, string schema, string sessions)
    {
        (_ownerKey, _sessions) = (PostgreSqlOwner.GetOwnerKey(schema), sessions);
        _source = NpgsqlDataSource.Create(new NpgsqlConnectionStringBuilder(connection)
        {
            SearchPath = schema,
            ApplicationName = sessions,
            MaxPoolSize = 4,
            Timeout = AnswerSeconds,
            CommandTimeout = AnswerSeconds,
        });
    }

    /// <summary>
    /// Shares the right to write with the other nodes, as long as the session lasts: an instance without cluster mode, which would have it alone, waits as a
    /// stand-by meanwhile.
    /// </summary>
    /// <returns>False: such an instance has it.</returns>
    /// <exception cref="NpgsqlException">The database is away.</exception>
    public async Task<bool> TryShareAsync(CancellationToken ct)
    {
        if (await IsSharedAsync())
        {
            return true;
        }

        await EndShareAsync();
        var session = await _source.OpenConnectionAsync(ct);
        var isShared = false;
        try
        {
            // One that had it alone, and whose session broke, does not know yet that it has lost it: its term ends here.
            isShared = await session.ExecuteScalarAsync<bool>("SELECT pg_try_advisory_lock_shared(hashtextextended(@_ownerKey, 0))", new { _ownerKey })
                && await session.ExecuteScalarAsync<long>(PostgreSqlOwner.NextTerm, new { holder = _sessions, now = SystemClock.Instance.GetCurrentInstant().ToUnixTimeTicks() }) > 0;
        }
        finally
        {
            // Kept only with the right: an open session alone says nothing.
            _share = isShared ? session : null;
            await (isShared ? ValueTask.CompletedTask : session.DisposeAsync());
        }

        return isShared;
    }

    /// <exception cref="NpgsqlException">The database is away, or refuses it.</exception>
    public async Task WriteAsync(Func<NpgsqlTransaction, Task> write, CancellationToken ct = default)
    {
        await using var db = await _source.OpenConnectionAsync(ct);
        await using var tx = await db.BeginTransactionAsync(ct);
        await write(tx);
        await tx.CommitAsync(ct);
    }

    /// <summary>Reads several things as they were at one moment.</summary>
    /// <exception cref="NpgsqlException">The database is away.</exception>
    public async Task<T> SnapshotAsync<T>(Func<NpgsqlTransaction, Task<T>> read, CancellationToken ct = default)
    {
        await using var db = await _source.OpenConnectionAsync(ct);
        await using var tx = await db.BeginTransactionAsync(System.Data.IsolationLevel.RepeatableRead, ct);
        return await read(tx);
    }

    public async ValueTask DisposeAsync()
    {
        await EndShareAsync();
        await _source.DisposeAsync();
    }

    /// <summary>False where the session is gone, and the right with it.</summary>
    private async Task<bool> IsSharedAsync()
    {
        try
        {
            return _share is not null && await _share.ExecuteScalarAsync<bool>(PostgreSqlOwner.Held, new { _key = _ownerKey });
        }
        catch (Exception gone) when (gone is NpgsqlException or InvalidOperationException)
        {
            return false;
        }
    }

    private async Task EndShareAsync()
    {
        if (_share is { } share)
        {
            // Given back explicitly: a pooled connection is reset only when it is used again.
            _share = null;
            NpgsqlConnection.ClearPool(share);
            await share.DisposeAsync();
        }
    }
}
