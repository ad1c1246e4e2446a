using Dapper;
using GridServices.Contracts;
using GridServices.Hosting.Storage;
using GridServices.Operations.Compliance;
using GridServices.Operations.Service.Events;
using GridServices.Operations.Service.Storage;
using NodaTime;

namespace GridServices.Operations.Service.Compliance;

/// <summary>Reports as they were made last.</summary>
internal sealed class ComplianceStore(Store store)
{
    internal Task<IReadOnlyList<ComplianceReport>> ListByEventAsync(string tenant, string eventId, CancellationToken ct) => store.ReadAsync<IReadOnlyList<ComplianceReport>>(
        async db => [.. (await db.QueryAsync<string>("SELECT body FROM compliance_reports WHERE tenant = @tenant AND event_id = @eventId ORDER BY site_id", new { tenant, eventId })).Select(StoredJson.Read<ComplianceReport>)], ct);

    /// <summary>The last reports of events that begin in [from, until).</summary>
    internal Task<IReadOnlyList<(string EventId, ComplianceReport Report)>> ListBySpanAsync(string tenant, Instant from, Instant until, CancellationToken ct) => store.ReadAsync<IReadOnlyList<(string, ComplianceReport)>>(
        async db => [.. (await db.QueryAsync<(string EventId, string Body)>(
            """
            SELECT r.event_id, r.body FROM compliance_reports r JOIN events e ON e.tenant = r.tenant AND e.id = r.event_id
            WHERE r.tenant = @tenant AND e.from_at >= @from AND e.from_at < @until ORDER BY r.site_id, e.from_at, r.event_id
            """,
            new { tenant, from, until })).Select(r => (r.EventId, StoredJson.Read<ComplianceReport>(r.Body)))],
        ct);

    internal static async Task SaveAsync(AuditedTransaction transaction, HeldEvent held, ComplianceReport report)
    {
        var body = StoredJson.Write(report);
        await transaction.Tx.Connection!.ExecuteAsync(
            """
            INSERT INTO compliance_reports (tenant, event_id, site_id, status, made_at, hash, body) VALUES (@Tenant, @Id, @SiteId, @status, @Now, @Hash, @body)
            ON CONFLICT (tenant, event_id, site_id) DO UPDATE SET status = excluded.status, made_at = excluded.made_at, hash = excluded.hash, body = excluded.body
            """,
            new { transaction.Actor.Tenant, held.Id, report.Head.SiteId, status = EnumNames<ReportStatus>.GetName(report.Status), transaction.Now, report.Hash, body },
            transaction.Tx);
        await transaction.AuditAsync("compliance", held.Id, EnumNames<ReportStatus>.GetName(report.Status), null, StoredJson.Write(new { report.Hash, report.VerdictText, report.Status }), siteId: report.Head.SiteId);
    }
}
