using System.Collections.Concurrent;
using Dapper;
using GridServices.Cluster.Membership;
using GridServices.Contracts;

namespace GridServices.Cluster.Nodes;

/// <summary>
/// Once a node is declared dead its row ends and its database sessions are ended: one that only hangs would keep the locks of its transactions, for which
/// all others wait. What could not be done, the database being away as well, is done once it is back.
/// </summary>
internal sealed partial class DeadNodeCleaner(ISiloStatusOracle oracle, ILocalSiloDetails local, ClusterDatabase database, ILogger<DeadNodeCleaner> log) : BackgroundService, ISiloStatusListener
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

    // Those that GET /v1/cluster does not show any more. No sessions of them are left to be ended.
    private const string Forget = "DELETE FROM cluster_nodes WHERE ended_at IS NOT NULL AND beat_at < (extract(epoch FROM clock_timestamp()) * 10000000)::bigint - 72000000000";

    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(1);
    private readonly ConcurrentDictionary<string, bool> _owed = new(StringComparer.Ordinal);

    public override Task StartAsync(CancellationToken cancellationToken)
    {
        oracle.SubscribeToSiloStatusEvents(this);
        return base.StartAsync(cancellationToken);
    }

    public override Task StopAsync(CancellationToken cancellationToken)
    {
        oracle.UnSubscribeFromSiloStatusEvents(this);
        return base.StopAsync(cancellationToken);
    }

    public void SiloStatusChangeNotification(SiloAddress updatedSilo, SiloStatus status)
    {
        if (status == SiloStatus.Dead && !updatedSilo.Equals(local.SiloAddress))
        {
            _owed[updatedSilo.ToParsableString()] = true;
            _ = Task.Run(() => EndAsync(updatedSilo.ToParsableString()));
        }
    }

    /// <summary>What is owed still, and rows of dead nodes whose notice came before this node listened.</summary>
    internal async Task CheckAsync()
    {
        var dead = oracle.GetApproximateSiloStatuses(onlyActive: false).Where(silo => silo.Value == SiloStatus.Dead && !silo.Key.Equals(local.SiloAddress)).Select(silo => silo.Key.ToParsableString()).ToHashSet(StringComparer.Ordinal);
        var open = Array.Empty<string>();
        await database.WriteAsync(async tx =>
        {
            open = [.. await tx.Connection!.QueryAsync<string>("SELECT silo FROM cluster_nodes WHERE ended_at IS NULL", transaction: tx)];
            await tx.Connection!.ExecuteAsync(Forget, transaction: tx);
        });
        foreach (var silo in _owed.Keys.Union(open.Where(dead.Contains)))
        {
            _owed.TryAdd(silo, true);
            await EndAsync(silo);
        }
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        while (!stoppingToken.IsCancellationRequested)
        {
            // In real time, as the database's is.
            await Task.Delay(Interval, TimeProvider.System, stoppingToken).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            try
            {
                await CheckAsync();
            }
            catch (Exception away) when (away is not OutOfMemoryException)
            {
                // Looked at again: that the database is away is told by the beat.
                continue;
            }
        }
    }

    private async Task EndAsync(string silo)
    {
        try
        {
            var (node, sessions) = ((string?)null, 0L);
            // The sessions first, for one of them may hold the row; always, for another node may have ended the row and died before the sessions.
            await database.WriteAsync(async tx => sessions = await tx.Connection!.ExecuteScalarAsync<long>(EndSessions, new { silo }, tx));
            await database.WriteAsync(async tx => node = await tx.Connection!.QueryFirstOrDefaultAsync<string?>(End, new { silo }, tx));

            // What it opened between the two: from here on it finds its row ended.
            await database.WriteAsync(async tx => sessions += await tx.Connection!.ExecuteScalarAsync<long>(EndSessions, new { silo }, tx));
            _owed.TryRemove(silo, out _);
            if (node is not null)
            {
                LogGone(node, sessions);
            }
        }
        catch (Exception away) when (away is not OutOfMemoryException)
        {
            // Told once: it is tried again each second.
            if (_owed.TryUpdate(silo, false, true))
            {
                LogUnswept(silo, SafeText.Line(away.Message));
            }
        }
    }

    [LoggerMessage(EventIds.DeadNodesGone, LogLevel.Warning, "{Node} gives no sign of life: the other nodes take over. Sessions of it that the database still had: {Sessions}")]
    private partial void LogGone(string node, long sessions);

    [LoggerMessage(EventIds.DeadNodesUnswept, LogLevel.Error, "The database sessions of the dead node at {Silo} could not be ended, so locks of it may last; it is tried again each second: {Reason}")]
    private partial void LogUnswept(string silo, string reason);
}
