using GridServices.Contracts;
using GridServices.EnvelopeHub.Service.Nodes;
using GridServices.EnvelopeHub.Service.Sites;
using GridServices.EnvelopeHub.Service.Streaming;
using GridServices.Hosting.Auth;
using GridServices.Hosting.Refusals;
using GridServices.Hosting.Web;

namespace GridServices.EnvelopeHub.Service.Upstream;

/// <summary><c>POST /v1/upstream-health</c>.</summary>
internal static class UpstreamEndpoint
{
    private const int MaxBody = 4 * 1024 * 1024;

    public static void MapUpstream(this IEndpointRouteBuilder routes) => routes
        .MapPost("/v1/upstream-health", ReportAsync)
        .RequirePermission(Permission.Publish)
        .RepeatsHarmlessly().WithName("reportUpstreamHealth").WithTags("Upstream health")
        .WithSummary("Tell how well the utilities behind the streams are heard")
        .WithDescription("Replaces what this source said before; a stream that is left out while an envelope of it lives counts as lost until it is withdrawn, named again, or named by another source. Shown in every heartbeat of the sites named, and at once where something changed. Silent for longer than validFor = lost.")
        .Accepts<UpstreamReport>("application/json")
        .Produces(StatusCodes.Status204NoContent);

    private static async Task<IResult> ReportAsync(HttpContext http, UpstreamReportHandler taker, UpstreamReports reports, SiteCache sites, HeartbeatScheduler heartbeats, StoreFreshness freshness)
    {
        var arrived = reports.Now;
        var read = UpstreamReportReader.Read(await http.Request.ReadBodyAsync(MaxBody, "application/json"));
        if (!read.TryGet(out var report, out var problem))
        {
            return ProblemResult.Create(problem);
        }

        var caller = http.Caller();
        foreach (var site in report.Streams.SelectMany(stream => stream.Sites))
        {
            caller.RequireSite(site);
        }

        // What it leaves out may have been reported to another instance.
        await freshness.RefreshAsync(http.RequestAborted);
        if (await taker.HandleAsync(caller.Tenant, report, arrived, CancellationToken.None) is not { } changed)
        {
            return ProblemResult.Create(ErrorClass.LimitCount, "Too many sources report for this tenant. Report under one source per service instance.", "/source");
        }

        foreach (var cell in changed.Select(sites.Find).OfType<SiteState>().Where(cell => cell.HasSubscribers))
        {
            heartbeats.SendHeartbeat(cell);
        }

        return Results.NoContent();
    }
}
