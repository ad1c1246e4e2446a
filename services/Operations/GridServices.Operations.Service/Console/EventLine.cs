using GridServices.Operations.Service.Console.Format;
using GridServices.Operations.Service.Events;
using GridServices.Operations.Service.Storage;
using NodaTime;

namespace GridServices.Operations.Service.Console;

/// <summary>An event in a list.</summary>
/// <param name="Held">With the sites that this person sees.</param>
/// <param name="Zone">Of the first of them, as on the event's own page; null = not known.</param>
internal sealed record EventLine(HeldEvent Held, DateTimeZone? Zone)
{
    internal static async Task<IReadOnlyList<EventLine>> CreateAsync(SiteStore sites, string tenant, IEnumerable<HeldEvent> events, IReadOnlySet<string>? shown, CancellationToken ct)
    {
        List<HeldEvent> seen = [.. events.Select(e => e.Narrow(shown))];
        var places = await sites.PlacesAsync(tenant, seen.Select(e => e.Event.Sites.Count > 0 ? e.Event.Sites[0].SiteId : null).OfType<string>().Distinct(StringComparer.Ordinal), ct);
        return [.. seen.Select(e => new EventLine(e, e.Event.Sites.Count > 0 ? Times.Find(places.GetValueOrDefault(e.Event.Sites[0].SiteId)?.TimeZone) : null))];
    }
}
