using System.Collections.Immutable;
using System.Net.Mime;
using GridServices.Contracts;
using GridServices.Hosting.Auth;
using GridServices.Hosting.OpenApi;
using GridServices.Hosting.Refusals;
using GridServices.Hosting.Web;
using GridServices.Tariffs.Bills;
using GridServices.Tariffs.Readers;
using GridServices.Tariffs.Requests;
using GridServices.Tariffs.Service.Registry;
using GridServices.Tariffs.Time;
using Microsoft.Net.Http.Headers;
using NodaTime;

namespace GridServices.Tariffs.Service.Calculations;

/// <summary><c>POST /v1/bills</c>.</summary>
internal static class BillEndpoint
{
    public static void MapBills(this IEndpointRouteBuilder routes) => routes
        .MapPost("/v1/bills", BillAsync)
        .RequirePermission(Permission.Settle, Role.Publisher)
        .RepeatsHarmlessly().WithName("computeBill")
        .ReadsQuery(["tariffId", "from", "until", "year", .. DialectQuery.Names])
        .WithTags("Calculations")
        .WithSummary("A bill with its line items, from a tariff and intervals")
        .WithDescription("Nothing is stored. Every amount stands with quantity, rate and formula; decimals are texts. Accept: text/csv gives the lines, text/html a page to print. A body of CSV or Green Button is billed by the stored tariff in the query: "
            + "tariffId, from, until or year; and how a file is written, by source or as in intervals: zone, stamp, stampFormat, rowsInOrder, register, unit, channel, gaps, minutes, timeColumn, dateColumn, valueColumn, exportColumn, qualityColumn, measuredCodes, missingCodes, missingValues, ignoreColumns, "
            + "delimiter, decimal, thousands, skipRows, header, siteLimitKw; multiplier, spikes, spikePercent, registerFrom, registerUntil, registerTolerance; reading of a Green Button feed or a NEM12 file. POST /v1/intervals/preview shows how a file would be read.")
        .Accepts<BillRequestBody>(MediaTypeNames.Application.Json, MediaTypeNames.Text.Csv, MediaTypeNames.Application.Xml, IntervalBody.Atom)
        .Explains("from", "First day of the bill, e.g. 2026-01-10; absent = calendar months of the data.").Explains("until", "First day that is no longer billed.")
        .Explains("channel", "What the value column holds: import (default), export or net.")
        .Produces<BillResponse>(StatusCodes.Status200OK, MediaTypeNames.Application.Json, MediaTypeNames.Text.Csv, MediaTypeNames.Text.Html)
        .RefusesCalculation();

    private static async Task<IResult> BillAsync(HttpContext http, TariffStore tariffs, IClock clock)
    {
        var body = await http.Request.ReadBodyAsync(
            Responses.MaxBody, MediaTypeNames.Application.Json, MediaTypeNames.Text.Csv, MediaTypeNames.Application.Xml, MediaTypeNames.Text.Xml, IntervalBody.Atom);
        var type = MediaTypeHeaderValue.Parse(http.Request.ContentType).MediaType.Value;
        var isJson = string.Equals(type, MediaTypeNames.Application.Json, StringComparison.OrdinalIgnoreCase);
        if (isJson && http.Request.Query.Count > 0)
        {
            throw new ProblemException(ErrorClass.SchemaInvalid, "With a JSON body everything stands in the body; leave the query out.", http.Request.Query.Keys.First());
        }

        var read = isJson
            ? BillRequestJson.Read(body, await tariffs.NamedInAsync(body, http.Caller().Tenant, http.RequestAborted))
            : await IntervalBody.ReadAsync(http, body, string.Equals(type, MediaTypeNames.Text.Csv, StringComparison.OrdinalIgnoreCase), await NamedAsync(http, tariffs), clock.GetCurrentInstant());
        return await Responses.CalculateAsync(http, read, request => Written(http, request.Bill(), read.Warnings), MediaTypeNames.Application.Json, MediaTypeNames.Text.Csv, MediaTypeNames.Text.Html);
    }

    private static async Task<ImmutableArray<CompiledTariff>> NamedAsync(HttpContext http, TariffStore tariffs)
    {
        var id = http.Request.Query["tariffId"].ToString();
        var named = await tariffs.CompiledAsync(http.Caller().Tenant, id, http.RequestAborted);
        return named.IsEmpty ? throw new ProblemException(ErrorClass.UnknownId, "tariffId in the query names no stored tariff; PUT /v1/tariffs/{tariffId} first.", "tariffId") : named;
    }

    internal static IResult Written(HttpContext http, Bill bill, ImmutableArray<Finding> warnings)
    {
        http.Response.Headers.Vary = HeaderNames.Accept;
        return NegotiateFormat(http.Request) switch
        {
            MediaTypeNames.Text.Csv => Results.Text(BillCsv.Write(bill), "text/csv; charset=utf-8; header=present"),
            MediaTypeNames.Text.Html => Results.Text(BillHtml.Write(bill), "text/html; charset=utf-8"),
            _ => Results.Bytes(BillJson.Write(bill, warnings), MediaTypeNames.Application.Json),
        };
    }

    internal static bool WantsCsv(HttpRequest request) => NegotiateFormat(request) == MediaTypeNames.Text.Csv;

    /// <summary>The best loved of the three forms; JSON where nothing is said.</summary>
    private static string NegotiateFormat(HttpRequest request) => MediaTypeHeaderValue.TryParseList(request.Headers.Accept, out var accepted)
        ? accepted.Where(a => a.Quality != 0).OrderByDescending(a => a.Quality ?? 1).Select(Form).OfType<string>().FirstOrDefault() ?? MediaTypeNames.Application.Json
        : MediaTypeNames.Application.Json;

    private static string? Form(MediaTypeHeaderValue accepted) => accepted.MediaType.Value?.ToLowerInvariant() switch
    {
        MediaTypeNames.Text.Csv => MediaTypeNames.Text.Csv,
        MediaTypeNames.Text.Html => MediaTypeNames.Text.Html,
        MediaTypeNames.Application.Json or "application/*" or "*/*" => MediaTypeNames.Application.Json,
        _ => null,
    };
}
