namespace GridServices.Hosting.Clustering;

/// <summary>Where a service's store is, and who writes to it, by what is set.</summary>
internal static class ClusterStore
{
    /// <exception cref="StartException">Two databases are named.</exception>
    internal static StoreOptions Options(ServiceIdentity identity, StorageOptions storage, ClusterOptions cluster) =>
        cluster.IsOn && storage.PostgreSql is { Length: > 0 } own && !string.Equals(own, cluster.PostgreSql, StringComparison.Ordinal)
            ? throw new StartException("Storage:PostgreSql and Cluster:PostgreSql name two databases, but the store is where the cluster is: leave Storage:PostgreSql out.")
            : new StoreOptions
            {
                Name = identity.Name,
                Folder = storage.Path,
                PostgreSql = cluster.IsOn ? cluster.PostgreSql : storage.PostgreSql,
                Schema = storage.Schema,
                OneWriter = !identity.SharesStore && !(cluster.IsOn && identity.Clusters),
            };
}
