using System.Text;
using GridServices.Contracts;
using GridServices.Hosting;
using GridServices.Hosting.Auth;
using GridServices.Hosting.OpenApi;
using GridServices.Hosting.Refusals;
using GridServices.Hosting.Web;
using GridServices.Operations.Access;
using GridServices.Operations.Notifications;
using GridServices.Operations.Service.Console.Texts;
using GridServices.Operations.Service.Notify;
using GridServices.Operations.Service.Storage;

namespace GridServices.Operations.Service.Api;

/// <summary>The delivery log, webhooks, and the link by which a contact acknowledges.</summary>
internal static class NotificationEndpoints
{
    private const int Shown = 200;

    internal static void MapNotifications(this IEndpointRouteBuilder routes)
    {
        routes.MapGet("/v1/notifications", ListAsync)
            .Needs(UserPermission.SeeRecords).WithTags("Notifications").WithName("listNotifications").WithSummary("The delivery log, newest first")
            .WithDescription("Recipients by their id; what they were told is in the message. A token for some sites sees what went to the contacts of these.").Produces<Page<NotificationItem>>();
        MapWebhooks(routes.MapGroup("/v1/webhooks").WithTags("Webhooks").NeedsTenant(UserPermission.Administer).AddEndpointFilter<RouteGroupBuilder, FormRefusals>());
        routes.MapGet("/ack/{token}", ShowAsync).Open().ExcludeFromDescription();
        routes.MapPost("/ack/{token}", RedeemAsync).Open().ExcludeFromDescription();
    }

    private static async Task<IResult> ListAsync(HttpContext http, NotificationStore store, SiteStore sites, SettingsStore settings, string? after = null, string? limit = null)
    {
        var actor = http.Actor();
        var filter = AccessRules.Filter(actor.Grants, UserPermission.SeeRecords, (await settings.GetAsync(actor.Tenant, http.RequestAborted)).Access);
        var paging = Paging.Parse(after, limit ?? "100")!;
        var found = await sites.ShownAsync(actor.Tenant, filter, http.RequestAborted) is { } shown
            ? await store.ListBySitesAsync(actor.Tenant, shown, after, paging.Limit + 1, http.RequestAborted)
            : await store.ListAsync(actor.Tenant, after, paging.Limit + 1, http.RequestAborted);
        return OperationsWire.Answer(paging.Cut(found, n => n.Id));
    }

    private static void MapWebhooks(RouteGroupBuilder group)
    {
        group.MapGet("/", async (HttpContext http, WebhookStore store, string? after = null, string? limit = null) => OperationsWire.Answer(Paging.Parse(after, limit ?? "100")!.Slice(await store.ListAsync(http.Actor().Tenant, http.RequestAborted), w => w.Id)))
            .WithName("listWebhooks").WithSummary("Webhooks").WithDescription("Without their secrets.").Produces<Page<Webhook>>();
        group.MapPost("/", PostAsync).WithName("createWebhook").WithSummary("Have an address told what happens")
            .WithDescription("Deliveries are signed: header GridServices-Signature, HMAC-SHA-256 over time and body. The secret is in this answer and nowhere else.")
            .Accepts<WebhookBody>(OperationsWire.Json).Produces<WebhookMade>(StatusCodes.Status201Created).TakesIdempotencyKey().Refuses(ErrorClass.Conflict);
        group.MapDelete("/{id}", DeleteAsync).WithName("deleteWebhook").WithSummary("Stop telling an address").WithDescription("Its deliveries stay in the log.").Produces(StatusCodes.Status204NoContent);
        group.MapPost("/{id}/test", TestAsync).WithName("testWebhook").WithSummary("Send a test to an address").WithDescription("A signed delivery with trigger test; how it went is in its deliveries.")
            .Produces<Webhook>(StatusCodes.Status202Accepted).TakesIdempotencyKey().PointsToWork();
        group.MapGet("/{id}/deliveries", async (string id, HttpContext http, WebhookStore store) => OperationsWire.Answer(await store.DeliveriesAsync(http.Actor().Tenant, id, Shown, http.RequestAborted)))
            .WithName("listWebhookDeliveries").WithSummary("The latest 200 deliveries").WithDescription("With why one was not taken and when it is tried next.").Produces<IReadOnlyList<WebhookDelivery>>();
        group.MapPost("/{id}/deliveries/{deliveryId}/replay", ReplayAsync).WithName("replayWebhookDelivery").WithSummary("Send a delivery once more").WithDescription("With a new signature and the same body.")
            .Produces(StatusCodes.Status202Accepted).TakesIdempotencyKey();
    }

