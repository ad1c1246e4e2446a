using System.Net.Mime;
using GridServices.Contracts;
using GridServices.Hosting.Auth;
using GridServices.Hosting.OpenApi;
using GridServices.Hosting.Refusals;
using GridServices.Hosting.Storage;
using GridServices.Hosting.Web;
using GridServices.Tariffs.Service.Calculations;
using GridServices.Tariffs.Service.Temperatures;
using GridServices.Tariffs.Temperatures;
using GridServices.Tariffs.Weather;
using Microsoft.Net.Http.Headers;
using NodaTime;
using NodaTime.Text;

namespace GridServices.Tariffs.Service.Weather;

/// <summary><c>/v1/temperatures/{station}</c>: temperatures of weather stations, beside the price series.</summary>
internal static class TemperatureEndpoints
{
    private const int MaxBody = 16 * 1024 * 1024;
    private static readonly Duration MostRead = Duration.FromDays(400);

    public static void MapTemperatures(this IEndpointRouteBuilder routes)
    {
        routes.MapPut("/v1/temperatures/{station}", PutAsync)
            .RequirePermission(Permission.Settle, Role.Publisher).WithName("putTemperatures").WithTags("Weather")
            .WithSummary("Store the temperatures of a station, in place of all that is stored from its first moment to its last: JSON points, or rows of CSV")
            .WithDescription("°C over [from, until), the mean outdoors. CSV: from,until and one column named after its unit (°C or °F); a row without a number, and a moment without a row, are not known. 16 MiB and 120,000 points at most.")
            .Accepts<TemperaturesRequestBody>(MediaTypeNames.Application.Json, MediaTypeNames.Text.Csv).Produces<TemperaturesPut>().Refuses(Responses.Data);
        routes.MapGet("/v1/temperatures/{station}", GetAsync)
            .RequirePermission(Permission.SeeSettings, Role.Publisher, Role.Controller).WithName("getTemperatures").ReadsQuery("from", "until").WithTags("Weather")
            .WithSummary("Stored temperatures of [from, until), at most 400 days; what is not there is not known").Produces<TemperaturesResponse>();
    }

    private static async Task<IResult> PutAsync(string station, HttpContext http, Store store)
    {
        Require(station);
        var body = await http.Request.ReadBodyAsync(MaxBody, MediaTypeNames.Application.Json, MediaTypeNames.Text.Csv);
        var isCsv = string.Equals(MediaTypeHeaderValue.Parse(http.Request.ContentType).MediaType.Value, MediaTypeNames.Text.Csv, StringComparison.OrdinalIgnoreCase);
        var read = isCsv ? TemperatureCsv.Read(body, station) : TemperatureReader.Json(body, station);
        if (!read.Ok)
        {
            return Responses.Refused(http, read.Refusals);
        }

        var (curve, tenant) = (read.Value!, http.Caller().Tenant);
        await store.WriteAsync(tx => TemperatureStore.PutAsync(tx, tenant, curve), http.RequestAborted);
        return Responses.Json(new TemperaturesPut(station, curve.Points.Length, curve.Points[0].From, curve.Points[^1].Until, Responses.Warnings(read.Warnings)));
    }

    private static async Task<IResult> GetAsync(string station, HttpContext http, Store store)
    {
        Require(station);
        var (from, until) = (ReadInstant(http, "from"), ReadInstant(http, "until"));
        if (until <= from || until - from > MostRead)
        {
            throw new ProblemException(ErrorClass.SemanticTime, "until lies after from, by at most 400 days.", "until");
        }

        var curve = await store.ReadAsync(db => TemperatureStore.PointsAsync(db, null, http.Caller().Tenant, station, from, until), http.RequestAborted);
        return Responses.Json(new TemperaturesResponse(station, "°C", curve.Points));
    }

    private static void Require(string station)
    {
        if (!Identifiers.IsSafe(station))
        {
            throw new ProblemException(ErrorClass.SemanticId, "A station has 1 to 128 of A-Z a-z 0-9 . _ : ~ - , begins with a letter, digit or _ and holds no '..'.", "station");
        }
    }

    private static Instant ReadInstant(HttpContext http, string name) => InstantPattern.ExtendedIso.Parse(http.Request.Query[name].ToString()) is { Success: true } parsed
        ? parsed.Value
        : throw new ProblemException(ErrorClass.SemanticTime, $"{name} is an instant like 2026-01-15T00:00:00Z.", name);
}

/// <summary>What was stored.</summary>
/// <param name="Station">Of which station.</param>
/// <param name="Points">How many.</param>
/// <param name="From">Start of the first.</param>
/// <param name="Until">End of the last.</param>
/// <param name="Warnings">What was odd but usable.</param>
public sealed record TemperaturesPut(string Station, int Points, Instant From, Instant Until, IReadOnlyList<Warning> Warnings);

/// <summary>Stored temperatures.</summary>
/// <param name="Station">Of which station.</param>
/// <param name="Unit">°C.</param>
/// <param name="Points">In order; a moment without one is not known.</param>
public sealed record TemperaturesResponse(string Station, string Unit, IReadOnlyList<TemperaturePoint> Points);
