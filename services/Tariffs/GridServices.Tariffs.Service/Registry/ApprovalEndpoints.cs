using System.Net.Mime;
using GridServices.Contracts;
using GridServices.Hosting.Auth;
using GridServices.Hosting.OpenApi;
using GridServices.Hosting.Refusals;
using GridServices.Hosting.Storage;
using GridServices.Hosting.Web;
using GridServices.Tariffs.Requests;
using GridServices.Tariffs.Service.Calculations;
using Microsoft.Net.Http.Headers;
using NodaTime;

namespace GridServices.Tariffs.Service.Registry;

/// <summary>The second person's part, and the history of who changed what.</summary>
internal static class ApprovalEndpoints
{
    private const int MaxBody = 16 * 1024;
    private const int MostReason = 1_000;

    public static void MapApprovals(this IEndpointRouteBuilder routes)
    {
        Decision(routes.MapPost("/v1/tariffs/{tariffId}/approval", ApproveAsync), "approveTariff", "Put a held version in force, by another token than its author's")
            .WithDescription("Only with the setting Approval:Tariffs (or that of the tenant) are versions held. If-Match names the ETag of what is approved, so that nobody approves what they have not seen. The same again changes nothing. 403: the token is the author's own. 409: the version in force was changed since it was put.")
            .TakesIfMatch("The ETag of the held version that is meant. Required; * is refused.");
        Decision(routes.MapPost("/v1/tariffs/{tariffId}/rejection", RejectAsync), "rejectTariff", "Turn a held version down, or take it back; its author may do that too")
            .WithDescription("If-Match names the ETag of what is held. What is in force stays. The same again changes nothing.")
            .TakesIfMatch("The ETag of the held version that is meant. Required; * = whatever is held.");
        routes.MapGet("/v1/tariffs/{tariffId}/changes", ChangesAsync)
            .RequirePermission(Permission.SeeSettings, Role.Publisher).WithName("listTariffChanges").WithTags("Tariffs")
            .WithSummary("Who put, approved, turned down and deleted what, by the names of their tokens")
            .WithDescription("In order, a page at a time; what was put before this was recorded is not in it.")
            .Produces<Page<TariffChange>>();
    }

    private static RouteHandlerBuilder Decision(RouteHandlerBuilder endpoint, string name, string summary) => endpoint
        .RequirePermission(Permission.Settle).RepeatsHarmlessly().WithName(name).WithTags("Tariffs").WithSummary(summary)
        .Accepts<TariffDecision>(MediaTypeNames.Application.Json).Produces<TariffDecided>().Refuses(ErrorClass.Conflict, ErrorClass.AuthzRole);

    private static async Task<IResult> ApproveAsync(string tariffId, HttpContext http, HeldTariffs held, IClock clock)
    {
        var (decision, hash) = await ReadAsync(tariffId, http);
        if (hash == "*")
        {
            throw new ProblemException(ErrorClass.SchemaInvalid,
                "If-Match: * would approve what nobody has seen; name the ETag of the held version (GET /v1/tariffs/{tariffId}?state=held).", "If-Match");
        }

        await held.ApproveAsync(http.Caller().Tenant, tariffId, decision.Version!, hash, http.Caller().TokenId, clock.GetCurrentInstant(), http.RequestAborted);
        return Responses.Json(new TariffDecided(tariffId, decision.Version!, TariffState.InForce));
    }

    private static async Task<IResult> RejectAsync(string tariffId, HttpContext http, HeldTariffs held, IClock clock)
    {
        var (decision, hash) = await ReadAsync(tariffId, http);
        await held.RejectAsync(http.Caller().Tenant, tariffId, decision.Version!, hash, http.Caller().TokenId, decision.Reason, clock.GetCurrentInstant(), http.RequestAborted);
        return Responses.Json(new TariffDecided(tariffId, decision.Version!, TariffState.Rejected));
    }

    private static async Task<IResult> ChangesAsync(string tariffId, HttpContext http, Store store, string? after = null, string? limit = null)
    {
        TariffEndpoints.RequireId(tariffId);
        var page = Paging.Parse(after, limit) ?? new Paging(null, Paging.Most);
        var changes = await store.ReadAsync(db => TariffChanges.ListAsync(db, http.Caller().Tenant, tariffId, page.After ?? string.Empty, page.Limit + 1), http.RequestAborted);
        return Responses.Json(page.Cut(changes, c => c.ChangeId));
    }

    private static async Task<(TariffDecision Decision, string Hash)> ReadAsync(string tariffId, HttpContext http)
    {
        TariffEndpoints.RequireId(tariffId);
        var read = TariffDecision.Read(await http.Request.ReadBodyAsync(MaxBody, MediaTypeNames.Application.Json));
        if (!read.Ok)
        {
            throw new ProblemException(read.Refusals[0].Class, read.Refusals[0].Detail, read.Refusals[0].Path);
        }

        if (read.Value!.Version is not { Length: > 0 } || read.Value.Reason?.Length > MostReason)
        {
            throw new ProblemException(ErrorClass.SchemaInvalid, $"version names the held version; a reason has at most {MostReason} characters.", "/version");
        }

        return EntityTagHeaderValue.TryParseList(http.Request.Headers.IfMatch, out var tags) && tags.Count > 0
            ? (read.Value, tags[0].Tag.Value!.Trim('"'))
            : throw new ProblemException(ErrorClass.SchemaInvalid, "If-Match is missing: it names the ETag of the held version that is meant (GET /v1/tariffs/{tariffId}?state=held).", "If-Match");
    }
}

/// <summary>What became of a held version.</summary>
/// <param name="TariffId">Of which tariff.</param>
/// <param name="Version">Which.</param>
/// <param name="State">inForce or rejected.</param>
public sealed record TariffDecided(string TariffId, string Version, TariffState State);

/// <summary>Where a version stands.</summary>
public enum TariffState
{
    /// <summary>Bills, live meters and calculations use it.</summary>
    InForce,

    /// <summary>It waits for a second person; nothing uses it.</summary>
    Held,

    /// <summary>It was turned down.</summary>
    Rejected,

    /// <summary>It is in force; one person wants it deleted, and a second one has to say so too.</summary>
    DeletionAsked,
}
