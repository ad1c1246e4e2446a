using System.Globalization;
using GridServices.Contracts;
using GridServices.EnvelopeHub.History;
using GridServices.EnvelopeHub.Queries;
using GridServices.EnvelopeHub.Service.History;
using GridServices.EnvelopeHub.Service.Sites;
using GridServices.EnvelopeHub.Sites;
using GridServices.Hosting.Auth;
using GridServices.Hosting.OpenApi;
using GridServices.Hosting.Refusals;
using NodaTime;

namespace GridServices.EnvelopeHub.Service.Queries;

/// <summary>The merged timeline, whole and number by number.</summary>
internal static class EffectiveEndpoints
{
    private const string IncompleteHeader = "X-Incomplete";
    private const string LimitHeader = "X-Limit";

    public static void MapEffective(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/v1/sites/{siteId}/effective", EffectiveAsync)
            .RequirePermission(Permission.SeeSites, Role.Controller)
            .WithName("getEffective").WithTags("Sites")
            .WithSummary("What holds for a site, with who binds")
            .WithDescription(
                "[from, until), by default the next 48 hours, at most 35 days. 404: nothing was ever published for the site. "
                + "ETag changes with the site's sequence, and with the minute where from is not given.")
            .ReadsHeader("If-None-Match", "The ETag of the last answer: 304 where nothing has changed since.")
            .WritesHeader("ETag", "Weak; of the site's sequence, the window and what the hub waits for.")
            .Produces<EffectiveTimeline>()
            .Produces(StatusCodes.Status304NotModified);
        routes.MapGet("/v1/sites/{siteId}/effective/now/{quantity}", NowAsync)
            .RequirePermission(Permission.SeeSites, Role.Controller)
            .WithName("getEffectiveQuantity").WithTags("Sites")
            .WithSummary("One quantity at the site's connection point, now, as plain text")
            .WithDescription(
                "A number, or true/false; empty where nothing is stated, and X-Limit says which; every power and current is 0 while the site is told to disconnect or to cease to energize. "
                + "404 where nothing was ever published for the site. While the hub waits for publishers to restate, what it holds may be looser than "
                + "what is in force, so the answer is 503 INCOMPLETE with Retry-After and X-Incomplete: keep to the last number. Quantities: " + string.Join(", ", Quantities.Names) + ".")
            .WritesHeader(IncompleteHeader, "true while the hub waits for publishers to restate: the answer is 503 then; absent otherwise.", StatusCodes.Status503ServiceUnavailable)
            .WritesHeader(LimitHeader, "stated, or none: nobody states the quantity. An empty answer without it is not the hub's.")
            .Produces<string>(StatusCodes.Status200OK, "text/plain")
            .Refuses(ErrorClass.Incomplete);
    }

    private static async Task<IResult> EffectiveAsync(string siteId, string? from, string? until, HttpContext http, SiteCache sites, HubHistory history, IClock clock)
    {
        var key = SiteAccess.Require(http, siteId);
        var now = clock.GetCurrentInstant();
        var (window, problem) = EffectiveWindow.Read(from, until, now);
        if (window is null)
        {
            return ProblemResult.Create(problem!);
        }

        using var site = await sites.AcquireAsync(key, http.RequestAborted);
        var (view, about) = GetView(site.Cell, history);
        view.Set.RequireComplete();
        if (IsUnknown(view, about))
        {
            return Unknown(siteId);
        }

        var tag = Tag(about, view.Set.Sequence, string.IsNullOrEmpty(from) ? null : window.From, string.IsNullOrEmpty(until) ? null : window.Until, now);
        http.Response.Headers.ETag = tag;
        http.Response.Headers.CacheControl = "no-cache";
        return http.Request.Headers.IfNoneMatch.Any(held => MatchesETag(held, tag))
            ? Results.StatusCode(StatusCodes.Status304NotModified)
            : Results.Json(view.Set.Merged(siteId, view.Epoch, now, window.From, window.Until).WithHistory(about), ContractJson.Options);
    }

    private static async Task<IResult> NowAsync(string siteId, string quantity, HttpContext http, SiteCache sites, HubHistory history, IClock clock)
    {
        var key = SiteAccess.Require(http, siteId);
        using var site = await sites.AcquireAsync(key, http.RequestAborted);
        http.Response.Headers.CacheControl = "no-store";
        var (view, about) = GetView(site.Cell, history);
        view.Set.RequireComplete();
        if (!Quantities.TryText(view.Set.LimitsAt(siteId, clock.GetCurrentInstant()), quantity, out var text))
        {
            return ProblemResult.Create(ErrorClass.NotFound, $"There is no quantity '{quantity}'. Known are {string.Join(", ", Quantities.Names)}.", "quantity");
        }

        return about.Incomplete ? Incomplete(about, http.Response) : IsUnknown(view, about) ? Unknown(siteId) : CreateTextResult(text, http.Response);
    }

    // Proxies and portals answer 200 with nothing as well: the empty answer says by a word of its own that it is meant.
    private static IResult CreateTextResult(string text, HttpResponse response)
    {
        response.Headers[LimitHeader] = text.Length == 0 ? "none" : "stated";
        return Results.Text(text, "text/plain");
    }

    // First the history: what is told complete holds everything that completed it.
    private static (SiteModel View, TenantHistory About) GetView(SiteState state, HubHistory history)
    {
        var told = history.GetTenantHistory(state.Key.Tenant);
        var view = state.View;
        return (view, told.InEpoch(view.Epoch));
    }

    // A mistyped site must not read as one without limits.
    private static bool IsUnknown(SiteModel view, TenantHistory history) => view.Set.Sequence == 0 && !history.Incomplete;

    private static IResult Unknown(string siteId) =>
        ProblemResult.Create(ErrorClass.NotFound, $"Nothing was ever published for site '{siteId}': that is not the same as no limit. Check the name; publishers must name the same one.", "siteId");

    // Neither nothing nor a number of some publishers may read as what is in force while another may still have a tighter one to state.
    private static IResult Incomplete(TenantHistory history, HttpResponse response)
    {
        response.Headers[IncompleteHeader] = "true";
        response.Headers.RetryAfter = "5";
        var whom = history.WaitingFor.Count == 0 ? "publishers that may come by" : string.Join(", ", history.WaitingFor);
        var strike = history.WaitingFor.Count == 0 ? string.Empty : $" If one will not come back, an operator ends the wait for it: DELETE /v1/publishers{history.WaitingFor[0]}.";
        return ProblemResult.Create(
            ErrorClass.Incomplete,
            $"A limit may be missing: the hub's store is of a new history, or was started just now, and waits for {whom}. Keep to the limit that held before, and ask again.{strike}");
    }

    // Weak: the window starts at the moment of asking, so two answers of one tag may differ in their first second.
    private static string Tag(TenantHistory history, long sequence, Instant? from, Instant? until, Instant now) => string.Create(
        CultureInfo.InvariantCulture,
        $"W/\"{history.Epoch}.{sequence}.{(history.Incomplete ? history.WaitingFor.Count + 1 : 0)}.{from?.ToUnixTimeTicks() ?? -now.ToUnixTimeSeconds() / 60}.{until?.ToUnixTimeTicks() ?? 0}\"");

    private static bool MatchesETag(string? held, string tag) =>
        held is not null && (held == "*" || held.Split(',', StringSplitOptions.TrimEntries).Contains(tag, StringComparer.Ordinal));
}
