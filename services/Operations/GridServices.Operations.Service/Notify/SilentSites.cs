using GridServices.Operations.Events;
using GridServices.Operations.Notifications;
using GridServices.Operations.Service.Clients;
using GridServices.Operations.Service.Reconcile;
using NodaTime;

namespace GridServices.Operations.Service.Notify;

/// <summary>Sites that take part in an event that is on and send no readings. Where the hub is away that is told instead: silence is then not known.</summary>
internal sealed class SilentSites(Observations observations, ServiceAvailability availability)
{
    private static readonly Duration Patience = Duration.FromMinutes(5);

    internal IEnumerable<Notice> CreateNotices(string tenant, Event e, IReadOnlyList<SiteOwner> owners, EventNoticeTerms terms, Instant now)
    {
        var view = observations.GetView(tenant);
        if (e.PhaseAt(now) != EventPhase.Live || view.SitesAt is null || availability.UnknownSince(tenant, ServiceName.EnvelopeHub) is not null)
        {
            return [];
        }

        return e.Sites.Where(s => s.State == SiteEventState.Held && s.Opt.State != OptState.Out)
            .Select(s => (Site: s, Since: view.Sites.GetValueOrDefault(s.SiteId)?.LastReadingAt ?? e.From))
            .Where(s => now - Instant.Max(s.Since, e.From) >= Patience)
            .SelectMany(s => owners.Where(o => o.SiteId == s.Site.SiteId).Select(o => EventNotices.Silent(e, o, s.Since, terms)));
    }
}
