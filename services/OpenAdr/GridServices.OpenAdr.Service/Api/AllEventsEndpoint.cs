using System.Globalization;
using System.Text.Json;
using GridServices.Hosting.Auth;
using GridServices.Hosting.Clustering;
using GridServices.Hosting.Web;
using GridServices.OpenAdr.Events;
using GridServices.OpenAdr.Service.Driver;
using NodaTime;
using NodaTime.Text;

namespace GridServices.OpenAdr.Service.Api;

/// <summary><c>GET /v1/events</c>: the events of all VENs.</summary>
internal static class AllEventsEndpoint
{
    public static void MapAllEvents(this IEndpointRouteBuilder routes) => routes
        .MapGet("/v1/events", List)
        .RequirePermission(Permission.SeeSites)
        .WithTags("Events").WithName("listAllEvents")
        .WithSummary("Events of all VENs of the tenant, in the token's scope, by their start")
        .WithDescription("Those that touch [from, until). One whose start was not legible counts at the instant it was received, and comes last. The list is of this moment: a page may show an event that the page before did not have yet.")
        .Produces<EventPage>()
        .ListsAllNodes(GetKey);

    private static IResult List(HttpContext http, VenHost host, IClock clock, string? from = null, string? until = null, string? after = null, string? limit = null)
    {
        var (window, paging) = (TimeWindow.Read(from, until), Paging.Parse(after, limit) ?? new Paging(null, Paging.Most));
        var (caller, now) = (http.Caller(), clock.GetCurrentInstant());
        var all = host.Views.Where(caller.MaySee).SelectMany(view => EventItem.All(view.State, now).Where(e => Touches(window, e)).Select(e => VenEventItem.From(view, e)));
        var page = paging.Slice(all, GetKey);
        return Results.Ok(new EventPage(page.Items, page.Next));
    }

    private static bool Touches(Interval window, EventItem item)
    {
        var start = item.Start ?? item.ReceivedAt ?? Instant.MinValue;
        var end = item.Start is null ? start : item.End ?? Instant.MaxValue;
        return (!window.HasEnd || start < window.End) && (!window.HasStart || end > window.Start || start >= window.Start);
    }

    /// <summary>The same, of an item as it is answered.</summary>
    private static string GetKey(JsonElement item)
    {
        var held = item.GetProperty("event");
        var start = held.TryGetProperty("start", out var at) && at.ValueKind == JsonValueKind.String ? InstantPattern.ExtendedIso.Parse(at.GetString()!).GetValueOrThrow().ToUnixTimeTicks() : long.MaxValue;
        return string.Create(CultureInfo.InvariantCulture, $"{Math.Max(0, start):D19}/{item.GetProperty("venKey").GetString()}/{held.GetProperty("eventId").GetString()}");
    }

    // Ticks of 19 digits are in the order of time; what comes before 1970 counts as of then.
    private static string GetKey(VenEventItem item) => string.Create(
        CultureInfo.InvariantCulture, $"{Math.Max(0, item.Event.Start?.ToUnixTimeTicks() ?? long.MaxValue):D19}/{item.VenKey}/{item.Event.EventId}");
}

/// <summary>A page of events.</summary>
/// <param name="Items">By start, then VEN.</param>
/// <param name="Next">The <c>after</c> of the following page; absent = this is the last.</param>
public sealed record EventPage(IReadOnlyList<VenEventItem> Items, string? Next);

/// <summary>An event of a VEN.</summary>
public sealed record VenEventItem
{
    public required string VenKey { get; init; }

    /// <summary>The VEN's sites that the event is for; all of them where its target is not known any more.</summary>
    public required IReadOnlyList<string> Sites { get; init; }

    public required EventItem Event { get; init; }

    internal static VenEventItem From(VenView view, EventItem item) => new()
    {
        VenKey = view.Id.Key,
        Sites = view.State.Events.FirstOrDefault(e => e.Id == item.EventId) is { } held
            ? EventSites.Select(view.Config, view.State.Registration, held.Event)
            : [.. view.Config.AllSites().Select(s => s.SiteId)],
        Event = item,
    };
}
