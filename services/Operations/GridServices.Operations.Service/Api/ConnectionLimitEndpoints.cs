using GridServices.Contracts;
using GridServices.Hosting.OpenApi;
using GridServices.Hosting.Web;
using GridServices.Operations.Access;
using GridServices.Operations.Registry;
using GridServices.Operations.Service.Provisioning;
using GridServices.Operations.Service.Registry;

namespace GridServices.Operations.Service.Api;

/// <summary>How the limit of a site's connection stands, and its confirmation.</summary>
internal static class ConnectionLimitEndpoints
{
    internal static void MapConnectionLimits(this WebApplication app, EntityEndpoints<Site, SiteBody> sites)
    {
        app.MapGet("/v1/sites/{id}/connection-limit", async (string id, HttpContext http, ConnectionLimitReader reader) =>
                OperationsWire.Answer(await reader.ReadAsync(await sites.RequireAsync(http, id, UserPermission.SeeSites), http.RequestAborted)))
            .Needs(UserPermission.SeeSites).WithTags("Sites").WithName("getConnectionLimit").WithSummary("The limit of the connection, here and at the hub")
            .WithDescription("Where the connection leaves out what it said before, the earlier limit stays and stated is what it would be. Where the hub holds another limit than was published here, an action says both.")
            .Produces<ConnectionLimitState>();
        app.MapPost("/v1/sites/{id}/connection-limit/confirm", async (string id, HttpContext http, ConnectionCommands commands) =>
            {
                var above = await commands.HeldAtHubAsync(await sites.RequireAsync(http, id, UserPermission.EditSites), http.RequestAborted);
                return await http.OnceAsync(default, async transaction =>
                {
                    var held = await sites.HeldAsync(transaction, id);
                    http.RequireMatch(EntityEndpoints<Site, SiteBody>.GetETag(held));
                    var confirmed = await commands.ConfirmAsync(transaction, held, above);
                    http.Tag(EntityEndpoints<Site, SiteBody>.GetETag(confirmed));
                    return PostAnswer.Ok(confirmed);
                });
            })
            .AddEndpointFilter<RouteHandlerBuilder, FormRefusals>().Needs(UserPermission.EditSites).WithTags("Sites").WithName("confirmConnectionLimit").WithSummary("Confirm the limit of the connection as it is stated now")
            .WithDescription("What was held of earlier statements goes, and the limit is published again above what the hub holds. 409 where the connection is blocked by what it lacks.")
            .Produces<Site>().TakesIfMatch().TakesIdempotencyKey().WritesETag().Refuses(ErrorClass.Conflict);
    }
}
