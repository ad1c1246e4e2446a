using System.Net.Mime;
using GridServices.Contracts;
using GridServices.Hosting.Refusals;
using GridServices.Tariffs.Invoices;
using GridServices.Tariffs.Service.Calculations;
using Microsoft.Net.Http.Headers;

namespace GridServices.Tariffs.Service.Invoices;

/// <summary>In which form a document is given.</summary>
internal static class InvoiceFormatter
{
    private static readonly (string Name, string Type)[] Forms =
        [("json", MediaTypeNames.Application.Json), ("csv", MediaTypeNames.Text.Csv), ("html", MediaTypeNames.Text.Html), ("ubl", MediaTypeNames.Application.Xml),
            ("pdf", MediaTypeNames.Application.Pdf)];

    public static IResult Answer(HttpContext http, InvoiceRow row)
    {
        http.Response.Headers.Vary = HeaderNames.Accept;
        switch (NegotiateFormat(http.Request))
        {
            case "csv": return Results.Text(InvoiceCsv.Write(row.Document), "text/csv; charset=utf-8; header=present");
            case "html": return Results.Text(InvoiceHtml.Write(row.Document), "text/html; charset=utf-8");
            case "ubl": return UblXml.Fault(row.Document) is { } fault ? throw Refused(fault) : Results.Text(UblXml.Write(row.Document), "application/xml; charset=utf-8");
            case "pdf": return InvoicePdf.Fault(row.Document) is { } lacking ? throw Refused(lacking) : Results.Bytes(InvoicePdf.Write(row.Document), MediaTypeNames.Application.Pdf);
            default: return Responses.Json(InvoiceAnswer.Create(row));
        }
    }

    /// <summary>The query's form, else the best loved of those that Accept names; JSON where nothing is said.</summary>
    /// <exception cref="ProblemException">There is no such form; 406 where Accept asks for it.</exception>
    private static string NegotiateFormat(HttpRequest request)
    {
        if (request.Query["format"].ToString() is { Length: > 0 } named)
        {
            return Forms.Any(f => f.Name == named) ? named : throw new ProblemException(ErrorClass.SemanticCode, "format is json, csv, html, pdf or ubl.", "format");
        }

        if (!MediaTypeHeaderValue.TryParseList(request.Headers.Accept, out var accepted) || accepted.Count == 0)
        {
            return "json";
        }

        return accepted.Where(a => a.Quality != 0).OrderByDescending(a => a.Quality ?? 1).Select(a => Form(a, accepted)).OfType<string>().FirstOrDefault()
            ?? throw Refused($"This is answered as {string.Join(", ", Forms.Select(f => f.Type))}, none of which Accept allows; leave the header out, or name one.");
    }

    /// <summary>The first form that it covers and that no <c>q=0</c> rules out by name.</summary>
    private static string? Form(MediaTypeHeaderValue accepted, IList<MediaTypeHeaderValue> all) => Forms
        .Where(f => new MediaTypeHeaderValue(f.Type).IsSubsetOf(new MediaTypeHeaderValue(accepted.MediaType))
        && !all.Any(a => a.Quality == 0 && a.MediaType.Equals(f.Type, StringComparison.OrdinalIgnoreCase)))
        .Select(f => f.Name).FirstOrDefault();

    private static ProblemException Refused(string detail) => new(Problems.Create(ErrorClass.UnsupportedMedia, detail) with { Status = StatusCodes.Status406NotAcceptable });
}
