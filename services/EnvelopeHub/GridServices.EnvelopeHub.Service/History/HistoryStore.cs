using System.Data;
using System.Data.Common;
using Dapper;
using GridServices.EnvelopeHub.History;
using GridServices.EnvelopeHub.Service.Nodes;
using GridServices.EnvelopeHub.Sites;
using GridServices.Hosting.Storage;
using NodaTime;

namespace GridServices.EnvelopeHub.Service.History;

/// <summary>The history in the store: its epoch, its count of commits, its publishers.</summary>
internal sealed partial class HistoryStore(Store store, CommitNotices notices)
{
    // A dump carries no object ids, no transaction ids and no timeline.
    private const string PostgreSqlEvidence = """
        SELECT 'hub_epoch'::regclass::oid::text || '/' || COALESCE((SELECT xmin::text FROM history_witness WHERE one = 1), '') || '/'
            || (SELECT oid::text FROM pg_database WHERE datname = current_database())
        """;

    private const string KnownPublishers =
        "SELECT tenant, source, speaks, first_heard AS firstHeard, restated, forgot, knew_hub AS knewHub, confirmed_run AS confirmedRun FROM publisher";

    private const string PostgreSqlTimeline = "SELECT substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8)";

    /// <summary>One more transaction of this writer; inside its own transaction, last, so that the row is held shortly.</summary>
    /// <param name="tx">The transaction.</param>
    /// <param name="writer">The writer.</param>
    /// <param name="made">The sites that the transaction has made.</param>
    /// <returns>How many transactions the writer has made by then.</returns>
    public static Task<long> RaiseAsync(DbTransaction tx, string writer, SiteCensus made) => tx.Connection!.ExecuteScalarAsync<long>(
        "UPDATE commit_count SET commits = commits + 1, sites = sites + @Sites, names = names + @Names WHERE writer = @writer RETURNING commits",
        new { writer, made.Sites, made.Names },
        tx);

    /// <param name="names">Whether the names of all sites are looked at, besides their number.</param>
    /// <param name="ct">Gives up.</param>
    public async Task<StoredHistory> ReadAsync(bool names, CancellationToken ct)
    {
        var timeline = await TimelineAsync(ct);
        var (made, found) = await store.SnapshotAsync(tx => SiteCount.ReadAsync(tx.Connection!, tx, names), ct);
        return await store.ReadAsync(
            async db =>
            {
                var row = await db.QuerySingleOrDefaultAsync<EpochRow>("SELECT epoch, evidence FROM hub_epoch WHERE one = 1");
                var past = await db.QueryAsync<string>("SELECT epoch FROM past_epoch");
                var commits = await db.ExecuteScalarAsync<long>("SELECT COALESCE(SUM(commits), 0) FROM commit_count");
                return new StoredHistory(row?.Epoch, commits, past.ToHashSet(StringComparer.Ordinal), row?.Evidence, await EvidenceAsync(db, null, timeline))
                {
                    SitesMade = made,
                    SitesFound = found,
                };
            },
            ct);
    }

    /// <summary>How many each writer has committed, when the epoch began, who publishes, and which tenants are complete in it, all at one moment.</summary>
    public Task<HistoryRows> LoadAsync(CancellationToken ct) => store.SnapshotAsync(
        async tx =>
        {
            var db = tx.Connection!;
            var epoch = await db.QuerySingleAsync<string>("SELECT epoch FROM hub_epoch WHERE one = 1", transaction: tx);
            var began = await db.QuerySingleAsync<Instant>("SELECT began_at FROM hub_epoch WHERE one = 1", transaction: tx);

            var commits = (await db.QueryAsync<CountRow>("SELECT writer, commits FROM commit_count", transaction: tx)).ToDictionary(row => row.Writer, row => row.Commits, StringComparer.Ordinal);
            return new HistoryRows(
                epoch,
                began,
                commits["publications"],
                commits["feedback"],
                [.. (await db.QueryAsync<PublisherRow>(KnownPublishers, transaction: tx)).Select(row => row.Known())],
                [.. await db.QueryAsync<string>("SELECT s.tenant FROM settled_tenant s JOIN hub_epoch e ON e.epoch = s.epoch", transaction: tx)],
                Runs([.. await db.QueryAsync<RunRow>("SELECT first_commit AS firstCommit, last_commit AS lastCommit FROM hub_run ORDER BY first_commit", transaction: tx)]),
                await db.ExecuteScalarAsync<long>("SELECT COUNT(*) FROM past_epoch", transaction: tx) > 0);
        },
        ct);

    /// <summary>Whether a sequence of the present epoch was ever given out for the site by this store. What was trimmed is taken as given out.</summary>
    public Task<bool> HasGivenOutAsync(SiteKey site, long sequence, CancellationToken ct) => store.ReadAsync(
        async db => sequence == 0 || await db.ExecuteScalarAsync<long>(
            """
            SELECT COUNT(*) FROM site s WHERE s.tenant = @Tenant AND s.site = @SiteId AND s.sequence >= @sequence
                AND (s.trimmed_to >= @sequence OR EXISTS (SELECT 1 FROM entry e WHERE e.site_id = s.id AND e.sequence = @sequence))
            """,
            new { site.Tenant, site.SiteId, sequence }) > 0,
        ct);

