using System.Data;
using System.Data.Common;
using Dapper;
using GridServices.Contracts;
using GridServices.EnvelopeHub.History;
using GridServices.EnvelopeHub.Service.History;
using GridServices.EnvelopeHub.Service.Nodes;
using GridServices.EnvelopeHub.Sites;
using GridServices.Hosting.Storage;
using NodaTime;

namespace GridServices.EnvelopeHub.Service.Sites;

/// <summary>The sites in the store: their logs, what is live of them, and their heads.</summary>
internal sealed class SiteLog(Store store, DamagedSites damage, CommitNotices notices)
{
    private const long CountUnchanged = -1;

    /// <summary>Loads sites as they stand; a site that nobody published for yet is empty.</summary>
    public Task<IReadOnlyDictionary<SiteKey, (SiteSet Set, long TrimmedTo)>> LoadAsync(IReadOnlyCollection<SiteKey> keys, CancellationToken ct) =>
        store.ReadAsync(db => LoadAsync(db, null, keys, ct), ct);

    // One statement sees one moment: head and entries of a site fit together.
    private async Task<IReadOnlyDictionary<SiteKey, (SiteSet Set, long TrimmedTo)>> LoadAsync(
        DbConnection db, DbTransaction? tx, IReadOnlyCollection<SiteKey> keys, CancellationToken ct)
    {
        var rows = new Dictionary<SiteKey, List<EntryRow>>();
        await RowsCommand.RunAsync(
            db,
            tx,
            """
            SELECT s.tenant, s.site, s.sequence, s.trimmed_to, l.sequence, e.type, e.content, e.event, l.stream_key, l.proof, s.live_count
            FROM (VALUES {rows}) AS v JOIN site s ON s.tenant = v.column1 AND s.site = v.column2
            LEFT JOIN live l ON l.site_id = s.id LEFT JOIN entry e ON e.site_id = l.site_id AND e.sequence = l.sequence
            """,
            [.. keys],
            key => [key.Tenant, key.SiteId],
            row => AddRow(rows, row),
            ct);
        var absent = keys.Where(key => !rows.ContainsKey(key)).ToList();
        var none = absent.Count > 0 && await AreSitesGoneAsync(db, tx) ? SiteSet.Create(0, [], [DamagedStream.ForMissingSite()]) : SiteSet.Empty;
        absent.ForEach(key => damage.Set(key, none));
        return keys.ToDictionary(key => key, key => rows.TryGetValue(key, out var site) ? Loaded(key, site) : (none, 0));
    }

    // A site without a row is one that nobody published for only where no row is missing.
    private static async Task<bool> AreSitesGoneAsync(DbConnection db, DbTransaction? tx)
    {
        var (made, found) = await SiteCount.ReadAsync(db, tx, names: false);
        return !made.Fits(found);
    }

    private static void AddRow(Dictionary<SiteKey, List<EntryRow>> rows, DbDataReader row)
    {
        var key = new SiteKey(row.GetString(0), row.GetString(1));
        rows.TryAdd(key, []);
        var isLive = !row.IsDBNull(4);
        var hasEntry = !row.IsDBNull(5);
        rows[key].Add(new EntryRow
        {
            Head = row.GetInt64(2),
            TrimmedTo = row.GetInt64(3),
            Sequence = isLive ? row.GetInt64(4) : 0,
            Type = hasEntry ? row.GetString(5) : string.Empty,
            Content = hasEntry ? row.GetString(6) : string.Empty,
            Event = hasEntry ? row.GetString(7) : null,
            LiveKey = isLive ? row.GetString(8) : null,
            LiveProof = isLive && !row.IsDBNull(9) ? row.GetString(9) : null,
            LiveCount = row.GetInt64(10),
        });
    }

