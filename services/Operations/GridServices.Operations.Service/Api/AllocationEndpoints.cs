using System.Text;
using GridServices.Contracts;
using GridServices.Hosting.OpenApi;
using GridServices.Hosting.Refusals;
using GridServices.Hosting.Web;
using GridServices.Operations.Access;
using GridServices.Operations.Service.Money;
using GridServices.Operations.Service.Registry;
using NodaTime;

namespace GridServices.Operations.Service.Api;

/// <summary>A site's bill split among charging sessions.</summary>
internal static class AllocationEndpoints
{
    private const int MostListed = 100;
    private const string Csv = MoneyCsv.MediaType;

    internal static void MapAllocations(this IEndpointRouteBuilder routes)
    {
        var group = routes.MapGroup("/v1").WithTags("Bills").AddEndpointFilter<RouteGroupBuilder, FormRefusals>();
        group.MapPost("/bills/{meterPointId}/{month}/allocations", PostAsync).Needs(UserPermission.RunBilling).WithName("allocateBill").WithSummary("Split a month's bill among charging sessions, to the cent")
            .WithDescription("The sessions as OCPI charge detail records (a JSON array, or an answer with data), or as CSV with the head start,end,kWh,evse and, where known, user,id,paid. A row that can't be used refuses the file unless leaveOutRefused is true; then its energy stays with the site. The users' shares and the site's sum to payable.")
            .Accepts<IReadOnlyList<object>>(OperationsWire.Json, Csv).Produces<BillAllocation>(StatusCodes.Status201Created).TakesIdempotencyKey().Refuses(ErrorClass.Conflict);
        group.MapGet("/bills/{meterPointId}/{month}/allocations", ListAsync).Needs(UserPermission.SeeBills).WithName("listBillAllocations").WithSummary("How a month's bill was split, the newest first")
            .WithDescription("Without the sessions.").Produces<BillAllocationList>();
        group.MapGet("/bill-allocations/{id}", GetAsync).Needs(UserPermission.SeeBills).WithName("getBillAllocation").WithSummary("A split of a bill, by user and session")
            .WithDescription("format is json (default), csv (by user) or sessions-csv.").Produces<BillAllocation>(StatusCodes.Status200OK, OperationsWire.Json, Csv);
        group.MapGet("/bill-allocations/{id}/reasons", GetReasonsAsync).Needs(UserPermission.SeeBills).WithName("explainSessionShare")
            .WithSummary("Why a session pays its share of a bill, line by line")
            .WithDescription("Which charge at which price, in which hours and windows, which peak, and what it was shared by. "
                + "The Tariffs service is asked again with the sessions as they were told; isCurrent says whether readings and tariff are still those of the split.")
            .Explains("session", "The session's id, as in the allocation.").Produces<SessionExplanation>().Refuses(ErrorClass.Conflict);
    }

    private static async Task<IResult> PostAsync(
        string meterPointId, string month, HttpContext http, BillAccess access, Allocations allocations, AllocationStore store, string? method = null, string? leaveOutRefused = null)
    {
        var isLenient = leaveOutRefused switch { null or "false" => false, "true" => true, _ => throw new ProblemException(ErrorClass.SemanticCode, "leaveOutRefused is true or false.", "leaveOutRefused") };
        var by = method ?? Allocations.Methods[0];
        if (!Allocations.Methods.Contains(by))
        {
            throw new ProblemException(ErrorClass.SemanticCode, $"method is one of {string.Join(", ", Allocations.Methods)}.", "method");
        }

        var (actor, of) = (http.Actor(), BillAccess.Month(month));
        var (meter, site) = await access.RequireAsync(actor, meterPointId, UserPermission.RunBilling, http.RequestAborted);
        var body = await http.Request.ReadBodyAsync(SessionFiles.MostBytes, OperationsWire.Json, Csv);
        var file = SessionFiles.Read(Encoding.UTF8.GetString(body.Span), DateTimeZoneProviders.Tzdb[site.TimeZone]);
        RequireReadable(file, isLenient);
        var made = await allocations.CalculateAsync(actor.Tenant, meter, of, file, by, http.RequestAborted);
        return await http.OnceAsync(body, async transaction =>
        {
            var saved = await store.AddAsync(transaction, made);
            return PostAnswer.Created($"/v1/bill-allocations/{saved.Id}", saved);
        });
    }

    private static void RequireReadable(SessionFile file, bool isLenient)
    {
        if (file.Refused.Count > 0 && (!isLenient || file.Sessions.Count == 0))
        {
            throw new FormException([.. file.Refused.Take(1_000).Select(f => new ConfigFault(ErrorClass.SchemaInvalid, f.Column.Length == 0 ? $"/rows/{f.Line}" : $"/rows/{f.Line}/{f.Column}", f.ToString()))]);
        }

        if (file.Sessions.Count == 0)
        {
            throw new FormException(ErrorClass.SemanticEmpty, "/rows", "there is no session in it");
        }
    }

    private static async Task<IResult> ListAsync(string meterPointId, string month, HttpContext http, BillAccess access, AllocationStore store)
    {
        var actor = http.Actor();
        await access.RequireAsync(actor, meterPointId, UserPermission.SeeBills, http.RequestAborted);
        return OperationsWire.Answer(new BillAllocationList(await store.ListByBillAsync(actor.Tenant, meterPointId, BillAccess.Month(month), MostListed, http.RequestAborted)));
    }

    private static async Task<IResult> GetReasonsAsync(string id, HttpContext http, BillAccess access, Allocations allocations, AllocationStore store, string? session = null)
    {
        var (actor, ct) = (http.Actor(), http.RequestAborted);
        var found = await store.FindAsync(actor.Tenant, id, ct) ?? throw new ProblemException(ErrorClass.NotFound, $"There is no allocation '{SafeText.Line(id)}' here.");
        await access.SiteAsync(actor, found.SiteId, UserPermission.SeeBills, ct);
        var (meter, _) = await access.RequireAsync(actor, found.MeterPointId, UserPermission.SeeBills, ct);
        var of = session ?? throw new ProblemException(ErrorClass.SchemaInvalid, "Say which session: ?session=, as in the allocation.", "session");
        return OperationsWire.Answer(await allocations.ExplainAsync(actor.Tenant, meter, found, await store.FindSessionsAsync(actor.Tenant, id, ct), of, ct));
    }

    private static async Task<IResult> GetAsync(string id, HttpContext http, BillAccess access, AllocationStore store, string? format = null)
    {
        var actor = http.Actor();
        var found = await store.FindAsync(actor.Tenant, id, http.RequestAborted) ?? throw new ProblemException(ErrorClass.NotFound, $"There is no allocation '{SafeText.Line(id)}' here.");
        await access.SiteAsync(actor, found.SiteId, UserPermission.SeeBills, http.RequestAborted);
        return format switch
        {
            null or "json" => OperationsWire.Answer(found),
            "csv" => Results.Text(MoneyCsv.Users(found), Csv),
            "sessions-csv" => Results.Text(MoneyCsv.Sessions(found), Csv),
            _ => throw new ProblemException(ErrorClass.SemanticCode, "format is json, csv or sessions-csv.", "format"),
        };
    }
}

/// <summary>Splits of a bill.</summary>
/// <param name="Items">The newest first, without their sessions.</param>
public sealed record BillAllocationList(IReadOnlyList<BillAllocation> Items);
