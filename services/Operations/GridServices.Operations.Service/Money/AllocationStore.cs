using Dapper;
using GridServices.Hosting.Storage;
using GridServices.Operations.Money;
using GridServices.Operations.Service.Protection;
using GridServices.Operations.Service.Storage;
using NodaTime;
using NodaTime.Text;

namespace GridServices.Operations.Service.Money;

/// <summary>Bills split among sessions, sealed: they name drivers' cards and contracts.</summary>
internal sealed class AllocationStore(Store store, ColumnProtector protector)
{
    private const string Sessions = "sessions_sealed";

    internal Task<BillAllocation?> FindAsync(string tenant, string id, CancellationToken ct) => store.ReadAsync(
        async db => await db.QuerySingleOrDefaultAsync<string>("SELECT body_sealed FROM bill_allocations WHERE tenant = @tenant AND id = @id", new { tenant, id }) is { } body
            ? StoredJson.Read<BillAllocation>(protector.Open(body, GetPlace(tenant, id))!)
            : null,
        ct);

    /// <summary>The sessions of a split as they were told; null = it was made before they were kept.</summary>
    internal Task<IReadOnlyList<ChargingSession>?> FindSessionsAsync(string tenant, string id, CancellationToken ct) => store.ReadAsync<IReadOnlyList<ChargingSession>?>(
        async db => await db.QuerySingleOrDefaultAsync<string?>("SELECT sessions_sealed FROM bill_allocations WHERE tenant = @tenant AND id = @id", new { tenant, id }) is { } kept
            ? StoredJson.Read<List<ChargingSession>>(protector.Open(kept, GetPlace(tenant, id, Sessions))!)
            : null,
        ct);

    /// <summary>Of a meter point's bill of a month, the newest first.</summary>
    internal Task<IReadOnlyList<BillAllocation>> ListByBillAsync(string tenant, string meterPointId, YearMonth month, int most, CancellationToken ct) => store.ReadAsync<IReadOnlyList<BillAllocation>>(
        async db => [.. (await db.QueryAsync<(string Id, string Body)>(
            "SELECT id, body_sealed FROM bill_allocations WHERE tenant = @tenant AND meter_point_id = @meterPointId AND month = @month ORDER BY id DESC LIMIT @most",
            new { tenant, meterPointId, month = YearMonthPattern.Iso.Format(month), most = (long)most })).Select(r => StoredJson.Read<BillAllocation>(protector.Open(r.Body, GetPlace(tenant, r.Id))!) with { Sessions = [] })],
        ct);

    internal async Task<BillAllocation> AddAsync(AuditedTransaction transaction, BillAllocation made)
    {
        var saved = made with { Id = transaction.NewId(), MadeAt = transaction.Now, MadeBy = transaction.Actor.Name };
        await transaction.Tx.Connection!.ExecuteAsync(
            "INSERT INTO bill_allocations (tenant, id, meter_point_id, site_id, month, made_at, body_sealed, sessions_sealed) VALUES (@Tenant, @Id, @MeterPointId, @SiteId, @month, @MadeAt, @body, @told)",
            new
            {
                transaction.Actor.Tenant,
                saved.Id,
                saved.MeterPointId,
                saved.SiteId,
                month = YearMonthPattern.Iso.Format(saved.Month),
                saved.MadeAt,
                body = protector.Seal(StoredJson.Write(saved), GetPlace(transaction.Actor.Tenant, saved.Id)),
                told = protector.Seal(StoredJson.Write(saved.Told), GetPlace(transaction.Actor.Tenant, saved.Id, Sessions)),
            },
            transaction.Tx);
        await transaction.AuditAsync("billAllocation", saved.Id, "made", null, StoredJson.Write(new { saved.MeterPointId, saved.Month, saved.Method, saved.Payable, saved.Currency, users = saved.Users.Count, sessions = saved.Sessions.Count, saved.RefusedRows }), siteId: saved.SiteId);
        return saved;
    }

    /// <summary>All of a site with their sessions, the oldest first.</summary>
    internal async Task<IReadOnlyList<BillAllocation>> ListBySiteAsync(AuditedTransaction transaction, string siteId) =>
        [.. (await transaction.Tx.Connection!.QueryAsync<(string Id, string Body)>(
            "SELECT id, body_sealed FROM bill_allocations WHERE tenant = @Tenant AND site_id = @siteId ORDER BY id", new { transaction.Actor.Tenant, siteId }, transaction.Tx))
            .Select(r => StoredJson.Read<BillAllocation>(protector.Open(r.Body, GetPlace(transaction.Actor.Tenant, r.Id))!))];

    /// <summary>The sessions that bills of a site were split among, as they were told, by split, the oldest first; splits without any are left out.</summary>
    internal async Task<IReadOnlyList<ToldSessions>> ListToldBySiteAsync(AuditedTransaction transaction, string siteId) =>
        [.. (await transaction.Tx.Connection!.QueryAsync<(string Id, string Told)>(
            "SELECT id, sessions_sealed FROM bill_allocations WHERE tenant = @Tenant AND site_id = @siteId AND sessions_sealed IS NOT NULL ORDER BY id",
            new { transaction.Actor.Tenant, siteId },
            transaction.Tx))
            .Select(r => new ToldSessions(r.Id, StoredJson.Read<List<ChargingSession>>(protector.Open(r.Told, GetPlace(transaction.Actor.Tenant, r.Id, Sessions))!)))
            .Where(t => t.Sessions.Count > 0)];

    /// <summary>Takes users, cards and sessions out of those of a site for good; the amounts stay, under numbers: bills were written by them.</summary>
    /// <returns>The ids of those that stay.</returns>
    internal async Task<IReadOnlyList<string>> EraseAsync(AuditedTransaction transaction, string siteId, string word)
    {
        // One at a time: each may hold 100,000 sessions.
        var ids = (await transaction.Tx.Connection!.QueryAsync<string>(
            "SELECT id FROM bill_allocations WHERE tenant = @Tenant AND site_id = @siteId ORDER BY id", new { transaction.Actor.Tenant, siteId }, transaction.Tx)).AsList();
        foreach (var id in ids)
        {
            var body = await transaction.Tx.Connection!.QuerySingleAsync<string>(
                "SELECT body_sealed FROM bill_allocations WHERE tenant = @Tenant AND id = @id", new { transaction.Actor.Tenant, id }, transaction.Tx);
            var allocation = StoredJson.Read<BillAllocation>(protector.Open(body, GetPlace(transaction.Actor.Tenant, id))!);
            var left = allocation with { Users = [.. allocation.Users.Select((u, i) => u with { User = $"{word}-{i + 1}" })], Sessions = [], Warnings = [] };
            await transaction.Tx.Connection!.ExecuteAsync(
                "UPDATE bill_allocations SET body_sealed = @body, sessions_sealed = NULL WHERE tenant = @Tenant AND id = @id",
                new { transaction.Actor.Tenant, id, body = protector.Seal(StoredJson.Write(left), GetPlace(transaction.Actor.Tenant, id)) },
                transaction.Tx);
        }

        return ids;
    }

    private static ColumnPlace GetPlace(string tenant, string id, string column = "body_sealed") => new("bill_allocations", tenant, id, column);
}
