using System.Data;
using System.Data.Common;
using Dapper;
using GridServices.Hosting.Hub;
using GridServices.Hosting.Storage;
using NodaTime;

namespace GridServices.Hosting.Publishing;

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
                    WHERE o.parked_at IS NOT NULL AND p.damaged = 0 AND p.withdrawn = 0) AS parked,
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

    /// <summary>Latest words that the hub refused, or holds another one of: it lacks them until they are heard, stated anew or struck. A withdrawal is no limit that it lacks.</summary>
    public long Parked { get; init; }

    public long Streams { get; init; }

    /// <summary>The first item that waits for the hub, of whatever kind; null: none.</summary>
    public long? Oldest { get; init; }

    /// <summary>The last one.</summary>
    public long? Newest { get; init; }
}

/// <summary>Why a parked item will be sent again by itself.</summary>
internal enum WaitReason
{
    /// <summary>The hub holds another word, and the service has not heard its utility since its start. Later words of the stream wait behind it.</summary>
    Hearing = 1,

    /// <summary>Another publisher went above it again and again.</summary>
    Quiet = 2,
}

/// <summary>Sends again what waits in the outbox: once the utility was heard, or once another publisher had time to fall silent.</summary>
internal sealed class WaitingPublications(Store store, Outbox outbox, IStreamHearing hearing, IClock clock)
{
    private readonly Dictionary<string, (int Times, Instant Until)> _tried = new(StringComparer.Ordinal);

    internal async Task CheckAsync(CancellationToken ct)
    {
        var now = clock.GetCurrentInstant();
        var waiting = await store.ReadAsync(
            db => db.QueryAsync<WaitingRow>(
                """
                SELECT o.id, o.stream, o.revision, o.waits, o.parked_at AS parkedAt, p.revision AS latest, p.run
                FROM outbox o LEFT JOIN published_stream p ON p.stream = o.stream WHERE o.waits IS NOT NULL
                """),
            ct);
        var verdicts = waiting.Select(row => (Row: row, Verdict: WaitingRule.Decide(row, WhyUnheard(row), GetAttempts(row.Stream, now), now))).ToList();
        if (verdicts.TrueForAll(v => v.Verdict == WaitingVerdict.Stay))
        {
            return;
        }

        var (again, over) = (Ids(verdicts, WaitingVerdict.Again), Ids(verdicts, WaitingVerdict.Over));
        await store.WriteAsync(
            async tx =>
            {
                // Numbers of our own, so text is safe, and no parameter limit applies.
                await tx.Connection!.ExecuteAsync($"UPDATE outbox SET parked_at = NULL, problem = NULL, waits = NULL WHERE id IN ({again})", transaction: tx);
                await tx.Connection!.ExecuteAsync($"DELETE FROM outbox WHERE id IN ({over})", transaction: tx);
            },
            ct);
        foreach (var (row, _) in verdicts.Where(v => v is { Verdict: WaitingVerdict.Again, Row.Reason: WaitReason.Quiet }))
        {
            var times = GetAttempts(row.Stream, now) + 1;
            _tried[row.Stream] = (times, now + (WaitingRule.PauseAfter(times) * 2));
        }

        outbox.Wake();
    }

    private string? WhyUnheard(WaitingRow row) =>
        row.Reason == WaitReason.Hearing && SpokenStream.TryParse(row.Stream, outbox.IsFromThisRun(row.Run), out var stream) ? hearing.WhyUnheard(stream) : null;

    /// <summary>How often in a row; what was quiet for twice its pause begins anew.</summary>
    private int GetAttempts(string stream, Instant now) => _tried.TryGetValue(stream, out var tried) && now < tried.Until ? tried.Times : 0;

    private static string Ids(IEnumerable<(WaitingRow Row, WaitingVerdict Verdict)> verdicts, WaitingVerdict of)
    {
        var ids = verdicts.Where(v => v.Verdict == of).Select(v => v.Row.Id).ToList();
        return ids.Count == 0 ? "0" : string.Join(',', ids);
    }
}

/// <summary>What becomes of an item that waits. Pure.</summary>
internal static class WaitingRule
{
    private const int LongestMinutes = 16;

    /// <param name="row">The item, and the stream as it stands now.</param>
    /// <param name="whyUnheard">Null: what the service says of the stream rests on what it has heard since its start.</param>
    /// <param name="tried">How often in a row it was tried again although another publisher speaks.</param>
    /// <param name="now">Now.</param>
    internal static WaitingVerdict Decide(WaitingRow row, string? whyUnheard, int tried, Instant now)
    {
        if (row.Latest is null)
        {
            return WaitingVerdict.Over;
        }

        if (row.Reason == WaitReason.Hearing ? whyUnheard is not null : row.Revision == row.Latest && now < row.ParkedAt + PauseAfter(tried))
        {
            return WaitingVerdict.Stay;
        }

        return row.Revision == row.Latest ? WaitingVerdict.Again : WaitingVerdict.Over;
    }

    /// <summary>A minute, and twice as long each time, so that two publishers that both live do not climb without end.</summary>
    internal static Duration PauseAfter(int tried) => Duration.FromMinutes(Math.Min(LongestMinutes, 1 << Math.Min(tried, LongestMinutes)));
}

internal enum WaitingVerdict
{
    Stay,

    /// <summary>To be sent again.</summary>
    Again,

    /// <summary>A newer word took its place, or the stream is not remembered any more.</summary>
    Over,
}

internal sealed record WaitingRow
{
    public long Id { get; init; }

    public string Stream { get; init; } = string.Empty;

    public long Revision { get; init; }

    public long Waits { get; init; }

    public WaitReason Reason => (WaitReason)Waits;

    public Instant ParkedAt { get; init; }

    /// <summary>The stream's latest revision; null: it is not remembered.</summary>
    public long? Latest { get; init; }

    public string? Run { get; init; }
}
