using GridServices.Contracts;
using GridServices.Hosting.OpenApi;
using GridServices.Hosting.Web;
using GridServices.Operations.Access;
using GridServices.Operations.Registry;
using GridServices.Operations.Service.Privacy;
using GridServices.Operations.Service.Registry;

namespace GridServices.Operations.Service.Api;

/// <summary>Export and erasure of a customer's personal data.</summary>
internal static class PersonalDataEndpoints
{
    internal static void MapPersonalData(this IEndpointRouteBuilder routes, EntityEndpoints<Customer, CustomerBody> customers)
    {
        var group = routes.MapGroup("/v1/customers/{id}").WithTags("Customers").Needs(UserPermission.Administer).AddEndpointFilter<RouteGroupBuilder, FormRefusals>();
        group.MapPost("/export", async (string id, HttpContext http, PersonalData data) =>
            {
                var customer = await customers.RequireAsync(http, id, UserPermission.Administer);
                return await http.OnceAsync(default, async transaction => PostAnswer.Ok(await data.ExportAsync(transaction, customer)));
            })
            .WithName("exportCustomer").WithSummary("Everything personal that is held about a customer").WithDescription("That it was exported is written to the audit.")
            .Produces<PersonalDataExport>().TakesIdempotencyKey();
        group.MapPost("/erase", async (string id, HttpContext http, PersonalData data) =>
            {
                var body = await http.Request.ReadBodyAsync(OperationsWire.MaxBody, OperationsWire.Json);
                var reason = OperationsWire.Read<ReasonBody>(body).Reason;
                var customer = await customers.RequireAsync(http, id, UserPermission.Administer);
                return await http.OnceAsync(body, async transaction => PostAnswer.Ok(await data.EraseAsync(transaction, customer, reason)));
            })
            .WithName("eraseCustomer").WithSummary("Erase a customer's personal data; ids, sites and enrollments are kept")
            .WithDescription(
                "It can't be undone. What the books need stays without persons, and erased says how much of it: that contacts were told, when and whether they acknowledged; "
                + "the amounts of bills that were split, per user under numbers. Enrollments that still run should be ended first: nobody can be notified any more.")
            .Accepts<ReasonBody>(OperationsWire.Json).Produces<Customer>().TakesIdempotencyKey().Refuses(ErrorClass.Conflict);
    }
}

/// <summary>Why something is done; kept in the audit.</summary>
public sealed record ReasonBody
{
    public required string Reason { get; init; }
}
