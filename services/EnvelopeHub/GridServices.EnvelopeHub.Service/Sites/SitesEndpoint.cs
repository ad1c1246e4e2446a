using GridServices.Contracts;
using GridServices.Hosting.Auth;
using GridServices.Hosting.OpenApi;
using GridServices.Hosting.Web;

namespace GridServices.EnvelopeHub.Service.Sites;

/// <summary><c>GET /v1/sites</c>.</summary>
internal static class SitesEndpoint
{
    public static void MapSites(this IEndpointRouteBuilder routes) => routes
        .MapGet("/v1/sites", ListAsync)
        .RequirePermission(Permission.SeeSites, Role.Publisher)
        .WithName("listSites").WithTags("Sites")
        .WithSummary("The sites that the hub knows, and how each fares")
        .WithDescription(
            "Those of the tenant, in the token's scope, that were ever published for or fed something back. Subscribers, and where the controller was last seen, are those of this hub process. "
            + "Only what the hub knows is said: a site without readings has no lastReadingAt.")
        .Explains("after", "The next of the page before: the page begins after this site.")
        .Produces<SiteList>();

    private static async Task<IResult> ListAsync(HttpContext http, SiteDirectory directory, string? after = null, string? limit = null)
    {
        http.Response.Headers.CacheControl = "no-store";
        var paging = Paging.Parse(after, limit) ?? new Paging(null, Paging.Most);
        return Results.Json(await directory.ListAsync(http.Caller(), paging, http.RequestAborted), ContractJson.Options);
    }
}
