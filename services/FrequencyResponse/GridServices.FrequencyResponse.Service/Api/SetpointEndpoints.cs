using System.Text.Json;
using GridServices.Contracts;
using GridServices.FrequencyResponse.Service.HotPath;
using GridServices.FrequencyResponse.Service.Pools;
using GridServices.FrequencyResponse.Service.Recording;
using GridServices.Hosting;
using NodaTime;

namespace GridServices.FrequencyResponse.Service.Api;

/// <summary>Set-points for controllers that take them over HTTP.</summary>
internal static class SetpointEndpoints
{
    private static readonly TimeSpan Heartbeat = TimeSpan.FromSeconds(15);

    public static void MapSetpoints(this IEndpointRouteBuilder routes) => routes.MapGet("/v1/setpoints/stream", StreamAsync)
        .RequirePermission(Permission.Control).WithTags("Set-points").WithName("streamSetpoints")
        .WithSummary("Server-Sent Events: the set-points of the caller's sites, as they are decided")
        .WithDescription(
            "?siteId= narrows to one site. Event `setpoints`: pool, site, token, sequence, at, validForMs and watts by asset (+ = charge or import); first the present ones, then "
            + "at every decision; a slow reader gets the newest only. Follow no token lower than one seen, no sequence that does not rise; after validForMs without an event the "
            + "asset goes by its own default. Event `heartbeat` every 15 s.")
        .Produces<string>(StatusCodes.Status200OK, "text/event-stream");

    private static async Task StreamAsync(HttpContext http, string? siteId, PoolTable table, SetpointFeed feed, Setpoints.SetpointOptions options, TimeProvider time)
    {
        var caller = http.Caller();
        if (siteId is not null)
        {
            caller.DemandSite(siteId);
        }

        var ending = http.Ending();
        http.Response.ContentType = "text/event-stream";
        http.Response.Headers.CacheControl = "no-store";
        var seen = new Dictionary<Pool, long>();
        try
        {
            while (!ending.IsCancellationRequested && http.TokenStillValid())
            {
                // Taken before looking: what changes while we write ends it at once.
                var next = feed.Next;
                foreach (var pool in table.All.Where(p => p.Spec.Id.Tenant == caller.Tenant && caller.MayAct(p.Spec.SiteId) && (siteId is null || p.Spec.SiteId == siteId)))
                {
                    await WriteAsync(http, pool, seen, options, ending);
                }

                await http.Response.Body.FlushAsync(ending);
                using var beat = CancellationTokenSource.CreateLinkedTokenSource(ending);
                if (await Task.WhenAny(next, Task.Delay(Heartbeat, time, beat.Token)) != next && !ending.IsCancellationRequested)
                {
                    await http.Response.WriteAsync("event: heartbeat\ndata: {}\n\n", ending);
                }

                await beat.CancelAsync();
            }
        }
        catch (OperationCanceledException)
        {
            // The reader went away, or the service stops.
        }
    }

    private static async Task WriteAsync(HttpContext http, Pool pool, Dictionary<Pool, long> seen, Setpoints.SetpointOptions options, CancellationToken ct)
    {
        if (pool.Sequence == 0 || seen.GetValueOrDefault(pool) == pool.Sequence)
        {
            return;
        }

        var watts = new int[pool.Spec.Assets.Count];
        var sequence = pool.CopySetpoints(watts);
        var view = pool.View();
        seen[pool] = sequence;
        var says = new SetpointEvent(
            pool.Spec.Id.Key, pool.Spec.SiteId, view.State.Site.Lease.Token, sequence, pool.DecidedAt, options.ValidForMs,
            ReasonNames.Of(view.Output.Reasons), pool.Spec.Assets.Select((a, i) => (a.Key, Watts: -(long)watts[i])).ToDictionary(p => p.Key, p => p.Watts, StringComparer.Ordinal));
        await http.Response.WriteAsync("event: setpoints\nid: ", ct);
        await http.Response.WriteAsync($"{says.Token}.{says.Sequence}\ndata: ", ct);
        await http.Response.Body.WriteAsync(JsonSerializer.SerializeToUtf8Bytes(says, ContractJson.Options), ct);
        await http.Response.WriteAsync("\n\n", ct);
    }
}

/// <summary>What a pool's assets are to do.</summary>
/// <param name="Pool">The pool.</param>
/// <param name="SiteId">Its site.</param>
/// <param name="Token">The writer's; never follow a lower one.</param>
/// <param name="Sequence">Rises under one token.</param>
/// <param name="At">When it was decided.</param>
/// <param name="ValidForMs">How long it holds without a newer one.</param>
/// <param name="Reasons">Why.</param>
/// <param name="Watts">By asset, signed, + = charge or import.</param>
public sealed record SetpointEvent(
    string Pool, string SiteId, long Token, long Sequence, Instant At, int ValidForMs, IReadOnlyList<string> Reasons, IReadOnlyDictionary<string, long> Watts);
