using GridServices.Contracts;
using GridServices.EnvelopeHub.Service.History;
using GridServices.EnvelopeHub.Service.Nodes;
using GridServices.EnvelopeHub.Service.Sites;
using GridServices.EnvelopeHub.Streaming;
using GridServices.Hosting.Auth;
using GridServices.Hosting.OpenApi;
using GridServices.Hosting.Refusals;

namespace GridServices.EnvelopeHub.Service.Streaming;

/// <summary><c>GET /v1/sites/{siteId}/stream</c>.</summary>
internal static class StreamEndpoint
{
    public static void MapStream(this IEndpointRouteBuilder routes) => routes
        .MapGet("/v1/sites/{siteId}/stream", ServeAsync)
        .RequirePermission(Permission.Control)
        .WithName("streamSite").WithTags("Sites")
        .WithSummary("Server-Sent Events of one site")
        .WithDescription(
            "First a `snapshot` of all that is live (also when that is nothing), or, with Last-Event-ID or since inside the retained log, the `envelope` events missed. "
            + "Then `envelope` for each change (a CloudEvent with epoch and sequence), `effective` with the merged timeline after each burst of changes, and `heartbeat` "
            + "with the last sequence and the health of each upstream. `id` is the cursor; events without an id leave it. An unknown or too old cursor gets a `snapshot`.")
        .ReadsHeader("Last-Event-ID", "The id of the last event that was handled: the stream goes on after it. Counts before since.")
        .Produces<string>(StatusCodes.Status200OK, "text/event-stream")
        .Refuses(ErrorClass.RateLimit);

    private static async Task ServeAsync(
        string siteId, string? since, HttpContext http, SiteCache sites, HistoryLoop history, SiteStream stream, StreamLimiter places,
        StoreFreshness freshness, IHostApplicationLifetime lifetime)
    {
        var key = SiteAccess.Require(http, siteId);
        using var place = places.Acquire(http.Caller().TokenId, key);
        using var site = await sites.AcquireAsync(key, http.RequestAborted);
        var view = site.Cell.View;
        view.Set.RequireComplete();
        var held = http.Request.Headers["Last-Event-ID"].ToString() is { Length: > 0 } last ? last : since;
        var resume = Resume.Decide(held, view.Epoch, view.Set.Sequence, view.TrimmedTo, history.HasPast);
        if (resume is Resume.Gone)
        {
            // Another instance may have given it out just now.
            await freshness.RefreshAsync(http.RequestAborted);
            view = site.Cell.View;
            resume = Resume.Decide(held, view.Epoch, view.Set.Sequence, view.TrimmedTo, history.HasPast);
        }

        if (view.IsDoubtful(resume) && await history.DoubtAsync(key, http.Caller(), held, http.RequestAborted))
        {
            view = site.Cell.View;
            resume = Resume.Decide(held, view.Epoch, view.Set.Sequence, view.TrimmedTo, history.HasPast);
        }

        // The one that it is served from, which may have been read anew.
        view.Set.RequireComplete();
        var after = resume switch
        {
            Resume.After resumed => resumed.Sequence,

            // A browser can't fix the id it sends back by itself; whoever writes since= can.
            Resume.Invalid invalid when held == since => throw new ProblemException(ErrorClass.CursorInvalid, invalid.Detail, "since"),
            _ => (long?)null,
        };
        await stream.ServeAsync(site.Cell, http, after, view.Epoch, lifetime.ApplicationStopping);
    }
}
