using System.Data;
using System.Data.Common;
using System.Globalization;
using System.Text.Json;
using Dapper;
using GridServices.Contracts;
using GridServices.Hosting.Auth;
using GridServices.Hosting.Hub;
using GridServices.Hosting.Storage;
using NodaTime;

namespace GridServices.Hosting.Publishing;

/// <summary>The rows of the outbox: pending ones in the order of their id, parked ones beside them.</summary>
internal sealed class OutboxQueue(Store store, Outbox outbox, IStreamHearing hearing, IClock clock)
{
    private const int ShownParked = 100;

    /// <summary>The next rows to send, of sites that are not held back: as many as fit, at least one.</summary>
    internal Task<IReadOnlyList<OutboxRow>> NextAsync(int maxItems, int maxBytes, IReadOnlyCollection<string> heldSites, CancellationToken ct) =>
        store.ReadAsync<IReadOnlyList<OutboxRow>>(
            async db =>
            {
                var sql = "SELECT o.id, o.site_id AS siteId, o.body, o.proof, o.stream, o.revision, o.restates, p.raised_by AS raisedBy "
                    + "FROM outbox o LEFT JOIN published_stream p ON p.stream = o.stream WHERE o.parked_at IS NULL "
                    // What follows a word that waits for the utility may rest on the same old state, and its revision may lie above the hub's by accident.
                    + "AND NOT EXISTS (SELECT 1 FROM outbox w WHERE w.waits = 1 AND w.stream = o.stream) "
                    + (heldSites.Count > 0 ? "AND o.site_id NOT IN @heldSites " : string.Empty) + "ORDER BY o.id LIMIT @maxItems";
                var rows = new List<OutboxRow>();
                var bytes = 0;
                await foreach (var row in db.QueryUnbufferedAsync<OutboxRow>(sql, new { heldSites, maxItems }).WithCancellation(ct))
                {
                    bytes += row.Body.Length + 1;
                    if (rows.Count > 0 && bytes > maxBytes)
                    {
                        break;
                    }

                    rows.Add(row.IsDamaged ? row : row.Raised());
                }

                return rows;
            },
            ct);

    /// <summary>
    /// Removes what the hub has, parks what it will never take, and raises what it holds a higher or another revision of
    /// (<paramref name="behind"/>, decided by <see cref="RaiseRule"/>); one commit.
    /// </summary>
    /// <returns>What became of each of <paramref name="behind"/>, in their order.</returns>
    internal Task<IReadOnlyList<RaiseVerdict>> SettleAsync(
        IReadOnlyList<long> done, IReadOnlyList<(long Id, Problem Problem)> refused, IReadOnlyList<BehindItem> behind, CancellationToken ct) =>
        store.WriteAsync<IReadOnlyList<RaiseVerdict>>(
            async tx =>
            {
                var now = clock.GetCurrentInstant();
                await RemoveAsync(tx, done);
                foreach (var (id, problem) in refused)
                {
                    await ParkAsync(tx, id, problem, now);
                }

                var verdicts = new List<RaiseVerdict>(behind.Count);
                foreach (var item in behind)
                {
                    verdicts.Add(await RaiseAsync(tx, item, now));
                }

                return verdicts;
            },
            IsolationLevel.ReadCommitted,
            ct);

    /// <summary>Parks an item that was changed in the store. Where it restates, a sound original is copied again; one that was changed as well is not.</summary>
    /// <returns>True where what it was copied from is damaged.</returns>
    internal Task<bool> ParkDamagedAsync(OutboxRow row, CancellationToken ct) => store.WriteAsync(
        async tx =>
        {
            await ParkAsync(tx, row.Id, OutboxProof.Damaged, clock.GetCurrentInstant());

            // No word on the stream any more, only something to look at.
            await tx.Connection!.ExecuteAsync("UPDATE outbox SET stream = NULL WHERE id = @Id", new { row.Id }, tx);
            return row.Restates is not null && await IsOriginalDamagedAsync(tx, row.Stream!);
        },
        IsolationLevel.ReadCommitted,
        ct);

