using Dapper;
using GridServices.Cluster.Placement;
using GridServices.Hosting.Clustering;
using GridServices.Hosting.Storage;

namespace GridServices.Cluster.Requests;

/// <summary>Where the nodes answer requests, and which of them runs a key, as it is in the store.</summary>
internal sealed class NodeDirectory(Store store, ClusterNode self, LiveNodes live)
{
    private const string Living = "SELECT sessions AS Sessions, node AS Node, silo AS Silo, url AS Url FROM cluster_nodes WHERE ended_at IS NULL";

    public ClusterNode Me => self;

    /// <summary>The nodes that live.</summary>
    /// <exception cref="StoreUnavailableException">The database is away.</exception>
    public async Task<IReadOnlyList<NodeAddress>> NodesAsync(CancellationToken ct)
    {
        var silos = live.Now().Select(silo => silo.ToParsableString()).ToHashSet(StringComparer.Ordinal);
        return [.. (await store.ReadAsync(db => db.QueryAsync<NodeAddress>(Living), ct)).Where(node => silos.Contains(node.Silo)).OrderBy(node => node.Node, StringComparer.Ordinal)];
    }

    /// <summary>The living node that took the key last; null: it has died, or nobody took it yet.</summary>
    /// <exception cref="StoreUnavailableException">The database is away.</exception>
    public async Task<NodeAddress?> FindRunnerAsync(PlacedKey key, CancellationToken ct)
    {
        var node = await store.ReadAsync(
            db => db.QuerySingleOrDefaultAsync<NodeAddress>(
                Living + " AND sessions = (SELECT sessions FROM cluster_placements WHERE tenant = @Tenant AND work_key = @Key AND released IS NULL)", new { key.Tenant, key.Key }),
            ct);
        return node is not null && live.Now().Any(silo => silo.ToParsableString() == node.Silo) ? node : null;
    }

    /// <summary>The node that a key which is not stored yet belongs to; null: it is not known where it answers.</summary>
    /// <exception cref="StoreUnavailableException">The database is away.</exception>
    public async Task<NodeAddress?> FindOwnerAsync(PlacedKey key, CancellationToken ct)
    {
        var nodes = await NodesAsync(ct);
        return nodes.Count == 0 ? null : Rendezvous.Owner(key.ToString(), nodes, node => node.Silo);
    }
}

/// <summary>A node and where it answers.</summary>
internal sealed record NodeAddress
{
    public string Sessions { get; init; } = string.Empty;
    public string Node { get; init; } = string.Empty;
    public string Silo { get; init; } = string.Empty;
    public string Url { get; init; } = string.Empty;
}
