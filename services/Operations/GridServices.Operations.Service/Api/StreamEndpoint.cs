using System.Text;
using GridServices.Hosting.Web;
using GridServices.Operations.Access;
using GridServices.Operations.Service.Storage;

namespace GridServices.Operations.Service.Api;

/// <summary>What changes, as it changes: Server-Sent Events for pages and programs.</summary>
internal static class StreamEndpoint
{
    private static readonly TimeSpan Heartbeat = TimeSpan.FromSeconds(15);
    private static readonly byte[] Nothing = "{}"u8.ToArray();

    internal static void MapStream(this IEndpointRouteBuilder routes) => routes.MapGet("/v1/stream", StreamAsync).Needs(UserPermission.SeeSites)
        .WithTags("Stream").WithName("streamChanges").WithSummary("Changes of the tenant as they are committed: Server-Sent Events")
        .WithDescription(
            "`change` {kind, id, action, siteId}: read it anew where it matters. `reset`: changes were missed, read everything anew; it is also the first event. "
            + "`heartbeat` every 15 s. Nothing is replayed after a reconnect. Only changes at the token's sites are sent where it names sites.")
        .Produces<string>(StatusCodes.Status200OK, "text/event-stream");

    private static async Task StreamAsync(HttpContext http, ChangeFeed feed, SiteStore sites, SettingsStore settings, IHostApplicationLifetime lifetime, TimeProvider time)
    {
        var actor = http.Actor();
        var access = (await settings.GetAsync(actor.Tenant, http.RequestAborted)).Access;
        var shown = await sites.ShownAsync(actor.Tenant, AccessRules.Filter(actor.Grants, UserPermission.SeeSites, access), http.RequestAborted);
        using var stopping = CancellationTokenSource.CreateLinkedTokenSource(http.RequestAborted, lifetime.ApplicationStopping);
        using var watch = feed.Subscribe(actor.Tenant);
        var writer = new SseWriter(http, SseWriter.UsualDrainTimeout, time);
        writer.Begin();
        writer.Event("reset", Nothing);
        try
        {
            while (await writer.FlushAsync() && writer.MayGoOn)
            {
                await NextAsync(writer, watch, shown, time, stopping.Token);
            }
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // The reader went away, or the service stops: the stream just ends.
        }
    }

    private static async Task NextAsync(SseWriter writer, ChangeFeed.Watch watch, IReadOnlySet<string>? shown, TimeProvider time, CancellationToken ct)
    {
        using var patience = new CancellationTokenSource(Heartbeat, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(ct, patience.Token);
        try
        {
            var change = await watch.Reader.ReadAsync(either.Token);
            if (watch.TakeMissed())
            {
                writer.Event("reset", Nothing);
            }

            if (shown is null || (change.SiteId is { } site && shown.Contains(site)))
            {
                writer.Event("change", Encoding.UTF8.GetBytes(OperationsWire.Text(new { change.Kind, change.Id, change.Action, change.SiteId })));
            }
        }
        catch (OperationCanceledException) when (patience.IsCancellationRequested && !ct.IsCancellationRequested)
        {
            writer.Event("heartbeat", Nothing);
        }
    }
}
