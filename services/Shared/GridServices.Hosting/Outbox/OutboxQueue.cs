using System.Data;
using System.Text.Json;
using Dapper;
using GridServices.Contracts;
using NodaTime;

namespace GridServices.Hosting;

/// <summary>The rows of the outbox: pending ones in the order of their id, parked ones beside them.</summary>
internal sealed class OutboxQueue(Store store, IClock clock)
{
    private const int ShownParked = 100;

    /// <summary>The next rows to send, of sites that are not held back: as many as fit, at least one.</summary>
    internal Task<IReadOnlyList<OutboxRow>> NextAsync(int maxItems, int maxBytes, IReadOnlyCollection<string> heldSites, CancellationToken ct) =>
        store.ReadAsync<IReadOnlyList<OutboxRow>>(
            async db =>
            {
                var sql = "SELECT id, site_id AS siteId, body, proof FROM outbox WHERE parked_at IS NULL "
                    + (heldSites.Count > 0 ? "AND site_id NOT IN @heldSites " : string.Empty) + "ORDER BY id LIMIT @maxItems";
                var rows = new List<OutboxRow>();
                var bytes = 0;
                await foreach (var row in db.QueryUnbufferedAsync<OutboxRow>(sql, new { heldSites, maxItems }).WithCancellation(ct))
                {
                    bytes += row.Body.Length + 1;
                    if (rows.Count > 0 && bytes > maxBytes)
                    {
                        break;
                    }

                    rows.Add(row);
                }

                return rows;
            },
            ct);

    /// <summary>Removes what the hub has, parks what it will never take; one commit.</summary>
    internal Task SettleAsync(IReadOnlyList<long> done, IReadOnlyList<(long Id, Problem Problem)> refused, CancellationToken ct) => store.WriteAsync(
        async tx =>
        {
            if (done.Count > 0)
            {
                // Numbers of our own, so text is safe, and no parameter limit applies.
                await tx.Connection!.ExecuteAsync($"DELETE FROM outbox WHERE id IN ({string.Join(',', done)})", transaction: tx);
            }

            foreach (var (id, problem) in refused)
            {
                await tx.Connection!.ExecuteAsync(
                    "UPDATE outbox SET parked_at = @now, problem = @text WHERE id = @id",
                    new { id, now = clock.GetCurrentInstant(), text = JsonSerializer.Serialize(problem, ContractJson.Options) },
                    tx);
            }

            return true;
        },
        IsolationLevel.ReadCommitted,
        ct);

    internal Task<OutboxCounts> CountAsync(CancellationToken ct) => store.ReadAsync(
        db => db.QuerySingleAsync<OutboxCounts>(
            """
            SELECT COALESCE(SUM(CASE WHEN parked_at IS NULL THEN 1 ELSE 0 END), 0) AS pending,
                   COALESCE(SUM(CASE WHEN parked_at IS NULL THEN 0 ELSE 1 END), 0) AS parked,
                   MIN(CASE WHEN parked_at IS NULL THEN added_at END) AS oldestAt
            FROM outbox
            """),
        ct);

    internal Task<IReadOnlyList<ParkedItem>> ParkedAsync(CancellationToken ct) => store.ReadAsync<IReadOnlyList<ParkedItem>>(
        async db => [.. (await db.QueryAsync<ParkedRow>(
            "SELECT id, site_id AS siteId, body, parked_at AS parkedAt, problem FROM outbox WHERE parked_at IS NOT NULL ORDER BY parked_at DESC, id DESC LIMIT @ShownParked",
            new { ShownParked })).Select(row => row.Item())],
        ct);

    private sealed class ParkedRow
    {
        public long Id { get; init; }

        public string SiteId { get; init; } = string.Empty;

        public byte[] Body { get; init; } = [];

        public Instant ParkedAt { get; init; }

        public string Problem { get; init; } = "null";

        internal ParkedItem Item() => new(Id, SiteId, ParkedAt, EventId.Of(Body), JsonSerializer.Deserialize<Problem>(Problem, ContractJson.Options));
    }
}

internal sealed class OutboxRow
{
    public long Id { get; init; }

    public string SiteId { get; init; } = string.Empty;

    public byte[] Body { get; init; } = [];

    /// <summary>Null in rows of older versions.</summary>
    public string? Proof { get; init; }

    internal bool IsDamaged => Proof is not null && !string.Equals(Proof, OutboxProof.Of(SiteId, Body), StringComparison.Ordinal);
}

internal sealed class OutboxCounts
{
    public long Pending { get; init; }

    public long Parked { get; init; }

    public Instant? OldestAt { get; init; }

    internal double OldestSeconds(Instant now) => OldestAt is { } at && at < now ? (now - at).TotalSeconds : 0;
}
