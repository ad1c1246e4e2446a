using System.Globalization;
using GridServices.Contracts;
using GridServices.Operations.Access;
using GridServices.Operations.Bulk;
using GridServices.Operations.Compliance;
using GridServices.Operations.Events;
using GridServices.Operations.Registry;
using GridServices.Wire;
using NodaTime;

namespace GridServices.Operations.Notifications;

/// <summary>Whose site it is.</summary>
public sealed record SiteOwner(string SiteId, string CustomerId);

/// <summary>How a program's events are told.</summary>
/// <param name="StartsInMinutes">Reminders before the start.</param>
/// <param name="Emergency">The program is for emergencies of the grid.</param>
public sealed record EventNoticeTerms(ValueList<int> StartsInMinutes, bool Emergency = false);

/// <summary>What is to be told about an event: once when announced, once for each change.</summary>
public static class EventNotices
{
    private static readonly Duration OpenEndedFor = Duration.FromDays(1);
    private static readonly ValueList<ContactRole> EventContacts = [ContactRole.EventPrimary];

    /// <summary>Who gets what people write to the contacts of an event.</summary>
    public static ValueList<ContactRole> MessageContacts { get; } = [ContactRole.EventPrimary, ContactRole.EventBackup];

    public static IReadOnlyList<Notice> Create(Event e, IReadOnlyCollection<SiteOwner> owners, EventNoticeTerms terms)
    {
        var audience = CreateAudience(e.Sites.Where(s => s.State != SiteEventState.Refused).Select(s => s.SiteId), owners);
        return [.. e.Revisions.Select((r, i) => ForRevision(e, r, i, audience, terms)), .. e.CancelledAt is null ? terms.StartsInMinutes.SelectMany(m => Reminder(e, m, audience, terms)) : [], .. e.Sites.SelectMany(s => OptChanges(e, s, owners))];
    }

    /// <summary>What a person wrote to the contacts of some of its sites; of use until a day after it was written, or the event's end where that is later.</summary>
    public static Notice Message(Event e, string id, string text, string by, Instant at, IReadOnlyList<string> siteIds, IReadOnlyCollection<SiteOwner> owners)
    {
        var last = at + OpenEndedFor;
        return new Notice
        {
            Trigger = Trigger.ContactMessage,
            Subject = e.Source,
            Occasion = $"m.{id}",
            At = at,
            Expires = e.Over is { } over && over > last ? over : last,
            Audience = CreateAudience(siteIds, owners) with { Contacts = MessageContacts },
            Arguments = [.. About(e), new("message", text), new("who", by)],
        };
    }

    /// <summary>How it went at a site; told again where the final report says something else.</summary>
    public static Notice Ended(Event e, ComplianceReport report, SiteOwner owner) => new()
    {
        Trigger = Trigger.EventEnded,
        Subject = e.Source,
        Occasion = $"{owner.SiteId}.{EnumNames<ReportStatus>.GetName(report.Status)}.{report.VerdictText}",
        At = report.Head.MadeAt,
        Audience = new NoticeAudience { Contacts = [ContactRole.EventPrimary, ContactRole.Billing], Customers = [owner.CustomerId], Sites = [owner.SiteId] },
        Arguments = [.. About(e), new("site", report.Head.SiteName), new("verdict", report.VerdictText), new("status", EnumNames<ReportStatus>.GetName(report.Status)), new("deliveredKwh", CsvText.Number(report.DeliveredKwh))],
    };

    /// <summary>A site that says nothing while its event is on.</summary>
    public static Notice Silent(Event e, SiteOwner owner, Instant since, EventNoticeTerms terms) => new()
    {
        Trigger = Trigger.SiteSilent,
        Subject = e.Source,
        Occasion = $"{owner.SiteId}.{TimeText.Format(since)}",
        At = Instant.Max(since, e.From),
        Expires = e.Over,
        Audience = new NoticeAudience { Contacts = [ContactRole.Technical, ContactRole.EventPrimary], Staff = [UserRole.Dispatcher], Customers = [owner.CustomerId], Sites = [owner.SiteId] },
        Arguments = [.. About(e), new("site", owner.SiteId), new("since", From: since)],
        Emergency = terms.Emergency,
    };

