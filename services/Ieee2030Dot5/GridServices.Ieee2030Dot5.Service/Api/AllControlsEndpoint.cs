using System.Globalization;
using System.Text.Json;
using GridServices.Hosting.Auth;
using GridServices.Hosting.Clustering;
using GridServices.Hosting.Web;
using GridServices.Ieee2030Dot5.Service.Driver;
using NodaTime;
using NodaTime.Text;

namespace GridServices.Ieee2030Dot5.Service.Api;

/// <summary><c>GET /v1/controls</c>: the controls of all clients.</summary>
internal static class AllControlsEndpoint
{
    public static void MapAllControls(this IEndpointRouteBuilder routes) => routes
        .MapGet("/v1/controls", List)
        .RequirePermission(Permission.SeeSites)
        .WithTags("Resources").WithName("listAllControls")
        .WithSummary("Controls of all clients of the tenant, for the sites in the token's scope, by their start")
        .WithDescription("Those that touch [from, until), which is by our clock; `from` and `until` of an item are its times by our clock too. The list is of this moment.")
        .Produces<ControlPage>()
        .ListsAllNodes(ReadKey);

    private static IResult List(HttpContext http, ClientHost host, SteadyClock clock, string? from = null, string? until = null, string? after = null, string? limit = null)
    {
        var (window, paging) = (TimeWindow.Read(from, until), Paging.Parse(after, limit) ?? new Paging(null, Paging.Most));
        var (caller, now) = (http.Caller(), clock.GetCurrentInstant());
        var all = host.Views.Where(view => view.Id.Tenant == caller.Tenant).SelectMany(view => Controls(view, now)).Where(c => caller.MayAct(c.Control.SiteId) && Touches(window, c));
        var page = paging.Slice(all, GetKey);
        return Results.Ok(new ControlPage(page.Items, page.Next));
    }

    private static IEnumerable<ClientControlItem> Controls(ClientView view, Instant now)
    {
        var serverNow = view.State.Clock.OnServer(now);
        var ahead = serverNow - now;
        return view.Active().SelectMany(device => ControlItem.All(device, view.State, serverNow)).Select(control => new ClientControlItem
        {
            ClientKey = view.Id.Key,
            From = control.Start - ahead,
            Until = control.End - ahead,
            Control = control,
        });
    }

    private static bool Touches(Interval window, ClientControlItem item) =>
        (!window.HasEnd || item.From < window.End) && (!window.HasStart || item.Until > window.Start || item.From >= window.Start);

    /// <summary>The same, of an item as it is answered.</summary>
    private static string ReadKey(JsonElement item)
    {
        var (from, control) = (InstantPattern.ExtendedIso.Parse(item.GetProperty("from").GetString()!).GetValueOrThrow(), item.GetProperty("control"));
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{Math.Max(0, from.ToUnixTimeTicks()):D19}/{item.GetProperty("clientKey").GetString()}/{control.GetProperty("lfdi").GetString()}/{control.GetProperty("program").GetString()}/{control.GetProperty("mRid").GetString()}");
    }

    // Ticks of 19 digits are in the order of time; what comes before 1970 counts as of then.
    private static string GetKey(ClientControlItem item) => string.Create(
        CultureInfo.InvariantCulture, $"{Math.Max(0, item.From.ToUnixTimeTicks()):D19}/{item.ClientKey}/{item.Control.Lfdi}/{item.Control.Program}/{item.Control.MRid}");
}

/// <summary>A page of controls.</summary>
/// <param name="Items">By start, then client.</param>
/// <param name="Next">The <c>after</c> of the following page; absent = this is the last.</param>
public sealed record ControlPage(IReadOnlyList<ClientControlItem> Items, string? Next);

/// <summary>A control of a client.</summary>
public sealed record ClientControlItem
{
    public required string ClientKey { get; init; }

    /// <summary>By our clock, with the drawn offset.</summary>
    public required Instant From { get; init; }

    /// <summary>By our clock, exclusive, with the drawn offset; sooner where it was ended before its time.</summary>
    public required Instant Until { get; init; }

    public required ControlItem Control { get; init; }
}
