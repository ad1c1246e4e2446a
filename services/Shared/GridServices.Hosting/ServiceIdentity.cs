using System.Reflection;

namespace GridServices.Hosting;

/// <summary>Who a service is.</summary>
/// <param name="Name">Lower case with dashes, e.g. <c>envelope-hub</c>: names the store, the logs and the telemetry.</param>
/// <param name="DefaultPort">The loopback port it listens on unless told otherwise.</param>
/// <param name="Migrations">The assembly whose embedded <c>sql/NNNN_name.sql</c> make the service's store.</param>
public sealed record ServiceIdentity(string Name, int DefaultPort, Assembly Migrations)
{
    /// <summary>
    /// True where the service itself lets several processes work on one PostgreSQL schema and settles which of them acts.
    /// False: one works, every other one is a stand-by.
    /// </summary>
    public bool SharesStore { get; init; }

    /// <summary>
    /// True where several instances work together in cluster mode (<c>Cluster:PostgreSql</c>). False: the cluster's database is this service's store all the
    /// same; one instance works, and every other one is a stand-by.
    /// </summary>
    public bool Clusters { get; init; }
}