    /// <summary>Sees to it that a hub hears "restated" only once it has the stream: said again from a sound original, or stated anew by the service.</summary>
    private static async Task<bool> IsOriginalDamagedAsync(DbTransaction tx, string stream)
    {
        var original = await tx.Connection!.QuerySingleOrDefaultAsync<OutboxRow>(
            "SELECT site_id AS siteId, body, proof FROM published_stream WHERE stream = @stream", new { stream }, tx);
        if (original is null)
        {
            return false;
        }

        // With its proof: a word that took its place meanwhile is not damaged.
        await tx.Connection!.ExecuteAsync(
            original.IsDamaged ? "UPDATE published_stream SET damaged = 1 WHERE stream = @stream AND proof = @Proof" : "UPDATE published_stream SET behind = 1 WHERE stream = @stream",
            new { stream, original.Proof },
            tx);
        return original.IsDamaged;
    }

    private static async Task RemoveAsync(DbTransaction tx, IReadOnlyList<long> done)
    {
        if (done.Count > 0)
        {
            // Numbers of our own, so text is safe, and no parameter limit applies.
            await tx.Connection!.ExecuteAsync($"DELETE FROM outbox WHERE id IN ({string.Join(',', done)})", transaction: tx);
        }
    }

    private static Task<int> ParkAsync(DbTransaction tx, long id, Problem problem, Instant now, WaitReason? waits = null) => tx.Connection!.ExecuteAsync(
        "UPDATE outbox SET parked_at = @now, problem = @text, waits = @waits WHERE id = @id",
        new { id, now, text = JsonSerializer.Serialize(problem, ContractJson.Options), waits = (long?)waits },
        tx);

    private static string Held(PublishResult result) => result.HeldRevision is { } held ? string.Create(CultureInfo.InvariantCulture, $"revision {held}") : "another word";

    private string? WhyUnheard(string? key, StreamState? stream) =>
        key is not null && stream is not null && SpokenStream.TryParse(key, outbox.IsFromThisRun(stream.Run), out var spoken) ? hearing.WhyUnheard(spoken) : null;

    private async Task<RaiseVerdict> RaiseAsync(DbTransaction tx, BehindItem item, Instant now)
    {
        var stream = await tx.Connection!.QuerySingleOrDefaultAsync<StreamState>(
            "SELECT revision, raised_by AS raisedBy, raised_since AS raisedSince, raised_times AS raisedTimes, run FROM published_stream WHERE stream = @Stream", new { item.Row.Stream }, tx);
        var verdict = RaiseRule.Decide(item.Row.Revision, stream, item.Result.HeldRevision, WhyUnheard(item.Row.Stream, stream), now);
        switch (verdict)
        {
            case RaiseVerdict.Raise raise:
                await tx.Connection!.ExecuteAsync(
                    "UPDATE published_stream SET raised_by = @By, raised_since = @Since, raised_times = @Times WHERE stream = @Stream",
                    new { item.Row.Stream, raise.By, raise.Since, raise.Times },
                    tx);
                break;
            case RaiseVerdict.Untracked when item.Result.Problem is { } problem:
                await ParkAsync(tx, item.Row.Id, problem, now);
                break;
            case RaiseVerdict.GiveUp giveUp:
                await ParkAsync(tx, item.Row.Id, item.Result.Problem ?? Problems.Create(ErrorClass.IdConflict, $"The hub holds a higher revision although this one was raised {giveUp.Times} times within a minute. Another publisher speaks for the stream: stop one of them.", "/data/revision"), now, WaitReason.Quiet);
                break;
            case RaiseVerdict.Later later:
                await ParkAsync(tx, item.Row.Id, Problems.Create(ErrorClass.Conflict, $"The hub holds {Held(item.Result)} of this stream, which is not what is stored here, and that stays in force. {later.Why}", "/data/revision"), now, WaitReason.Hearing);
                break;
            default:
                await RemoveAsync(tx, [item.Row.Id]);
                break;
        }

        return verdict;
    }

    internal Task<OutboxCounts> CountAsync(CancellationToken ct) => store.ReadAsync(
        db => db.QuerySingleAsync<OutboxCounts>(
            """
            SELECT COALESCE(SUM(CASE WHEN parked_at IS NULL THEN 1 ELSE 0 END), 0) AS pending,
                   COALESCE(SUM(CASE WHEN waits = 1 THEN 1 ELSE 0 END), 0) AS waiting,
                   COALESCE(SUM(CASE WHEN parked_at IS NULL THEN 0 ELSE 1 END), 0) AS parked,
                   MIN(CASE WHEN parked_at IS NULL THEN added_at END) AS oldestAt
            FROM outbox
            """),
        ct);