    /// <summary>The hub starts: what it commits from now on gets numbers that no start before has given out.</summary>
    /// <param name="leftOut">So many numbers are passed, at least 1.</param>
    /// <param name="now">The present.</param>
    /// <param name="ct">Gives up.</param>
    /// <returns>The first number of this start.</returns>
    public Task<long> StartRunAsync(long leftOut, Instant now, CancellationToken ct) => store.WriteAsync(
        async tx =>
        {
            var db = tx.Connection!;
            await LockAsync(tx, "commit_count");
            var last = await db.ExecuteScalarAsync<long>("SELECT SUM(commits) FROM commit_count", transaction: tx);
            if (await db.ExecuteAsync("UPDATE hub_run SET last_commit = @last WHERE last_commit IS NULL", new { last }, tx) == 0 && last > 0)
            {
                await db.ExecuteAsync("INSERT INTO hub_run (first_commit, last_commit) VALUES (0, @last)", new { last }, tx);
            }

            await SiteCount.RecountMissingNamesAsync(tx);
            await db.ExecuteAsync(
                """
                INSERT INTO commit_news (commits, previous, node, sites, at) SELECT commits + @leftOut, commits, @Name, '', @now FROM commit_count WHERE writer = 'publications'
                ON CONFLICT (commits) DO UPDATE SET previous = excluded.previous, node = excluded.node, sites = excluded.sites, at = excluded.at
                """,
                new { leftOut, notices.Name, now },
                tx);
            await db.ExecuteAsync("UPDATE commit_count SET commits = commits + @leftOut WHERE writer = 'publications'", new { leftOut }, tx);
            await db.ExecuteAsync("INSERT INTO hub_run (first_commit) VALUES (@first)", new { first = last + leftOut }, tx);
            await db.ExecuteAsync(
                "DELETE FROM hub_run WHERE first_commit NOT IN (SELECT first_commit FROM hub_run ORDER BY first_commit DESC LIMIT @kept)", new { kept = (long)CommitRuns.Kept }, tx);
            return last + leftOut;
        },
        ct);

    /// <summary>Begins another history: the old cursors lead nowhere any more, and nobody has restated.</summary>
    /// <param name="epoch">The new one.</param>
    /// <param name="before">What the history before left behind: its publishers are awaited. Null: nothing.</param>
    /// <param name="foreign">Epochs that ended, besides the store's own.</param>
    /// <param name="expected">The store's epoch when that was decided; null: it had none.</param>
    /// <param name="now">The present.</param>
    /// <param name="ct">Gives up.</param>
    /// <returns>False where another instance has begun one meanwhile: nothing was changed.</returns>
    public async Task<bool> BeginAsync(string epoch, HistoryMarker? before, IReadOnlyList<string> foreign, string? expected, Instant now, CancellationToken ct)
    {
        var timeline = await TimelineAsync(ct);
        return await store.WriteAsync(
            async tx =>
            {
                var db = tx.Connection!;

                // No instance is in the middle of a commit then: each holds rows of this table from its beginning to its end.
                await LockAsync(tx, "site");
                if (!string.Equals(await db.ExecuteScalarAsync<string?>("SELECT epoch FROM hub_epoch WHERE one = 1", transaction: tx), expected, StringComparison.Ordinal))
                {
                    return false;
                }

                await db.ExecuteAsync("INSERT INTO past_epoch (epoch, ended_at) SELECT epoch, @now FROM hub_epoch WHERE true ON CONFLICT (epoch) DO NOTHING", new { now }, tx);
                foreach (var other in foreign)
                {
                    await SavePastEpochAsync(tx, other, now);
                }

                await db.ExecuteAsync("DELETE FROM history_witness", transaction: tx);
                await db.ExecuteAsync("INSERT INTO history_witness (one, epoch) VALUES (1, @epoch)", new { epoch }, tx);
                await db.ExecuteAsync(
                    """
                    INSERT INTO hub_epoch (one, epoch, began_at, evidence) VALUES (1, @epoch, @now, @evidence)
                    ON CONFLICT (one) DO UPDATE SET epoch = excluded.epoch, began_at = excluded.began_at, evidence = excluded.evidence
                    """,
                    new { epoch, now, evidence = await EvidenceAsync(db, tx, timeline) },
                    tx);

                // Whatever is missing by now, its publishers say again in this epoch: what there is now is what was made.
                await SiteCount.RecountAsync(tx);

                // What was logged before can't be resumed into: whoever comes gets the whole set.
                await db.ExecuteAsync("UPDATE site SET trimmed_to = sequence WHERE trimmed_to < sequence", transaction: tx);
                await db.ExecuteAsync("DELETE FROM settled_tenant", transaction: tx);
                foreach (var publisher in before?.Publishers ?? [])
                {
                    await db.ExecuteAsync(
                        """
                        INSERT INTO publisher (tenant, source, speaks, first_heard, knew_hub) VALUES (@Tenant, @Source, @speaks, 0, @knew)
                        ON CONFLICT (tenant, source) DO UPDATE SET knew_hub = 1 WHERE excluded.knew_hub = 1
                        """,
                        new { publisher.Tenant, publisher.Source, speaks = before!.Silent.Contains(publisher) ? 0L : 1L, knew = before.KnewHub.Contains(publisher) ? 1L : 0L },
                        tx);
                }

                return true;
            },
            ct);
    }

