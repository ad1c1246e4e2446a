using System.Data.Common;
using GridServices.Hosting.Storage;
using Microsoft.AspNetCore.Http;

namespace GridServices.Hosting.Clustering;

/// <summary>
/// Work of a service that one node does at a time, key by key: a VEN, a 2030.5 client. In cluster mode the placement decides which node runs which key:
/// <code>
/// keys in the store ─▶ each has its node ─▶ number taken in the store ─▶ started there with it ─▶ every commit shows the number
/// </code>
/// </summary>
public interface IPlacedWork
{
    /// <summary>What one piece of it is called: "VEN".</summary>
    string Title { get; }

    /// <summary>What runs here.</summary>
    IReadOnlyCollection<PlacedKey> RunningKeys { get; }

    /// <summary>All keys of the store, whichever node runs them, or the one asked for.</summary>
    /// <exception cref="StoreUnavailableException">The database is away.</exception>
    Task<IReadOnlyList<PlacedKey>> KeysAsync(PlacedKey? only, CancellationToken ct);

    /// <summary>The key of a request that does not name it in its path; null: it is about none.</summary>
    /// <exception cref="StoreUnavailableException">The database is away.</exception>
    Task<PlacedKey?> FindKeyAsync(HttpContext http) => Task.FromResult<PlacedKey?>(null);

    /// <summary>The keys that want the feedback of sites.</summary>
    /// <exception cref="StoreUnavailableException">The database is away.</exception>
    Task<IReadOnlyList<(string Site, PlacedKey Key)>> GetKeysForSitesAsync(string tenant, IReadOnlyCollection<string> sites, CancellationToken ct);

    /// <summary>Raises the key's number in the caller's transaction: from its commit on nothing is written under a lower one.</summary>
    Task<long> NextFenceAsync(DbTransaction tx, PlacedKey key);

    /// <summary>Starts a stored key here under its number; nothing where it runs here, or is not stored.</summary>
    Task StartAsync(PlacedKey key, long fence, CancellationToken ct);

    /// <summary>Ends it here between two commits, and writes what waits; nothing where it does not run here.</summary>
    Task StopAsync(PlacedKey key);

    /// <summary>Whether it runs here.</summary>
    bool Runs(PlacedKey key);

    /// <summary>What is stored of it could not be read here, so it is not run.</summary>
    bool IsUnreadable(PlacedKey key);

    /// <summary>Applies feedback (JSON of its items) to a key that runs here, and stores it.</summary>
    /// <returns>False where it does not run here, or not any more: not applied, or not stored.</returns>
    /// <exception cref="StoreUnavailableException">Not applied.</exception>
    Task<bool> ApplyFeedbackAsync(PlacedKey key, ReadOnlyMemory<byte> items);

    /// <summary>All keys that are this node's run here, for the first time since the start.</summary>
    void Settled();
}

/// <summary>A key of placed work.</summary>
/// <param name="Tenant">Whose it is.</param>
/// <param name="Key">Unique in the tenant; without '/'.</param>
public readonly record struct PlacedKey(string Tenant, string Key)
{
    public override string ToString() => $"{Tenant}/{Key}";

    /// <summary>Reads what <see cref="ToString"/> writes.</summary>
    public static PlacedKey Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var at = text.LastIndexOf('/');
        return new PlacedKey(text[..at], text[(at + 1)..]);
    }
}
