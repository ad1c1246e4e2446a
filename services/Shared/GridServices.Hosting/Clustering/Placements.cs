using System.Data.Common;
using Dapper;
using GridServices.Hosting.Storage;
using NodaTime;

namespace GridServices.Hosting.Clustering;

/// <summary>Which node runs which key, as it is in the store: taken with a number that is higher than any before, so that earlier owners write nothing more.</summary>
public sealed class Placements
{
    private const string Take =
        """
        INSERT INTO cluster_placements (tenant, work_key, fence, node, sessions, since) VALUES (@Tenant, @Key, @fence, @Name, @Sessions, @now)
        ON CONFLICT (tenant, work_key) DO UPDATE SET fence = excluded.fence, node = excluded.node, sessions = excluded.sessions, since = excluded.since, released = NULL
        """;

    private static readonly TimeSpan LookAgain = TimeSpan.FromMilliseconds(200);
    private readonly Store _store;
    private readonly ClusterNode _node;
    private readonly Standby _standby;
    private readonly IClock _clock;

    internal Placements(Store store, ClusterNode node, Standby standby, IClock clock) => (_store, _node, _standby, _clock) = (store, node, standby, clock);

    /// <summary>This node becomes the one that runs the key.</summary>
    /// <exception cref="StoreUnavailableException">Nothing is changed, or whether it was is not known: take it again.</exception>
    public Task<AcquiredPlace> AcquireAsync(IPlacedWork work, PlacedKey key, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(work);
        return _store.WriteAsync(tx => AcquireAsync(tx, work, key), ct);
    }

    /// <summary>This node becomes the one that runs a key which is not stored yet. Judged in the one transaction: the number of what is stored stays its own.</summary>
    /// <returns>Null where it is stored: nothing is changed.</returns>
    /// <exception cref="StoreUnavailableException">Nothing is changed, or whether it was is not known: take it again.</exception>
    public Task<AcquiredPlace?> TryTakeNewAsync(IPlacedWork work, PlacedKey key, Func<DbTransaction, Task<bool>> isStored, CancellationToken ct)
    {
        ArgumentNullException.ThrowIfNull(work);
        ArgumentNullException.ThrowIfNull(isStored);
        return _store.WriteAsync<AcquiredPlace?>(async tx => await isStored(tx) ? null : await AcquireAsync(tx, work, key), ct);
    }

    private async Task<AcquiredPlace> AcquireAsync(DbTransaction tx, IPlacedWork work, PlacedKey key)
    {
        var before = await tx.Connection!.QuerySingleOrDefaultAsync<PlacementRow>(
            "SELECT node AS Node, sessions AS Sessions, released AS Released FROM cluster_placements WHERE tenant = @Tenant AND work_key = @Key", new { key.Tenant, key.Key }, tx);
        var fence = await work.NextFenceAsync(tx, key);
        await tx.Connection!.ExecuteAsync(Take, new { key.Tenant, key.Key, fence, _node.Name, _node.Sessions, now = _clock.GetCurrentInstant() }, tx);
        var isOthers = before is not null && before.Sessions != _node.Sessions;
        return new AcquiredPlace(fence, isOthers ? before!.Node : null, isOthers && before!.Released is null);
    }

    /// <summary>The key is not stored any more: nobody runs it. Its number stays, for whoever may still write under it.</summary>
    public static Task DeleteAsync(DbTransaction tx, PlacedKey key)
    {
        ArgumentNullException.ThrowIfNull(tx);
        return tx.Connection!.ExecuteAsync("DELETE FROM cluster_placements WHERE tenant = @Tenant AND work_key = @Key", new { key.Tenant, key.Key }, tx);
    }

    /// <summary>The key was ended here in order: whoever runs it next takes over from nobody.</summary>
    public Task ReleaseAsync(PlacedKey key) => _store.WriteAsync(tx => tx.Connection!.ExecuteAsync(
        "UPDATE cluster_placements SET released = @now WHERE tenant = @Tenant AND work_key = @Key AND sessions = @Sessions",
        new { key.Tenant, key.Key, _node.Sessions, now = _clock.GetCurrentInstant() },
        tx));

    /// <summary>Whether this run of this node took the key last, and has not given it up.</summary>
    /// <exception cref="StoreUnavailableException">The database is away.</exception>
    public async Task<bool> IsMineAsync(PlacedKey key, CancellationToken ct = default) => await _store.ReadAsync(
        db => db.ExecuteScalarAsync<bool>(
            "SELECT EXISTS (SELECT 1 FROM cluster_placements WHERE tenant = @Tenant AND work_key = @Key AND sessions = @Sessions AND released IS NULL)", new { key.Tenant, key.Key, _node.Sessions }),
        ct);

    /// <summary>The keys of a tenant that are with a run of a node, each with the run's name.</summary>
    /// <exception cref="StoreUnavailableException">The database is away.</exception>
    public async Task<IReadOnlyDictionary<PlacedKey, HeldPlace>> HeldAsync(string tenant, CancellationToken ct) => (await _store.ReadAsync(
        db => db.QueryAsync<HeldRow>(
            "SELECT work_key AS Key, sessions AS Sessions, fence AS Fence FROM cluster_placements WHERE tenant = @tenant AND released IS NULL", new { tenant }),
        ct)).ToDictionary(row => new PlacedKey(tenant, row.Key), row => new HeldPlace(row.Sessions, row.Fence));

    /// <summary>
    /// Ends once this node has given a sign of life within the last seconds. Asked before anything goes to a utility: a node that was stopped and goes on may
    /// have been taken over meanwhile, and what it owed has been sent by the other one.
    /// </summary>
    /// <exception cref="OperationCanceledException">The node ends.</exception>
    public async Task UntilSureAsync(CancellationToken ct)
    {
        while (!_standby.MayTell)
        {
            await Task.Delay(LookAgain, TimeProvider.System, ct);
        }
    }

    private sealed class HeldRow
    {
        public string Key { get; set; } = string.Empty;
        public string Sessions { get; set; } = string.Empty;
        public long Fence { get; set; }
    }

    private sealed class PlacementRow
    {
        public string Node { get; set; } = string.Empty;
        public string Sessions { get; set; } = string.Empty;
        public long? Released { get; set; }
    }
}

/// <summary>Where a key is.</summary>
/// <param name="Sessions">The run of the node.</param>
/// <param name="Fence">The number that it took.</param>
public sealed record HeldPlace(string Sessions, long Fence);

/// <summary>A key that this node runs from now on.</summary>
/// <param name="Fence">Its number.</param>
/// <param name="From">The node that ran it before; null: none, or this run of this node.</param>
/// <param name="WasHeld">That node did not give it up: it died, or can't be reached.</param>
public sealed record AcquiredPlace(long Fence, string? From, bool WasHeld);
