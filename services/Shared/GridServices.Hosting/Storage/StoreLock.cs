namespace GridServices.Hosting.Storage;

/// <summary>
/// The right to be the only one doing something on this store, among all processes that share it. Ends with the process, however it dies, and on PostgreSQL
/// where it is not asked for (<see cref="IsHeldAsync"/>) within a minute: who works longer without asking may find that another has begun.
/// </summary>
public abstract class StoreLock : IAsyncDisposable
{
    /// <summary>Whether it still holds; false after the connection it hung on was lost.</summary>
    public abstract Task<bool> IsHeldAsync(CancellationToken ct);

    public abstract ValueTask DisposeAsync();
}
