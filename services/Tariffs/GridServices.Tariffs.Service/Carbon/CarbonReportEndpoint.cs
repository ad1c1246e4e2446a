using System.Net.Mime;
using GridServices.Contracts;
using GridServices.Hosting.Auth;
using GridServices.Hosting.Refusals;
using GridServices.Hosting.Storage;
using GridServices.Hosting.Web;
using GridServices.Tariffs.Carbon;
using GridServices.Tariffs.Intensity;
using GridServices.Tariffs.Service.Calculations;
using GridServices.Tariffs.Service.Intensity;
using Microsoft.Net.Http.Headers;

namespace GridServices.Tariffs.Service.Carbon;

/// <summary><c>POST /v1/carbon-reports</c>.</summary>
internal static class CarbonReportEndpoint
{
    public static void MapCarbonReports(this IEndpointRouteBuilder routes) => routes
        .MapPost("/v1/carbon-reports", ReportAsync)
        .RequirePermission(Permission.Settle, Role.Publisher)
        .RepeatsHarmlessly().WithName("computeCarbon")
        .WithTags("Carbon")
        .WithSummary("What a site and its sessions emitted, hour by hour, and what share of its energy renewables matched")
        .WithDescription("Nothing is stored. Grams are kWh drawn times the grid zone's intensity, interval by interval; an hour whose intensity is not known has none, and is counted. Matching is hour by hour: own generation used on the site, and contracted renewables up to what was drawn. "
            + "A session emits what each kWh used at the site in its hours did, or, without intervals, the grid's mix. Accept: text/csv gives the hours.")
        .Accepts<CarbonReportRequestBody>(MediaTypeNames.Application.Json)
        .Produces<CarbonResponse>(StatusCodes.Status200OK, MediaTypeNames.Application.Json, MediaTypeNames.Text.Csv)
        .RefusesCalculation();

    private static async Task<IResult> ReportAsync(HttpContext http, Store store)
    {
        var read = CarbonRequestJson.Read(await http.Request.ReadBodyAsync(Responses.MaxBody, MediaTypeNames.Application.Json));
        var stored = read.Value is { Curve: null } request && read.Ok ? await StoredAsync(http, store, request) : null;
        return await Responses.CalculateAsync(http, read, r => Written(http, new CarbonResponse(r.Report(stored), Responses.Warnings(read.Warnings))),
            MediaTypeNames.Application.Json, MediaTypeNames.Text.Csv);
    }

    internal static IResult Written(HttpContext http, CarbonResponse answer)
    {
        http.Response.Headers.Vary = HeaderNames.Accept;
        return BillEndpoint.WantsCsv(http.Request) ? Results.Text(CarbonCsv.Write(answer.Report), "text/csv; charset=utf-8; header=present") : Responses.Json(answer);
    }

    /// <exception cref="ProblemException">UNKNOWN_ID.</exception>
    private static async Task<IntensityCurve> StoredAsync(HttpContext http, Store store, CarbonRequest request)
    {
        var (tenant, zone, (from, until)) = (http.Caller().Tenant, request.GridZone, request.Span);
        return await store.ReadAsync(
            async db => await IntensityStore.AnyAsync(db, null, tenant, zone)
                ? await IntensityStore.PointsAsync(db, null, tenant, zone, from, until)
                : throw new ProblemException(ErrorClass.UnknownId, $"Nothing is stored of the grid zone '{SafeText.Short(zone)}'; PUT /v1/grid-intensity/{{gridZone}} first.", "/gridZone"),
            http.RequestAborted);
    }
}

/// <summary>A carbon report.</summary>
/// <param name="Report">The numbers.</param>
/// <param name="Warnings">What was odd about the request.</param>
public sealed record CarbonResponse(CarbonReport Report, IReadOnlyList<Warning> Warnings);
