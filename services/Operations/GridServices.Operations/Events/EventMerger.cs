using GridServices.Wire;
using NodaTime;

namespace GridServices.Operations.Events;

/// <summary>Everything that one VEN or client knows now. A list that could not be read whole is no snapshot: nothing may be taken for gone by it.</summary>
/// <param name="Origin">Which protocol.</param>
/// <param name="Through">The VEN's or client's key.</param>
/// <param name="Utility">See <see cref="VenEventFact.Utility"/>.</param>
/// <param name="Told">Its events, already in the common form.</param>
public sealed record SourceSnapshot(EventOrigin Origin, string Through, string Utility, ValueList<ReportedEvent> Told)
{
    public static SourceSnapshot FromVen(string venKey, string utility, IEnumerable<VenEventFact> events) =>
        new(EventOrigin.OpenAdr, venKey, utility, events.Select(ReportedEvent.Read).ToValueList());

    public static SourceSnapshot FromClient(string clientKey, string utility, IEnumerable<ControlFact> controls) =>
        new(EventOrigin.Ieee2030Dot5, clientKey, utility, controls.Select(ReportedEvent.Read).ToValueList());
}

/// <summary>Puts what VENs and clients know together: the same event across them is one event with many sites.</summary>
public static class EventMerger
{
    /// <summary>What a snapshot changes. Applying the same one again changes nothing.</summary>
    /// <param name="tenant">Whose.</param>
    /// <param name="known">The tenant's events that may still change: all that have not ended, and those ended not long ago.</param>
    /// <param name="snapshot">What one VEN or client knows now.</param>
    /// <param name="enrollments">The enrollments of that VEN or client, those of a site in the order of how likely they are meant.</param>
    /// <param name="now">When the snapshot was taken.</param>
    /// <returns>The events that are new or different, whole.</returns>
    public static IReadOnlyList<Event> Apply(string tenant, IEnumerable<Event> known, SourceSnapshot snapshot, IReadOnlyCollection<EventEnrollment> enrollments, Instant now)
    {
        var before = known.Where(e => e.Tenant == tenant && e.Origin == snapshot.Origin).ToDictionary(e => e.Source, StringComparer.Ordinal);
        var after = new Dictionary<string, Event>(before, StringComparer.Ordinal);
        var bySite = enrollments.ToLookup(n => n.SiteId, StringComparer.Ordinal);
        foreach (var told in snapshot.Told)
        {
            var held = after.GetValueOrDefault(told.Source);
            if (held is not null || !told.IsGone)
            {
                after[told.Source] = Merge(held, tenant, snapshot, told, bySite, now);
            }
        }

        var named = snapshot.Told.Select(t => (t.Source, t.Sites)).ToLookup(t => t.Source, t => t.Sites, StringComparer.Ordinal);
        foreach (var (source, held) in before)
        {
            after[source] = WithoutGone(after[source], snapshot.Through, named[source].SelectMany(s => s).ToHashSet(StringComparer.Ordinal), now);
        }

        return [.. after.Values.Select(e => WithCancellation(e, before.GetValueOrDefault(e.Source), now)).Where(e => !before.TryGetValue(e.Source, out var was) || !was.Equals(e)).OrderBy(e => e.From).ThenBy(e => e.Source, StringComparer.Ordinal)];
    }

    private static Event Merge(Event? held, string tenant, SourceSnapshot snapshot, ReportedEvent reported, ILookup<string, EventEnrollment> bySite, Instant now)
    {
        var heardAt = reported.ReceivedAt ?? now;
        var e = held ?? new Event
        {
            Tenant = tenant,
            Source = reported.Source,
            Origin = snapshot.Origin,
            Program = reported.Program,
            IsTest = reported.IsTest,
            AnnouncedAt = heardAt,
            From = reported.From ?? heardAt,
            Until = reported.Until,
        };
        e = e with { AnnouncedAt = Instant.Min(e.AnnouncedAt, heardAt), Revisions = RevisionList.Add(e.Revisions, reported, heardAt, reported.Sites.Select(s => e.Site(s)?.Revision).Max()) };
        var number = RevisionList.GetNumber(e.Revisions, reported);
        var codes = new HashSet<string>(StringComparer.Ordinal);
        foreach (var site in reported.Sites)
        {
            var enrollment = EventEnrollment.For(reported.Program, [.. bySite[site]]);
            var was = e.Site(site) is { } before && IsAmbiguous(reported, bySite[site]) ? before with { EnrollmentId = null, NominatedKw = null, FirmServiceLevelKw = null } : e.Site(site);
            e = e with { Sites = InsertSite(e.Sites, UpdateSite(e, was, site, snapshot.Through, reported, number, enrollment, reported.From ?? held?.From, heardAt)) };
            codes.UnionWith(enrollment is null ? [] : [enrollment.TemplateCode]);
        }

        // What was known before speaks for the sites that are not told of now.
        if (held?.TemplateCode is { } known && ((codes.Count == 0 && !reported.Sites.Any(s => IsAmbiguous(reported, bySite[s]))) || e.Sites.Any(s => !reported.Sites.Contains(s.SiteId))))
        {
            codes.Add(known);
        }

        return e with { From = e.Current.From, Until = e.Current.Until, TemplateCode = codes.Count == 1 ? codes.Single() : null };
    }

