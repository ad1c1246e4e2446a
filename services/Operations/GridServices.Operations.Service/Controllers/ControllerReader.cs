using GridServices.Contracts;
using GridServices.Hosting.Web;
using GridServices.Operations.Access;
using GridServices.Operations.Registry;
using GridServices.Operations.Service.Clients;
using GridServices.Operations.Service.Reconcile;
using GridServices.Operations.Service.Storage;
using NodaTime;

namespace GridServices.Operations.Service.Controllers;

/// <summary>How a site's controller is heard.</summary>
public sealed record ControllerItem
{
    public required string SiteId { get; init; }

    public required string Name { get; init; }

    /// <summary>Whether a stream is open; absent: the hub does not say, or knows nothing of the site.</summary>
    public bool? Connected { get; init; }

    /// <summary>Since when it is connected, as far as was seen since the start of this service.</summary>
    public Instant? ConnectedSince { get; init; }

    public Instant? LastReceiptAt { get; init; }
    public Instant? LastReadingAt { get; init; }

    /// <summary>Its last request to the hub, as far as was seen since the start of this service: when, from which address, as what; absent = none was.</summary>
    public ControllerSighting? LastRequest { get; init; }

    /// <summary>Where the hub does not answer: since when nothing is known.</summary>
    public Instant? UnknownSince { get; init; }

    /// <summary>Tokens in force.</summary>
    public required int Tokens { get; init; }
}

/// <summary>Puts together what the hub says of controllers and which tokens they have.</summary>
internal sealed class ControllerReader(SiteStore sites, ControllerTokenStore tokens, Observations observations, ServiceAvailability availability)
{
    /// <summary>The site, where the caller looks after its controller; else null.</summary>
    internal async Task<Site?> FindAsync(string tenant, string siteId, SiteFilter filter, CancellationToken ct) =>
        await sites.FindBySiteIdAsync(tenant, siteId, ct) is { } site && filter.Shows(AccessTarget.From(site)) ? site : null;

    internal async Task<Page<ControllerItem>> PageAsync(string tenant, SiteFilter filter, ListQuery query, CancellationToken ct)
    {
        var page = await sites.PageAsync(tenant, query with { Sites = await sites.ShownAsync(tenant, filter, ct) }, ct);
        var inForce = (await tokens.InForceAsync(tenant, ct)).ToLookup(t => t.SiteId, StringComparer.Ordinal);
        return new Page<ControllerItem>([.. page.Items.Select(site => Item(site, inForce[site.SiteId].Count()))], page.Next);
    }

    internal ControllerItem Item(Site site, int inForce)
    {
        var seen = observations.GetView(site.Tenant).Sites.GetValueOrDefault(site.SiteId);
        var unknownSince = availability.UnknownSince(site.Tenant, ServiceName.EnvelopeHub);
        return new ControllerItem
        {
            SiteId = site.SiteId,
            Name = site.Name,
            Connected = unknownSince is null && seen is not null ? seen.Subscribers > 0 : null,
            ConnectedSince = unknownSince is null ? seen?.ConnectedSince : null,
            LastReceiptAt = seen?.LastReceiptAt,
            LastReadingAt = seen?.LastReadingAt,
            LastRequest = seen?.Controller,
            UnknownSince = unknownSince == Instant.MinValue ? null : unknownSince,
            Tokens = inForce,
        };
    }
}
