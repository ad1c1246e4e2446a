using System.Collections.Concurrent;
using System.Data;
using System.Data.Common;
using Dapper;
using GridServices.EnvelopeHub.History;
using GridServices.EnvelopeHub.Service.History;
using GridServices.EnvelopeHub.Service.Nodes;
using GridServices.EnvelopeHub.Service.Sites;
using GridServices.EnvelopeHub.Sites;
using GridServices.Hosting.Storage;
using NodaTime;

namespace GridServices.EnvelopeHub.Service.Feedback;

/// <summary>Receipts and readings in the store: one log per tenant, in the order of commits.</summary>
internal sealed class FeedbackLog(Store store, HubHistory history, CommitHints hints)
{
    private const int MostKnownIds = 100_000;
    private readonly ConcurrentDictionary<SiteKey, long> _siteIds = new();

    /// <summary>Stores what is new, in one transaction. What was stored before, or stands earlier in the list, is a duplicate or a conflict.</summary>
    public async Task<IReadOnlyList<FeedbackOutcome>> CommitAsync(IReadOnlyList<FeedbackDraft> drafts, Instant now, CancellationToken ct)
    {
        var (outcomes, ids, commits) = await store.WriteAsync(
            async tx =>
            {
                var (ids, made) = await SiteIdsAsync(tx, drafts);
                var first = drafts.GroupBy(draft => (ids[draft.Site], draft.Key)).ToDictionary(group => group.Key, group => group.First());
                var places = await FeedbackSequences.AllocateAsync(tx, first);
                var known = await InsertKeysAsync(tx, first, places, now, ct);
                var outcomes = Evaluate(drafts, ids, first, known);
                await places.ReleaseAsync(tx, known.Keys, ct);
                await AppendAsync(tx, [.. drafts.Zip(outcomes).Where(pair => pair.Second == FeedbackOutcome.Stored).Select(pair => (ids[pair.First.Site], pair.First))], places, now, ct);
                return (outcomes, ids, outcomes.Contains(FeedbackOutcome.Stored) ? await HistoryStore.RaiseAsync(tx, "feedback", made) : 0);
            },
            IsolationLevel.ReadCommitted,
            ct);
        AddToCache(ids);
        history.CommittedFeedback(commits);
        hints.Send();
        return outcomes;
    }

    /// <summary>The store is another one: its sites may have other ids.</summary>
    public void Clear() => _siteIds.Clear();

    /// <summary>The log's last sequence, and the sequence after which it holds everything.</summary>
    public async Task<(long Head, long TrimmedTo)> HeadAsync(string tenant, CancellationToken ct)
    {
        var row = await store.ReadAsync(
            db => db.QuerySingleOrDefaultAsync<HeadRow>("SELECT sequence, trimmed_to AS trimmedto FROM feedback_head WHERE tenant = @tenant", new { tenant }), ct);
        return row is null ? (0, 0) : (row.Sequence, row.TrimmedTo);
    }

    public async Task<IReadOnlyList<FeedbackRow>> ReadAfterAsync(string tenant, long after, int limit, CancellationToken ct) =>
    [
        .. await store.ReadAsync(
            db => db.QueryAsync<FeedbackRow>(
                "SELECT sequence, site, item, at, proof FROM feedback WHERE tenant = @tenant AND sequence > @after ORDER BY sequence LIMIT @limit", new { tenant, after, limit }),
            ct),
    ];

    private static IReadOnlyList<FeedbackOutcome> Evaluate(
        IReadOnlyList<FeedbackDraft> drafts,
        Dictionary<SiteKey, long> ids,
        Dictionary<(long, string), FeedbackDraft> first,
        Dictionary<(long, string), string> known) =>
    [
        .. drafts.Select(draft =>
        {
            var key = (ids[draft.Site], draft.Key);
            var isKnown = known.TryGetValue(key, out var content);
            return !isKnown && ReferenceEquals(first[key], draft) ? FeedbackOutcome.Stored
                : string.Equals(isKnown ? content : first[key].Content, draft.Content, StringComparison.Ordinal) ? FeedbackOutcome.Duplicate
                : FeedbackOutcome.Conflict;
        }),
    ];

    // Returns the content of those that were there already.
    private static async Task<Dictionary<(long, string), string>> InsertKeysAsync(
        DbTransaction tx, Dictionary<(long Site, string Key), FeedbackDraft> first, FeedbackSequences places, Instant now, CancellationToken ct)
    {
        var fresh = new HashSet<(long, string)>();
        await RowsCommand.RunAsync(
            tx,
            "INSERT INTO feedback_key (site_id, feedback_key, content, at, sequence) VALUES {rows} ON CONFLICT (site_id, feedback_key) DO NOTHING RETURNING site_id, feedback_key",
            [.. first.OrderBy(pair => pair.Key.Site).ThenBy(pair => pair.Key.Key, StringComparer.Ordinal)],
            pair => [pair.Key.Site, pair.Key.Key, pair.Value.Content, now.ToUnixTimeTicks(), places.GetSequence(pair.Key)],
            row => fresh.Add((row.GetInt64(0), row.GetString(1))),
            ct);
        var known = new Dictionary<(long, string), string>();
        await RowsCommand.RunAsync(
            tx,
            "SELECT k.site_id, k.feedback_key, k.content FROM (VALUES {rows}) AS v JOIN feedback_key k ON k.site_id = v.column1 AND k.feedback_key = v.column2",
            [.. first.Keys.Where(key => !fresh.Contains(key))],
            key => [key.Site, key.Key],
            row => known[(row.GetInt64(0), row.GetString(1))] = row.GetString(2),
            ct);
        return known;
    }

