using GridServices.Contracts;
using GridServices.Hosting.OpenApi;
using GridServices.Hosting.Refusals;
using GridServices.Hosting.Web;
using GridServices.Operations.Access;
using GridServices.Operations.Registry;
using GridServices.Operations.Service.Controllers;
using GridServices.Operations.Service.Storage;

namespace GridServices.Operations.Service.Api;

/// <summary>Controllers of sites: whether they are heard, and their tokens for the hub.</summary>
internal static class ControllerEndpoints
{
    internal static void MapControllerTokens(this IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("/v1/controllers").WithTags("Controllers").Needs(UserPermission.ControllerTokens).AddEndpointFilter<RouteGroupBuilder, FormRefusals>();
        group.MapGet("/", ListAsync).WithName("listControllers").WithSummary("Sites and how each one's controller is heard").WithDescription("As the hub says. Where it does not answer nothing is known, and connected is absent.")
            .Produces<Page<ControllerItem>>();
        group.MapGet("/{siteId}/tokens", TokensAsync).WithName("listControllerTokens").WithSummary("A site's tokens, revoked ones too").WithDescription("Their hashes; the tokens themselves are not kept.").Produces<IReadOnlyList<ControllerToken>>();
        group.MapPost("/{siteId}/tokens", IssueAsync).WithName("issueControllerToken").WithSummary("Issue a token for a site's controller")
            .WithDescription("The token is in this answer and nowhere else, so the same request again issues another one, and an Idempotency-Key is refused: its answer could not be given again. The hub knows it within two seconds; where it could not be told yet, problem says why.")
            .Accepts<ControllerTokenBody>(OperationsWire.Json).Produces<IssuedControllerToken>(StatusCodes.Status201Created).Refuses(ErrorClass.Conflict);
        group.MapDelete("/{siteId}/tokens/{id}", RevokeAsync).WithName("revokeControllerToken").WithSummary("Revoke a token").WithDescription("The hub refuses it within two seconds. 503: the file that the hub watches could not be written; it is tried again each minute.")
            .Produces(StatusCodes.Status204NoContent);
    }

    private static async Task<IResult> ListAsync(
        HttpContext http, ControllerReader reader, SettingsStore settings, string? filter = null, string? sort = null, string? after = null,
        string? limit = null) =>
        OperationsWire.Answer(await reader.PageAsync(http.Actor().Tenant, await FilterAsync(http, settings), ListQuery.Parse(filter, sort, after, limit), http.RequestAborted));

    private static async Task<IResult> TokensAsync(string siteId, HttpContext http, ControllerReader reader, ControllerTokenStore tokens, SettingsStore settings)
    {
        var site = await RequireAsync(siteId, http, reader, settings);
        return OperationsWire.Answer(await tokens.ListBySiteAsync(site.Tenant, site.SiteId, http.RequestAborted));
    }

    private static async Task<IResult> IssueAsync(string siteId, HttpContext http, ControllerReader reader, ControllerCommands commands, SettingsStore settings)
    {
        var body = OperationsWire.Read<ControllerTokenBody>(await http.Request.ReadBodyAsync(OperationsWire.MaxBody, OperationsWire.Json));
        var site = await RequireAsync(siteId, http, reader, settings);
        var made = await commands.IssueAsync(http.Actor(), site.SiteId, body.Name, http.RequestAborted);
        http.Response.Headers.CacheControl = "no-store";
        return OperationsWire.Answer(made, StatusCodes.Status201Created);
    }

    private static async Task<IResult> RevokeAsync(
        string siteId, string id, HttpContext http, ControllerReader reader, ControllerTokenStore tokens, ControllerCommands commands,
        SettingsStore settings)
    {
        var site = await RequireAsync(siteId, http, reader, settings);
        var held = await tokens.FindAsync(site.Tenant, id, http.RequestAborted) is { } token && token.SiteId == site.SiteId ? token : throw new ProblemException(ErrorClass.NotFound, $"There is no token '{SafeText.Line(id)}' here.");
        return await commands.RevokeAsync(http.Actor(), held, http.RequestAborted) is { } problem
            ? throw new ProblemException(ErrorClass.Unavailable, $"It is revoked here, but the hub could not be told yet: {problem}")
            : Results.NoContent();
    }

    private static async Task<Site> RequireAsync(string siteId, HttpContext http, ControllerReader reader, SettingsStore settings) =>
        await reader.FindAsync(http.Actor().Tenant, siteId, await FilterAsync(http, settings), http.RequestAborted) ?? throw new ProblemException(ErrorClass.NotFound, $"There is no site '{SafeText.Line(siteId)}' here.");

    private static async Task<SiteFilter> FilterAsync(HttpContext http, SettingsStore settings) =>
        AccessRules.Filter(http.Actor().Grants, UserPermission.ControllerTokens, (await settings.GetAsync(http.Actor().Tenant, http.RequestAborted)).Access);
}

/// <summary>A token as it is asked for.</summary>
public sealed record ControllerTokenBody
{
    /// <summary>What people call it, such as the controller's place.</summary>
    public required string Name { get; init; }
}
