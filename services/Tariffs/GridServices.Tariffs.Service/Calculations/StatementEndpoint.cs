using System.Net.Mime;
using GridServices.Hosting.Auth;
using GridServices.Hosting.Web;
using GridServices.Tariffs.Service.Registry;
using GridServices.Tariffs.Statements;

namespace GridServices.Tariffs.Service.Calculations;

/// <summary><c>POST /v1/statement-comparisons</c>.</summary>
internal static class StatementEndpoint
{
    public static void MapStatementComparisons(this IEndpointRouteBuilder routes) => routes
        .MapPost("/v1/statement-comparisons", CompareAsync)
        .RequirePermission(Permission.Settle, Role.Publisher)
        .RepeatsHarmlessly().WithName("compareStatement")
        .WithTags("Calculations")
        .WithSummary("The utility's bill held against ours: the difference by line with the likely reason")
        .WithDescription("A bill request with statement: the utility's total, its lines, or both. Reasons are causes that were calculated and give the statement's number (another cycle, tier, period, version, window, multiplier, a missing rider …), "
            + "the likeliest first; leaves is what each does not explain. accuracy says what our side rests on. Nothing is stored.")
        .Accepts<StatementRequestBody>(MediaTypeNames.Application.Json)
        .Produces<StatementResponse>()
        .RefusesCalculation();

    private static async Task<IResult> CompareAsync(HttpContext http, TariffStore tariffs)
    {
        var body = await http.Request.ReadBodyAsync(Responses.MaxBody, MediaTypeNames.Application.Json);
        var read = StatementRequest.Read(body, await tariffs.NamedInAsync(body, http.Caller().Tenant, http.RequestAborted));
        return await Responses.CalculateAsync(http, read, request => Responses.Json(new StatementResponse(request.Compare(), Responses.Warnings(read.Warnings))));
    }
}

/// <summary>A bill held against the utility's.</summary>
/// <param name="Comparison">Difference by line, reasons, accuracy.</param>
/// <param name="Warnings">What was odd about the request.</param>
public sealed record StatementResponse(StatementComparison Comparison, IReadOnlyList<Warning> Warnings);
