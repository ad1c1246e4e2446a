using System.Text.Json;
using GridServices.Operations.Enrollments;
using GridServices.Operations.Events;
using GridServices.Operations.Registry;
using GridServices.Operations.Service.Clients;
using GridServices.Operations.Service.Enrollments;
using GridServices.Operations.Service.Events;
using GridServices.Operations.Service.Provisioning;
using GridServices.Operations.Service.Reconcile;
using GridServices.Operations.Service.Storage;
using NodaTime;

namespace GridServices.Operations.Service.Overview;

/// <summary>A site at a glance.</summary>
public sealed record SiteOverview
{
    public required string SiteId { get; init; }
    public required string Name { get; init; }
    public required IReadOnlyList<EnrollmentGlance> Enrollments { get; init; }

    /// <summary>What the hub says now and for the next hours (<c>GET /v1/sites/{siteId}/effective</c> there); absent: it is not known.</summary>
    public JsonElement? Limits { get; init; }

    /// <summary>Why limits are not known.</summary>
    public string? LimitsProblem { get; init; }

    public Instant? LimitsUnknownSince { get; init; }

    /// <summary>What the connection itself may carry, and what has to be done about it, such as another limit at the hub.</summary>
    public required ConnectionLimit Connection { get; init; }

    /// <summary>The event that is on, or the next one.</summary>
    public EventGlance? NextEvent { get; init; }

    /// <summary>Whether a controller follows the site; absent: the hub did not say since the start.</summary>
    public bool? ControllerConnected { get; init; }

    public Instant? LastReadingAt { get; init; }
}

/// <summary>An enrollment at a glance.</summary>
public sealed record EnrollmentGlance(string Id, string Program, EnrollmentState State, bool Attention, bool Drifted, Lamps Lamps);

/// <summary>An event at a glance.</summary>
public sealed record EventGlance(string Id, string Source, string? Program, EventPhase Phase, Instant From, Instant? Until, SiteOpt Opt);

/// <summary>Puts a site's overview together.</summary>
internal sealed class SiteOverviewReader(
    EnrollmentStore enrollments, EnrollmentStatusReader status, EventStore events, ServiceCalls calls, IEnvelopeHubApi hub, ConnectionLimitReader connections, ServiceAvailability availability, Observations observations, IClock clock)
{
    internal async Task<SiteOverview> ReadAsync(Site site, CancellationToken ct)
    {
        var glances = new List<EnrollmentGlance>();
        foreach (var e in await enrollments.ListBySiteAsync(site.Tenant, site.SiteId, ct))
        {
            glances.Add(new EnrollmentGlance(e.Id, e.Template.Code, e.State, e.Attention, e.Drifted, await status.LampsAsync(e, ct)));
        }

        var limits = await calls.CallAsync(ServiceName.EnvelopeHub, site.Tenant, token => hub.GetEffectiveAsync(token, site.SiteId, null, null, ct), ct);
        var now = clock.GetCurrentInstant();
        var next = (await events.ListBySiteAsync(site.Tenant, site.SiteId, now, ct)).FirstOrDefault(e => e.Event.Site(site.SiteId)?.State == SiteEventState.Held);
        var seen = observations.GetView(site.Tenant).Sites.GetValueOrDefault(site.SiteId);
        return new SiteOverview
        {
            SiteId = site.SiteId,
            Name = site.Name,
            Enrollments = glances,
            Limits = limits.IsDone ? limits.Value : null,
            LimitsProblem = limits.Problem,
            LimitsUnknownSince = limits.Kind == ReplyKind.Away ? availability.FindState(site.Tenant, ServiceName.EnvelopeHub)?.OkAt : null,
            Connection = (await connections.ReadAsync(site, ct)).Limit,
            NextEvent = next is null ? null : new EventGlance(
                next.Id, next.Event.Source, next.Event.TemplateCode, next.Event.PhaseAt(now), next.Event.Site(site.SiteId)!.From, next.Event.Site(site.SiteId)!.Until, next.Event.Site(site.SiteId)!.Opt),
            ControllerConnected = seen is null ? null : seen.Subscribers > 0,
            LastReadingAt = seen?.LastReadingAt,
        };
    }
}
