using System.Data;
using System.Data.Common;

namespace GridServices.Hosting.Storage;

/// <summary>What differs between the databases.</summary>
internal abstract class StoreBackend : IAsyncDisposable
{
    internal abstract Dialect Dialect { get; }

    internal abstract string Place { get; }

    internal abstract Task OpenAsync(CancellationToken ct);

    internal abstract Task MigrateAsync(IReadOnlyList<Migration> migrations, CancellationToken ct);

    internal abstract Task<T> ReadAsync<T>(Func<DbConnection, Task<T>> read, CancellationToken ct);

    internal abstract Task<T> SnapshotAsync<T>(Func<DbTransaction, Task<T>> read, CancellationToken ct);

    internal abstract Task<T> WriteAsync<T>(Func<DbTransaction, Task<T>> write, IsolationLevel isolation, CancellationToken ct);

    /// <summary>Takes the right to be the one process that writes. A SQLite file already belongs to the process that opened it.</summary>
    internal virtual Task<bool> TryOwnAsync(CancellationToken ct) => Task.FromResult(true);

    /// <summary>Whether that right still stands; takes it again where it was lost to nobody.</summary>
    internal virtual Task<bool> OwnsAsync(CancellationToken ct) => Task.FromResult(true);

    internal virtual Task ReleaseAsync() => Task.CompletedTask;

    /// <summary>Who has it.</summary>
    internal virtual Task<string> OwnerAsync(CancellationToken ct) => Task.FromResult("this process");

    internal virtual Task<StoreLock?> TryShareAsync(CancellationToken ct) => Task.FromResult<StoreLock?>(null);

    internal abstract Task<StoreLock?> TryLockAsync(string name, CancellationToken ct);

    public abstract ValueTask DisposeAsync();
}
