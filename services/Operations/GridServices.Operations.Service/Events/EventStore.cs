using System.Data.Common;
using Dapper;
using GridServices.Contracts;
using GridServices.Hosting;
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
}

/// <summary>Events of all utilities, and which sites they are for.</summary>
internal sealed class EventStore(Store store)
{
    private const string Columns = "SELECT id AS Id, version AS Version, body AS Body FROM events";
    private const string OfSite = "id IN (SELECT event_id FROM event_sites WHERE event_sites.tenant = @tenant AND site_id = @siteId AND over_at > @after) ORDER BY from_at, id";
    private static readonly long Never = long.MaxValue;

    internal async Task<HeldEvent?> OneAsync(string tenant, string id, CancellationToken ct = default) =>
        (await ListAsync(tenant, "id = @id", new { id }, ct)).SingleOrDefault();

    /// <summary>Those that are not over by an instant, in the order of their start.</summary>
    internal Task<IReadOnlyList<HeldEvent>> OverAfterAsync(string tenant, Instant at, CancellationToken ct = default) => ListAsync(tenant, "over_at > @at ORDER BY from_at, id", new { at }, ct);

    /// <summary>Those of a site that are not over by an instant.</summary>
    internal Task<IReadOnlyList<HeldEvent>> OfSiteAsync(string tenant, string siteId, Instant after, CancellationToken ct = default) => ListAsync(tenant, OfSite, new { siteId, after }, ct);

    /// <summary>The same within a transaction that is open already: who holds one reader must not wait for another.</summary>
    internal static Task<IReadOnlyList<HeldEvent>> OfSiteAsync(DbTransaction tx, string tenant, string siteId, Instant after) => ListAsync(tx.Connection!, tx, tenant, OfSite, new { siteId, after });

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
            var names = sites.Order(StringComparer.Ordinal).Select((site, i) =>
            {
                parameters.Add($"s{i}", site);
                return $"@s{i}";
            }).ToList();
            conditions.Add(names.Count == 0 ? "1 = 0" : $"id IN (SELECT event_id FROM event_sites WHERE event_sites.tenant = @tenant AND site_id IN ({string.Join(", ", names)}))");
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
        await SaveSitesAsync(tx, held, over);
        await RecordAsync(transaction, before, held);
        return held;
    }

    private static async Task SaveSitesAsync(DbTransaction tx, HeldEvent held, long over)
    {
        foreach (var site in held.Event.Sites)
        {
            await tx.Connection!.ExecuteAsync(
                "INSERT INTO event_sites (tenant, site_id, event_id, over_at) VALUES (@Tenant, @SiteId, @Id, @over) ON CONFLICT (tenant, site_id, event_id) DO UPDATE SET over_at = excluded.over_at",
                new { held.Event.Tenant, site.SiteId, held.Id, over },
                tx);
        }
    }

    /// <summary>What the utility said is one entry per revision; what only our side did is told to watchers and is in the event's own history.</summary>
    private static async Task RecordAsync(AuditedTransaction transaction, HeldEvent? before, HeldEvent held)
    {
        if (before is null || before.Event.Revisions.Count != held.Event.Revisions.Count)
        {
            var revision = held.Event.Current;
            await transaction.AuditAsync("event", held.Id, before is null ? "announced" : revision.Cancelled ? "cancelled" : "changed", before is null ? null : StoredJson.Write(before.Event.Current), StoredJson.Write(revision));
        }
        else
        {
            transaction.Changes.Add(new EntityChange(held.Event.Tenant, "event", held.Id, "changed", held.Event.Sites is [var only] ? only.SiteId : null));
        }
    }

    private Task<IReadOnlyList<HeldEvent>> ListAsync(string tenant, string where, object parameters, CancellationToken ct) =>
        store.ReadAsync(db => ListAsync(db, null, tenant, where, parameters), ct);

    private static async Task<IReadOnlyList<HeldEvent>> ListAsync(DbConnection db, DbTransaction? tx, string tenant, string where, object parameters)
    {
        var all = new DynamicParameters(parameters);
        all.Add("tenant", tenant);
        return [.. (await db.QueryAsync<EventRow>($"{Columns} WHERE tenant = @tenant AND {where}", all, tx)).Select(r => r.Held())];
    }

    private sealed class EventRow
    {
        public string Id { get; set; } = string.Empty;
        public long Version { get; set; }
        public string Body { get; set; } = string.Empty;

        internal HeldEvent Held() => new() { Id = Id, Version = (int)Version, Event = StoredJson.Read<Event>(Body) };
    }
}

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
