using System.Collections.Concurrent;
using System.Data;
using System.Data.Common;
using Dapper;
using Microsoft.Data.Sqlite;
using Microsoft.Extensions.Logging;
using SQLitePCL;

namespace GridServices.Hosting.Storage;

/// <summary>One file, one writer at a time (BEGIN IMMEDIATE behind a gate), a few readers that never wait for it (WAL).</summary>
internal sealed partial class SqliteBackend : StoreBackend
{
    private readonly string _folder;
    private readonly string _file;
    private readonly SemaphoreSlim _writing = new(1, 1);
    private readonly SemaphoreSlim _reading;
    private readonly ConcurrentBag<SqliteConnection> _readers = [];
    private readonly ILogger _logger;
    private readonly MoveMarker? _mark;
    private SqliteConnection? _writer;
    private FileStream? _ownership;
    private OpenedFile? _opened;
    private bool _open;

    internal SqliteBackend(StoreOptions options, ILogger logger)
    {
        _logger = logger;
        _folder = options.FullFolder;
        _file = Path.Combine(_folder, options.Name + ".db");
        _mark = options.IgnoresMoveMark ? null : new MoveMarker(_folder, options.Name);
        _reading = new SemaphoreSlim(options.Readers, options.Readers);
    }

    internal override Dialect Dialect => Dialect.Sqlite;

    internal override string Place => _file;

    internal override async Task OpenAsync(CancellationToken ct)
    {
        // Before anything is made there; and again, for it may have been moved while another process had it.
        _mark?.RequireNone(_file);
        AcquireOwnership();
        _mark?.RequireNone(_file);
        try
        {
            _writer = await OpenWriterAsync(ct);
            _opened = new OpenedFile(_file);
            _open = true;
        }
        catch (Exception missing) when (missing is TypeInitializationException or DllNotFoundException)
        {
            throw new StartException(
                $"SQLite's library for {System.Runtime.InteropServices.RuntimeInformation.RuntimeIdentifier} is missing beside the program or can't be loaded. "
                + "Install the program again, whole, or use PostgreSQL with Storage:PostgreSql.",
                missing);
        }
        catch (SqliteException broken)
        {
            throw new StartException($"The store {_file} can't be opened: {SqliteFaults.Explain(broken)}. Fix the file or its folder, or choose another with Storage:Path.", broken);
        }
    }

    internal override async Task MigrateAsync(IReadOnlyList<Migration> migrations, CancellationToken ct)
    {
        try
        {
            await WriteAsync(
                async tx =>
                {
                    await Migration.ApplyAsync(tx, Dialect, migrations, _file, NodaTime.SystemClock.Instance.GetCurrentInstant().ToUnixTimeTicks());
                    return true;
                },
                IsolationLevel.Serializable,
                ct);
        }
        catch (Exception broken) when (broken is StoreUnavailableException or DbException)
        {
            throw new StartException($"The store {_file} can't be brought up to date: {broken.Message}", broken);
        }
    }

    internal override async Task<T> ReadAsync<T>(Func<DbConnection, Task<T>> read, CancellationToken ct)
    {
        await _reading.WaitAsync(ct);
        try
        {
            var reader = await GetReaderAsync(ct);
            try
            {
                var result = await read(reader);
                _readers.Add(reader);
                return result;
            }
            catch (SqliteException)
            {
                // What a failed read left behind in its connection is not known.
                await reader.DisposeAsync();
                throw;
            }
            catch
            {
                _readers.Add(reader);
                throw;
            }
        }
        catch (SqliteException fault) when (SqliteFaults.IsUnavailable(fault))
        {
            throw SqliteFaults.Unavailable(fault);
        }
        finally
        {
            _reading.Release();
        }
    }

    internal override Task<T> SnapshotAsync<T>(Func<DbTransaction, Task<T>> read, CancellationToken ct) => ReadAsync(
        async db =>
        {
            // A deferred transaction takes its moment at its first SELECT and holds it to the end.
            await using var tx = ((SqliteConnection)db).BeginTransaction(deferred: true);
            return await read(tx);
        },
        ct);

    internal override async Task<T> WriteAsync<T>(Func<DbTransaction, Task<T>> write, IsolationLevel isolation, CancellationToken ct)
    {
        await _writing.WaitAsync(ct);
        try
        {
            if (!_open)
            {
                throw new InvalidOperationException("The store is not open.");
            }

            RequireFile();
            _writer ??= await OpenWriterAsync(ct);
            return await TransactAsync(_writer, write, ct);
        }
        catch (SqliteException fault) when (SqliteFaults.IsUnavailable(fault))
        {
            throw SqliteFaults.Unavailable(fault);
        }
        finally
        {
            _writing.Release();
        }
    }

    /// <summary>A file that was moved away takes commits as before; the next start would not find them.</summary>
    private void RequireFile()
    {
        if (_opened is { IsInPlace: false })
        {
            throw new StoreUnavailableException($"The store {_file} was moved away or replaced while this service has it open. Put it back, or restart the service.");
        }
    }