    private (SiteSet Set, long TrimmedTo) Loaded(SiteKey key, List<EntryRow> rows)
    {
        var entries = new List<Entry>();
        var damaged = new List<DamagedStream>();
        foreach (var row in rows.Where(row => row.LiveKey is not null))
        {
            var (entry, fault) = EntryProof.Read(row, key);
            if (entry is not null)
            {
                entries.Add(entry);
            }
            else
            {
                damaged.Add(new DamagedStream(row.LiveKey!, row.Sequence, fault));
            }
        }

        var missing = rows[0].LiveCount - rows.Count(row => row.LiveKey is not null);
        if (missing > 0)
        {
            damaged.Add(DamagedStream.Missing(missing, rows[0].Head));
        }

        // A head behind what is live would give its sequences out twice.
        var head = Math.Max(rows[0].Head, rows.Max(row => row.Sequence));
        var set = SiteSet.Create(head, entries, damaged);
        damage.Set(key, set);
        return (set, rows[0].TrimmedTo);
    }

    /// <summary>The log after a sequence, in order, at most <paramref name="limit"/> entries. A damaged entry is a gap: the caller states the whole set instead.</summary>
    public async Task<IReadOnlyList<Entry>> ReadAfterAsync(SiteKey key, long after, int limit, CancellationToken ct)
    {
        var rows = await store.ReadAsync(
            db => db.QueryAsync<EntryRow>(
                """
                SELECT e.sequence, e.type, e.content, e.event FROM entry e JOIN site s ON s.id = e.site_id
                WHERE s.tenant = @Tenant AND s.site = @SiteId AND e.sequence > @after ORDER BY e.sequence LIMIT @limit
                """,
                new { key.Tenant, key.SiteId, after, limit }),
            ct);
        return [.. rows.Select(row => EntryProof.Read(row, key).Entry).TakeWhile(entry => entry is not null).OfType<Entry>()];
    }

    /// <summary>What the logs of sites hold after a sequence of each; sites that end there are left out.</summary>
    public async Task<IReadOnlyDictionary<SiteKey, SiteTail>> ReadTailsAsync(IReadOnlyList<(SiteKey Key, long After)> sites, CancellationToken ct)
    {
        var tails = new Dictionary<SiteKey, (SiteTail Tail, List<EntryRow> Rows)>();
        await store.ReadAsync(
            async db =>
            {
                tails.Clear();
                await RowsCommand.RunAsync(
                    db,
                    null,
                    """
                    SELECT s.tenant, s.site, s.sequence, s.trimmed_to, h.epoch, e.sequence, e.type, e.content, e.event, s.live_count
                    FROM (VALUES {rows}) AS v JOIN site s ON s.tenant = v.column1 AND s.site = v.column2 AND s.sequence > v.column3
                    LEFT JOIN hub_epoch h ON h.one = 1 LEFT JOIN entry e ON e.site_id = s.id AND e.sequence > v.column3
                    """,
                    sites,
                    site => [site.Key.Tenant, site.Key.SiteId, site.After],
                    row => AddTailRow(tails, row),
                    ct);
                return true;
            },
            ct);
        return tails.ToDictionary(tail => tail.Key, tail => tail.Value.Tail with { Rows = [.. tail.Value.Rows.OrderBy(row => row.Sequence)] });
    }

    private static void AddTailRow(Dictionary<SiteKey, (SiteTail Tail, List<EntryRow> Rows)> tails, DbDataReader row)
    {
        var key = new SiteKey(row.GetString(0), row.GetString(1));
        tails.TryAdd(key, (new SiteTail(row.IsDBNull(4) ? null : row.GetString(4), row.GetInt64(2), row.GetInt64(3), row.GetInt64(9), []), []));
        if (!row.IsDBNull(5))
        {
            tails[key].Rows.Add(new EntryRow { Sequence = row.GetInt64(5), Type = row.GetString(6), Content = row.GetString(7), Event = row.GetString(8) });
        }
    }

