using System.Data.Common;
using GridServices.Hosting.Storage;
using NodaTime;

namespace GridServices.UtilityClients.Engine;

/// <summary>What of one engine waits for a write together with others; nothing else of it is written until this is disposed.</summary>
public abstract class UnsavedChanges : IDisposable
{
    /// <summary>Writes the parts in one transaction.</summary>
    /// <exception cref="StoreUnavailableException">Nothing is written.</exception>
    /// <exception cref="EngineFencedException">Nothing is written; that engine's part doesn't come again.</exception>
    public static async Task WriteAsync(Store store, IReadOnlyList<UnsavedChanges> parts, Instant now, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(store);
        ArgumentNullException.ThrowIfNull(parts);
        try
        {
            await store.WriteAsync(
                async tx =>
                {
                    foreach (var part in parts)
                    {
                        await part.WriteAsync(tx, now);
                    }
                },
                ct);
            foreach (var part in parts)
            {
                part.Committed();
            }
        }
        finally
        {
            foreach (var part in parts)
            {
                part.Dispose();
            }
        }
    }

    public abstract void Dispose();

    protected abstract Task WriteAsync(DbTransaction tx, Instant now);

    protected abstract void Committed();
}
