using System.Data;
using System.Data.Common;
using System.Reflection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace GridServices.Hosting.Storage;

/// <summary>
/// A service's database: one SQLite file (WAL, synchronous=FULL) or one PostgreSQL schema, with the same SQL and the same promises.
/// </summary>
/// <remarks>
/// Convention: instants BIGINT unix ticks of 100 ns (NodaTime Instants map by themselves), JSON as TEXT, booleans and numbers BIGINT,
/// so that both databases give Dapper the same types. Dapper records need settable properties, not positional constructors.
/// </remarks>
public sealed class Store : IAsyncDisposable
{
    private readonly StoreBackend _backend;
    private readonly IReadOnlyList<Assembly> _migrations;

    public Store(StoreOptions options, IReadOnlyList<Assembly> migrations, ILogger<Store>? logger = null, TimeProvider? time = null)
    {
        Commits = new CommitWatch(time ?? TimeProvider.System);
        HasOneWriter = options.OneWriter && !string.IsNullOrWhiteSpace(options.PostgreSql);
        DapperTypes.Register();
        logger ??= NullLogger<Store>.Instance;
        _backend = string.IsNullOrWhiteSpace(options.PostgreSql)
            ? new SqliteBackend(options, logger)
            : new PostgreSqlBackend(options, logger);
        _migrations = migrations;
    }

    public Dialect Dialect => _backend.Dialect;

    /// <summary>Where it lies, for people; never with a password.</summary>
    public string Place => _backend.Place;

    internal CommitWatch Commits { get; }

    /// <summary>Several processes may open it, and one of them may write.</summary>
    internal bool HasOneWriter { get; }

    /// <summary>This process may write: it is the one that does, or nobody asks.</summary>
    internal bool IsOwned { get; private set; }

    /// <summary>Makes the folder or schema and brings the tables up to date, once per start.</summary>
    /// <exception cref="StartException">It can't be opened, or belongs to another version of the program.</exception>
    public async Task OpenAsync(CancellationToken ct = default)
    {
        await ReachAsync(ct);
        await MigrateAsync(ct);
    }

    /// <summary>Makes the folder or schema where it is missing, and nothing else.</summary>
    /// <exception cref="StartException">It can't be opened.</exception>
    internal Task ReachAsync(CancellationToken ct) => _backend.OpenAsync(ct);

    /// <summary>Brings the tables up to date: only for the process that may write.</summary>
    /// <exception cref="StartException">It belongs to another version of the program.</exception>
    internal Task MigrateAsync(CancellationToken ct) => _backend.MigrateAsync([.. _migrations.SelectMany(Migration.In)], ct);

    /// <summary>Takes the right to be the one process that writes; false while another has it.</summary>
    /// <exception cref="StoreUnavailableException">The database is away.</exception>
    internal async Task<bool> TryOwnAsync(CancellationToken ct) => IsOwned = await _backend.TryOwnAsync(ct);

    /// <summary>Whether that right still stands, or could be had again before anybody else had it.</summary>
    /// <exception cref="StoreUnavailableException">The database is away; the right is neither kept nor lost.</exception>
    internal Task<bool> OwnsAsync(CancellationToken ct) => _backend.OwnsAsync(ct);

    /// <summary>Lets another process have that right at once; this one has stopped.</summary>
    internal Task ReleaseAsync() => _backend.ReleaseAsync();

    /// <summary>Which process has that right, for people.</summary>
    internal Task<string> OwnerAsync(CancellationToken ct) => _backend.OwnerAsync(ct);

    /// <summary>Reads with one pooled reader; each statement sees its own moment. For one moment over several use <see cref="SnapshotAsync{T}"/>.</summary>
    /// <exception cref="StoreUnavailableException">The database is away.</exception>
    public Task<T> ReadAsync<T>(Func<DbConnection, Task<T>> read, CancellationToken ct = default) => _backend.ReadAsync(read, ct);

    /// <summary>Reads several things as they stood at one moment.</summary>
    /// <exception cref="StoreUnavailableException">The database is away.</exception>
    public Task<T> SnapshotAsync<T>(Func<DbTransaction, Task<T>> read, CancellationToken ct = default) => _backend.SnapshotAsync(read, ct);

    /// <summary>
    /// One write transaction: committed when <paramref name="write"/> returns, rolled back when it throws.
    /// <paramref name="write"/> may run again (PostgreSQL: serialization failure, deadlock, connection lost before the commit),
    /// so it must change nothing but the transaction. Serializable unless asked otherwise; another level counts on PostgreSQL only,
    /// and below serializable the SQL itself must lock what it read.
    /// </summary>
    /// <param name="write">What to do inside; on SQLite it is the only writer while it runs, so it awaits nothing but the database.</param>
    /// <param name="ct">Given up only before the commit starts.</param>
    /// <exception cref="StoreUnavailableException">Disk full, database away, or the commit's outcome is unknown.</exception>
    public Task<T> WriteAsync<T>(Func<DbTransaction, Task<T>> write, CancellationToken ct = default) =>
        WriteAsync(write, IsolationLevel.Serializable, ct);

    /// <inheritdoc cref="WriteAsync{T}(Func{DbTransaction, Task{T}}, CancellationToken)"/>
    public Task WriteAsync(Func<DbTransaction, Task> write, CancellationToken ct = default) => WriteAsync(
        async tx =>
        {
            await write(tx);
            return true;
        },
        IsolationLevel.Serializable,
        ct);

    /// <inheritdoc cref="WriteAsync{T}(Func{DbTransaction, Task{T}}, CancellationToken)"/>
    public async Task<T> WriteAsync<T>(Func<DbTransaction, Task<T>> write, IsolationLevel isolation, CancellationToken ct = default)
    {
        try
        {
            var result = await _backend.WriteAsync(write, isolation, ct);
            Commits.Succeeded();
            return result;
        }
        catch (StoreUnavailableException away)
        {
            Commits.Failed(away.Message);
            throw;
        }
    }

    /// <summary>Commits a page or more of its own; null when that went through, else why it did not.</summary>
    internal async Task<string?> TestCommitAsync(CancellationToken ct)
    {
        try
        {
            await _backend.WriteAsync(tx => TestRow.WriteAsync(tx, large: Commits.Failing is not null), IsolationLevel.ReadCommitted, ct);
            Commits.Recovered();
            return null;
        }
        catch (Exception away) when (away is StoreUnavailableException or DbException)
        {
            Commits.Failed(away.Message);
            return away.Message;
        }
    }

    /// <summary>The sole right to do <paramref name="name"/> on this store, or null where another process has it. SQLite: this process owns the file.</summary>
    /// <exception cref="StoreUnavailableException">The database is away.</exception>
    public Task<StoreLock?> TryLockAsync(string name, CancellationToken ct = default) => _backend.TryLockAsync(name, ct);

    /// <summary>
    /// Shares the right to write with the other processes that do, for a service that lets several work on one store: as long as one of them lives, a process
    /// that would write alone waits as a stand-by. Null where such a process works on it. SQLite: null, this process has the file alone.
    /// </summary>
    /// <exception cref="StoreUnavailableException">The database is away.</exception>
    public Task<StoreLock?> TryShareAsync(CancellationToken ct = default) => _backend.TryShareAsync(ct);

    public ValueTask DisposeAsync()
    {
        Commits.Dispose();
        return _backend.DisposeAsync();
    }
}
