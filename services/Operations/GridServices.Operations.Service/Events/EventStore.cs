using System.Collections.Concurrent;
using System.Data.Common;
using System.Text.Json;
using Dapper;
using GridServices.Contracts;
using GridServices.Hosting.Storage;
using GridServices.Hosting.Web;
using GridServices.Operations.Events;
using GridServices.Operations.Service.Storage;
using NodaTime;

namespace GridServices.Operations.Service.Events;

/// <summary>An event as it is held, with the id that it has here.</summary>
public sealed record HeldEvent
{
    public required string Id { get; init; }

    /// <summary>From 1, one more with each change.</summary>
    public required int Version { get; init; }

    public required Event Event { get; init; }

    /// <summary>With only those sites that somebody sees; null: all.</summary>
    internal HeldEvent Narrow(IReadOnlySet<string>? shown) => shown is null ? this : this with { Event = Event with { Sites = [.. Event.Sites.Where(s => shown.Contains(s.SiteId))] } };
}

/// <summary>Events of all utilities, and which sites they are for.</summary>
internal sealed partial class EventStore(Store store, ILogger<EventStore> logger)
{
    private const string Columns = "SELECT id AS Id, version AS Version, source AS Source, body AS Body FROM events";
    private const string OfSite = "id IN (SELECT event_id FROM event_sites WHERE event_sites.tenant = @tenant AND site_id = @siteId AND over_at > @after) ORDER BY from_at, id";
    private const int MostSitesKept = 200_000;
    private static readonly long Never = long.MaxValue;

    // An event may be for ten thousand sites and is looked at every few seconds, while it changes seldom. Only what is committed is kept.
    private readonly ConcurrentDictionary<(string Tenant, string Id), HeldEvent> _kept = new();
    private readonly ConcurrentDictionary<(string Tenant, string Id), bool> _unreadTold = new();

    internal async Task<HeldEvent?> FindAsync(string tenant, string id, CancellationToken ct = default) =>
        (await ListAsync(tenant, "id = @id", new { id }, ct)).SingleOrDefault();

    /// <summary>The same within a transaction that is open already.</summary>
    internal async Task<HeldEvent?> FindAsync(DbTransaction tx, string tenant, string id) =>
        (await ListAsync(tx.Connection!, tx, tenant, "id = @id", new DynamicParameters(new { id }))).SingleOrDefault();

    internal async Task<HeldEvent?> FindBySourceAsync(string tenant, string source, CancellationToken ct = default) =>
        (await ListAsync(tenant, "source = @source", new { source }, ct)).SingleOrDefault();

    /// <summary>Those that are not over by an instant, in the order of their start.</summary>
    internal Task<IReadOnlyList<HeldEvent>> ListEndingAfterAsync(string tenant, Instant at, CancellationToken ct = default) => ListAsync(tenant, "over_at > @at ORDER BY from_at, id", new { at }, ct);

    /// <summary>The same without those whose row can't be read: each is logged once, and keeps no other from being looked at.</summary>
    /// <param name="tenant">Whose.</param>
    /// <param name="at">The instant.</param>
    /// <param name="ct">Gives up.</param>
    /// <param name="unread">Told of each that is left out, at every look.</param>
    internal async Task<IReadOnlyList<HeldEvent>> ListReadableAsync(string tenant, Instant at, CancellationToken ct, Action<UnreadEvent>? unread = null)
    {
        var left = new List<UnreadEvent>();
        var found = await store.ReadAsync(db => ListAsync(db, null, tenant, "over_at > @at ORDER BY from_at, id", new DynamicParameters(new { at }), left.Add), ct);
        foreach (var one in left)
        {
            if (_unreadTold.TryAdd((tenant, one.Id), true))
            {
                LogUnread(logger, one.Id, tenant, one.Fault);
            }

            unread?.Invoke(one);
        }

        return found;
    }

    /// <summary>Those of a site that are not over by an instant.</summary>
    internal Task<IReadOnlyList<HeldEvent>> ListBySiteAsync(string tenant, string siteId, Instant after, CancellationToken ct = default) => ListAsync(tenant, OfSite, new { siteId, after }, ct);

    /// <summary>The same within a transaction that is open already: who holds one reader must not wait for another.</summary>
    internal Task<IReadOnlyList<HeldEvent>> ListBySiteAsync(DbTransaction tx, string tenant, string siteId, Instant after) =>
        ListAsync(tx.Connection!, tx, tenant, OfSite, new DynamicParameters(new { siteId, after }));

    /// <summary>Those of any of the sites that are not over by an instant.</summary>
    internal async Task<IReadOnlyList<HeldEvent>> ListBySitesAsync(string tenant, IEnumerable<string> siteIds, Instant after, CancellationToken ct = default)
    {
        var found = new Dictionary<string, HeldEvent>(StringComparer.Ordinal);
        foreach (var some in siteIds.Distinct(StringComparer.Ordinal).Chunk(SqlNames.AtOnce))
        {
            var parameters = new DynamicParameters(new { after = after.ToUnixTimeTicks() });
            var where = $"id IN (SELECT event_id FROM event_sites WHERE event_sites.tenant = @tenant AND site_id IN ({SqlNames.Add(parameters, "s", some)}) AND over_at > @after) ORDER BY from_at, id";
            foreach (var held in await ListAsync(tenant, where, parameters, ct))
            {
                found[held.Id] = held;
            }
        }

        return [.. found.Values.OrderBy(e => e.Event.From).ThenBy(e => e.Id, StringComparer.Ordinal)];
    }

