using GridServices.Operations.Service.Audit;
using GridServices.Operations.Service.Certificates;
using GridServices.Operations.Service.Compliance;
using GridServices.Operations.Service.Events;
using GridServices.Operations.Service.Storage;
using NodaTime;

namespace GridServices.Operations.Service.Notify;

/// <summary>Everything that there is to tell now, and the contacts that could be told it.</summary>
internal sealed record NoticesNow(IReadOnlyList<Notice> Notices, IReadOnlyList<Recipient> Recipients);

/// <summary>Gathers what is to be told from events, enrollments and certificates.</summary>
internal sealed class NoticeReader(
    EventStore events, ComplianceStore reports, EnrollmentStore enrollments, CertificateStore certificates, SiteStore sites, ContactStore contacts, CustomerStore customers, SettingsStore settings,
    LineNotices lines, CertificateUses uses, SilentSites silent, AuditLog audit, RecipientNames names, IClock clock)
{
    private const int MostEnrollments = 1_000;
    private static readonly Duration Back = Duration.FromHours(24);
    private static readonly EventNoticeTerms Terms = new([60]);

    internal async Task<NoticesNow> OfAsync(string tenant, CancellationToken ct)
    {
        var now = clock.GetCurrentInstant();
        var notices = new List<Notice>();
        var touched = new Dictionary<string, SitePlace>(StringComparer.Ordinal);
        foreach (var held in await events.OverAfterAsync(tenant, now - Back, ct))
        {
            var owners = await OwnersAsync(tenant, held.Event.Sites.Select(s => s.SiteId), touched, ct);
            notices.AddRange(EventNotices.Create(held.Event, owners, Terms));
            notices.AddRange(silent.Of(tenant, held.Event, owners, Terms, now));
            var made = await reports.OfEventAsync(tenant, held.Id, ct);
            notices.AddRange(OfficeNotices.ReportReady(held.Event, made) is { } ready ? [ready] : []);
            notices.AddRange(made.SelectMany(r => owners.Where(o => o.SiteId == r.Head.SiteId).SelectMany(o => OfReport(held.Event, r, o))));
        }

        var waiting = await enrollments.PageAsync(tenant, new ListQuery(MostEnrollments, Filter: [("attention", "true")]), ct);
        foreach (var enrollment in waiting.Items)
        {
            if (await OwnersAsync(tenant, [enrollment.SiteId], touched, ct) is [var owner])
            {
                notices.AddRange(OfficeNotices.RequiredActions(enrollment, owner, now));
                var due = enrollment.RequiredActions.Where(a => a.Blocks && a.Due > now).Min(a => a.Due);
                notices.AddRange(due is { } at && OfficeNotices.Deadline(enrollment, owner, at, now) is { } deadline ? [deadline] : []);
            }
        }

        notices.AddRange(await DecisionsAsync(tenant, now - Back, touched, ct));
        notices.AddRange(await lines.OfAsync(tenant, now - Back, ct));
        var ending = await certificates.EndingAsync(tenant, now + Duration.FromDays(CertificateWatch.AlarmDays[0]), ct: ct);
        notices.AddRange((await uses.ToldAsync(tenant, ending, ct)).Select(c => OfficeNotices.Certificate(c, now)).OfType<Notice>());
        return new NoticesNow(notices, [.. await RecipientsAsync(tenant, [.. touched.Values], ct), .. await names.StaffAsync(tenant, ct)]);
    }

    private static IEnumerable<Notice> OfReport(Event e, ComplianceReport report, SiteOwner owner) =>
        OfficeNotices.LimitNotRespected(report, owner) is { } over ? [EventNotices.Ended(e, report, owner), over] : [EventNotices.Ended(e, report, owner)];

    /// <summary>Utilities' answers, from the audit: an accepted enrollment may be provisioned before anybody looks.</summary>
    private async Task<IReadOnlyList<Notice>> DecisionsAsync(string tenant, Instant back, Dictionary<string, SitePlace> touched, CancellationToken ct)
    {
        var notices = new List<Notice>();
        var written = await audit.ListAsync(tenant, new AuditQuery(MostEnrollments) { Kind = "enrollment", From = back }, ct);
        foreach (var entry in written.Where(e => e.Write.Action is "enrollment.accept" or "enrollment.reject"))
        {
            if (await enrollments.OneAsync(tenant, entry.Write.EntityId, ct) is { } held && await OwnersAsync(tenant, [held.SiteId], touched, ct) is [var owner])
            {
                var state = entry.Write.Action == "enrollment.accept" ? EnrollmentState.Accepted : EnrollmentState.Rejected;
                notices.AddRange(OfficeNotices.Decision(held with { State = state, StateSince = entry.Write.At, StateReason = entry.Write.Reason ?? held.StateReason }, owner) is { } notice ? [notice] : []);
            }
        }

        return notices;
    }

    private async Task<IReadOnlyList<SiteOwner>> OwnersAsync(string tenant, IEnumerable<string> siteIds, Dictionary<string, SitePlace> touched, CancellationToken ct)
    {
        var wanted = siteIds.ToList();
        foreach (var (siteId, place) in await sites.PlacesAsync(tenant, wanted.Where(s => !touched.ContainsKey(s)), ct))
        {
            touched[siteId] = place;
        }

        return [.. wanted.Where(touched.ContainsKey).Select(s => new SiteOwner(s, touched[s].CustomerId))];
    }

    private async Task<IReadOnlyList<Recipient>> RecipientsAsync(string tenant, IReadOnlyCollection<SitePlace> touched, CancellationToken ct)
    {
        var (held, bySite) = (await settings.OfAsync(tenant, ct), touched.ToDictionary(s => s.SiteId, StringComparer.Ordinal));
        var first = touched.GroupBy(s => s.CustomerId, StringComparer.Ordinal).ToDictionary(g => g.Key, g => g.First(), StringComparer.Ordinal);
        var languages = (await customers.OfIdsAsync(tenant, first.Keys, ct)).ToDictionary(c => c.Id, c => c.Language, StringComparer.Ordinal);
        return [.. (await contacts.OfCustomersAsync(tenant, first.Keys, ct)).Select(contact =>
        {
            var site = contact.SiteId is { } id && bySite.TryGetValue(id, out var own) && own.CustomerId == contact.CustomerId ? own : first[contact.CustomerId];
            return Recipient.From(contact, contact.Language ?? languages.GetValueOrDefault(contact.CustomerId) ?? held.Language, contact.TimeZone ?? site.TimeZone, held.DigestAt);
        })];
    }
}