    /// <summary>The same history goes on in tables that a move has just filled: what a dump of them can't carry is written down anew.</summary>
    public static async Task RecreateWitnessAsync(DbTransaction tx)
    {
        var db = tx.Connection!;
        await db.ExecuteAsync("DELETE FROM history_witness", transaction: tx);
        await db.ExecuteAsync("INSERT INTO history_witness (one, epoch) SELECT 1, epoch FROM hub_epoch WHERE one = 1", transaction: tx);
        var evidence = await db.ExecuteScalarAsync<string>(PostgreSqlEvidence, transaction: tx) + "/" + await TimelineAsync(tx);
        await db.ExecuteAsync("UPDATE hub_epoch SET evidence = @evidence WHERE one = 1", new { evidence }, tx);
    }

    private static async Task<string> TimelineAsync(DbTransaction tx)
    {
        await tx.SaveAsync("timeline");
        try
        {
            return await tx.Connection!.ExecuteScalarAsync<string>(PostgreSqlTimeline, transaction: tx) ?? string.Empty;
        }
        catch (Npgsql.PostgresException)
        {
            await tx.RollbackAsync("timeline");
            return string.Empty;
        }
    }

    /// <summary>An epoch of another history that a publisher came with: it is not news a second time.</summary>
    public Task SavePastEpochAsync(string epoch, Instant now, CancellationToken ct) => store.WriteAsync(tx => SavePastEpochAsync(tx, epoch, now), IsolationLevel.ReadCommitted, ct);

    private static Task<int> SavePastEpochAsync(DbTransaction tx, string epoch, Instant now) => tx.Connection!.ExecuteAsync(
        "INSERT INTO past_epoch (epoch, ended_at) VALUES (@epoch, @now) ON CONFLICT (epoch) DO NOTHING", new { epoch, now }, tx);

    // First in its transaction, which so sees what was committed until then; SQLite has one writer.
    private Task LockAsync(DbTransaction tx, string table) => store.Dialect == Dialect.PostgreSql
        ? tx.Connection!.ExecuteAsync($"LOCK TABLE {table} IN SHARE ROW EXCLUSIVE MODE", transaction: tx)
        : Task.CompletedTask;

    private async Task<string?> EvidenceAsync(DbConnection db, DbTransaction? tx, string timeline) => store.Dialect == Dialect.PostgreSql
        ? await db.ExecuteScalarAsync<string>(PostgreSqlEvidence, transaction: tx) + "/" + timeline
        : null;

    /// <summary>Changes with each recovery from a base backup. Empty where the server does not tell it.</summary>
    private async Task<string> TimelineAsync(CancellationToken ct)
    {
        if (store.Dialect != Dialect.PostgreSql)
        {
            return string.Empty;
        }

        try
        {
            return await store.ReadAsync(db => db.ExecuteScalarAsync<string>(PostgreSqlTimeline), ct) ?? string.Empty;
        }
        catch (Npgsql.PostgresException)
        {
            return string.Empty;
        }
    }

    private static CommitRuns Runs(IReadOnlyList<RunRow> rows) => new(
        [.. rows.Where(row => row.LastCommit is not null).Select(row => new CommitRun(row.FirstCommit, row.LastCommit!.Value))],
        rows.Where(row => row.LastCommit is null).Select(row => row.FirstCommit).DefaultIfEmpty(0).Max());

    private sealed class CountRow
    {
        public string Writer { get; set; } = string.Empty;
        public long Commits { get; set; }
    }

    private sealed class RunRow
    {
        public long FirstCommit { get; set; }
        public long? LastCommit { get; set; }
    }

    private sealed class EpochRow
    {
        public string? Epoch { get; set; }
        public string? Evidence { get; set; }
    }

    private sealed class PublisherRow
    {
        public string Tenant { get; set; } = string.Empty;
        public string Source { get; set; } = string.Empty;
        public long Speaks { get; set; }
        public Instant FirstHeard { get; set; }
        public string? Restated { get; set; }
        public long Forgot { get; set; }
        public long KnewHub { get; set; }
        public long ConfirmedRun { get; set; }

        public KnownPublisher Known() => new()
        {
            Id = new PublisherId(Tenant, Source),
            Speaks = Speaks != 0,
            FirstHeard = FirstHeard,
            Restated = Restated,
            Forgot = Forgot != 0,
            KnewHub = KnewHub != 0,
            ConfirmedRun = ConfirmedRun,
        };
    }
}

/// <summary>The history as the store holds it.</summary>
internal sealed record HistoryRows(
    string Epoch, Instant BeganAt, long Publications, long Feedback, IReadOnlyList<KnownPublisher> Publishers, IReadOnlyList<string> Settled, CommitRuns Runs, bool HasPast);
