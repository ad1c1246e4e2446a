using Dapper;
using GridServices.Hosting;
using GridServices.Operations.Service.Storage;

namespace GridServices.Operations.Service.Money;

/// <summary>Every settlement that was made; none is ever changed.</summary>
internal sealed class SettlementStore(Store store)
{
    /// <summary>Of an event at a site, the last one first.</summary>
    internal Task<IReadOnlyList<Settlement>> OfAsync(string tenant, string eventId, string siteId, CancellationToken ct) => store.ReadAsync<IReadOnlyList<Settlement>>(
        async db => [.. (await db.QueryAsync<string>("SELECT body FROM settlements WHERE tenant = @tenant AND event_id = @eventId AND site_id = @siteId ORDER BY number DESC", new { tenant, eventId, siteId })).Select(StoredJson.Read<Settlement>)],
        ct);

    /// <summary>The newest first; those of <paramref name="shown"/> sites only (null = all).</summary>
    internal Task<IReadOnlyList<Settlement>> ListAsync(string tenant, IReadOnlySet<string>? shown, string? after, int most, CancellationToken ct) => store.ReadAsync<IReadOnlyList<Settlement>>(
        async db =>
        {
            var parameters = new DynamicParameters(new { tenant, after, most = (long)most });
            var conditions = after is null ? string.Empty : " AND id < @after";
            if (shown is not null)
            {
                var names = shown.Order(StringComparer.Ordinal).Select((site, i) =>
                {
                    parameters.Add($"s{i}", site);
                    return $"@s{i}";
                }).ToList();
                conditions += names.Count == 0 ? " AND 1 = 0" : $" AND site_id IN ({string.Join(", ", names)})";
            }

            return [.. (await db.QueryAsync<string>($"SELECT body FROM settlements WHERE tenant = @tenant{conditions} ORDER BY id DESC LIMIT @most", parameters)).Select(StoredJson.Read<Settlement>)];
        },
        ct);

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
