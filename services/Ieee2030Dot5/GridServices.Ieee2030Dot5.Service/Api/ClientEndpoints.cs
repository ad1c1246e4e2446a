using GridServices.Contracts;
using GridServices.Hosting.Auth;
using GridServices.Hosting.Clustering;
using GridServices.Hosting.Documents;
using GridServices.Hosting.OpenApi;
using GridServices.Hosting.Web;
using GridServices.Ieee2030Dot5.Configuration;
using GridServices.Ieee2030Dot5.Service.Driver;
using GridServices.Ieee2030Dot5.Service.Registry;
using GridServices.Ieee2030Dot5.Service.Transport;

namespace GridServices.Ieee2030Dot5.Service.Api;

/// <summary>The registry of clients and the actions on them.</summary>
internal static class ClientEndpoints
{
    private const int MaxBody = 4 * 1024 * 1024;

    private static readonly Dictionary<string, DerAction> Actions = new(StringComparer.Ordinal)
    {
        ["rediscover"] = DerAction.Rediscover,
        ["resume"] = DerAction.Resume,
        ["report"] = DerAction.Report,
    };

    public static void MapClients(this IEndpointRouteBuilder routes)
    {
        var clients = routes.MapGroup("/v1/clients").RequirePermission(Permission.SeeSites).WithTags("Clients");
        clients.MapGet("/", List).WithName("listClients").WithSummary("All clients with their state").Produces<ListOrPage<ClientItem>>().ListsAllNodes(item => item.GetProperty("clientKey").GetString()!);
        clients.MapPut("/{clientKey}", PutAsync).RequirePermission(Permission.EditSites).WithName("putClient").WithSummary("Make or change a client")
            .WithDescription("Every fault is named in `errors`, each with its JSON pointer and how to fix it. Another server or certificate starts discovery anew.")
            .Accepts<DerClientConfig>("application/json").Produces<ClientDetail>().Produces<ClientDetail>(StatusCodes.Status201Created).Refuses(ErrorClass.Conflict).TakesIfMatch().WritesETag();
        clients.MapGet("/{clientKey}", Get).WithName("getClient").WithSummary("A client: configuration, state, latest notes").Produces<ClientDetail>().WritesETag();
        clients.MapDelete("/{clientKey}", DeleteAsync).RequirePermission(Permission.EditSites).WithName("deleteClient").WithSummary("Withdraw a client's streams and forget it")
            .Produces(StatusCodes.Status204NoContent).TakesIfMatch();
        clients.MapPost("/{clientKey}/actions/{action}", ActAsync).RequirePermission(Permission.Operate).WithName("actOnClient").WithSummary("Have a client do something now")
            .WithDescription(
                "action: rediscover (read everything anew), resume (go on after communication was ceased for a wrong PIN), report (send capability, settings and status again).")
            .Accepts<ActionBody>(isOptional: true, "application/json").Produces<ActionResponse>(StatusCodes.Status202Accepted);
    }

    private static IResult List(HttpContext http, ClientHost host, SteadyClock clock, string? after = null, string? limit = null)
    {
        var caller = http.Caller();
        var now = clock.GetCurrentInstant();
        var clients = host.Views.Where(caller.MaySee).OrderBy(v => v.Id.Key, StringComparer.Ordinal).Select(v => ClientItem.From(v, now));
        return Paging.Answer(after, limit, clients, c => c.ClientKey);
    }

    private static async Task<IResult> PutAsync(
        string clientKey, HttpContext http, ClientHost host, ClientProtocol protocol, TlsSettings tls, CertificateFolderOptions certificates,
        SteadyClock clock)
    {
        var id = http.GetEngineId(clientKey);
        var read = ClientConfigReader.Read(await http.Request.ReadBodyAsync(MaxBody, "application/json"), tls, certificates.ForTenant(id.Tenant));
        if (read.Config is not { } config)
        {
            return ConfigProblem.Answer(http, read.Faults);
        }

        http.RequireSites(config);
        if (host.TryGet(id, out var held))
        {
            http.RequireSites(held.View.Config);
        }

        var unreadable = held is null ? http.FindUnreadable(clientKey) : null;
        if (unreadable is not null)
        {
            http.RequireSites(unreadable);
        }

        http.RequireMatch((held?.View.Config ?? unreadable?.Config) is { } stored ? EntityTags.Compute(stored) : null);
        protocol.RequireFree(id, config);
        if (held is not null)
        {
            ReservationEndpoints.RequireNoneLeft(held.View, config, clock.GetCurrentInstant());
        }

        var isNew = await host.PutAsync(id, config, http.RequestAborted);
        http.Tag(EntityTags.Compute(config));
        var detail = ClientDetail.From(http.GetClient(host, clientKey).View, clock.GetCurrentInstant(), read.Warnings);
        return isNew ? Results.Created($"/v1/clients/{clientKey}", detail) : Results.Ok(detail);
    }

    private static IResult Get(string clientKey, HttpContext http, ClientHost host, SteadyClock clock)
    {
        var view = http.GetClient(host, clientKey).View;
        http.Tag(EntityTags.Compute(view.Config));
        return Results.Ok(ClientDetail.From(view, clock.GetCurrentInstant()));
    }

    private static async Task<IResult> DeleteAsync(string clientKey, HttpContext http, ClientHost host)
    {
        var client = http.GetClient(host, clientKey);
        http.RequireMatch(EntityTags.Compute(client.View.Config));
        await host.DeleteAsync(client.Id, http.RequestAborted);
        return Results.NoContent();
    }

    private static async Task<IResult> ActAsync(string clientKey, string action, HttpContext http, ClientHost host, SteadyClock clock)
    {
        var client = http.GetClient(host, clientKey);
        var (chosen, faults) = await ActionRequest.ReadAsync(http, action, Actions);
        if (chosen is null)
        {
            return ConfigProblem.Answer(http, faults);
        }

        var notes = await client.SubmitAsync(new DerInput.OperatorAction(chosen.Value), http.RequestAborted);
        var answer = new ActionResponse(ClientCondition.From(client.View, clock.GetCurrentInstant()), [.. notes.Select(n => SafeText.Line(n.Text))]);
        return Results.Json(answer, statusCode: StatusCodes.Status202Accepted);
    }
}
