using GridServices.Contracts;
using GridServices.Hosting.OpenApi;
using GridServices.Hosting.Refusals;
using GridServices.Hosting.Web;
using GridServices.Operations.Access;
using GridServices.Operations.Money;
using GridServices.Operations.Service.Events;
using GridServices.Operations.Service.Money;

namespace GridServices.Operations.Service.Api;

/// <summary>What events earned.</summary>
internal static class SettlementEndpoints
{
    private const string Csv = MoneyCsv.MediaType;

    internal static void MapSettlements(this IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("/v1").WithTags("Settlements").AddEndpointFilter<RouteGroupBuilder, FormRefusals>();
        group.MapPost("/events/{id}/sites/{siteId}/settlements", PostAsync).Needs(UserPermission.RunBilling).WithName("settleEvent").WithSummary("Settle an event at a site: nothing is typed")
            .WithDescription("Meter, window, baseline and payment come from the event and the enrollment. Preliminary until the meter's data are complete and final; settled again it says what is still due. The same data again give the same settlement and keep no second one (200).")
            .Produces<Settlement>(StatusCodes.Status201Created).Produces<Settlement>().TakesIdempotencyKey().Refuses(ErrorClass.Conflict);
        group.MapGet("/events/{id}/sites/{siteId}/settlements", GetAsync).Needs(UserPermission.SeeBills).WithName("listEventSettlements").WithSummary("How an event was settled at a site, the last one first")
            .WithDescription("format is json (default) or csv, which is the last one: intervals, the days of the baseline with their reasons, amounts.").Produces<SettlementList>(StatusCodes.Status200OK, OperationsWire.Json, Csv);
        group.MapPost("/events/{id}/sites/{siteId}/settlements/comparison", CompareAsync).Needs(UserPermission.SeeBills).RepeatsHarmlessly().WithName("compareStatement").WithSummary("Hold the settlement against the utility's own statement, line by line")
            .WithDescription("The statement's lines as JSON, or as CSV with the head name,amount and, where known, kind,period,quantity,unit,rate; what is paid is positive. Where lines have a period, the start of an interval in the site's time such as 16:00, the comparison is by interval. The last settlement of the event at the site is meant. Nothing is stored.")
            .Accepts<InvoiceBody>(OperationsWire.Json, Csv).Produces<InvoiceComparison>(StatusCodes.Status200OK, OperationsWire.Json, Csv).Refuses(ErrorClass.Conflict);
        group.MapGet("/settlements", ListAsync).Needs(UserPermission.SeeBills).WithName("listSettlements").WithSummary("Settlements of all events, the newest first")
            .WithDescription("Of an event and site the one with the highest number holds.").Produces<Page<Settlement>>();
    }

    private static async Task<IResult> PostAsync(string id, string siteId, HttpContext http, BillAccess access, EventStore events, Settlements settlements)
    {
        await access.SiteAsync(http.Actor(), siteId, UserPermission.RunBilling, http.RequestAborted);
        var held = await EventEndpoints.RequireAsync(id, http, events, null);
        var made = await settlements.CalculateAsync(held, siteId, http.RequestAborted);
        return await http.OnceAsync(default, async transaction =>
        {
            var (saved, isNew) = await Settlements.SaveAsync(transaction, made);
            return isNew ? PostAnswer.Created($"/v1/events/{id}/sites/{siteId}/settlements", saved) : PostAnswer.Ok(saved);
        });
    }

    private static async Task<IResult> GetAsync(string id, string siteId, HttpContext http, BillAccess access, EventStore events, SettlementStore store, string? format = null)
    {
        var actor = http.Actor();
        await access.SiteAsync(actor, siteId, UserPermission.SeeBills, http.RequestAborted);
        await EventEndpoints.RequireAsync(id, http, events, null);
        var found = await store.ListByEventAsync(actor.Tenant, id, siteId, http.RequestAborted);
        return format switch
        {
            null or "json" => OperationsWire.Answer(new SettlementList(found)),
            "csv" => Results.Text(found.Count == 0 ? throw new ProblemException(ErrorClass.NotFound, "The event was not settled at this site.") : MoneyCsv.Settlement(found[0]), Csv),
            _ => throw new ProblemException(ErrorClass.SemanticCode, "format is json or csv.", "format"),
        };
    }

    private static async Task<IResult> CompareAsync(string id, string siteId, HttpContext http, BillAccess access, EventStore events, SettlementStore store, string? format = null)
    {
        var actor = http.Actor();
        await access.SiteAsync(actor, siteId, UserPermission.SeeBills, http.RequestAborted);
        await EventEndpoints.RequireAsync(id, http, events, null);
        var theirs = await UtilityLines.ReadAsync(http);
        return await store.ListByEventAsync(actor.Tenant, id, siteId, http.RequestAborted) is [var last, ..]
            ? UtilityLines.Answer(StatementLines.Compare(last, theirs), format)
            : throw new ProblemException(ErrorClass.Conflict, "The event was not settled at this site: POST its settlements first, then compare.");
    }

    private static async Task<IResult> ListAsync(HttpContext http, BillAccess access, SettlementStore store, string? after = null, string? limit = null)
    {
        var (actor, paging) = (http.Actor(), Paging.Parse(after, limit ?? "100")!);
        var shown = await access.ShownAsync(actor, UserPermission.SeeBills, http.RequestAborted);
        return OperationsWire.Answer(paging.Cut(await store.ListAsync(actor.Tenant, shown, after, paging.Limit + 1, http.RequestAborted), s => s.Id));
    }
}

/// <summary>Settlements of an event at a site.</summary>
/// <param name="Items">The last one, which holds, first.</param>
public sealed record SettlementList(IReadOnlyList<Settlement> Items);
