using GridServices.Contracts;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using NodaTime;

namespace GridServices.Hosting;

/// <summary>What waits to be sent, and what the hub refused.</summary>
/// <param name="Pending">Items of the whole service that the hub has not taken yet.</param>
/// <param name="OldestSeconds">Age of the oldest of them, s.</param>
/// <param name="Parked">Items of the whole service that the hub rejected for good.</param>
/// <param name="ParkedItems">Those of the caller's tenant and sites among the latest 100.</param>
public sealed record OutboxView(long Pending, double OldestSeconds, long Parked, IReadOnlyList<ParkedItem> ParkedItems);

/// <summary>An item the hub rejected, and why.</summary>
public sealed record ParkedItem(long Id, string SiteId, Instant ParkedAt, string? EventId = null, Problem? Problem = null);

internal static class OutboxEndpoint
{
    internal static void MapOutbox(this IEndpointRouteBuilder routes) => routes
        .MapGet("/v1/outbox", async (OutboxQueue queue, IClock clock, HttpContext context) =>
        {
            var counts = await queue.CountAsync(context.RequestAborted);
            var parked = await queue.ParkedAsync(context.Caller(), context.RequestAborted);
            return TypedResults.Ok(new OutboxView(counts.Pending, counts.OldestSeconds(clock.GetCurrentInstant()), counts.Parked, parked));
        })
        .RequirePermission(Permission.Operate)
        .WithName("getOutbox").WithTags("Outbox").WithSummary("What waits to be sent to the hub, and what the hub rejected");
}
