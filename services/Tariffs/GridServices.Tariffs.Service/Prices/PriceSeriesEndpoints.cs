using System.Collections.Immutable;
using System.Net.Mime;
using GridServices.Contracts;
using GridServices.Hosting.Auth;
using GridServices.Hosting.OpenApi;
using GridServices.Hosting.Refusals;
using GridServices.Hosting.Storage;
using GridServices.Hosting.Web;
using GridServices.Tariffs.Bills;
using GridServices.Tariffs.Prices;
using GridServices.Tariffs.Readers;
using GridServices.Tariffs.Requests;
using GridServices.Tariffs.Service.Calculations;
using Microsoft.Net.Http.Headers;
using NodaTime;
using NodaTime.Text;

namespace GridServices.Tariffs.Service.Prices;

/// <summary>Price series that tariffs name, and how fetching them stands.</summary>
internal static class PriceSeriesEndpoints
{
    private const int MaxBody = 16 * 1024 * 1024;
    private const int MostPoints = 100_000;
    private static readonly Duration MostRead = Duration.FromDays(400);

    public static void MapPriceSeries(this IEndpointRouteBuilder routes)
    {
        routes.MapPut("/v1/prices/{series}", PutAsync)
            .RequirePermission(Permission.Settle, Role.Publisher).WithName("putPrices").WithTags("Prices")
            .WithSummary("Store prices of a series, in place of what they overlap: JSON points per kWh, or an ENTSO-E A44 document as it is")
            .Accepts<PricesRequestBody>(MediaTypeNames.Application.Json, MediaTypeNames.Application.Xml).Produces<PricesPut>().Refuses(Responses.Data);
        routes.MapGet("/v1/prices/{series}", GetAsync)
            .RequirePermission(Permission.SeeSettings, Role.Publisher, Role.Controller).WithName("getPrices").ReadsQuery("from", "until").WithTags("Prices")
            .WithSummary("Stored prices of [from, until), at most 400 days").Produces<PricesResponse>();
        routes.MapGet("/v1/day-ahead", DaysAsync)
            .RequirePermission(Permission.SeeSettings, Role.Publisher).WithName("getDayAhead").WithTags("Prices")
            .WithSummary("How fetching of day-ahead prices stands: what is known, what failed, when it is tried again").Produces<DayAheadResponse>();
        routes.MapGet("/v1/day-ahead/{zone}/{day}/document", DocumentAsync)
            .RequirePermission(Permission.SeeSettings).WithName("getDayAheadDocument").WithTags("Prices").WithSummary("The document of a market day as it came")
            .Explains("zone", "The bidding zone's name, as in GET /v1/day-ahead.").Produces<string>(StatusCodes.Status200OK, MediaTypeNames.Application.Xml);
    }

    private static async Task<IResult> PutAsync(string series, HttpContext http, Store store, IClock clock)
    {
        Require(series);
        var body = await http.Request.ReadBodyAsync(MaxBody, MediaTypeNames.Application.Json, MediaTypeNames.Application.Xml, MediaTypeNames.Text.Xml);
        var isJson = string.Equals(MediaTypeHeaderValue.Parse(http.Request.ContentType).MediaType.Value, MediaTypeNames.Application.Json, StringComparison.OrdinalIgnoreCase);
        var read = isJson ? PriceSeriesJson.Read(body, series, MostPoints) : Document(body, series);
        if (!read.Ok)
        {
            return Responses.Refused(http, read.Refusals);
        }

        var (curve, currency) = (read.Value!.Curve, read.Value.Currency);
        await store.WriteAsync(
            async tx =>
            {
                await PriceStore.PutAsync(tx, http.Caller().Tenant, curve, currency);
                await PublishedPriceStore.WakeAsync(tx, http.Caller().Tenant, series, clock.GetCurrentInstant());
            },
            http.RequestAborted);
        return Responses.Json(new PricesPut(series, currency, curve.Points.Length, curve.Points[0].From, curve.Points[^1].Until, Responses.Warnings(read.Warnings)));
    }

    private static ReadResult<PricedSeries> Document(ReadOnlyMemory<byte> body, string series)
    {
        var read = DayAheadPrices.Read(body);
        return new ReadResult<PricedSeries>(read.Ok ? new PricedSeries(read.Value!.Curve(series), read.Value.Series[0].Currency) : null, read.Refusals, read.Warnings);
    }

    private static async Task<IResult> GetAsync(string series, HttpContext http, Store store)
    {
        Require(series);
        var (from, until) = (ReadInstant(http, "from"), ReadInstant(http, "until"));
        if (until <= from || until - from > MostRead)
        {
            throw new ProblemException(ErrorClass.SemanticTime, "until lies after from, by at most 400 days.", "until");
        }

        var (curve, currency) = await store.ReadAsync(db => PriceStore.CurveAsync(db, null, http.Caller().Tenant, series, from, until), http.RequestAborted);
        return Responses.Json(new PricesResponse(series, currency, "kWh", curve.Points));
    }

    private static async Task<IResult> DaysAsync(Store store, DayAheadOptions options, IClock clock, HttpContext http)
    {
        var since = clock.GetCurrentInstant().InZone(options.Timetable.Market).Date.PlusDays(-7);
        var days = await store.ReadAsync(db => PriceStore.DaysAsync(db, null, since), http.RequestAborted);
        var why = options.BiddingZones.IsEmpty ? "no zone is set: DayAhead:Zones:{name} = EIC code" : string.IsNullOrEmpty(options.Token) ? "no token is set: DayAhead:Token" : null;
        return Responses.Json(new DayAheadResponse(why is null, why, [.. options.BiddingZones], [.. days.Values]));
    }

    private static async Task<IResult> DocumentAsync(string zone, string day, HttpContext http, Store store) =>
        LocalDatePattern.Iso.Parse(day) is { Success: true } date && await store.ReadAsync(db => PriceStore.DocumentAsync(db, zone, date.Value), http.RequestAborted) is { } found
            ? Results.Bytes(found.Document, MediaTypeNames.Application.Xml)
            : throw new ProblemException(ErrorClass.NotFound, $"No document of zone '{zone}' for '{day}' is stored; GET /v1/day-ahead lists the days.");

    private static void Require(string series)
    {
        if (!Identifiers.IsSafe(series))
        {
            throw new ProblemException(ErrorClass.SemanticId, "A series has 1 to 128 of A-Z a-z 0-9 . _ : ~ - , begins with a letter, digit or _ and holds no '..'.", "series");
        }
    }

    private static Instant ReadInstant(HttpContext http, string name) => InstantPattern.ExtendedIso.Parse(http.Request.Query[name].ToString()) is { Success: true } parsed
        ? parsed.Value
        : throw new ProblemException(ErrorClass.SemanticTime, $"{name} is an instant like 2026-01-15T00:00:00Z.", name);
}

/// <summary>What was stored.</summary>
public sealed record PricesPut(string Series, string Currency, int Points, Instant From, Instant Until, IReadOnlyList<Warning> Warnings);

/// <summary>Stored prices.</summary>
public sealed record PricesResponse(string Series, string? Currency, string Unit, ImmutableArray<PricePoint> Points);

/// <summary>How fetching stands.</summary>
/// <param name="IsOn">Whether zones and token are set.</param>
/// <param name="WhyNot">What is missing.</param>
/// <param name="Zones">Zones fetched.</param>
/// <param name="Days">The last seven days and what is ahead.</param>
public sealed record DayAheadResponse(bool IsOn, string? WhyNot, IReadOnlyList<BiddingZone> Zones, IReadOnlyList<DayAheadDay> Days);