    /// <summary>The one that a utility calls so, whoever heard of it; null: none, or several do.</summary>
    internal async Task<HeldEvent?> FindByEventIdAsync(string tenant, string eventId, CancellationToken ct = default) =>
        (await ListAsync(tenant, "source LIKE @ending ESCAPE '!' ORDER BY from_at DESC LIMIT 2", new { ending = $"%/{eventId.Replace("!", "!!", StringComparison.Ordinal).Replace("%", "!%", StringComparison.Ordinal).Replace("_", "!_", StringComparison.Ordinal)}" }, ct)) is [var only] ? only : null;

    /// <summary>A page, by start.</summary>
    internal async Task<Page<HeldEvent>> PageAsync(string tenant, EventQuery query, CancellationToken ct = default)
    {
        var conditions = new List<string> { "over_at > @from AND from_at < @until" };
        var parameters = new DynamicParameters(new { from = query.From?.ToUnixTimeTicks() ?? long.MinValue, until = query.Until?.ToUnixTimeTicks() ?? Never, most = (long)query.Limit + 1 });
        if (query.Program is { } program)
        {
            conditions.Add("program = @program");
            parameters.Add("program", program);
        }

        if (query.After is { } after)
        {
            conditions.Add("(from_at > @afterAt OR (from_at = @afterAt AND id > @afterId))");
            parameters.Add("afterAt", after.At);
            parameters.Add("afterId", after.Id);
        }

        if (query.Sites is { } sites)
        {
            conditions.Add(sites.Count == 0 ? "1 = 0" : $"id IN (SELECT event_id FROM event_sites WHERE event_sites.tenant = @tenant AND site_id IN ({SqlNames.Add(parameters, "s", sites.Order(StringComparer.Ordinal))}))");
        }

        var found = await ListAsync(tenant, $"{string.Join(" AND ", conditions)} ORDER BY from_at, id LIMIT @most", parameters, ct);
        return new Paging(null, query.Limit).Cut(found, e => $"{e.Event.From.ToUnixTimeTicks()}~{e.Id}");
    }

    /// <summary>Stores events that are new or different; the audit has one entry for each thing the utility said.</summary>
    internal static async Task<IReadOnlyList<HeldEvent>> SaveAsync(AuditedTransaction transaction, IReadOnlyList<Event> events)
    {
        var saved = new List<HeldEvent>();
        foreach (var e in events)
        {
            saved.Add(await SaveAsync(transaction, e));
        }

        return saved;
    }

    private static async Task<HeldEvent> SaveAsync(AuditedTransaction transaction, Event e)
    {
        var tx = transaction.Tx;
        var row = await tx.Connection!.QuerySingleOrDefaultAsync<EventRow>($"{Columns} WHERE tenant = @Tenant AND source = @Source", new { e.Tenant, e.Source }, tx);
        var before = row?.Held();
        var held = new HeldEvent { Id = before?.Id ?? transaction.NewId(), Version = (before?.Version ?? 0) + 1, Event = e };
        var over = e.Over?.ToUnixTimeTicks() ?? Never;
        await tx.Connection!.ExecuteAsync(
            """
            INSERT INTO events (tenant, id, version, updated_at, body, source, origin, program, from_at, over_at)
            VALUES (@Tenant, @Id, @version, @Now, @body, @Source, @origin, @TemplateCode, @From, @over)
            ON CONFLICT (tenant, id) DO UPDATE SET version = excluded.version, updated_at = excluded.updated_at, body = excluded.body, program = excluded.program, from_at = excluded.from_at, over_at = excluded.over_at
            """,
            new { e.Tenant, held.Id, version = (long)held.Version, transaction.Now, body = StoredJson.Write(e), e.Source, origin = EnumNames<EventOrigin>.GetName(e.Origin), e.TemplateCode, e.From, over },
            tx);
        await SaveSitesAsync(tx, before, held, over);
        await RecordAsync(transaction, before, held);
        return held;
    }