    private static Notice ForRevision(Event e, EventRevision revision, int index, NoticeAudience audience, EventNoticeTerms terms)
    {
        // Revisions heard late are put in between: their place in the list is no name for them.
        var ofNumber = e.Revisions.Take(index).Count(r => r.Number == revision.Number);
        return new Notice
        {
            Trigger = revision.Cancelled ? Trigger.EventCancelled : index == 0 ? Trigger.EventAnnounced : Trigger.EventChanged,
            Subject = e.Source,
            Occasion = string.Create(CultureInfo.InvariantCulture, $"r{revision.Number}.{ofNumber}"),
            At = revision.ToldAt,
            Expires = revision.Until ?? revision.ToldAt + OpenEndedFor,
            Audience = audience,
            Arguments = [.. About(e, revision), new("changes", string.Join(',', revision.Changes.Select(EnumNames<EventChange>.GetName)))],
            Emergency = terms.Emergency,
            NeedsAcknowledgement = index == e.Revisions.Count - 1 && !revision.Cancelled,
        };
    }

    private static IEnumerable<Notice> Reminder(Event e, int minutes, NoticeAudience audience, EventNoticeTerms terms)
    {
        var at = e.From - Duration.FromMinutes(minutes);
        if (at > e.Current.ToldAt)
        {
            yield return new Notice
            {
                Trigger = Trigger.EventStarts,
                Subject = e.Source,
                Occasion = string.Create(CultureInfo.InvariantCulture, $"{minutes}.{TimeText.Format(e.From)}"),
                At = at,
                Expires = e.From,
                Audience = audience,
                Arguments = [.. About(e), new("minutes", minutes.ToString(CultureInfo.InvariantCulture))],
                Emergency = terms.Emergency,
            };
        }
    }

    /// <summary>A person's choice that something else than a person turned round.</summary>
    private static IEnumerable<Notice> OptChanges(Event e, EventSite site, IReadOnlyCollection<SiteOwner> owners)
    {
        for (var i = 1; i < site.OptHistory.Count; i++)
        {
            var (was, now) = (site.OptHistory[i - 1], site.OptHistory[i]);
            if (was.By == OptSource.User && now.By is OptSource.Rule or OptSource.Utility or OptSource.None && was.State != now.State)
            {
                yield return new Notice
                {
                    Trigger = Trigger.OptChangedByMachine,
                    Subject = e.Source,
                    Occasion = string.Create(CultureInfo.InvariantCulture, $"{site.SiteId}.{i}"),
                    At = Instant.Max(now.At ?? site.ToldAt, site.ToldAt),
                    Expires = e.Until,
                    Audience = CreateAudience([site.SiteId], owners) with { Staff = [UserRole.Dispatcher] },
                    Arguments = [.. About(e), new("site", site.SiteId), new("was", EnumNames<OptState>.GetName(was.State)), new("now", EnumNames<OptState>.GetName(now.State)), new("who", was.Who)],
                };
            }
        }
    }

    private static TextArgument[] About(Event e, EventRevision? revision = null) =>
        [new("event", e.Source), new("program", e.TemplateCode ?? e.Program), new("window", From: revision?.From ?? e.From, Until: revision is null ? e.Until : revision.Until)];

    private static NoticeAudience CreateAudience(IEnumerable<string> sites, IReadOnlyCollection<SiteOwner> owners)
    {
        var named = sites.ToHashSet(StringComparer.Ordinal);
        var own = owners.Where(o => named.Contains(o.SiteId)).ToList();
        return new NoticeAudience
        {
            Contacts = EventContacts,
            Customers = own.Select(o => o.CustomerId).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal).ToValueList(),
            Sites = own.Select(o => o.SiteId).Distinct(StringComparer.Ordinal).Order(StringComparer.Ordinal).ToValueList(),
        };
    }
}
