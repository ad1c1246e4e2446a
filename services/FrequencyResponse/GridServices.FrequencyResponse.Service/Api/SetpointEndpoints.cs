using System.Text.Json;
using GridServices.Contracts;
using GridServices.FrequencyResponse.Service.HotPath;
using GridServices.FrequencyResponse.Service.Pools;
using GridServices.FrequencyResponse.Service.Recording;
using GridServices.Hosting.Auth;
using GridServices.Hosting.Web;
using NodaTime;

namespace GridServices.FrequencyResponse.Service.Api;

/// <summary>Set-points for controllers that take them over HTTP.</summary>
internal static class SetpointEndpoints
{
    private static readonly TimeSpan Heartbeat = TimeSpan.FromSeconds(15);
    private static readonly byte[] Nothing = "{}"u8.ToArray();

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
            caller.RequireSite(siteId);
        }

        var ending = http.RequestLifetimeToken();
        var writer = new SseWriter(http, SseWriter.UsualDrainTimeout, time);
        writer.Begin();
        var seen = new Dictionary<Pool, long>();
        while (!ending.IsCancellationRequested && writer.MayGoOn)
        {
            // Taken before looking: what changes while we write ends it at once.
            var next = feed.Next;
            foreach (var pool in table.All.Where(p => p.Spec.Id.Tenant == caller.Tenant && caller.MayAct(p.Spec.SiteId) && (siteId is null || p.Spec.SiteId == siteId)))
            {
                Write(writer, pool, seen, options);
            }

            if (!await writer.FlushAsync())
            {
                return;
            }

            using var beat = CancellationTokenSource.CreateLinkedTokenSource(ending);
            if (await Task.WhenAny(next, Task.Delay(Heartbeat, time, beat.Token)) != next && !ending.IsCancellationRequested)
            {
                writer.Event("heartbeat", Nothing);
            }

            await beat.CancelAsync();
        }
    }

    private static void Write(SseWriter writer, Pool pool, Dictionary<Pool, long> seen, Setpoints.SetpointOptions options)
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
            ReasonNames.GetNames(view.Output.Reasons), pool.Spec.Assets.Select((a, i) => (a.Key, Watts: -(long)watts[i])).ToDictionary(p => p.Key, p => p.Watts, StringComparer.Ordinal));
        writer.Event("setpoints", JsonSerializer.SerializeToUtf8Bytes(says, ContractJson.Options), $"{says.Token}.{says.Sequence}");
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
