using Dapper;
using GridServices.Cluster.Membership;
using GridServices.Contracts;
using Npgsql;

namespace GridServices.Cluster.Nodes;

/// <summary>
/// Once a node is declared dead its row ends and its database sessions are ended: one that only hangs would keep the locks of its transactions, for which
/// all others wait.
/// </summary>
internal sealed partial class DeadNodes(ISiloStatusOracle oracle, ILocalSiloDetails local, ClusterDatabase database, ILogger<DeadNodes> log) : IHostedService, ISiloStatusListener
{
    private const string End =
        """
        UPDATE cluster_nodes SET ended_at = (extract(epoch FROM clock_timestamp()) * 10000000)::bigint WHERE silo = @silo AND ended_at IS NULL RETURNING node
        """;

    private const string EndSessions =
        """
        SELECT COUNT(pg_terminate_backend(pid)) FROM pg_stat_activity
        WHERE pid <> pg_backend_pid() AND datname = current_database() AND application_name IN (SELECT sessions FROM cluster_nodes WHERE silo = @silo)
        """;

    public Task StartAsync(CancellationToken cancellationToken)
    {
        oracle.SubscribeToSiloStatusEvents(this);
        return Task.CompletedTask;
    }

    public Task StopAsync(CancellationToken cancellationToken)
    {
        oracle.UnSubscribeFromSiloStatusEvents(this);
        return Task.CompletedTask;
    }

    public void SiloStatusChangeNotification(SiloAddress updatedSilo, SiloStatus status)
    {
        if (status == SiloStatus.Dead && !updatedSilo.Equals(local.SiloAddress))
        {
            _ = Task.Run(() => EndAsync(updatedSilo.ToParsableString()));
        }
    }

    private async Task EndAsync(string silo)
    {
        try
        {
            var (node, sessions) = ((string?)null, 0L);
            await database.WriteAsync(async tx => node = await tx.Connection!.QueryFirstOrDefaultAsync<string?>(End, new { silo }, tx));

            // Always: another node may have ended the row and died before the sessions.
            await database.WriteAsync(async tx => sessions = await tx.Connection!.ExecuteScalarAsync<long>(EndSessions, new { silo }, tx));
            if (node is not null)
            {
                LogGone(node, sessions);
            }
        }
        catch (NpgsqlException away)
        {
            LogUnswept(silo, SafeText.Line(away.Message));
        }
    }

    [LoggerMessage(EventIds.DeadNodesGone, LogLevel.Warning, "{Node} gives no sign of life: the other nodes take over. Sessions of it that the database still had: {Sessions}")]
    private partial void LogGone(string node, long sessions);

    [LoggerMessage(EventIds.DeadNodesUnswept, LogLevel.Error, "The database sessions of the dead node at {Silo} could not be ended, so locks of it may last until the server notices: {Reason}")]
    private partial void LogUnswept(string silo, string reason);
}
