using System.Data;
using System.Data.Common;
using System.Globalization;
using Dapper;
using Microsoft.Extensions.Logging;
using Npgsql;

namespace GridServices.Hosting.Storage;

/// <summary>One schema of a PostgreSQL database; write transactions are serializable unless asked otherwise, and run again where that is the cure.</summary>
internal sealed partial class PostgreSqlBackend : StoreBackend
{
    private const int Attempts = 30;
    private const string HasTables = "SELECT EXISTS (SELECT 1 FROM pg_tables WHERE schemaname = @schema AND tablename = 'schema_version')";
    private readonly SemaphoreSlim _contenders = new(1, 1);
    private readonly string _schema;
    private readonly string _place;
    private readonly NpgsqlDataSource _source;
    private readonly ILogger _logger;
    private readonly string _name;
    private readonly PostgreSqlOwner? _owner;
    private readonly MoveMarker? _mark;
    private readonly TimeSpan _turnSilence;

    internal PostgreSqlBackend(StoreOptions options, ILogger logger)
    {
        _name = options.Name;
        _schema = options.Schema ?? options.Name.Replace('-', '_');
        var settings = Settings(options.PostgreSql!, _schema, options.Sessions ?? options.Name);
        _place = $"PostgreSQL {settings.Host}/{settings.Database} schema {_schema}";
        _source = NpgsqlDataSource.Create(options.StoppedAfter is { } silence ? Ending(settings, silence) : settings);
        _mark = options.IgnoresMoveMark ? null : new MoveMarker(options.FullFolder, options.Name);
        _owner = options.OneWriter ? new PostgreSqlOwner(settings, _schema) : null;
        (_logger, _turnSilence) = (logger, options.TurnSilence);
    }

    internal override Dialect Dialect => Dialect.PostgreSql;

    internal override string Place => _place;

    internal override async Task OpenAsync(CancellationToken ct)
    {
        try
        {
            await using var db = await _source.OpenConnectionAsync(ct);
            await using var tx = await db.BeginTransactionAsync(ct);
            await LockAsync(tx);
            _mark?.RequireMovedTo(_place, await db.ExecuteScalarAsync<bool>(HasTables, new { schema = _schema }, tx));
            await db.ExecuteAsync($"CREATE SCHEMA IF NOT EXISTS \"{_schema}\"", transaction: tx);
            await RequireSchemaAsync(tx);
            await db.ExecuteAsync(PostgreSqlOwner.Table, transaction: tx);
            await db.ExecuteAsync(PostgreSqlOwner.BeatTable, transaction: tx);
            await tx.CommitAsync(ct);
        }
        catch (NpgsqlException away)
        {
            throw new StartException($"The store {_place} can't be opened: {PostgreSqlFaults.Explain(away)}. Check Storage:PostgreSql and that the server runs.", away);
        }
    }

    /// <summary>Tables are named without their schema: where the sessions are in another one, another store would be read and written.</summary>
    private async Task RequireSchemaAsync(NpgsqlTransaction tx)
    {
        var found = await tx.Connection!.ExecuteScalarAsync<string?>("SELECT current_schema()", transaction: tx);
        if (!string.Equals(found, _schema, StringComparison.Ordinal))
        {
            throw new StartException(
                $"The sessions of {_place} are in {(found is null ? "no schema" : $"the schema {found}")}. "
                + "Give the account USAGE on the schema, see that nothing between (a pooler) drops search_path, and name the schema in lower case.");
        }
    }

    internal override async Task MigrateAsync(IReadOnlyList<Migration> migrations, CancellationToken ct)
    {
        try
        {
            await using var db = await _source.OpenConnectionAsync(ct);
            await using var tx = await db.BeginTransactionAsync(ct);
            await LockAsync(tx);
            await Migration.ApplyAsync(tx, Dialect, migrations, _place, NodaTime.SystemClock.Instance.GetCurrentInstant().ToUnixTimeTicks());
            await tx.CommitAsync(ct);
        }
        catch (NpgsqlException broken)
        {
            throw new StartException($"The store {_place} can't be brought up to date: {PostgreSqlFaults.Explain(broken)}.", broken);
        }
    }

