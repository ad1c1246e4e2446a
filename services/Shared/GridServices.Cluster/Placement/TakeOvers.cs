using Dapper;
using GridServices.Cluster.Membership;
using GridServices.Cluster.Nodes;
using GridServices.Hosting.Clustering;
using NodaTime;
using Npgsql;

namespace GridServices.Cluster.Placement;

/// <summary>Counts what this node took over, and says it in one line per node that it came from: in the log, and in <c>cluster_takeovers</c>.</summary>
internal sealed partial class TakeOvers(IPlacedWork work, ClusterDatabase database, ClusterNode node, IClock clock, ClusterMetrics metrics, ILogger<TakeOvers> log)
{
    private const int MostKept = 1_000;
    private readonly Lock _gate = new();
    private Dictionary<(string From, bool WasHeld), (long Keys, Instant Last)> _taken = [];

    public void Add(AcquiredPlace place)
    {
        if (place.From is not { } from)
        {
            return;
        }

        lock (_gate)
        {
            _taken[(from, place.WasHeld)] = (1 + _taken.GetValueOrDefault((from, place.WasHeld)).Keys, clock.GetCurrentInstant());
        }
    }

    /// <summary>Tells what came since the last time.</summary>
    public async Task ReportAsync(CancellationToken ct)
    {
        Dictionary<(string From, bool WasHeld), (long Keys, Instant Last)> taken;
        lock (_gate)
        {
            (taken, _taken) = (_taken, []);
        }

        foreach (var ((from, wasHeld), (keys, last)) in taken)
        {
            if (!wasHeld)
            {
                LogHandedOver(from, work.Title, keys);
                continue;
            }

            metrics.TookOver(keys);
            var seconds = await SaveAsync(from, keys, last, ct);
            LogTookOver(from, seconds, work.Title, keys);
        }
    }

    /// <returns>Seconds from that node's last sign of life to the last key's start here; NaN: it never gave one, or that could not be read.</returns>
    private async Task<double> SaveAsync(string from, long keys, Instant at, CancellationToken ct)
    {
        try
        {
            long? millis = null;
            await database.WriteAsync(
                async tx =>
                {
                    var beat = await tx.Connection!.ExecuteScalarAsync<long?>(
                        "SELECT MAX(beat_at) FROM cluster_nodes WHERE node = @from AND sessions <> @Sessions", new { from, node.Sessions }, tx);
                    millis = beat is { } heard ? (long)(at - Instant.FromUnixTimeTicks(heard)).TotalMilliseconds : null;
                    await tx.Connection!.ExecuteAsync(
                        "INSERT INTO cluster_takeovers (at, from_node, to_node, keys, millis) VALUES (@at, @from, @Name, @keys, @millis)",
                        new { at = at.ToUnixTimeTicks(), from, node.Name, keys, millis },
                        tx);
                    await tx.Connection!.ExecuteAsync("DELETE FROM cluster_takeovers WHERE id <= (SELECT MAX(id) FROM cluster_takeovers) - @MostKept", new { MostKept }, tx);
                },
                ct);
            return millis / 1000.0 ?? double.NaN;
        }
        catch (NpgsqlException)
        {
            // The log line still tells it.
            return double.NaN;
        }
    }

    [LoggerMessage(EventIds.TakeOversTookOver, LogLevel.Warning, "Took over from {Node} {Seconds:0.0} s after its last sign of life: {Title}s {Keys}")]
    private partial void LogTookOver(string node, double seconds, string title, long keys);

    [LoggerMessage(EventIds.TakeOversHandedOver, LogLevel.Information, "{Node} handed over to this node: {Title}s {Keys}")]
    private partial void LogHandedOver(string node, string title, long keys);
}