    /// <summary>The stream that a revision of an envelope belongs to, also of one that was replaced; null where it isn't known.</summary>
    public async Task<StreamId?> FindStreamAsync(SiteKey key, Guid envelopeId, long revision, CancellationToken ct)
    {
        var row = await store.ReadAsync(
            db => db.QueryFirstOrDefaultAsync<EntryRow>(
                """
                SELECT e.sequence, e.type, e.content, e.event FROM entry e JOIN site s ON s.id = e.site_id
                WHERE s.tenant = @Tenant AND s.site = @SiteId AND e.envelope_id = @id AND e.revision = @revision
                """,
                new { key.Tenant, key.SiteId, id = envelopeId.ToString("D"), revision }),
            ct);
        return row is null ? null : EntryProof.Read(row, key).Entry?.Key.Stream;
    }

    /// <summary>Stores entries and moves the heads, in one transaction.</summary>
    /// <returns>How many transactions of publications the store holds by then.</returns>
    /// <exception cref="SiteMovedException">Another node published for some of the sites; nothing was stored.</exception>
    public Task<long> CommitAsync(SiteCommit commit, Instant now, CancellationToken ct) => store.WriteAsync(
        tx => StoreAsync(tx, commit, SiteCensus.None, now, ct),
        IsolationLevel.ReadCommitted,
        ct);

    /// <summary>Holds the heads, loads the sites, lets <paramref name="decide"/> say what to store, and stores it: for sites that other nodes publish for too.</summary>
    /// <returns>How many transactions of publications the store holds by then; 0 where nothing was to be stored.</returns>
    public Task<long> CommitHeldAsync(
        IReadOnlyCollection<SiteKey> keys,
        Func<IReadOnlyDictionary<SiteKey, (SiteSet Set, long TrimmedTo)>, SiteCommit> decide,
        Instant now,
        CancellationToken ct) => store.WriteAsync(
            async tx =>
            {
                var made = await RaiseAsync(tx, [.. keys.Select(key => (key, 0L, CountUnchanged))], (_, _, _) => { }, ct);
                var commit = decide(await LoadAsync(tx.Connection!, tx, keys, ct));
                return commit.Changes.Count == 0 && made.Sites == 0 ? 0 : await StoreAsync(tx, commit, made, now, ct);
            },
            IsolationLevel.ReadCommitted,
            ct);

    private async Task<long> StoreAsync(DbTransaction tx, SiteCommit commit, SiteCensus held, Instant now, CancellationToken ct)
    {
        var changes = commit.Changes;
        var (ids, moved) = await MoveHeadsAsync(tx, changes, held, ct);
        await InsertAsync(tx, changes, ids, now, ct);
        await SupersedeAsync(tx, changes, ids, ct);
        await HistoryStore.AddAsync(tx, commit.Publishers);
        return notices.IsShared
            ? await notices.RaiseAsync(tx, moved, [.. changes.Select(change => change.Key)], commit.Epoch, now)
            : await HistoryStore.RaiseAsync(tx, "publications", moved);
    }

    private static async Task<(IReadOnlyDictionary<SiteKey, long> Ids, SiteCensus Made)> MoveHeadsAsync(
        DbTransaction tx, IReadOnlyList<SiteChange> changes, SiteCensus held, CancellationToken ct)
    {
        var ids = new Dictionary<SiteKey, long>(changes.Count);
        var moved = new List<SiteKey>();
        var expected = changes.ToDictionary(change => change.Key, change => change.After.Sequence);
        var made = await RaiseAsync(
            tx,
            [.. changes.Select(change => (change.Key, change.Entries.Count + change.LeftOut, change.After.LiveCount))],
            (key, id, sequence) =>
            {
                ids[key] = id;
                if (sequence != expected[key])
                {
                    moved.Add(key);
                }
            },
            ct);
        return moved.Count == 0 ? (ids, new SiteCensus(held.Sites + made.Sites, held.Names + made.Names)) : throw new SiteMovedException(moved);
    }

