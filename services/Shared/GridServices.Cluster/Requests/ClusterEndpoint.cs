using Dapper;
using GridServices.Cluster.Placement;
using GridServices.Hosting.Auth;
using GridServices.Hosting.Storage;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using NodaTime;

namespace GridServices.Cluster.Requests;

/// <summary><c>GET /v1/cluster</c>: which nodes there are, how much each runs, and who took over from whom lately. In cluster mode only.</summary>
public static class ClusterEndpoint
{
    private const int MostTakeOvers = 20;

    public static void MapCluster(this IEndpointRouteBuilder routes)
    {
        ArgumentNullException.ThrowIfNull(routes);
        if (routes.ServiceProvider.GetService<NodeDirectory>() is not null)
        {
            routes.MapGet("/v1/cluster", async (Store store, LiveNodes live, CancellationToken ct) => Results.Ok(await ReadAsync(store, live, ct)))
                .RequirePermission(Permission.Operate)
                .WithTags("Cluster").WithName("getCluster")
                .WithSummary("The nodes of the cluster, what each runs, and the latest take-overs")
                .WithDescription("Nodes that ended within the last hour are listed with `alive` false.")
                .Produces<ClusterItem>();
        }
    }

    private static Task<ClusterItem> ReadAsync(Store store, LiveNodes live, CancellationToken ct)
    {
        var silos = live.Now().Select(silo => silo.ToParsableString()).ToHashSet(StringComparer.Ordinal);
        return store.ReadAsync(
            async db =>
            {
                var nodes = await db.QueryAsync<NodeRow>(
                    """
                    SELECT node AS Node, silo AS Silo, url AS Url, version AS Version, keys AS Keys, started_at AS StartedAt, beat_at AS BeatAt, ended_at AS EndedAt FROM cluster_nodes
                    WHERE beat_at > (extract(epoch FROM clock_timestamp()) * 10000000)::bigint - 36000000000 ORDER BY node, started_at
                    """);
                var takeOvers = await db.QueryAsync<TakeOverRow>(
                    "SELECT at AS At, from_node AS FromNode, to_node AS ToNode, keys AS Keys, millis AS Millis FROM cluster_takeovers ORDER BY id DESC LIMIT @MostTakeOvers", new { MostTakeOvers });
                return new ClusterItem(
                    [.. nodes.Select(n => new ClusterNodeItem(n.Node, n.EndedAt is null && silos.Contains(n.Silo), n.Keys, n.Url, n.Version, n.StartedAt, n.BeatAt))],
                    [.. takeOvers.Select(t => new TakeOverItem(t.At, t.FromNode, t.ToNode, t.Keys, t.Millis / 1000.0))]);
            },
            ct);
    }

    private sealed class NodeRow
    {
        public string Node { get; set; } = string.Empty;
        public string Silo { get; set; } = string.Empty;
        public string Url { get; set; } = string.Empty;
        public string Version { get; set; } = string.Empty;
        public long Keys { get; set; }
        public Instant StartedAt { get; set; }
        public Instant BeatAt { get; set; }
        public long? EndedAt { get; set; }
    }

    private sealed class TakeOverRow
    {
        public Instant At { get; set; }
        public string FromNode { get; set; } = string.Empty;
        public string ToNode { get; set; } = string.Empty;
        public long Keys { get; set; }
        public long? Millis { get; set; }
    }
}

/// <summary>The cluster of this service.</summary>
/// <param name="Nodes">By name; those that ended within the last hour among them.</param>
/// <param name="TakeOvers">Work that a node took over from one that died, newest first.</param>
public sealed record ClusterItem(IReadOnlyList<ClusterNodeItem> Nodes, IReadOnlyList<TakeOverItem> TakeOvers);

/// <summary>A run of an instance.</summary>
/// <param name="Name">What people call it.</param>
/// <param name="Alive">It takes part now.</param>
/// <param name="Keys">How many VENs or clients it runs.</param>
/// <param name="Url">Where the other nodes hand requests on to it.</param>
/// <param name="Version">Of the program.</param>
/// <param name="StartedAt">When it joined.</param>
/// <param name="LastBeatAt">Its last sign of life, by the database's clock.</param>
public sealed record ClusterNodeItem(string Name, bool Alive, long Keys, string Url, string Version, Instant StartedAt, Instant LastBeatAt);

/// <summary>A take-over.</summary>
/// <param name="At">When the last of the work had started at the new node.</param>
/// <param name="From">The node that died.</param>
/// <param name="To">The node that runs it now.</param>
/// <param name="Keys">How many VENs or clients.</param>
/// <param name="Seconds">From the dead node's last sign of life to <c>At</c>; absent: not known.</param>
public sealed record TakeOverItem(Instant At, string From, string To, long Keys, double? Seconds);
