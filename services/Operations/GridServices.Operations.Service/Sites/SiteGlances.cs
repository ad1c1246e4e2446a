using GridServices.Operations.Enrollments;
using GridServices.Operations.Events;
using GridServices.Operations.Service.Clients;
using GridServices.Operations.Service.Events;
using GridServices.Operations.Service.Reconcile;
using NodaTime;

namespace GridServices.Operations.Service.Sites;

/// <summary>What a list says of a site beside its enrollments.</summary>
/// <param name="PowerW">Net power at the connection now, W, import positive; null = not known.</param>
/// <param name="PowerAt">When it was measured last, also where that is too long ago to be now; null = never, as far as is known.</param>
/// <param name="UnknownSince">Since when nothing is known of the power; null = it is known, or never was.</param>
/// <param name="Event">The event that is live, or the next one; null = none.</param>
internal sealed record SiteGlance(long? PowerW, Instant? PowerAt, Instant? UnknownSince, HeldEvent? Event);

/// <summary>Reads a page of sites in as many statements as one site: power from the last look at the hub, events of all of them at once.</summary>
internal sealed class SiteGlances(EventStore events, Observations observations, ServiceAvailability availability, IClock clock)
{
    internal async Task<IReadOnlyDictionary<string, SiteGlance>> ReadAsync(string tenant, IReadOnlyList<string> siteIds, CancellationToken ct)
    {
        var now = clock.GetCurrentInstant();
        var first = new Dictionary<string, HeldEvent>(StringComparer.Ordinal);
        var wanted = siteIds.ToHashSet(StringComparer.Ordinal);
        foreach (var held in (await events.ListBySitesAsync(tenant, siteIds, now, ct)).Where(e => e.Event.PhaseAt(now) is EventPhase.Live or EventPhase.Next))
        {
            foreach (var site in held.Event.Sites.Where(s => s.State == SiteEventState.Held && wanted.Contains(s.SiteId)))
            {
                first.TryAdd(site.SiteId, held);
            }
        }

        var power = GetPower(tenant, siteIds);
        return siteIds.ToDictionary(id => id, id => power[id] with { Event = first.GetValueOrDefault(id) }, StringComparer.Ordinal);
    }

    /// <summary>The power alone, which asks nobody: also of ten thousand sites.</summary>
    internal IReadOnlyDictionary<string, SiteGlance> GetPower(string tenant, IEnumerable<string> siteIds)
    {
        var (view, hubUnknownSince, now) = (observations.GetView(tenant), availability.UnknownSince(tenant, ServiceName.EnvelopeHub), clock.GetCurrentInstant());
        return siteIds.ToDictionary(id => id, id => Create(view.Sites.GetValueOrDefault(id), hubUnknownSince, now, null), StringComparer.Ordinal);
    }

    /// <summary>A reading that is older than the lamps trust, or as far ahead of our clock, or a hub that does not answer, is no power now.</summary>
    internal static SiteGlance Create(SiteSeen? seen, Instant? hubUnknownSince, Instant now, HeldEvent? next)
    {
        var isNow = hubUnknownSince is null && seen?.NetPowerAt is { } at && Lamps.IsFresh(at, now);
        Instant? measured = seen?.NetPowerAt is { } stamp ? Instant.Min(stamp, now) : null;
        return new SiteGlance(isNow ? seen!.NetPowerW : null, measured, isNow ? null : measured ?? (hubUnknownSince > Instant.MinValue ? hubUnknownSince : null), next);
    }
}