    private async Task<T> TransactAsync<T>(SqliteConnection writer, Func<DbTransaction, Task<T>> write, CancellationToken ct)
    {
        var tx = writer.BeginTransaction(deferred: false);
        try
        {
            var result = await write(tx);
            ct.ThrowIfCancellationRequested();
            if (HasEnded(writer))
            {
                throw new StoreUnavailableException("The store undid this change by itself; nothing of it is stored.");
            }

            CrashPoint.Hit("store.before-commit");
            await tx.CommitAsync(CancellationToken.None);
            CrashPoint.Hit("store.after-commit");
            await tx.DisposeAsync();
            return result;
        }
        catch
        {
            await UndoAsync(writer, tx);
            throw;
        }
    }

    /// <summary>
    /// On a full disk, a failed write or lack of memory SQLite may end the transaction by itself, also at COMMIT: then there is nothing to roll back,
    /// and a connection that does not get over that is replaced, or it would refuse every later write.
    /// </summary>
    private async Task UndoAsync(SqliteConnection writer, SqliteTransaction tx)
    {
        try
        {
            await tx.DisposeAsync();
            await using var next = writer.BeginTransaction(deferred: true);
        }
        catch (Exception unusable) when (unusable is SqliteException or InvalidOperationException)
        {
            _writer = null;
            LogReplaced(_logger, _file, unusable.Message);
            await writer.DisposeAsync();
        }
    }

    /// <summary>Outside of a transaction every statement would commit on its own.</summary>
    private static bool HasEnded(SqliteConnection writer) => raw.sqlite3_get_autocommit(writer.Handle) != 0;

    internal override Task<StoreLock?> TryLockAsync(string name, CancellationToken ct) => Task.FromResult<StoreLock?>(new Owned());

    public override async ValueTask DisposeAsync()
    {
        // A writer that never ends must not keep the service from ending: its transaction is undone with the process.
        await _writing.WaitAsync(TimeSpan.FromSeconds(5));
        while (_readers.TryTake(out var reader))
        {
            await reader.DisposeAsync();
        }

        if (_writer is not null)
        {
            await _writer.DisposeAsync();
        }

        _opened?.Dispose();
        if (_ownership is not null)
        {
            await _ownership.DisposeAsync();
        }

        _writing.Dispose();
        _reading.Dispose();
    }

    /// <summary>A second process on the same file would relay the same outbox and drive the same VENs: it must not start.</summary>
    private void AcquireOwnership()
    {
        try
        {
            OwnerOnlyFiles.EnsureFolder(_folder);
            _ownership = new FileStream(_file + ".lock", FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            OwnerOnlyFiles.EnsureFile(_file);

            // SQLite makes these with the mode of the database; an older version may have left others.
            OwnerOnlyFiles.Restrict(_file + ".lock");
            OwnerOnlyFiles.Restrict(_file + "-wal");
            OwnerOnlyFiles.Restrict(_file + "-shm");
        }
        catch (Exception refused) when (refused is UnauthorizedAccessException || (refused is IOException io && !IsInUse(io)))
        {
            throw new StartException($"The storage folder {_folder} can't be written ({refused.Message}) Give the service the right to write there, or choose another folder with Storage:Path.", refused);
        }
        catch (IOException busy)
        {
            throw new StartException($"The store {_file} is in use by another process ({busy.Message}) Stop that one first, or choose another folder with Storage:Path.", busy);
        }
    }

    /// <summary>EWOULDBLOCK of Linux and of macOS, and Windows's sharing violation: another process has the lock file. All else is a folder that can't be used.</summary>
    private static bool IsInUse(IOException fault) => fault.HResult is 11 or 35 || fault.HResult == unchecked((int)0x80070020);

    private async Task<SqliteConnection> GetReaderAsync(CancellationToken ct)
    {
        if (_readers.TryTake(out var idle))
        {
            return idle;
        }

        var reader = await ConnectAsync(SqliteOpenMode.ReadWrite, ct);
        await reader.ExecuteAsync("PRAGMA query_only=ON");
        return reader;
    }

    private async Task<SqliteConnection> OpenWriterAsync(CancellationToken ct)
    {
        var writer = await ConnectAsync(SqliteOpenMode.ReadWriteCreate, ct);
        try
        {
            await writer.ExecuteAsync("PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA journal_size_limit=67108864;");
            return writer;
        }
        catch
        {
            await writer.DisposeAsync();
            throw;
        }
    }

    private async Task<SqliteConnection> ConnectAsync(SqliteOpenMode mode, CancellationToken ct)
    {
        var connection = new SqliteConnection(new SqliteConnectionStringBuilder { DataSource = _file, Mode = mode, Pooling = false }.ToString());
        try
        {
            await connection.OpenAsync(ct);
            await connection.ExecuteAsync("PRAGMA busy_timeout=10000; PRAGMA foreign_keys=ON;");
            return connection;
        }
        catch
        {
            await connection.DisposeAsync();
            throw;
        }
    }

    private sealed class Owned : StoreLock
    {
        public override Task<bool> IsHeldAsync(CancellationToken ct) => Task.FromResult(true);

        public override ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }

    [LoggerMessage(EventIds.SqliteBackendReplaced, LogLevel.Warning, "The connection that writes to {File} could not be used again after a failed write and is replaced: {Reason}")]
    private static partial void LogReplaced(ILogger logger, string file, string reason);
}