    private static async Task AppendAsync(DbTransaction tx, IReadOnlyList<(long Id, FeedbackDraft Draft)> fresh, FeedbackSequences places, Instant now, CancellationToken ct)
    {
        var stored = fresh.Select(row => (row.Id, row.Draft, Proof: FeedbackProof.Compute(row.Draft.Site, now.ToUnixTimeTicks(), row.Draft.Item))).ToList();
        await RowsCommand.RunAsync(
            tx,
            "INSERT INTO feedback (tenant, sequence, site, item, at, proof) VALUES {rows}",
            stored,
            row => [row.Draft.Site.Tenant, places.GetSequence((row.Id, row.Draft.Key)), row.Draft.Site.SiteId, row.Draft.Item, now.ToUnixTimeTicks(), row.Proof],
            null,
            ct);
        await RowsCommand.RunAsync(
            tx,
            "INSERT INTO site_receipt (site_id, receipt_key, at, sequence, received_at, item, proof) VALUES {rows} ON CONFLICT (site_id, receipt_key) DO NOTHING",
            [.. stored.Where(row => row.Draft.ReceiptAt is not null)],
            row => [row.Id, row.Draft.Key, row.Draft.ReceiptAt!.Value.ToUnixTimeTicks(), places.GetSequence((row.Id, row.Draft.Key)), now.ToUnixTimeTicks(), row.Draft.Item, row.Proof],
            null,
            ct);
    }

    private async Task<(Dictionary<SiteKey, long> Ids, SiteCensus Made)> SiteIdsAsync(DbTransaction tx, IReadOnlyList<FeedbackDraft> drafts)
    {
        var ids = new Dictionary<SiteKey, long>();
        var made = SiteCensus.None;
        var sites = drafts.Select(draft => draft.Site).Distinct().Order().ToList();
        var held = await HeldIdsAsync(tx, sites);
        foreach (var site in sites)
        {
            var (id, isNew) = held.TryGetValue(site, out var known) ? (known, false) : await SiteIdAsync(tx, site);
            ids[site] = id;
            made = isNew ? made.With(site.Tenant, site.SiteId) : made;
        }

        return (ids, made);
    }

    // In a store that was put back a moment ago an id may be another site's, and nobody has noticed yet.
    private async Task<Dictionary<SiteKey, long>> HeldIdsAsync(DbTransaction tx, IReadOnlyList<SiteKey> sites)
    {
        var held = new Dictionary<SiteKey, long>();
        await RowsCommand.RunAsync(
            tx,
            "SELECT s.id, s.tenant, s.site FROM (VALUES {rows}) AS v JOIN site s ON s.id = v.column1 AND s.tenant = v.column2 AND s.site = v.column3",
            [.. sites.Where(_siteIds.ContainsKey)],
            site => [_siteIds.TryGetValue(site, out var id) ? id : 0L, site.Tenant, site.SiteId],
            row => held[new SiteKey(row.GetString(1), row.GetString(2))] = row.GetInt64(0),
            CancellationToken.None);
        return held;
    }

    // A site may feed back before anybody published for it.
    private static async Task<(long Id, bool IsNew)> SiteIdAsync(DbTransaction tx, SiteKey site)
    {
        const string find = "SELECT id FROM site WHERE tenant = @Tenant AND site = @SiteId";
        if (await tx.Connection!.QuerySingleOrDefaultAsync<long?>(find, site, tx) is { } id)
        {
            return (id, false);
        }

        var made = await tx.Connection!.ExecuteAsync(
            "INSERT INTO site (tenant, site, sequence, trimmed_to) VALUES (@Tenant, @SiteId, 0, 0) ON CONFLICT (tenant, site) DO NOTHING", site, tx);
        return (await tx.Connection!.QuerySingleAsync<long>(find, site, tx), made == 1);
    }

    // Ids never change; only committed ones are kept.
    private void AddToCache(Dictionary<SiteKey, long> ids)
    {
        if (_siteIds.Count > MostKnownIds)
        {
            _siteIds.Clear();
        }

        foreach (var (site, id) in ids)
        {
            _siteIds[site] = id;
        }
    }

    private sealed class HeadRow
    {
        public long Sequence { get; set; }
        public long TrimmedTo { get; set; }
    }
}

/// <summary>An item of a tenant's feedback log.</summary>
internal sealed class FeedbackRow
{
    public long Sequence { get; set; }
    public string Site { get; set; } = string.Empty;
    public string Item { get; set; } = string.Empty;

    /// <summary>When it came in, in ticks.</summary>
    public long At { get; set; }

    public string? Proof { get; set; }

    public bool IsDamaged(string tenant) => FeedbackProof.Read(new SiteKey(tenant, Site), At, Item, Proof) is null;
}