    /// <summary>Strikes a parked item by a person's word: it is not sent any more, and what it said is not said again to a hub that lost it.</summary>
    /// <returns>False where the caller sees no such item.</returns>
    internal Task<bool> DeleteAsync(long id, Caller caller, CancellationToken ct) => store.WriteAsync(
        async tx =>
        {
            var row = await tx.Connection!.QuerySingleOrDefaultAsync<OutboxRow>(
                "SELECT id, site_id AS siteId, body, stream, revision FROM outbox WHERE id = @id AND parked_at IS NOT NULL", new { id }, tx);
            if (row is null || !EventId.IsFor(caller, row.Body, row.SiteId))
            {
                return false;
            }

            // The same word may have been refused more than once.
            await tx.Connection!.ExecuteAsync(
                "DELETE FROM outbox WHERE id = @Id OR (parked_at IS NOT NULL AND stream = @Stream AND revision = @Revision)", new { row.Id, row.Stream, row.Revision }, tx);
            await tx.Connection!.ExecuteAsync("DELETE FROM published_stream WHERE stream = @Stream AND revision = @Revision", new { row.Stream, row.Revision }, tx);
            return true;
        },
        IsolationLevel.ReadCommitted,
        ct);

    /// <summary>The latest parked items that the caller may see.</summary>
    internal Task<IReadOnlyList<ParkedItem>> ParkedAsync(Caller caller, CancellationToken ct) => store.ReadAsync<IReadOnlyList<ParkedItem>>(
        async db => [.. (await db.QueryAsync<ParkedRow>(
            "SELECT id, site_id AS siteId, body, parked_at AS parkedAt, problem FROM outbox WHERE parked_at IS NOT NULL ORDER BY parked_at DESC, id DESC LIMIT @ShownParked",
            new { ShownParked }))
            .Where(row => EventId.IsFor(caller, row.Body, row.SiteId)).Select(row => row.Item())],
        ct);

    private sealed class ParkedRow
    {
        public long Id { get; init; }

        public string SiteId { get; init; } = string.Empty;

        public byte[] Body { get; init; } = [];

        public Instant ParkedAt { get; init; }

        public string Problem { get; init; } = "null";

        internal ParkedItem Item() => new(Id, SiteId, ParkedAt, EventId.Read(Body), JsonSerializer.Deserialize<Problem>(Problem, ContractJson.Options));
    }
}

internal sealed class OutboxRow
{
    public long Id { get; init; }

    public string SiteId { get; init; } = string.Empty;

    public byte[] Body { get; init; } = [];

    /// <summary>Null in rows of older versions.</summary>
    public string? Proof { get; init; }

    internal bool IsDamaged => Proof is not null && !string.Equals(Proof, OutboxProof.Compute(SiteId, Body), StringComparison.Ordinal);

    /// <summary>Null where the item is not the word on a stream.</summary>
    public string? Stream { get; init; }

    /// <summary>As the service gave it.</summary>
    public long? Revision { get; init; }

    /// <summary>The epoch in which it is said again; null: it is said for the first time.</summary>
    public string? Restates { get; init; }

    public long? RaisedBy { get; init; }

    /// <summary>The row with the body that goes out.</summary>
    internal OutboxRow Raised() => RaisedBy is > 0 && Revision is { } own
        ? new OutboxRow { Id = Id, SiteId = SiteId, Body = RaisedBody.WithRevision(Body, own + RaisedBy.Value), Stream = Stream, Revision = own, Restates = Restates, RaisedBy = RaisedBy }
        : this;
}

/// <summary>An item of whose stream the hub holds a higher revision, or the same one with other content.</summary>
internal sealed record BehindItem(OutboxRow Row, PublishResult Result);

internal sealed class OutboxCounts
{
    public long Pending { get; init; }

    public long Parked { get; init; }

    /// <summary>Those of <see cref="Parked"/> that wait for the service to hear its utility.</summary>
    public long Waiting { get; init; }

    public Instant? OldestAt { get; init; }

    internal double OldestSeconds(Instant now) => OldestAt is { } at && at < now ? (now - at).TotalSeconds : 0;
}
