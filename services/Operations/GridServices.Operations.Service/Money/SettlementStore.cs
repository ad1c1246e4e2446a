using Dapper;
using GridServices.Hosting.Storage;
using GridServices.Operations.Service.Storage;
using NodaTime;

namespace GridServices.Operations.Service.Money;

/// <summary>Every settlement that was made; none is ever changed.</summary>
internal sealed class SettlementStore(Store store)
{
    // A month of any zone, and what an event is moved by at a site, lie within these of the month in UTC.
    private static readonly Duration Margin = Duration.FromHours(36);

    /// <summary>Of an event at a site, the last one first.</summary>
    internal Task<IReadOnlyList<Settlement>> ListByEventAsync(string tenant, string eventId, string siteId, CancellationToken ct) => store.ReadAsync<IReadOnlyList<Settlement>>(
        async db => [.. (await db.QueryAsync<string>("SELECT body FROM settlements WHERE tenant = @tenant AND event_id = @eventId AND site_id = @siteId ORDER BY number DESC", new { tenant, eventId, siteId })).Select(StoredJson.Read<Settlement>)],
        ct);

    /// <summary>The newest first; those of <paramref name="shown"/> sites only (null = all).</summary>
    internal Task<IReadOnlyList<Settlement>> ListAsync(string tenant, IReadOnlySet<string>? shown, string? after, int most, CancellationToken ct) =>
        ListAsync(after is null ? string.Empty : " AND id < @after", new DynamicParameters(new { tenant, after, most = (long)most }), shown, ct);

    /// <summary>Those of events that begin in a month by the site's clock, the newest first.</summary>
    internal async Task<IReadOnlyList<Settlement>> ListByMonthAsync(string tenant, IReadOnlySet<string>? shown, YearMonth month, CancellationToken ct)
    {
        var (from, until) = (month.OnDayOfMonth(1).AtMidnight().InUtc().ToInstant() - Margin, month.PlusMonths(1).OnDayOfMonth(1).AtMidnight().InUtc().ToInstant() + Margin);
        var parameters = new DynamicParameters(new { tenant, from = from.ToUnixTimeTicks(), until = until.ToUnixTimeTicks(), most = long.MaxValue });
        var found = await ListAsync(" AND event_id IN (SELECT id FROM events WHERE events.tenant = @tenant AND from_at >= @from AND from_at < @until)", parameters, shown, ct);
        return [.. found.Where(s => s.From.InZone(DateTimeZoneProviders.Tzdb[s.Zone]).Date.ToYearMonth() == month)];
    }

    private Task<IReadOnlyList<Settlement>> ListAsync(string condition, DynamicParameters parameters, IReadOnlySet<string>? shown, CancellationToken ct)
    {
        var ofSites = shown is null ? string.Empty : shown.Count == 0 ? " AND 1 = 0" : $" AND site_id IN ({SqlNames.Add(parameters, "s", shown.Order(StringComparer.Ordinal))})";
        return store.ReadAsync<IReadOnlyList<Settlement>>(
            async db => [.. (await db.QueryAsync<string>($"SELECT body FROM settlements WHERE tenant = @tenant{condition}{ofSites} ORDER BY id DESC LIMIT @most", parameters)).Select(StoredJson.Read<Settlement>)], ct);
    }

    /// <summary>The one that holds, as it is in a transaction that has locked the tenant.</summary>
    internal static async Task<Settlement?> FindLastAsync(AuditedTransaction transaction, string eventId, string siteId)
    {
        var body = await transaction.Tx.Connection!.QueryFirstOrDefaultAsync<string>(
            "SELECT body FROM settlements WHERE tenant = @Tenant AND event_id = @eventId AND site_id = @siteId ORDER BY number DESC LIMIT 1",
            new { transaction.Actor.Tenant, eventId, siteId },
            transaction.Tx);
        return body is null ? null : StoredJson.Read<Settlement>(body);
    }

    internal static async Task<Settlement> AddAsync(AuditedTransaction transaction, Settlement made)
    {
        var key = new { transaction.Actor.Tenant, made.EventId, made.SiteId };
        var last = await transaction.Tx.Connection!.ExecuteScalarAsync<long?>("SELECT MAX(number) FROM settlements WHERE tenant = @Tenant AND event_id = @EventId AND site_id = @SiteId", key, transaction.Tx) ?? 0;
        var saved = made with { Id = transaction.NewId(), Number = (int)last + 1, MadeAt = transaction.Now, MadeBy = transaction.Actor.Name };
        await transaction.Tx.Connection!.ExecuteAsync(
            "INSERT INTO settlements (tenant, id, event_id, site_id, number, made_at, body) VALUES (@Tenant, @Id, @EventId, @SiteId, @number, @MadeAt, @body)",
            new { transaction.Actor.Tenant, saved.Id, saved.EventId, saved.SiteId, number = (long)saved.Number, saved.MadeAt, body = StoredJson.Write(saved) },
            transaction.Tx);
        return saved;
    }
}
