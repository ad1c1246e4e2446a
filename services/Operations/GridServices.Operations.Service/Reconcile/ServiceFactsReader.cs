using System.Data.Common;
using GridServices.Operations.Enrollments;
using GridServices.Operations.Events;
using GridServices.Operations.Service.Clients;
using GridServices.Operations.Service.Events;
using GridServices.Operations.Service.Readiness;
using NodaTime;

namespace GridServices.Operations.Service.Reconcile;

/// <summary>What the services said last about an enrollment. Who does not answer is known to have answered last when it did, and nothing since.</summary>
internal sealed class ServiceFactsReader(Observations observations, ServiceAvailability availability, EventStore events, TestStore tests, IClock clock)
{
    private static readonly Duration Granularity = Duration.FromMinutes(1);

    internal async Task<ServiceFacts> ReadAsync(Enrollment enrollment, CancellationToken ct = default) => CreateFacts(
        enrollment, await events.ListBySiteAsync(enrollment.Tenant, enrollment.SiteId, clock.GetCurrentInstant(), ct), await tests.LatestAsync(enrollment.Tenant, enrollment.Id, ct));

    /// <summary>Of a page of enrollments, by their ids; as many statements as for one.</summary>
    internal async Task<IReadOnlyDictionary<string, ServiceFacts>> ReadAsync(string tenant, IReadOnlyList<Enrollment> enrollments, CancellationToken ct)
    {
        var held = await events.ListBySitesAsync(tenant, enrollments.Select(e => e.SiteId), clock.GetCurrentInstant(), ct);
        var latest = await tests.LatestAsync(tenant, enrollments.Select(e => e.Id), ct);
        return enrollments.ToDictionary(e => e.Id, e => CreateFacts(e, held, latest.GetValueOrDefault(e.Id)), StringComparer.Ordinal);
    }

    /// <summary>Within a transaction that is open already.</summary>
    internal async Task<ServiceFacts> ReadAsync(DbTransaction tx, Enrollment enrollment) => CreateFacts(
        enrollment, await events.ListBySiteAsync(tx, enrollment.Tenant, enrollment.SiteId, clock.GetCurrentInstant()), await TestStore.LatestAsync(tx.Connection!, tx, enrollment.Tenant, enrollment.Id));

    private ServiceFacts CreateFacts(Enrollment enrollment, IReadOnlyList<HeldEvent> held, ReadinessTest? test)
    {
        var view = observations.GetView(enrollment.Tenant);
        return new ServiceFacts
        {
            Registration = GetRegistration(enrollment, view),
            Opt = GetOpt(enrollment, held),
            Reporting = Seen(enrollment.Tenant, ServiceName.EnvelopeHub, view.SitesAt, FindReporting(view, enrollment.SiteId)),
            Controller = Seen(enrollment.Tenant, ServiceName.EnvelopeHub, view.SitesAt, FindController(view, enrollment.SiteId)),
            Test = test,
        };
    }

    /// <summary>Nothing that was seen counts after the service has stopped answering: its last answer says when it was so.</summary>
    private Observed<T> Seen<T>(string tenant, ServiceName service, Instant? lookedAt, T? value)
        where T : class => availability.FindState(tenant, service) is { Problem: not null } away
            ? new Observed<T>(away.OkAt is { } ok ? Stale(ok, clock.GetCurrentInstant()) : null, null)
            : new Observed<T>(lookedAt, value);

    // Old enough to tell nothing, also where the clock was set back since.
    private static Instant Stale(Instant ok, Instant now) => now - ok > Lamps.StaleAfter ? ok : Instant.Min(ok, now) - Lamps.StaleAfter - Duration.FromTicks(1);

    private Observed<RegistrationFact> GetRegistration(Enrollment enrollment, Observations.TenantView view) => enrollment.Identity switch
    {
        { VenKey: { } ven } => Seen(enrollment.Tenant, ServiceName.OpenAdr, view.VensAt, view.Vens.GetValueOrDefault(ven) is { } seen ? new RegistrationFact(seen.State, seen.VenId, null, seen.Since) : null),
        { ClientKey: { } client } => Seen(enrollment.Tenant, ServiceName.Ieee2030Dot5, view.ClientsAt, FindDevice(view, client, enrollment.SiteId)),
        _ => Observed<RegistrationFact>.Never,
    };

    private static RegistrationFact? FindDevice(Observations.TenantView view, string client, string siteId) =>
        view.Clients.GetValueOrDefault(client) is not { } seen ? null
        : seen.Devices.TryGetValue(siteId, out var device) ? new RegistrationFact(device.Presence, device.Lfdi, device.Pin, device.Since)
        : new RegistrationFact("unknown", null, null, seen.LastHeardAt);

    private static ReportingFact? FindReporting(Observations.TenantView view, string siteId) =>
        view.Sites.GetValueOrDefault(siteId) is { } seen ? new ReportingFact(seen.LastReadingAt, Granularity, seen.Minutes.Share) : null;

    private static SubscriptionFact? FindController(Observations.TenantView view, string siteId) =>
        view.Sites.GetValueOrDefault(siteId) is { } seen ? new SubscriptionFact(seen.Subscribers > 0, seen.ConnectedSince ?? seen.LastReadingAt) : null;

    private Observed<OptFact> GetOpt(Enrollment enrollment, IReadOnlyList<HeldEvent> held)
    {
        var service = enrollment.Identity.VenKey is not null ? ServiceName.OpenAdr : ServiceName.Ieee2030Dot5;
        var next = held.Select(e => (e.Event, Site: e.Event.Site(enrollment.SiteId)))
            .FirstOrDefault(e => e.Site is { State: SiteEventState.Held } site && site.EnrollmentId == enrollment.Id);
        var fact = next.Site is null ? null : new OptFact(
            next.Event.Source, next.Site.Opt.State switch { OptState.In => EventOpt.In, OptState.Out => EventOpt.Out, _ => EventOpt.NotAsked }, next.Site.Opt.At ?? next.Site.ToldAt);
        var view = observations.GetView(enrollment.Tenant);
        return Seen(enrollment.Tenant, service, service == ServiceName.OpenAdr ? view.VensAt : view.ClientsAt, fact);
    }
}
