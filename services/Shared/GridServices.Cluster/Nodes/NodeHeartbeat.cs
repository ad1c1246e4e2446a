using System.Reflection;
using Dapper;
using GridServices.Cluster.Membership;
using GridServices.Contracts;
using GridServices.Hosting;
using GridServices.Hosting.Clustering;
using GridServices.Hosting.Storage;

namespace GridServices.Cluster.Nodes;

/// <summary>
/// This node's sign of life in <c>cluster_nodes</c>, each second. One that was declared dead meanwhile (it hung, or was cut off) finds its row ended, or gone: it stops
/// its work and begins anew. One that can't give it for <see cref="Silence"/> answers no requests: what it runs may run elsewhere by then.
/// </summary>
internal sealed partial class NodeHeartbeat(
    ClusterDatabase database, ClusterNode node, Standby standby, ILocalSiloDetails silo, IPlacedWork work, IHostApplicationLifetime lifetime, ILogger<NodeHeartbeat> log) : BackgroundService
{
    internal static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);
    internal static readonly TimeSpan Silence = TimeSpan.FromSeconds(3);

    private const string Join =
        """
        INSERT INTO cluster_nodes (sessions, node, silo, url, version, keys, started_at, beat_at)
        VALUES (@Sessions, @Name, @silo, @url, @version, @keys, (extract(epoch FROM clock_timestamp()) * 10000000)::bigint, (extract(epoch FROM clock_timestamp()) * 10000000)::bigint)
        ON CONFLICT (sessions) DO UPDATE SET url = excluded.url, keys = excluded.keys, beat_at = excluded.beat_at WHERE cluster_nodes.ended_at IS NULL
        """;

    // Never a row anew: that of one that hung for hours was ended, and is forgotten by now.
    private const string Beat =
        """
        UPDATE cluster_nodes SET url = @url, keys = @keys, beat_at = (extract(epoch FROM clock_timestamp()) * 10000000)::bigint WHERE sessions = @Sessions AND ended_at IS NULL
        """;

    private static readonly string Version = typeof(NodeHeartbeat).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? "unknown";

    public override async Task StartAsync(CancellationToken cancellationToken)
    {
        if (!await database.TryShareAsync(cancellationToken))
        {
            throw new StartException(ClusterNode.WorksAlone);
        }

        (standby.IsWatched, standby.Silence) = (true, Silence);
        await BeatAsync(Join, cancellationToken);
        LogJoined(node.Name, silo.SiloAddress.ToParsableString());
        await base.StartAsync(cancellationToken);
    }

    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        await AttemptAsync(() => database.WriteAsync(tx => tx.Connection!.ExecuteAsync(
            "UPDATE cluster_nodes SET ended_at = (extract(epoch FROM clock_timestamp()) * 10000000)::bigint, keys = 0 WHERE sessions = @Sessions", new { node.Sessions }, tx), cancellationToken));
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        // Beside the beat, which may hang in the database.
        await using var looks = TimeProvider.System.CreateTimer(_ => standby.DoubtIfStale(), null, Interval, Interval);
        while (!stoppingToken.IsCancellationRequested)
        {
            await AttemptAsync(() => BeatAsync(Beat, stoppingToken));

            // In real time, as the database's is.
            await Task.Delay(Interval, TimeProvider.System, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }
    }

    private async Task BeatAsync(string statement, CancellationToken ct)
    {
        var asked = TimeProvider.System.GetTimestamp();
        var beat = new { node.Sessions, node.Name, silo = silo.SiloAddress.ToParsableString(), url = node.Url ?? string.Empty, version = Version, keys = (long)work.RunningKeys.Count };
        var isMember = false;
        if (!await database.TryShareAsync(ct))
        {
            End(LogAlone);
            return;
        }

        await database.WriteAsync(async tx => isMember = await tx.Connection!.ExecuteAsync(statement, beat, tx) == 1, ct);
        if (isMember)
        {
            standby.Sure(asked);
        }
        else
        {
            End(() => LogOvertaken(node.Name));
        }
    }

    /// <summary>Another one does the work, so this node must not go on writing beside it.</summary>
    private void End(Action tell)
    {
        if (!standby.WasOvertaken)
        {
            standby.Overtaken();
            tell();
            lifetime.StopApplication();
        }
    }

    /// <summary>Whatever the fault: without a beat this node says nothing, and the next one may succeed.</summary>
    private async Task AttemptAsync(Func<Task> work)
    {
        try
        {
            await work();
        }
        catch (Exception away) when (away is not OutOfMemoryException)
        {
            LogAway(SafeText.Line(away.Message));
        }
    }

    [LoggerMessage(EventIds.NodeBeatOvertaken, LogLevel.Error, "The other nodes declared {Node} dead and run its work by now: it writes nothing more, stops and begins anew")]
    private partial void LogOvertaken(string node);

    [LoggerMessage(EventIds.NodeBeatAlone, LogLevel.Error, "An instance without Cluster:PostgreSql has taken over this store: this node stops, and its start is refused until that one is stopped")]
    private partial void LogAlone();

    [LoggerMessage(EventIds.NodeBeatAway, LogLevel.Warning, "The cluster's database did not take this node's sign of life: {Reason}")]
    private partial void LogAway(string reason);

    [LoggerMessage(EventIds.NodeBeatJoined, LogLevel.Information, "{Node} joins the cluster at {Silo}")]
    private partial void LogJoined(string node, string silo);
}
