using System.Globalization;
using GridServices.Contracts;
using GridServices.Operations.Audit;
using GridServices.Operations.Bulk;
using GridServices.Operations.Compliance;
using GridServices.Operations.Enrollments;
using GridServices.Operations.Registry;
using GridServices.Operations.Service.Audit;
using GridServices.Operations.Service.Compliance;
using GridServices.Operations.Service.Enrollments;
using GridServices.Operations.Service.Events;
using GridServices.Operations.Service.Registry;
using GridServices.Operations.Service.Storage;
using NodaTime;

namespace GridServices.Operations.Service.Export;

/// <summary>Makes the file of an export: everything of a kind that falls into [from, until), by pages. CSV has the columns people compare, JSON the whole.</summary>
internal sealed class ExportWriter(AuditLog audit, EnrollmentStore enrollments, EnrollmentHandler handler, EventStore events, ComplianceStore reports, SiteStore sites, SiteHandler siteHandler)
{
    private const int AtOnce = 1_000;

    internal async Task<ExportFile> WriteAsync(string tenant, ExportItem item, CancellationToken ct) => item.Kind switch
    {
        "audit" => File(item, await AuditAsync(tenant, item, ct), ["seq", "at", "actor", "actor_kind", "action", "entity", "entity_id", "reason", "previous_hash", "hash"], e =>
            [Text(e.Sequence), Text(e.Write.At), e.Write.Actor, EnumNames<AuditActorKind>.GetName(e.Write.ActorKind), e.Write.Action, e.Write.EntityKind, e.Write.EntityId, e.Write.Reason, e.PreviousHash, e.Hash]),
        "enrollments" => File(item, await EnrollmentsAsync(tenant, item, ct), ["id", "site_id", "program", "version", "state", "state_since", "period_from", "period_until", "attention", "drifted"], e =>
            [e.Id, e.SiteId, e.Template.Code, Text(e.Template.Version), EnumNames<EnrollmentState>.GetName(e.State), Text(e.StateSince), Text(e.Period.From), e.Period.Until is { } until ? Text(until) : null, Text(e.Attention), Text(e.Drifted)]),
        "events" => File(item, await EventsAsync(tenant, item, ct), ["id", "source", "program", "announced_at", "from", "until", "cancelled_at", "sites", "revisions"], e =>
            [e.Id, e.Event.Source, e.Event.TemplateCode ?? e.Event.Program, Text(e.Event.AnnouncedAt), Text(e.Event.From), Text(e.Event.Until), Text(e.Event.CancelledAt), Text(e.Event.Sites.Count), Text(e.Event.Revisions.Count)]),
        "sites" => File(item, await SitesAsync(tenant, ct), ["site_id", "name", "customer_id", "city", "region", "country", "time_zone", "import_max_w", "export_max_w", "tags", "created_at"], s =>
            [s.SiteId, s.Name, s.CustomerId, s.Address.City, s.Address.Region, s.Address.Country, s.TimeZone, CsvText.Number(s.Connection.ImportMaxW), CsvText.Number(s.Connection.ExportMaxW), string.Join(' ', s.Tags), Text(s.Created.At)]),
        _ => File(item, await ReportsAsync(tenant, item, ct), ["source", "site_id", "status", "verdict", "score", "delivered_kwh", "nominated_kwh", "limit_respected", "over_limit_s", "over_limit_wh", "made_at", "hash"], r =>
            [r.Head.Source, r.Head.SiteId, EnumNames<ReportStatus>.GetName(r.Status), r.VerdictText, CsvText.Number(r.Score), CsvText.Number(r.DeliveredKwh), CsvText.Number(r.NominatedKwh), EnumNames<LimitAnswer>.GetName(r.Limit.Respected),
                CsvText.Number(r.Limit.OverSeconds), CsvText.Number(r.Limit.OverWh), Text(r.Head.MadeAt), r.Hash]),
    };

    private static ExportFile File<T>(ExportItem item, IReadOnlyList<T> rows, string[] head, Func<T, IEnumerable<string?>> fields) => new(
        item.Format == "json" ? StoredJson.Write(rows) : string.Concat(rows.Select(fields).Prepend(head).Select(f => CsvText.Line(f) + "\r\n")), rows.Count);

    private async Task<IReadOnlyList<AuditEntry>> AuditAsync(string tenant, ExportItem item, CancellationToken ct)
    {
        var (all, before) = (new List<AuditEntry>(), (long?)null);
        while (await audit.ListAsync(tenant, new AuditQuery(AtOnce) { From = item.From, Until = item.Until, Before = before }, ct) is { Count: > 0 } some)
        {
            all.AddRange(some);
            before = some[^1].Sequence;
        }

        all.Reverse();
        return all;
    }

    private async Task<IReadOnlyList<Site>> SitesAsync(string tenant, CancellationToken ct)
    {
        var (all, after) = (new List<Site>(), (string?)null);
        do
        {
            var page = await sites.PageAsync(tenant, new ListQuery(AtOnce, after), ct);
            all.AddRange(page.Items.Select(siteHandler.Mask));
            after = page.Next;
        }
        while (after is not null);
        return all;
    }

    /// <summary>Those whose period touches the span.</summary>
    private async Task<IReadOnlyList<Enrollment>> EnrollmentsAsync(string tenant, ExportItem item, CancellationToken ct)
    {
        var (all, after) = (new List<Enrollment>(), (string?)null);
        var (from, until) = (item.From.InUtc().Date, item.Until.InUtc().Date);
        do
        {
            var page = await enrollments.PageAsync(tenant, new ListQuery(AtOnce, after), ct);
            all.AddRange(page.Items.Where(e => e.Period.From <= until && !(e.Period.Until < from)).Select(handler.Mask));
            after = page.Next;
        }
        while (after is not null);
        return all;
    }

    private async Task<IReadOnlyList<HeldEvent>> EventsAsync(string tenant, ExportItem item, CancellationToken ct)
    {
        var (all, after) = (new List<HeldEvent>(), ((long At, string Id)?)null);
        while (true)
        {
            var page = await events.PageAsync(tenant, new EventQuery(AtOnce) { From = item.From, Until = item.Until, After = after }, ct);
            all.AddRange(page.Items);
            if (page.Next is null)
            {
                return all;
            }

            after = (page.Items[^1].Event.From.ToUnixTimeTicks(), page.Items[^1].Id);
        }
    }

    private async Task<IReadOnlyList<ComplianceReport>> ReportsAsync(string tenant, ExportItem item, CancellationToken ct)
    {
        var all = new List<ComplianceReport>();
        foreach (var held in await EventsAsync(tenant, item, ct))
        {
            all.AddRange(await reports.ListByEventAsync(tenant, held.Id, ct));
        }

        return all;
    }

    private static string Text(IFormattable value) => value.ToString(null, CultureInfo.InvariantCulture);

    private static string Text(bool value) => value ? "true" : "false";

    private static string? Text(Instant? at) => at is { } instant ? TimeText.Format(instant) : null;
}
