using System.Net.Mime;
using System.Text.Json;
using GridServices.Contracts;
using GridServices.Hosting.Auth;
using GridServices.Hosting.OpenApi;
using GridServices.Hosting.Refusals;
using GridServices.Hosting.Storage;
using GridServices.Hosting.Web;
using GridServices.Tariffs.Carbon;
using GridServices.Tariffs.Intensity;
using GridServices.Tariffs.Readers;
using GridServices.Tariffs.Service.Calculations;
using GridServices.Tariffs.Service.Intensity;
using GridServices.Tariffs.Service.Meters;
using Microsoft.Net.Http.Headers;
using NodaTime;
using NodaTime.Text;

namespace GridServices.Tariffs.Service.Carbon;

/// <summary><c>/v1/grid-intensity/{gridZone}</c>: the carbon intensity of grid zones, beside the price series.</summary>
internal static class GridIntensityEndpoints
{
    private const int MaxBody = 16 * 1024 * 1024;
    private static readonly Duration MostRead = Duration.FromDays(400);

    public static void MapGridIntensity(this IEndpointRouteBuilder routes)
    {
        routes.MapPut("/v1/grid-intensity/{gridZone}", PutAsync)
            .RequirePermission(Permission.Settle, Role.Publisher).WithName("putGridIntensity").ReadsQuery("format").WithTags("Carbon")
            .WithSummary("Store the carbon intensity of a grid zone, in place of all that is stored from its first moment to its last: JSON points, rows of CSV, or a GHG signal of MIDAS 2.0")
            .WithDescription("g of CO2 per kWh over [from, until). CSV: from,until and one column named after its unit (g/kWh, kg/MWh, kg/kWh, t/MWh, lb/MWh); a row without a number, and a moment without a row, are not known. "
                + "?format=midas takes the answer of MIDAS GET /ValueData of a GHG signal as it is. 16 MiB and 120,000 points at most.")
            .Explains("format", "How a JSON body is written: own (default) or midas.")
            .Accepts<OneOf<IntensityRequestBody, JsonElement>>(MediaTypeNames.Application.Json, MediaTypeNames.Text.Csv).Produces<IntensityPut>().Refuses(Responses.Data);
        routes.MapGet("/v1/grid-intensity/{gridZone}", GetAsync)
            .RequirePermission(Permission.SeeSettings, Role.Publisher, Role.Controller).WithName("getGridIntensity").ReadsQuery("from", "until").WithTags("Carbon")
            .WithSummary("Stored intensities of [from, until), at most 400 days; what is not there is not known").Produces<IntensityResponse>();
    }

    private static async Task<IResult> PutAsync(string gridZone, HttpContext http, Store store, IClock clock)
    {
        Require(gridZone);
        var body = await http.Request.ReadBodyAsync(MaxBody, MediaTypeNames.Application.Json, MediaTypeNames.Text.Csv);
        var read = Read(http.Request, body, gridZone);
        if (!read.Ok)
        {
            return Responses.Refused(http, read.Refusals);
        }

        var (curve, tenant) = (read.Value!, http.Caller().Tenant);
        await store.WriteAsync(
            async tx =>
            {
                await IntensityStore.PutAsync(tx, tenant, curve);
                await MeterStore.WakeAsync(tx, tenant, gridZone, clock.GetCurrentInstant());
            },
            http.RequestAborted);
        return Responses.Json(new IntensityPut(gridZone, curve.Points.Length, curve.Points[0].From, curve.Points[^1].Until, Responses.Warnings(read.Warnings)));
    }

    private static ReadResult<IntensityCurve> Read(HttpRequest request, ReadOnlyMemory<byte> body, string zone)
    {
        var isCsv = string.Equals(MediaTypeHeaderValue.Parse(request.ContentType).MediaType.Value, MediaTypeNames.Text.Csv, StringComparison.OrdinalIgnoreCase);
        return (request.Query["format"].ToString(), isCsv) switch
        {
            ("" or "own", true) => IntensityCsv.Read(body, zone),
            ("" or "own", false) => IntensityReader.Json(body, zone),
            ("midas", false) => IntensityReader.Midas(body, zone),
            ("midas", true) => throw new ProblemException(ErrorClass.SemanticCode, "MIDAS answers as JSON; send it as application/json.", "format"),
            _ => throw new ProblemException(ErrorClass.SemanticCode, "format is own or midas.", "format"),
        };
    }

    private static async Task<IResult> GetAsync(string gridZone, HttpContext http, Store store)
    {
        Require(gridZone);
        var (from, until) = (ReadInstant(http, "from"), ReadInstant(http, "until"));
        if (until <= from || until - from > MostRead)
        {
            throw new ProblemException(ErrorClass.SemanticTime, "until lies after from, by at most 400 days.", "until");
        }

        var curve = await store.ReadAsync(db => IntensityStore.PointsAsync(db, null, http.Caller().Tenant, gridZone, from, until), http.RequestAborted);
        return Responses.Json(new IntensityResponse(gridZone, "g/kWh", curve.Points));
    }

    private static void Require(string gridZone)
    {
        if (!Identifiers.IsSafe(gridZone))
        {
            throw new ProblemException(ErrorClass.SemanticId, "A grid zone has 1 to 128 of A-Z a-z 0-9 . _ : ~ - , begins with a letter, digit or _ and holds no '..'.", "gridZone");
        }
    }

    private static Instant ReadInstant(HttpContext http, string name) => InstantPattern.ExtendedIso.Parse(http.Request.Query[name].ToString()) is { Success: true } parsed
        ? parsed.Value
        : throw new ProblemException(ErrorClass.SemanticTime, $"{name} is an instant like 2026-01-15T00:00:00Z.", name);
}

/// <summary>What was stored.</summary>
/// <param name="GridZone">Of which zone.</param>
/// <param name="Points">How many.</param>
/// <param name="From">Start of the first.</param>
/// <param name="Until">End of the last.</param>
/// <param name="Warnings">What was odd but usable.</param>
public sealed record IntensityPut(string GridZone, int Points, Instant From, Instant Until, IReadOnlyList<Warning> Warnings);

/// <summary>Stored intensities.</summary>
/// <param name="GridZone">Of which zone.</param>
/// <param name="Unit">g/kWh.</param>
/// <param name="Points">In order; a moment without one is not known.</param>
public sealed record IntensityResponse(string GridZone, string Unit, IReadOnlyList<IntensityPoint> Points);
