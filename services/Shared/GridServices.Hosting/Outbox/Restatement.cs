using System.Data;
using System.Data.Common;
using Dapper;
using NodaTime;

namespace GridServices.Hosting;

/// <summary>Puts the latest word on every stream into the outbox again, and knows when the hub has taken it all.</summary>
internal sealed class Restatement(Store store, Outbox outbox, IClock clock)
{
    private static readonly Duration TombstonesKept = Duration.FromDays(30);

    internal Task<HubSeen> SeenAsync(CancellationToken ct) => store.ReadAsync(
        async db => await db.QuerySingleOrDefaultAsync<HubSeen>("SELECT epoch, head, restated FROM hub_seen WHERE one = 1") ?? new HubSeen(), ct);

    internal Task SaveAsync(HubSeen seen, CancellationToken ct) => store.WriteAsync(
        tx => tx.Connection!.ExecuteAsync(
            """
            INSERT INTO hub_seen (one, epoch, head, restated) VALUES (1, @Epoch, @Head, @Restated)
            ON CONFLICT (one) DO UPDATE SET epoch = excluded.epoch, head = excluded.head, restated = excluded.restated
            """,
            seen,
            tx),
        IsolationLevel.ReadCommitted,
        ct);

    /// <summary>Everything that was ever said and is not forgotten, in the order in which it was said; what an earlier restatement left waiting is replaced.</summary>
    /// <returns>How many streams.</returns>
    internal async Task<int> BeginAsync(string epoch, CancellationToken ct)
    {
        var now = clock.GetCurrentInstant();
        var count = await store.WriteAsync(
            async tx =>
            {
                await outbox.LockAsync(tx);
                await tx.Connection!.ExecuteAsync("DELETE FROM published_stream WHERE withdrawn = 1 AND at < @before", new { before = now - TombstonesKept }, tx);

                // Latest words that the hub refused are tried again with the others.
                await tx.Connection!.ExecuteAsync(
                    """
                    DELETE FROM outbox WHERE waits IS NOT NULL OR (restates IS NOT NULL AND parked_at IS NULL) OR (parked_at IS NOT NULL AND EXISTS
                        (SELECT 1 FROM published_stream p WHERE p.stream = outbox.stream AND p.revision = outbox.revision AND p.damaged = 0))
                    """,
                    transaction: tx);
                await tx.Connection!.ExecuteAsync("UPDATE published_stream SET behind = 0 WHERE behind = 1", transaction: tx);
                return await AddAsync(tx, epoch, now, "1 = 1");
            },
            IsolationLevel.ReadCommitted,
            ct);
        outbox.Wake();
        CrashPoint.Hit("outbox.restating");
        return count;
    }

    /// <summary>Says again what was changed in the outbox while it waited, from its sound original.</summary>
    internal async Task ContinueAsync(string epoch, CancellationToken ct)
    {
        var now = clock.GetCurrentInstant();
        await store.WriteAsync(
            async tx =>
            {
                await outbox.LockAsync(tx);
                await AddAsync(tx, epoch, now, "behind = 1");
                await tx.Connection!.ExecuteAsync("UPDATE published_stream SET behind = 0 WHERE behind = 1", transaction: tx);
            },
            ct);
        outbox.Wake();
    }

    /// <summary>What of a restatement still waits: for the hub, for the service to hear its utility, for a person.</summary>
    internal Task<RestatementProgress> ProgressAsync(CancellationToken ct) => store.ReadAsync(
        db => db.QuerySingleAsync<RestatementProgress>(
            """
            SELECT (SELECT COUNT(*) FROM outbox WHERE restates IS NOT NULL AND parked_at IS NULL) AS pending,
                   (SELECT COUNT(*) FROM published_stream WHERE behind = 1) AS behind,
                   (SELECT COUNT(*) FROM published_stream WHERE damaged = 1 AND withdrawn = 0) AS damaged,
                   (SELECT COUNT(*) FROM outbox o JOIN published_stream p ON p.stream = o.stream AND p.revision = o.revision
                    WHERE o.parked_at IS NOT NULL AND p.damaged = 0 AND (p.withdrawn = 0 OR o.waits IS NOT NULL)) AS parked,
                   (SELECT COUNT(*) FROM published_stream) AS streams,
                   (SELECT MIN(id) FROM outbox WHERE parked_at IS NULL) AS oldest,
                   (SELECT MAX(id) FROM outbox WHERE parked_at IS NULL) AS newest
            """),
        ct);

    // With the proof of when it was said first: the relay parks what no longer fits it.
    private static Task<int> AddAsync(DbTransaction tx, string epoch, Instant now, string which) => tx.Connection!.ExecuteAsync(
        "INSERT INTO outbox (site_id, body, proof, added_at, stream, revision, restates) "
        + $"SELECT site_id, body, proof, @now, stream, revision, @epoch FROM published_stream WHERE {which} AND damaged = 0 ORDER BY at, stream",
        new { epoch, now },
        tx);
}

/// <summary>The hub's history as this publisher last saw it.</summary>
internal sealed record HubSeen
{
    public string? Epoch { get; init; }

    /// <summary>The highest count of commits that the hub ever told in <see cref="Epoch"/>.</summary>
    public long Head { get; init; }

    /// <summary>The epoch in which everything live was taken by the hub.</summary>
    public string? Restated { get; init; }
}

/// <summary>How far a restatement is.</summary>
internal sealed record RestatementProgress
{
    public long Pending { get; init; }

    public long Behind { get; init; }

    /// <summary>Streams whose stored word was changed: the hub lacks them until the service states them anew.</summary>
    public long Damaged { get; init; }

    /// <summary>Latest words that the hub refused, or holds another one of: it lacks them until they are heard, stated anew or struck.</summary>
    public long Parked { get; init; }

    public long Streams { get; init; }

    /// <summary>The first item that waits for the hub, of whatever kind; null: none.</summary>
    public long? Oldest { get; init; }

    /// <summary>The last one.</summary>
    public long? Newest { get; init; }
}
