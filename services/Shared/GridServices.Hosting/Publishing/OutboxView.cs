using GridServices.Contracts;
using GridServices.Hosting.Auth;
using GridServices.Hosting.OpenApi;
using GridServices.Hosting.Refusals;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using NodaTime;

namespace GridServices.Hosting.Publishing;

/// <summary>What waits to be sent, and what the hub refused.</summary>
/// <param name="Pending">Items of the whole service that the hub has not taken yet.</param>
/// <param name="OldestSeconds">Age of the oldest of them, s.</param>
/// <param name="Parked">Items of the whole service that the hub rejected for good, or holds another word of until the service has heard its utility.</param>
/// <param name="ParkedItems">Those of the caller's tenant and sites among the latest 100.</param>
public sealed record OutboxView(long Pending, double OldestSeconds, long Parked, IReadOnlyList<ParkedItem> ParkedItems);

/// <summary>An item that is not in force at the hub, why, and what is waited for.</summary>
public sealed record ParkedItem(long Id, string SiteId, Instant ParkedAt, string? EventId = null, Problem? Problem = null);

internal static class OutboxEndpoint
{
    internal static void MapOutbox(this IEndpointRouteBuilder routes)
    {
        MapView(routes);
        routes.MapDelete("/v1/outbox/{id}", async (long id, OutboxQueue queue, HttpContext context) =>
                await queue.DeleteAsync(id, context.Caller(), context.RequestAborted)
                    ? TypedResults.NoContent()
                    : throw new ProblemException(ErrorClass.NotFound, $"No parked item {id} is known here; GET /v1/outbox lists them."))
            .RequirePermission(Permission.Administer)
            .Explains("id", "Of a parked item, as GET /v1/outbox gives it.")
            .WithName("deleteOutboxItem").WithTags("Outbox").WithSummary("Strikes a parked item: what it said is not sent, and not said again to a hub that lost it");
    }

    private static void MapView(IEndpointRouteBuilder routes) => routes
        .MapGet("/v1/outbox", async (OutboxQueue queue, IClock clock, HttpContext context) =>
        {
            var counts = await queue.CountAsync(context.RequestAborted);
            var parked = await queue.ParkedAsync(context.Caller(), context.RequestAborted);
            return TypedResults.Ok(new OutboxView(counts.Pending, counts.OldestSeconds(clock.GetCurrentInstant()), counts.Parked, parked));
        })
        .RequirePermission(Permission.Operate)
        .WithName("getOutbox").WithTags("Outbox").WithSummary("What waits to be sent to the hub, and what the hub rejected");
}