    /// <summary>Several enrollments could be meant, and so none is, whatever was taken before; where nothing is known of the VEN at the site, what was known stays.</summary>
    private static bool IsAmbiguous(ReportedEvent reported, IEnumerable<EventEnrollment> ofSite) =>
        reported.Program is not null && ofSite.ToList() is { Count: > 0 } some && EventEnrollment.For(reported.Program, some) is null;

    private static EventSite UpdateSite(Event e, EventSite? was, string siteId, string through, ReportedEvent reported, long number, EventEnrollment? enrollment, Instant? from, Instant heardAt)
    {
        var nominated = enrollment?.NominationFor(e.Source, from);
        var site = was ?? new EventSite { SiteId = siteId, Through = through, From = e.From, Revision = number, ToldAt = heardAt, State = reported.State };
        return site with
        {
            EnrollmentId = enrollment?.EnrollmentId ?? site.EnrollmentId,
            NominatedKw = enrollment is null ? site.NominatedKw : nominated?.Kw,
            FirmServiceLevelKw = enrollment is null ? site.FirmServiceLevelKw : nominated?.FirmServiceLevelKw,
            Through = through,
            From = reported.DrawnFrom ?? site.From,
            Until = reported.From is null ? site.Until : reported.DrawnUntil,
            Revision = number,
            ToldAt = number == site.Revision ? site.ToldAt : heardAt,
            State = reported.State,
            Opt = reported.Opt,
            OptHistory = site.OptHistory.Count > 0 && site.OptHistory[^1] == reported.Opt || (site.OptHistory.Count == 0 && reported.Opt.State == OptState.NotAsked) ? site.OptHistory : [.. site.OptHistory, reported.Opt],
            RefusedBecause = reported.RefusedBecause,
            Told = reported.Responses,
        };
    }

    /// <summary>Sites that the VEN or client no longer names, while the event should still be on.</summary>
    private static Event WithoutGone(Event e, string through, HashSet<string> named, Instant now) => e with
    {
        Sites = e.Sites.Select(s => s.Through == through && !named.Contains(s.SiteId) && s.State == SiteEventState.Held && !(s.Until <= now) ? s with { State = SiteEventState.Gone } : s).ToValueList(),
    };

    /// <summary>Cancelled once no site holds it any more before its end, and at least one did not just refuse it.</summary>
    private static Event WithCancellation(Event e, Event? before, Instant now)
    {
        var isOff = e.Sites.All(s => s.State != SiteEventState.Held) && e.Sites.Any(s => s.State is SiteEventState.Cancelled or SiteEventState.Gone);
        if (isOff && e.CancelledAt is null && !(e.Until <= now))
        {
            return e with { CancelledAt = now, Revisions = RevisionList.Cancelled(e.Revisions, now) };
        }

        return !isOff && before?.CancelledAt is not null && e.Sites.Any(s => s.State == SiteEventState.Held)
            ? e with { CancelledAt = null, Revisions = RevisionList.Reinstated(e.Revisions, now) }
            : e;
    }

    /// <summary>They are in the order of their ids already.</summary>
    private static ValueList<EventSite> InsertSite(ValueList<EventSite> sites, EventSite site) =>
        [.. sites.TakeWhile(s => string.CompareOrdinal(s.SiteId, site.SiteId) < 0), site, .. sites.SkipWhile(s => string.CompareOrdinal(s.SiteId, site.SiteId) <= 0)];
}
