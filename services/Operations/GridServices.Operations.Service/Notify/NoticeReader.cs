using GridServices.Operations.Service.Compliance;
using GridServices.Operations.Service.Events;
using GridServices.Operations.Service.Storage;
using NodaTime;

namespace GridServices.Operations.Service.Notify;

/// <summary>Everything that there is to tell now, and the contacts that could be told it.</summary>
internal sealed record NoticesNow(IReadOnlyList<Notice> Notices, IReadOnlyList<Recipient> Recipients);

/// <summary>Gathers what is to be told from events, enrollments and certificates.</summary>
internal sealed class NoticeReader(
    EventStore events, ComplianceStore reports, EnrollmentStore enrollments, CertificateStore certificates, SiteStore sites, ContactStore contacts, CustomerStore customers, SettingsStore settings, IClock clock)
{
    private const int MostEnrollments = 1_000;
    private static readonly Duration Back = Duration.FromHours(24);
    private static readonly EventNoticeTerms Terms = new([60]);

    internal async Task<NoticesNow> OfAsync(string tenant, CancellationToken ct)
    {
        var now = clock.GetCurrentInstant();
        var notices = new List<Notice>();
        var touched = new Dictionary<string, Site>(StringComparer.Ordinal);
        foreach (var held in await events.OverAfterAsync(tenant, now - Back, ct))
        {
            var owners = await OwnersAsync(tenant, held.Event.Sites.Select(s => s.SiteId), touched, ct);
            notices.AddRange(EventNotices.Create(held.Event, owners, Terms));
            foreach (var report in await reports.OfEventAsync(tenant, held.Id, ct))
            {
                if (owners.FirstOrDefault(o => o.SiteId == report.Head.SiteId) is { } owner)
                {
                    notices.Add(EventNotices.Ended(held.Event, report, owner));
                }
            }
        }

        var waiting = await enrollments.PageAsync(tenant, new ListQuery(MostEnrollments, Filter: [("attention", "true")]), ct);
        foreach (var enrollment in waiting.Items)
        {
            if (await OwnersAsync(tenant, [enrollment.SiteId], touched, ct) is [var owner])
            {
                notices.AddRange(OfficeNotices.RequiredActions(enrollment, owner, now));
            }
        }

        notices.AddRange((await certificates.EndingAsync(tenant, now + Duration.FromDays(CertificateWatch.AlarmDays[0]), ct)).Select(c => OfficeNotices.Certificate(c, now)).OfType<Notice>());
        return new NoticesNow(notices, await RecipientsAsync(tenant, touched.Values, ct));
    }

    private async Task<IReadOnlyList<SiteOwner>> OwnersAsync(string tenant, IEnumerable<string> siteIds, Dictionary<string, Site> touched, CancellationToken ct)
    {
        var owners = new List<SiteOwner>();
        foreach (var siteId in siteIds)
        {
            if ((touched.GetValueOrDefault(siteId) ?? await sites.BySiteIdAsync(tenant, siteId, ct)) is { } site)
            {
                touched[siteId] = site;
                owners.Add(new SiteOwner(siteId, site.CustomerId));
            }
        }

        return owners;
    }

    private async Task<IReadOnlyList<Recipient>> RecipientsAsync(string tenant, IEnumerable<Site> touched, CancellationToken ct)
    {
        var language = (await settings.OfAsync(tenant, ct)).Language;
        var recipients = new List<Recipient>();
        foreach (var ofCustomer in touched.GroupBy(s => s.CustomerId, StringComparer.Ordinal))
        {
            var customer = await customers.OneAsync(tenant, ofCustomer.Key, ct);
            foreach (var contact in await contacts.OfCustomerAsync(tenant, ofCustomer.Key, ct))
            {
                var site = ofCustomer.FirstOrDefault(s => s.SiteId == contact.SiteId) ?? ofCustomer.First();
                recipients.Add(Recipient.From(contact, contact.Language ?? customer?.Language ?? language, contact.TimeZone ?? site.TimeZone));
            }
        }

        return recipients;
    }
}