    internal override async Task<T> ReadAsync<T>(Func<DbConnection, Task<T>> read, CancellationToken ct) => await RetryAsync(
        async () =>
        {
            await using var db = await _source.OpenConnectionAsync(ct);
            return await PostgreSqlFaults.OnAsync(db, () => read(db));
        },
        ct);

    internal override async Task<T> SnapshotAsync<T>(Func<DbTransaction, Task<T>> read, CancellationToken ct) => await ReadAsync(
        async db =>
        {
            await using var tx = await db.BeginTransactionAsync(IsolationLevel.RepeatableRead, ct);
            return await read(tx);
        },
        ct);

    internal override async Task<T> WriteAsync<T>(Func<DbTransaction, Task<T>> write, IsolationLevel isolation, CancellationToken ct) => await RetryAsync(
        async () =>
        {
            await using var db = await _source.OpenConnectionAsync(ct);
            await using var tx = await PostgreSqlFaults.OnAsync(db, () => db.BeginTransactionAsync(isolation, ct).AsTask());
            var result = await PostgreSqlFaults.OnAsync(db, () => WriteAsync(tx, write));
            ct.ThrowIfCancellationRequested();
            CrashPoint.Hit("store.before-commit");
            await CommitAsync(db, tx);
            CrashPoint.Hit("store.after-commit");
            return result;
        },
        ct);

    private async Task<T> WriteAsync<T>(NpgsqlTransaction tx, Func<DbTransaction, Task<T>> write)
    {
        if (_owner is not null)
        {
            await _owner.RequireAsync(tx);
        }

        return await write(tx);
    }

    internal override async Task<bool> TryOwnAsync(CancellationToken ct)
    {
        if (_owner is null)
        {
            return true;
        }

        var ended = _owner.Ended;
        var taken = await RetryAsync(() => _owner.TryTakeAsync(Me, NodaTime.SystemClock.Instance.GetCurrentInstant().ToUnixTimeTicks(), ct), ct);
        if (_owner.Ended > ended)
        {
            LogHung(_logger, _place, PostgreSqlOwner.SilenceSeconds, _owner.Ended - ended);
        }

        return taken;
    }

    internal override async Task<bool> OwnsAsync(CancellationToken ct)
    {
        if (_owner is null || (!_owner.IsLost && await _owner.IsHeldAsync()))
        {
            return true;
        }

        if (!_owner.IsLost && await TryOwnAsync(ct))
        {
            LogHeldAgain(_logger, _place);
        }

        return !_owner.IsLost;
    }

    internal override Task ReleaseAsync() => _owner?.EndSessionAsync() ?? Task.CompletedTask;

    internal override Task<string> OwnerAsync(CancellationToken ct) => ReadAsync(
        async db => await db.ExecuteScalarAsync<string?>("SELECT holder FROM store_owner WHERE one = 1") ?? "a process that is starting", ct);

    internal override Task<StoreLock?> TryLockAsync(string name, CancellationToken ct) =>
        RetryAsync(() => PostgreSqlLock.TryTakeAsync(_source, $"gridservices.{_schema}.{name}", _turnSilence, ct), ct);

    internal override Task<StoreLock?> TryShareAsync(CancellationToken ct) => RetryAsync(
        () => PostgreSqlLock.TryShareAsync(_source, PostgreSqlOwner.GetOwnerKey(_schema), Me, NodaTime.SystemClock.Instance.GetCurrentInstant().ToUnixTimeTicks(), ct), ct);

    public override async ValueTask DisposeAsync()
    {
        _contenders.Dispose();
        if (_owner is not null)
        {
            await _owner.DisposeAsync();
        }

        await _source.DisposeAsync();
    }

    private string Me => $"{_name} on {Environment.MachineName}, process {Environment.ProcessId}";

    private static async Task CommitAsync(NpgsqlConnection db, NpgsqlTransaction tx)
    {
        try
        {
            await tx.CommitAsync(CancellationToken.None);
        }
        catch (Exception lost) when (lost is ObjectDisposedException || (lost is InvalidOperationException && db.State != ConnectionState.Open)
            || (lost is NpgsqlException fault && (fault is not PostgresException || PostgreSqlFaults.IsBrokenConnection(fault))))
        {
            // The server may or may not have committed: running again could do it twice.
            throw new StoreUnavailableException("The connection to the store broke during a commit; whether it happened is not known.", lost) { OutcomeUnknown = true };
        }
    }

