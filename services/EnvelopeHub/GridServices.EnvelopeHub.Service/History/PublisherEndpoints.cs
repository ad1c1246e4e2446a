using GridServices.Contracts;
using GridServices.Hosting.Auth;
using GridServices.Hosting.Refusals;
using GridServices.Hosting.Web;
using NodaTime;

namespace GridServices.EnvelopeHub.Service.History;

/// <summary>Who publishes here, and whether everything live has been said in the present history.</summary>
internal static class PublisherEndpoints
{
    private const int MaxBody = 16 * 1024;

    public static void MapPublishers(this IEndpointRouteBuilder routes)
    {
        routes.MapPost("/v1/publishers", HelloAsync)
            .RequirePermission(Permission.Publish)
            .RepeatsHarmlessly().WithName("announcePublisher").WithTags("Publishers")
            .WithSummary("A publisher says hello and is told the hub's epoch")
            .WithDescription(
                "Every few seconds. Where the answer's epoch is another one than the publisher has restated in, it publishes everything live again and then says so with restatedEpoch. "
                + "epoch and head are those of the hub's last answer: a head beyond the store's proves that an older copy was put back, and another epoch begins.")
            .Accepts<PublisherHello>("application/json")
            .Produces<PublisherAnswer>();
        routes.MapGet("/v1/publishers", List)
            .RequirePermission(Permission.SeeSettings)
            .WithName("listPublishers").WithTags("Publishers")
            .WithSummary("The publishers that the hub knows, and which of them it still waits for")
            .Produces<PublisherList>();
        routes.MapDelete("/v1/publishers/{**source}", RemoveAsync)
            .RequirePermission(Permission.Administer)
            .WithName("deletePublisher").WithTags("Publishers")
            .WithSummary("Do not wait for a publisher that will never come back")
            .WithDescription("The source as in the list, e.g. DELETE /v1/publishers/gridservices/openadr/1. What it has published stays. Should it come back it is known again. "
                + "This is also how a person confirms that one whose store was lost (forgot) has nothing more to say.")
            .Produces(StatusCodes.Status204NoContent);
    }

    private static async Task<IResult> HelloAsync(HttpContext http, HistoryLoop loop)
    {
        var read = PublisherHelloReader.Read(await http.Request.ReadBodyAsync(MaxBody, "application/json"));
        return read.TryGet(out var hello, out var problem)
            ? Results.Json(await loop.HelloAsync(http.Caller().Tenant, hello, CancellationToken.None), ContractJson.Options)
            : ProblemResult.Create(problem);
    }

    private static IResult List(HttpContext http, HubHistory history)
    {
        var tenant = http.Caller().Tenant;
        var told = history.GetTenantHistory(tenant);
        return Results.Json(
            new PublisherList(
                told.Epoch,
                told.Incomplete,
                [
                    .. history.Publishers.Where(known => string.Equals(known.Id.Tenant, tenant, StringComparison.Ordinal))
                        .OrderBy(known => known.Id.Source, StringComparer.Ordinal)
                        .Select(known => new PublisherView(
                            known.Id.Source, known.Id.Tenant, known.Speaks, known.Restated, told.WaitingFor.Contains(known.Id.Source, StringComparer.Ordinal), known.LastHeard, known.Forgot ? true : null)),
                ]),
            ContractJson.Options);
    }

    private static async Task<IResult> RemoveAsync(string source, HttpContext http, HubHistory history, HistoryLoop loop)
    {
        var tenant = http.Caller().Tenant;
        var asked = Uri.UnescapeDataString(source);
        var found = history.Publishers.FirstOrDefault(known => string.Equals(known.Id.Tenant, tenant, StringComparison.Ordinal) && (known.Id.Source == asked || known.Id.Source == "/" + asked));
        return found is not null && await loop.RemoveAsync(found.Id, CancellationToken.None)
            ? Results.NoContent()
            : ProblemResult.Create(ErrorClass.NotFound, $"No publisher '{asked}' is known. GET /v1/publishers lists them.", "source");
    }
}

/// <summary>The publishers of the caller's tenant.</summary>
/// <param name="Epoch">The hub's present history.</param>
/// <param name="Incomplete">True while controllers are told that limits may be missing.</param>
/// <param name="Publishers">In order of their source.</param>
public sealed record PublisherList(string Epoch, bool Incomplete, IReadOnlyList<PublisherView> Publishers);

/// <summary>One publisher.</summary>
/// <param name="Source">As in its events.</param>
/// <param name="Tenant">Whose sites it publishes for.</param>
/// <param name="SaysHello">False: it is known from its publications only, and counts as restated with its first one in an epoch.</param>
/// <param name="RestatedEpoch">The epoch in which it has said everything live.</param>
/// <param name="Awaited">True while the hub waits for it.</param>
/// <param name="LastHeard">Null: not since the hub started.</param>
/// <param name="Forgot">True where its store was lost: it came back without knowing the hub. It is awaited, whatever it says, until it publishes or is struck; absent otherwise.</param>
public sealed record PublisherView(string Source, string Tenant, bool SaysHello, string? RestatedEpoch, bool Awaited, Instant? LastHeard, bool? Forgot);
