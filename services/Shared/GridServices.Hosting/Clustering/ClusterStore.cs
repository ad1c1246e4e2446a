using GridServices.Hosting.Configuration;
using GridServices.Hosting.Storage;
using Microsoft.Extensions.DependencyInjection;

namespace GridServices.Hosting.Clustering;

/// <summary>Where a service's store is, and who writes to it, by what is set.</summary>
internal static class ClusterStore
{
    /// <summary>The options of the service's store, in cluster mode and out of it.</summary>
    internal static IServiceCollection AddClusterStore(this IServiceCollection services, ServiceIdentity identity) => services
        .AddSettings<ClusterOptions>()
        .AddSingleton(provider => Options(identity, provider.GetRequiredService<StorageOptions>(), provider.GetRequiredService<ClusterOptions>()) with
        {
            Sessions = provider.GetRequiredService<ClusterNode>() is { IsOn: true } node ? node.Sessions : null,
        });

    // Several instances write: all would wait for what one that is stopped holds.
    private static readonly TimeSpan StoppedAfter = TimeSpan.FromSeconds(15);

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
                StoppedAfter = identity.SharesStore || (cluster.IsOn && identity.Clusters) ? StoppedAfter : null,
                OneWriter = !identity.SharesStore && !(cluster.IsOn && identity.Clusters),
            };
}
