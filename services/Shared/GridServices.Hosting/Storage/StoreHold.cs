namespace GridServices.Hosting;

/// <summary>
/// The right to be the only one doing something on this store, among all processes that share it. Ends with the process, however it dies.
/// </summary>
public abstract class StoreHold : IAsyncDisposable
{
    /// <summary>Whether it still holds; false after the connection it hung on was lost.</summary>
    public abstract Task<bool> IsHeldAsync(CancellationToken ct);

    public abstract ValueTask DisposeAsync();
}