    /// <summary>Sites are only ever added to an event; those that are there are written again only where its end moved.</summary>
    private static async Task SaveSitesAsync(DbTransaction tx, HeldEvent? before, HeldEvent held, long over)
    {
        if (before is not null && (before.Event.Over?.ToUnixTimeTicks() ?? Never) != over)
        {
            await tx.Connection!.ExecuteAsync("UPDATE event_sites SET over_at = @over WHERE tenant = @Tenant AND event_id = @Id", new { over, held.Event.Tenant, held.Id }, tx);
        }

        var known = (before?.Event.Sites ?? []).Select(s => s.SiteId).ToHashSet(StringComparer.Ordinal);
        foreach (var some in held.Event.Sites.Select(s => s.SiteId).Where(s => !known.Contains(s)).Chunk(SqlNames.AtOnce))
        {
            var parameters = new DynamicParameters(new { held.Event.Tenant, held.Id, over });
            var rows = SqlNames.Add(parameters, "s", some).Split(", ").Select(name => $"(@Tenant, {name}, @Id, @over)");
            await tx.Connection!.ExecuteAsync(
                $"INSERT INTO event_sites (tenant, site_id, event_id, over_at) VALUES {string.Join(", ", rows)} ON CONFLICT (tenant, site_id, event_id) DO UPDATE SET over_at = excluded.over_at", parameters, tx);
        }
    }

    /// <summary>What the utility said is one entry per revision; what only our side did is told to watchers and is in the event's own history.</summary>
    private static async Task RecordAsync(AuditedTransaction transaction, HeldEvent? before, HeldEvent held)
    {
        var revisions = held.Event.Revisions;
        var first = before is null ? 0 : revisions.Count - Math.Abs(revisions.Count - before.Event.Revisions.Count);
        for (var i = first; i < revisions.Count; i++)
        {
            var was = i > 0 ? revisions[i - 1] : null;
            await transaction.AuditAsync("event", held.Id, was is null ? "announced" : revisions[i].Cancelled ? "cancelled" : "changed", was is null ? null : StoredJson.Write(was), StoredJson.Write(revisions[i]));
        }

        if (first == revisions.Count)
        {
            transaction.Changes.Add(new EntityChange(held.Event.Tenant, "event", held.Id, "changed", held.Event.Sites is [var only] ? only.SiteId : null));
        }
    }

    private Task<IReadOnlyList<HeldEvent>> ListAsync(string tenant, string where, object parameters, CancellationToken ct) =>
        store.ReadAsync(db => ListAsync(db, null, tenant, where, new DynamicParameters(parameters)), ct);

    /// <summary>Bodies are read only of events that are not kept in the version that stands.</summary>
    private async Task<IReadOnlyList<HeldEvent>> ListAsync(
        DbConnection db, DbTransaction? tx, string tenant, string where, DynamicParameters parameters, Action<UnreadEvent>? unread = null)
    {
        parameters.Add("tenant", tenant);
        var listed = (await db.QueryAsync<(string Id, long Version)>($"SELECT id, version FROM events WHERE tenant = @tenant AND {where}", parameters, tx)).ToList();
        var found = new Dictionary<string, HeldEvent>(StringComparer.Ordinal);
        foreach (var (id, version) in listed)
        {
            if (_kept.TryGetValue((tenant, id), out var kept) && kept.Version == version)
            {
                found[id] = kept;
            }
        }

        foreach (var some in listed.Select(e => e.Id).Where(id => !found.ContainsKey(id)).Chunk(SqlNames.AtOnce))
        {
            var names = new DynamicParameters(new { tenant });
            foreach (var row in await db.QueryAsync<EventRow>($"{Columns} WHERE tenant = @tenant AND id IN ({SqlNames.Add(names, "e", some)})", names, tx))
            {
                try
                {
                    found[row.Id] = tx is null ? AddToCache(tenant, row.Held()) : row.Held();
                }
                catch (JsonException fault) when (unread is not null)
                {
                    unread(new UnreadEvent(row.Id, row.Source, fault));
                }
            }
        }

        return [.. listed.Select(e => found.GetValueOrDefault(e.Id)).OfType<HeldEvent>()];
    }

    private HeldEvent AddToCache(string tenant, HeldEvent held)
    {
        if (_kept.Values.Sum(e => (long)e.Event.Sites.Count + 1) > MostSitesKept)
        {
            _kept.Clear();
        }

        return _kept[(tenant, held.Id)] = held;
    }

    [LoggerMessage(EventIds.EventUnread, LogLevel.Error,
        "What is stored of event {Event} of tenant {Tenant} can't be read; nothing is told, recorded or reported of it until its row is put back from a backup")]
    private static partial void LogUnread(ILogger logger, string @event, string tenant, Exception fault);

    private sealed class EventRow
    {
        public string Id { get; set; } = string.Empty;
        public long Version { get; set; }
        public string Source { get; set; } = string.Empty;
        public string Body { get; set; } = string.Empty;

        internal HeldEvent Held() => new() { Id = Id, Version = (int)Version, Event = StoredJson.Read<Event>(Body) };
    }
}

/// <summary>An event whose row can't be read.</summary>
/// <param name="Id">Ours.</param>
/// <param name="Source">What its utility calls it.</param>
/// <param name="Fault">What is wrong with the row.</param>
internal sealed record UnreadEvent(string Id, string Source, Exception Fault);

/// <summary>Which events.</summary>
internal sealed record EventQuery(int Limit)
{
    public Instant? From { get; init; }
    public Instant? Until { get; init; }
    public string? Program { get; init; }
    public (long At, string Id)? After { get; init; }

    /// <summary>Sites that may be seen; null = all.</summary>
    public IReadOnlySet<string>? Sites { get; init; }
}