    private async Task<T> RetryAsync<T>(Func<Task<T>> work, CancellationToken ct)
    {
        for (var attempt = 1; ; attempt++)
        {
            try
            {
                return await (attempt == 1 ? work() : AloneAsync(work, ct));
            }
            catch (NpgsqlException again) when (attempt < Attempts && PostgreSqlFaults.IsContention(again))
            {
                await Task.Delay(Pause(attempt), TimeProvider.System, ct);
            }
            catch (NpgsqlException lost) when (attempt == 1 && PostgreSqlFaults.IsBrokenConnection(lost))
            {
                // A pooled connection that died in its sleep: the pool drops it, a fresh one tells whether the server is there.
                LogReconnect(_logger, lost.Message);
            }
            catch (NpgsqlException away) when (PostgreSqlFaults.IsUnavailable(away))
            {
                throw new StoreUnavailableException($"The store can't do this now: {PostgreSqlFaults.Explain(away)}.", away);
            }
        }
    }

    /// <summary>Losers of one race do not race each other again: one at a time, so that each round somebody wins.</summary>
    private async Task<T> AloneAsync<T>(Func<Task<T>> work, CancellationToken ct)
    {
        await _contenders.WaitAsync(ct);
        try
        {
            return await work();
        }
        finally
        {
            _contenders.Release();
        }
    }

    /// <summary>Contenders part ways: 1 to 2^attempt ms, spread by the timer's low bits; in real time, as the server's is.</summary>
    private static TimeSpan Pause(int attempt) => TimeSpan.FromMilliseconds(1 + (TimeProvider.System.GetTimestamp() / 64 % (1L << Math.Min(attempt, 6))));

    /// <summary>Nobody else brings the tables up to date before the transaction has ended.</summary>
    internal async Task LockAsync(NpgsqlTransaction tx) =>
        await tx.Connection!.ExecuteAsync("SELECT pg_advisory_xact_lock(hashtextextended(@key, 0))", new { key = PostgreSqlOwner.GetTablesKey(_schema) }, tx);

    // Of the session, so that no transaction goes without. The second counts where the server waits for the process to take an answer: that is not idle.
    private static NpgsqlConnectionStringBuilder Ending(NpgsqlConnectionStringBuilder settings, TimeSpan silence)
    {
        var milliseconds = silence.TotalMilliseconds.ToString("F0", CultureInfo.InvariantCulture);
        return new NpgsqlConnectionStringBuilder(settings.ToString())
        {
            Options = $"{settings.Options} -c idle_in_transaction_session_timeout={milliseconds} -c tcp_user_timeout={milliseconds}".TrimStart(),
        };
    }

    private static NpgsqlConnectionStringBuilder Settings(string connectionString, string schema, string name)
    {
        try
        {
            var settings = new NpgsqlConnectionStringBuilder(connectionString) { SearchPath = schema, ApplicationName = name };
            if (!connectionString.Contains("Timeout", StringComparison.OrdinalIgnoreCase))
            {
                settings.Timeout = 5;
            }

            return settings;
        }
        catch (ArgumentException wrong)
        {
            throw new StartException($"Storage:PostgreSql is not a connection string: {wrong.Message}", wrong);
        }
    }

    [LoggerMessage(EventIds.PostgreSqlBackendHeldAgain, LogLevel.Warning, "The session that holds {Place} for this process had ended and was begun again; no other process wrote in between")]
    private static partial void LogHeldAgain(ILogger logger, string place);

    [LoggerMessage(EventIds.PostgreSqlBackendHung, LogLevel.Error, "The process that works on {Place} has given no sign of life for {Silence} s: it hangs. {Sessions} of its sessions were ended, and this process takes over; what it has not committed is undone, and it can't write any more. Look after that process")]
    private static partial void LogHung(ILogger logger, string place, int silence, long sessions);

    [LoggerMessage(EventIds.PostgreSqlBackendReconnect, LogLevel.Warning, "A connection to the store was lost and is tried once more: {Reason}")]
    private static partial void LogReconnect(ILogger logger, string reason);
}
