using System.Net.Mime;
using GridServices.Hosting;
using GridServices.Tariffs.Service.Registry;

namespace GridServices.Tariffs.Service.Calculations;

/// <summary>Baselines, settlements and session costs.</summary>
internal static class SettlementEndpoints
{
    public static void MapSettlements(this IEndpointRouteBuilder routes)
    {
        routes.MapPost("/v1/baselines", (Delegate)BaselineAsync)
            .RequirePermission(Permission.Settle, Role.Publisher).WithName("computeBaseline").WithTags("Calculations")
            .WithSummary("A customer baseline: every day used or left out, with its reason")
            .Accepts<BaselineQuestion>(MediaTypeNames.Application.Json).Produces<BaselineAnswer>().RefusesCalculation();
        routes.MapPost("/v1/settlements/demand-response", (Delegate)SettleAsync)
            .RequirePermission(Permission.Settle, Role.Publisher).WithName("settleDemandResponse").WithTags("Calculations")
            .WithSummary("What a demand-response event earned: energy, capacity by ladder, penalty; with its baseline")
            .WithDescription("previousTotal, what was settled before, adds the delta still due (positive = to the customer).")
            .Accepts<SettlementQuestion>(MediaTypeNames.Application.Json).Produces<SettlementAnswer>().RefusesCalculation();
        routes.MapPost("/v1/settlements/frequency", (Delegate)SettleFrequencyAsync)
            .RequirePermission(Permission.Settle, Role.Publisher).WithName("settleFrequency").WithTags("Calculations")
            .WithSummary("What a frequency service earned: availability x performance, plus energy, block by block, where delivery was measured")
            .WithDescription("previousTotal, what was settled before, adds the delta still due (positive = to the provider).")
            .Accepts<FrequencyQuestion>(MediaTypeNames.Application.Json).Produces<FrequencyAnswer>().RefusesCalculation();
        routes.MapPost("/v1/ocpi/cdr-cost", CdrCostAsync)
            .RequirePermission(Permission.Settle, Role.Publisher).WithName("computeCdrCost").WithTags("Calculations")
            .WithSummary("What an OCPI charge detail record costs, dimension by dimension, stretch by stretch")
            .Accepts<CdrCostQuestion>(MediaTypeNames.Application.Json).Produces<CdrCostAnswer>().RefusesCalculation();
    }

    private static async Task<IResult> BaselineAsync(HttpContext http)
    {
        var read = SettlementRequestJson.Read(await http.Request.ReadBodyAsync(Answers.MaxBody, MediaTypeNames.Application.Json));
        return await Answers.OfAsync(http, read, request => Answers.Json(BaselineAnswer.Of(request.Baseline(), read.Warnings)));
    }

    private static async Task<IResult> SettleAsync(HttpContext http)
    {
        var read = SettlementRequestJson.Read(await http.Request.ReadBodyAsync(Answers.MaxBody, MediaTypeNames.Application.Json), withTerms: true);
        return await Answers.OfAsync(http, read, request =>
        {
            var baseline = request.Baseline();
            var settled = DemandResponseSettlement.Of(baseline, request.Terms!);
            return Answers.Json(new SettlementAnswer(settled, settled.Total - request.PreviousTotal, BaselineAnswer.Of(baseline, read.Warnings)));
        });
    }

    private static async Task<IResult> SettleFrequencyAsync(HttpContext http)
    {
        var read = FrequencySettlementRequestJson.Read(await http.Request.ReadBodyAsync(Answers.MaxBody, MediaTypeNames.Application.Json));
        return await Answers.OfAsync(http, read, request => Answers.Json(new FrequencyAnswer(
            request.Currency,
            request.Settlement.Total,
            request.Settlement.Availability,
            request.Settlement.Energy,
            request.Settlement.Total - request.PreviousTotal,
            request.Settlement.NotMeasuredMwHours,
            request.Settlement.Provisional,
            [.. request.Settlement.Blocks.Select(b => new FrequencyBlockAnswer(b.Availability, b.Energy, b.MeasuredBy, b.PaidShare))],
            Answers.Warnings(read.Warnings))));
    }

    private static async Task<IResult> CdrCostAsync(HttpContext http, TariffStore tariffs)
    {
        var body = await http.Request.ReadBodyAsync(Answers.MaxBody, MediaTypeNames.Application.Json);
        var read = CdrCostRequestJson.Read(body, await tariffs.OcpiNamedInAsync(body, http.Caller().Tenant, http.RequestAborted));
        return await Answers.OfAsync(http, read, request => Answers.Json(CdrCostAnswer.Of(request.Cost(), request.IsCredit, read.Warnings)));
    }
}