    private static async Task<IResult> PostAsync(HttpContext http, WebhookCommands commands)
    {
        var body = await http.Request.ReadBodyAsync(OperationsWire.MaxBody, OperationsWire.Json);
        var read = OperationsWire.Read<WebhookBody>(body);
        return await http.OnceAsync(body, async transaction =>
        {
            var made = await commands.CreateAsync(transaction, read);
            return PostAnswer.Created($"/v1/webhooks/{made.Webhook.Id}", made);
        });
    }

    private static async Task<IResult> TestAsync(string id, HttpContext http, WebhookStore store, JobTrigger jobs)
    {
        var held = await RequireAsync(id, http, store);
        return await http.OnceAsync(default, async transaction =>
        {
            await WebhookCommands.TestAsync(transaction, held);
            transaction.AfterCommit(() => jobs.Run(NotificationJob.Name));
            return PostAnswer.Accepted($"/v1/webhooks/{held.Id}/deliveries", held);
        });
    }

    private static async Task<IResult> DeleteAsync(string id, HttpContext http, WebhookStore store, OperationsStore operations)
    {
        var held = await RequireAsync(id, http, store);
        await operations.WriteAsync(http.Actor(), transaction => transaction.DeleteAsync(store, held), http.RequestAborted);
        return Results.NoContent();
    }

    private static async Task<Webhook> RequireAsync(string id, HttpContext http, WebhookStore store) =>
        await store.FindAsync(http.Actor().Tenant, id, http.RequestAborted) ?? throw new ProblemException(ErrorClass.NotFound, $"There is no webhook '{SafeText.Line(id)}' here.");

    private static async Task<IResult> ReplayAsync(string id, string deliveryId, HttpContext http, OperationsStore operations) =>
        await operations.WriteAsync(http.Actor(), transaction => WebhookStore.ReplayAsync(transaction, id, deliveryId), http.RequestAborted) == 1
            ? Results.Accepted()
            : throw new ProblemException(ErrorClass.NotFound, $"There is no delivery '{SafeText.Line(deliveryId)}' here.");

    private static async Task<IResult> ShowAsync(string token, HttpContext http, Acknowledgements acknowledgements) =>
        Page(http, await acknowledgements.CheckAsync(token, http.RequestAborted), isForm: true);

    private static async Task<IResult> RedeemAsync(string token, HttpContext http, Acknowledgements acknowledgements) =>
        Page(http, await acknowledgements.RedeemAsync(token, http.RequestAborted), isForm: false);

    /// <summary>Plain HTML that works on any phone; the button is a POST, because mail scanners open links.</summary>
    private static IResult Page(HttpContext http, AcknowledgementVerdict verdict, bool isForm)
    {
        http.Response.Headers.ContentSecurityPolicy = "default-src 'none'; form-action 'self'; frame-ancestors 'none'";
        http.Response.Headers.CacheControl = "no-store";
        http.Response.Headers["Referrer-Policy"] = "no-referrer";
        var language = Language.Choose(null, http.Request.Headers.AcceptLanguage);
        var t = new TextSet(language);
        var text = verdict switch
        {
            AcknowledgementVerdict.Accepted when isForm => $"<form method=\"post\"><p>{t["ack.question"]}</p><button type=\"submit\">{t["ack.yes"]}</button></form>",
            AcknowledgementVerdict.Accepted => $"<p>{t["ack.thanks"]}</p>",
            AcknowledgementVerdict.Used => $"<p>{t["ack.used"]}</p>",
            _ => $"<p>{t["ack.over"]}</p>",
        };
        return Results.Text(
            $"<!doctype html><html lang=\"{language.Code}\"><head><meta charset=\"utf-8\"><meta name=\"viewport\" content=\"width=device-width\"><title>{t["ack.title"]}</title></head><body><main><h1>{t["ack.title"]}</h1>{text}</main></body></html>", "text/html", Encoding.UTF8);
    }
}
