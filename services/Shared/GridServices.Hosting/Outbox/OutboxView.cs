using GridServices.Contracts;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;
using NodaTime;

namespace GridServices.Hosting;

/// <summary>What waits to be sent, and what the hub refused.</summary>
/// <param name="Pending">Items not yet taken by the hub.</param>
/// <param name="OldestSeconds">Age of the oldest of them, s.</param>
/// <param name="Parked">Items the hub rejected for good.</param>
/// <param name="ParkedItems">The latest 100 of those.</param>
public sealed record OutboxView(long Pending, double OldestSeconds, long Parked, IReadOnlyList<ParkedItem> ParkedItems);

/// <summary>An item the hub rejected, and why.</summary>
public sealed record ParkedItem(long Id, string SiteId, Instant ParkedAt, string? EventId = null, Problem? Problem = null);

internal static class OutboxEndpoint
{
    internal static void MapOutbox(this IEndpointRouteBuilder routes) => routes
        .MapGet("/v1/outbox", async (OutboxQueue queue, IClock clock, HttpContext context) =>
        {
            var counts = await queue.CountAsync(context.RequestAborted);
            var parked = await queue.ParkedAsync(context.RequestAborted);
            return TypedResults.Ok(new OutboxView(counts.Pending, counts.OldestSeconds(clock.GetCurrentInstant()), counts.Parked, parked));
        })
        .RequireRole(Role.Operator)
        .WithName("getOutbox").WithTags("Outbox").WithSummary("What waits to be sent to the hub, and what the hub rejected");
}
