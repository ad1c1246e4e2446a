using System.Net.Mime;
using GridServices.Hosting.Auth;
using GridServices.Hosting.Storage;
using GridServices.Hosting.Web;
using GridServices.Tariffs.Readers;
using GridServices.Tariffs.Requests;
using GridServices.Tariffs.Service.Registry;
using GridServices.Tariffs.Service.Temperatures;
using GridServices.Tariffs.Settlement;

namespace GridServices.Tariffs.Service.Calculations;

/// <summary>Baselines, settlements and session costs.</summary>
internal static class SettlementEndpoints
{
    public static void MapSettlements(this IEndpointRouteBuilder routes)
    {
        routes.MapPost("/v1/baselines", (Delegate)BaselineAsync)
            .RequirePermission(Permission.Settle, Role.Publisher).RepeatsHarmlessly().WithName("computeBaseline").WithTags("Calculations")
            .WithSummary("A customer baseline: every day used or left out, with its reason")
            .WithDescription("weather (a stored station, or points) is for rules that look at the temperature. fallbacks are rules that stand in, in their order, where the one before finds too few like days or not its weather; insteadOf says so with the reason. "
                + "Without one that fits the request is refused.")
            .Accepts<BaselineRequestBody>(MediaTypeNames.Application.Json).Produces<BaselineResponse>().RefusesCalculation();
        routes.MapPost("/v1/settlements/demand-response", (Delegate)SettleAsync)
            .RequirePermission(Permission.Settle, Role.Publisher).RepeatsHarmlessly().WithName("settleDemandResponse").WithTags("Calculations")
            .WithSummary("What a demand-response event earned: energy, capacity by ladder, penalty; with its baseline")
            .WithDescription("previousTotal, what was settled before, adds the delta still due (positive = to the customer). weather and fallbacks are as for baselines; where a fallback stands in, baselineFallback says which and why.")
            .Accepts<SettlementRequestBody>(MediaTypeNames.Application.Json).Produces<SettlementResponse>().RefusesCalculation();
        routes.MapPost("/v1/settlements/frequency", (Delegate)SettleFrequencyAsync)
            .RequirePermission(Permission.Settle, Role.Publisher).RepeatsHarmlessly().WithName("settleFrequency").WithTags("Calculations")
            .WithSummary("What a frequency service earned: availability x performance, plus energy, block by block, where delivery was measured")
            .WithDescription("previousTotal, what was settled before, adds the delta still due (positive = to the provider).")
            .Accepts<FrequencyRequestBody>(MediaTypeNames.Application.Json).Produces<FrequencySettlementResponse>().RefusesCalculation();
        routes.MapPost("/v1/ocpi/cdr-cost", CdrCostAsync)
            .RequirePermission(Permission.Settle, Role.Publisher).RepeatsHarmlessly().WithName("computeCdrCost").WithTags("Calculations")
            .WithSummary("What an OCPI charge detail record costs, dimension by dimension, stretch by stretch; check holds its own totals against that")
            .Accepts<CdrCostRequestBody>(MediaTypeNames.Application.Json).Produces<CdrCostResponse>().RefusesCalculation();
        routes.MapPost("/v1/ocpi/cdr-checks", CdrChecksAsync)
            .RequirePermission(Permission.Settle, Role.Publisher).RepeatsHarmlessly().WithName("checkCdrs").WithTags("Calculations")
            .WithSummary("Up to 1,000 CDRs held against their own totals, each with the cause of its difference")
            .WithDescription("tariff, tariffs or tariffId as for one CDR; without them each is priced by those that it carries. A CDR that cannot be priced is told with its faults and holds up no other; the pointers are those of a request with that CDR alone.")
            .Accepts<CdrBatchRequestBody>(MediaTypeNames.Application.Json).Produces<CdrChecksResponse>().RefusesCalculation();
    }

    private static async Task<IResult> BaselineAsync(HttpContext http, Store store)
    {
        var read = await ReadAsync(http, store, withTerms: false);
        return await Responses.CalculateAsync(http, read, request => Responses.Json(BaselineResponse.Create(request.Baseline(), read.Warnings)));
    }

    /// <summary>The request, with the stored temperatures of the station that it names.</summary>
    private static async Task<ReadResult<SettlementRequest>> ReadAsync(HttpContext http, Store store, bool withTerms)
    {
        var read = SettlementRequestJson.Read(await http.Request.ReadBodyAsync(Responses.MaxBody, MediaTypeNames.Application.Json), withTerms);
        if (read.Value is not { Station: { } station } request)
        {
            return read;
        }

        var (from, until) = request.WeatherSpan;
        var curve = await store.ReadAsync(db => TemperatureStore.PointsAsync(db, null, http.Caller().Tenant, station, from, until), http.RequestAborted);
        return new ReadResult<SettlementRequest>(request with { Temperatures = curve }, read.Refusals, read.Warnings);
    }

    private static async Task<IResult> SettleAsync(HttpContext http, Store store)
    {
        var read = await ReadAsync(http, store, withTerms: true);
        return await Responses.CalculateAsync(http, read, request =>
        {
            var baseline = request.Baseline();
            var settled = DemandResponseSettlement.Compute(baseline, request.Terms!);
            return Responses.Json(new SettlementResponse(settled, settled.Total - request.PreviousTotal, BaselineResponse.Create(baseline, read.Warnings)));
        });
    }

    private static async Task<IResult> SettleFrequencyAsync(HttpContext http)
    {
        var read = FrequencySettlementRequestJson.Read(await http.Request.ReadBodyAsync(Responses.MaxBody, MediaTypeNames.Application.Json));
        return await Responses.CalculateAsync(http, read, request => Responses.Json(new FrequencySettlementResponse(
            request.Currency,
            request.Settlement.Total,
            request.Settlement.Availability,
            request.Settlement.Energy,
            request.Settlement.Total - request.PreviousTotal,
            request.Settlement.NotMeasuredMwHours,
            request.Settlement.Provisional,
            [.. request.Settlement.Blocks.Select(b => new FrequencyBlockResponse(b.Availability, b.Energy, b.MeasuredBy, b.PaidShare))],
            Responses.Warnings(read.Warnings))));
    }

    private static async Task<IResult> CdrCostAsync(HttpContext http, TariffStore tariffs)
    {
        var body = await http.Request.ReadBodyAsync(Responses.MaxBody, MediaTypeNames.Application.Json);
        var read = CdrCostRequestJson.Read(body, await tariffs.OcpiNamedInAsync(body, http.Caller().Tenant, http.RequestAborted));
        return await Responses.CalculateAsync(http, read, request =>
        {
            var cost = request.Cost();
            return Responses.Json(CdrCostResponse.Create(cost, request.IsCredit, request.Check(cost), read.Warnings));
        });
    }

    private static async Task<IResult> CdrChecksAsync(HttpContext http, TariffStore tariffs)
    {
        var body = await http.Request.ReadBodyAsync(Responses.MaxBody, MediaTypeNames.Application.Json);
        var read = CdrBatch.Read(body, await tariffs.OcpiNamedInAsync(body, http.Caller().Tenant, http.RequestAborted));
        return await Responses.CalculateAsync(http, read, batch => Responses.Json(CdrChecksResponse.From(batch)));
    }
}
