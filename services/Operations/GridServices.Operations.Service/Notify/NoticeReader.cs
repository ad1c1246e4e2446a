using GridServices.Operations.Compliance;
using GridServices.Operations.Enrollments;
using GridServices.Operations.Events;
using GridServices.Operations.Notifications;
using GridServices.Operations.Service.Audit;
using GridServices.Operations.Service.Certificates;
using GridServices.Operations.Service.Clients;
using GridServices.Operations.Service.Compliance;
using GridServices.Operations.Service.Events;
using GridServices.Operations.Service.Programs;
using GridServices.Operations.Service.Storage;
using NodaTime;

namespace GridServices.Operations.Service.Notify;

/// <summary>Everything that there is to tell now, and the contacts that could be told it.</summary>
internal sealed record NoticesNow(IReadOnlyList<Notice> Notices, IReadOnlyList<Recipient> Recipients);

/// <summary>Gathers what is to be told from events, enrollments and certificates.</summary>
internal sealed class NoticeReader(
    EventStore events, ComplianceStore reports, EnrollmentStore enrollments, CertificateStore certificates, SiteStore sites, ContactStore contacts, CustomerStore customers, SettingsStore settings, ProgramStore programs,
    LineNotices lines, ContactMessages messages, CertificateUses uses, SilentSites silent, AuditLog audit, RecipientNames names, IClock clock)
{
    private const int AtOnce = 1_000;
    private const string Accepted = "enrollment.accept";
    private static readonly string[] Decisions = [Accepted, "enrollment.reject"];
    private static readonly EnrollmentState[] InReview = [EnrollmentState.Submitted, EnrollmentState.UtilityReview];
    private static readonly Duration Back = Duration.FromHours(24);
    private static readonly EventNoticeTerms Terms = new([60]);

    /// <summary>What can't be read is noted in <paramref name="faults"/> by its name, and keeps nothing else from being told.</summary>
    internal async Task<NoticesNow> ReadAsync(string tenant, RunFaults faults, CancellationToken ct)
    {
        var now = clock.GetCurrentInstant();
        var notices = new List<Notice>();
        var touched = new Dictionary<string, SitePlace>(StringComparer.Ordinal);
        var unread = new HashSet<string>(StringComparer.Ordinal);
        var some = await events.ListReadableAsync(tenant, now - Back, ct, one =>
        {
            unread.Add(one.Id);
            faults.Note($"event {one.Id}", one.Fault);
        });
        foreach (var held in some)
        {
            await ReadPartAsync($"event {held.Id}", () => AboutEventAsync(tenant, held, now, touched, ct));
        }

        var read = some.Select(e => e.Id).Concat(unread).ToHashSet(StringComparer.Ordinal);
        await ReadPartAsync("messages about past events", () => LateMessagesAsync(tenant, now - Back, read, touched, ct));
        await ReadPartAsync("what enrollments wait for", () => WaitingAsync(tenant, now, touched, ct));
        await ReadPartAsync("enrollments in review", () => InReviewAsync(tenant, now, touched, ct));
        await ReadPartAsync("utilities' answers", () => DecisionsAsync(tenant, now - Back, touched, ct));
        await ReadPartAsync("services, lines and imports", () => lines.ReadAsync(tenant, now - Back, ct));
        await ReadPartAsync("certificates", () => EndingAsync(tenant, now, ct));
        IReadOnlyList<Recipient> recipients =
        [
            .. await RecipientsAsync(tenant, [.. touched.Values], Unread("customer"), Unread("contact"), ct),
            .. await names.StaffAsync(tenant, Unread("user"), ct),
        ];
        return new NoticesNow(notices, recipients);

        Task ReadPartAsync(string what, Func<Task<IReadOnlyList<Notice>>> part) => faults.IsolateAsync(what, async () => notices.AddRange(await part()));

        Action<string, Exception> Unread(string kind) => (id, fault) => faults.Note($"{kind} {id}", fault);
    }

    private async Task<IReadOnlyList<Notice>> AboutEventAsync(string tenant, HeldEvent held, Instant now, Dictionary<string, SitePlace> touched, CancellationToken ct)
    {
        var notices = new List<Notice>();
        var owners = await OwnersAsync(tenant, held.Event.Sites.Select(s => s.SiteId), touched, ct);
        notices.AddRange(EventNotices.Create(held.Event, owners, Terms));
        notices.AddRange((await messages.ListByEventAsync(tenant, held.Id, ct)).Select(m => EventNotices.Message(held.Event, m.Id, m.Text, m.By, m.At, m.SiteIds, owners)));
        notices.AddRange(silent.CreateNotices(tenant, held.Event, owners, Terms, now));
        var made = await reports.ListByEventAsync(tenant, held.Id, ct);
        notices.AddRange(OfficeNotices.ReportReady(held.Event, made) is { } ready ? [ready] : []);
        notices.AddRange(made.SelectMany(r => owners.Where(o => o.SiteId == r.Head.SiteId).SelectMany(o => CreateReportNotices(held.Event, r, o))));
        return notices;
    }

    private async Task<IReadOnlyList<Notice>> EndingAsync(string tenant, Instant now, CancellationToken ct)
    {
        var ending = await certificates.ListExpiringAsync(tenant, now + Duration.FromDays(CertificateWatch.AlarmDays[0]), ct: ct);
        return [.. (await uses.WithUsesAsync(tenant, ending, ct)).Select(c => OfficeNotices.Certificate(c, now)).OfType<Notice>()];
    }

    private static IEnumerable<Notice> CreateReportNotices(Event e, ComplianceReport report, SiteOwner owner) =>
        OfficeNotices.LimitNotRespected(report, owner) is { } over ? [EventNotices.Ended(e, report, owner), over] : [EventNotices.Ended(e, report, owner)];

    /// <summary>Messages about events that are long over: contacts with quiet hours are told after them.</summary>
    private async Task<IReadOnlyList<Notice>> LateMessagesAsync(string tenant, Instant back, HashSet<string> read, Dictionary<string, SitePlace> touched, CancellationToken ct)
    {
        var notices = new List<Notice>();
        foreach (var ofEvent in (await messages.SinceAsync(tenant, back, ct)).Where(m => !read.Contains(m.Key)))
        {
            if (await events.FindAsync(tenant, ofEvent.Key, ct) is { } held)
            {
                var owners = await OwnersAsync(tenant, held.Event.Sites.Select(s => s.SiteId), touched, ct);
                notices.AddRange(ofEvent.Select(m => EventNotices.Message(held.Event, m.Id, m.Text, m.By, m.At, m.SiteIds, owners)));
            }
        }

        return notices;
    }

    /// <summary>What enrollments wait for, and by when.</summary>
    private async Task<IReadOnlyList<Notice>> WaitingAsync(string tenant, Instant now, Dictionary<string, SitePlace> touched, CancellationToken ct)
    {
        var notices = new List<Notice>();
        string? after = null;
        do
        {
            var page = await enrollments.PageAsync(tenant, new ListQuery(AtOnce, after, [("attention", "true")]), ct);
            var owners = (await OwnersAsync(tenant, page.Items.Select(e => e.SiteId).Distinct(StringComparer.Ordinal), touched, ct)).ToDictionary(o => o.SiteId, StringComparer.Ordinal);
            notices.AddRange(page.Items.Where(e => owners.ContainsKey(e.SiteId)).SelectMany(e => CreateWaitingNotices(e, owners[e.SiteId], now)));
            after = page.Next;
        }
        while (after is not null);
        return notices;
    }

    private static IEnumerable<Notice> CreateWaitingNotices(Enrollment enrollment, SiteOwner owner, Instant now)
    {
        var due = enrollment.RequiredActions.Where(a => a.Blocks && a.Due > now).Min(a => a.Due);
        return [.. OfficeNotices.RequiredActions(enrollment, owner, now), .. due is { } at && OfficeNotices.Deadline(enrollment, owner, at, now) is { } deadline ? [deadline] : Array.Empty<Notice>()];
    }

    /// <summary>Applications that a utility has had for longer than it usually takes.</summary>
    private async Task<IReadOnlyList<Notice>> InReviewAsync(string tenant, Instant now, Dictionary<string, SitePlace> touched, CancellationToken ct)
    {
        var (notices, after) = (new List<Notice>(), string.Empty);
        while (await enrollments.ListByStatesAsync(tenant, InReview, after, AtOnce, ct) is { Count: > 0 } some)
        {
            var owners = (await OwnersAsync(tenant, some.Select(e => e.SiteId).Distinct(StringComparer.Ordinal), touched, ct)).ToDictionary(o => o.SiteId, StringComparer.Ordinal);
            foreach (var enrollment in some.Where(e => owners.ContainsKey(e.SiteId)))
            {
                var template = await programs.FindAsync(tenant, enrollment.Template.Code, enrollment.Template.Version, ct);
                notices.AddRange(template is not null && OfficeNotices.ReviewOverdue(enrollment, template, owners[enrollment.SiteId], now) is { } notice ? [notice] : []);
            }

            after = some[^1].Id;
        }

        return notices;
    }

    /// <summary>Utilities' answers, from the audit: an accepted enrollment may be provisioned before anybody looks.</summary>
    private async Task<IReadOnlyList<Notice>> DecisionsAsync(string tenant, Instant back, Dictionary<string, SitePlace> touched, CancellationToken ct)
    {
        var (notices, query) = (new List<Notice>(), new AuditQuery(AtOnce) { Kind = "enrollment", Actions = Decisions, From = back });
        while (await audit.ListAsync(tenant, query, ct) is { Count: > 0 } written)
        {
            foreach (var entry in written)
            {
                if (await enrollments.FindAsync(tenant, entry.Write.EntityId, ct) is { } held && await OwnersAsync(tenant, [held.SiteId], touched, ct) is [var owner])
                {
                    var state = entry.Write.Action == Accepted ? EnrollmentState.Accepted : EnrollmentState.Rejected;
                    notices.AddRange(OfficeNotices.Decision(held with { State = state, StateSince = entry.Write.At, StateReason = entry.Write.Reason ?? held.StateReason }, owner) is { } notice ? [notice] : []);
                }
            }

            query = query with { Before = written[^1].Sequence };
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

    private async Task<IReadOnlyList<Recipient>> RecipientsAsync(
        string tenant, IReadOnlyCollection<SitePlace> touched, Action<string, Exception> unreadCustomer, Action<string, Exception> unreadContact, CancellationToken ct)
    {
        var (held, bySite) = (await settings.GetAsync(tenant, ct), touched.ToDictionary(s => s.SiteId, StringComparer.Ordinal));
        var first = touched.GroupBy(s => s.CustomerId, StringComparer.Ordinal).ToDictionary(g => g.Key, g => g.First(), StringComparer.Ordinal);
        var languages = (await customers.ListReadableByIdsAsync(tenant, first.Keys, unreadCustomer, ct)).ToDictionary(c => c.Id, c => c.Language, StringComparer.Ordinal);
        return [.. (await contacts.ListReadableByCustomersAsync(tenant, first.Keys, unreadContact, ct)).Select(contact =>
        {
            var site = contact.SiteId is { } id && bySite.TryGetValue(id, out var own) && own.CustomerId == contact.CustomerId ? own : first[contact.CustomerId];
            return Recipient.From(contact, contact.Language ?? languages.GetValueOrDefault(contact.CustomerId) ?? held.Language, contact.TimeZone ?? site.TimeZone, held.DigestAt);
        })];
    }
}
