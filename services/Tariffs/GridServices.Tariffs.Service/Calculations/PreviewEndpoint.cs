using System.Net.Mime;
using GridServices.Contracts;
using GridServices.Hosting.Auth;
using GridServices.Hosting.OpenApi;
using GridServices.Hosting.Web;
using GridServices.Tariffs.Intervals;
using GridServices.Wire;
using Microsoft.Net.Http.Headers;
using NodaTime;

namespace GridServices.Tariffs.Service.Calculations;

/// <summary><c>POST /v1/intervals/preview</c>.</summary>
internal static class PreviewEndpoint
{
    public static void MapIntervalPreview(this IEndpointRouteBuilder routes) => routes
        .MapPost("/v1/intervals/preview", PreviewAsync)
        .RequirePermission(Permission.Settle, Role.Publisher)
        .RepeatsHarmlessly().WithName("previewIntervals")
        .ReadsQuery(DialectQuery.Names)
        .WithTags("Calculations")
        .WithSummary("How a file would be read: columns, first rows, readings, and what would come of it; nothing is stored")
        .WithDescription("The query declares the dialect as for POST /v1/bills, or names a source. Every row that is refused stands under problems with line, column and the member that declares it (the first 99, then how many more); the answer is 200 all the same.")
        .Accepts<string>(MediaTypeNames.Text.Csv, MediaTypeNames.Application.Xml, IntervalBody.Atom)
        .Explains("zone", "IANA zone of stamps without an offset; absent = UTC, and it is told.").Explains("channel", "What the value column holds: import (default), export or net.")
        .Produces<PreviewResponse>();

    private static async Task<IResult> PreviewAsync(HttpContext http, IClock clock)
    {
        var body = await http.Request.ReadBodyAsync(Responses.MaxBody, MediaTypeNames.Text.Csv, MediaTypeNames.Application.Xml, MediaTypeNames.Text.Xml, IntervalBody.Atom);
        var isXml = !string.Equals(MediaTypeHeaderValue.Parse(http.Request.ContentType).MediaType.Value, MediaTypeNames.Text.Csv, StringComparison.OrdinalIgnoreCase);
        var (options, reading) = await IntervalBody.OptionsAsync(http, zone: null, clock.GetCurrentInstant());
        using var turn = await http.RequestServices.GetRequiredService<CalculationLimiter>().AcquireAsync(http.RequestAborted);
        var (preview, outcome) = CsvPreview.Read(body, options, isXml, reading);
        return Responses.Json(new PreviewResponse(preview, [.. outcome.Refusals.Select(ToWarning)], Responses.Warnings(outcome.Warnings)));
    }

    private static Warning ToWarning(ReadError refusal) => new(Problems.GetName(refusal.Class), refusal.Path, refusal.Detail);
}

/// <summary>How a file would be read.</summary>
/// <param name="Preview">Columns, first rows, sums.</param>
/// <param name="Problems">Why it would be refused; empty = it would be taken.</param>
/// <param name="Warnings">What is odd but usable.</param>
public sealed record PreviewResponse(CsvPreview Preview, IReadOnlyList<Warning> Problems, IReadOnlyList<Warning> Warnings);