    // The upsert holds each head row until the commit; in the order of the keys, so that two nodes never wait for one another.
    // Returns the sites that it has made.
    private static async Task<SiteCensus> RaiseAsync(
        DbTransaction tx, IReadOnlyList<(SiteKey Key, long By, long LiveCount)> heads, Action<SiteKey, long, long> raised, CancellationToken ct)
    {
        var made = SiteCensus.None;
        await RowsCommand.RunAsync(
            tx,
            """
            INSERT INTO site (tenant, site, sequence, trimmed_to, live_count) VALUES {rows}
            ON CONFLICT (tenant, site) DO UPDATE SET
              sequence = site.sequence + excluded.sequence, raises = site.raises + 1,
              live_count = CASE WHEN excluded.live_count < 0 THEN site.live_count ELSE excluded.live_count END
            RETURNING id, tenant, site, sequence, raises
            """,
            [.. heads.OrderBy(head => head.Key)],
            head => [head.Key.Tenant, head.Key.SiteId, head.By, 0L, head.LiveCount],
            row =>
            {
                var key = new SiteKey(row.GetString(1), row.GetString(2));
                made = row.GetInt64(4) == 1 ? made.With(key.Tenant, key.SiteId) : made;
                raised(key, row.GetInt64(0), row.GetInt64(3));
            },
            ct);
        return made;
    }

    private static Task SupersedeAsync(DbTransaction tx, IReadOnlyList<SiteChange> changes, IReadOnlyDictionary<SiteKey, long> ids, CancellationToken ct) =>
        RowsCommand.RunAsync(
            tx,
            "INSERT INTO live (site_id, stream_key, sequence, proof) VALUES {rows} ON CONFLICT (site_id, stream_key) DO UPDATE SET sequence = excluded.sequence, proof = excluded.proof",
            [.. changes.SelectMany(change => change.Live.Select(entry => (Id: ids[change.Key], Entry: entry)))],
            row => LiveValues(row.Id, KeyText.Format(row.Entry.Key), row.Entry),
            null,
            ct);

    private static object?[] LiveValues(long siteId, string key, Entry entry) => [siteId, key, entry.Sequence, EntryProof.HashLive(key, entry.Sequence, entry.Content)];

    private static Task InsertAsync(
        DbTransaction tx, IReadOnlyList<SiteChange> changes, IReadOnlyDictionary<SiteKey, long> ids, Instant now, CancellationToken ct) =>
        RowsCommand.RunAsync(
            tx,
            "INSERT INTO entry (site_id, sequence, type, envelope_id, revision, content, event, at) VALUES {rows}",
            [.. changes.SelectMany(change => change.Entries.Select(entry => (Id: ids[change.Key], Entry: entry)))],
            row => EntryRow.Values(row.Id, row.Entry, now),
            null,
            ct);
}

/// <summary>What one transaction stores.</summary>
/// <param name="Changes">Of each site.</param>
/// <param name="Publishers">Those who are news with it.</param>
/// <param name="Epoch">The history that its entries are of.</param>
internal sealed record SiteCommit(IReadOnlyList<SiteChange> Changes, IReadOnlyList<KnownPublisher> Publishers, string Epoch);

/// <summary>What one commit adds to one site.</summary>
/// <param name="Key">The site.</param>
/// <param name="After">The set with the new entries.</param>
/// <param name="Entries">The new entries, in order, without a gap.</param>
internal sealed record SiteChange(SiteKey Key, SiteSet After, IReadOnlyList<Entry> Entries)
{
    /// <summary>The sequences left out before the first of them; null: none.</summary>
    public Leap? Leap { get; init; }

    public long LeftOut => Leap is { } leap ? leap.To - leap.From : 0;

    /// <summary>Without those that a later entry of the same commit replaces.</summary>
    public IEnumerable<Entry> Live => Entries.Where(entry => After.Find(entry.Key)!.Sequence == entry.Sequence);
}

/// <summary>The sites' heads are not where this node thought: another node published.</summary>
internal sealed class SiteMovedException(IReadOnlyList<SiteKey> sites) : Exception($"Another node published for {sites[0]} and {sites.Count - 1} sites more.")
{
    public IReadOnlyList<SiteKey> Sites { get; } = sites;
}
