using System.Globalization;
using GridServices.Contracts;
using GridServices.EnvelopeHub.Queries;
using GridServices.EnvelopeHub.Service.Sites;
using GridServices.EnvelopeHub.Sites;
using GridServices.Hosting;
using NodaTime;

namespace GridServices.EnvelopeHub.Service.Queries;

/// <summary>The merged timeline, whole and number by number.</summary>
internal static class EffectiveEndpoints
{
    public static void MapEffective(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/v1/sites/{siteId}/effective", EffectiveAsync)
            .RequireRole(Role.Controller)
            .WithName("effective")
            .WithSummary("What holds for a site, with who binds")
            .WithDescription(
                "[from, until), by default the next 48 hours, at most 35 days. A site that nobody published for yet has an empty timeline. "
                + "ETag changes with the site's sequence, and with the minute where from is not given.")
            .Produces<EffectiveTimeline>()
            .Produces(StatusCodes.Status304NotModified);
        routes.MapGet("/v1/sites/{siteId}/effective/now/{quantity}", NowAsync)
            .RequireRole(Role.Controller)
            .WithName("effectiveNow")
            .WithSummary("One quantity at the site's connection point, now, as plain text")
            .WithDescription("A number, or true/false; empty where nothing is stated. Quantities: " + string.Join(", ", Quantities.Names) + ".")
            .Produces<string>(StatusCodes.Status200OK, "text/plain");
    }

    private static async Task<IResult> EffectiveAsync(string siteId, string? from, string? until, HttpContext http, SiteCache sites, HubEpoch epoch, IClock clock)
    {
        var key = SiteAccess.Demand(http, siteId);
        var now = clock.GetCurrentInstant();
        var (window, problem) = EffectiveWindow.Read(from, until, now);
        if (window is null)
        {
            return ProblemAnswer.Of(problem!);
        }

        using var site = await sites.UseAsync(key, http.RequestAborted);
        var set = site.Cell.View.Set;
        set.DemandWhole();
        var tag = Tag(epoch.Text, set.Sequence, string.IsNullOrEmpty(from) ? null : window.From, string.IsNullOrEmpty(until) ? null : window.Until, now);
        http.Response.Headers.ETag = tag;
        http.Response.Headers.CacheControl = "no-cache";
        return http.Request.Headers.IfNoneMatch.Any(held => Holds(held, tag))
            ? Results.StatusCode(StatusCodes.Status304NotModified)
            : Results.Json(set.Merged(siteId, epoch.Text, now, window.From, window.Until), ContractJson.Options);
    }

    private static async Task<IResult> NowAsync(string siteId, string quantity, HttpContext http, SiteCache sites, IClock clock)
    {
        var key = SiteAccess.Demand(http, siteId);
        using var site = await sites.UseAsync(key, http.RequestAborted);
        http.Response.Headers.CacheControl = "no-store";
        site.Cell.View.Set.DemandWhole();
        return Quantities.TryText(site.Cell.View.Set.LimitsAt(siteId, clock.GetCurrentInstant()), quantity, out var text)
            ? Results.Text(text, "text/plain")
            : ProblemAnswer.Of(ErrorClass.NotFound, $"There is no quantity '{quantity}'. Known are {string.Join(", ", Quantities.Names)}.", "quantity");
    }

    // Weak: the window starts at the moment of asking, so two answers of one tag may differ in their first second.
    private static string Tag(string epoch, long sequence, Instant? from, Instant? until, Instant now) => string.Create(
        CultureInfo.InvariantCulture,
        $"W/\"{epoch}.{sequence}.{from?.ToUnixTimeTicks() ?? -now.ToUnixTimeSeconds() / 60}.{until?.ToUnixTimeTicks() ?? 0}\"");

    private static bool Holds(string? held, string tag) =>
        held is not null && (held == "*" || held.Split(',', StringSplitOptions.TrimEntries).Contains(tag, StringComparer.Ordinal));
}
