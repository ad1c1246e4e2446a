using System.Text;
using GridServices.Contracts;
using GridServices.Hosting.Refusals;
using GridServices.Hosting.Web;
using GridServices.Operations.Money;
using GridServices.Operations.Service.Money;
using GridServices.Operations.Service.Registry;

namespace GridServices.Operations.Service.Api;

/// <summary>What a utility wrote, an invoice or a statement, as lines to be held against ours; and the answer to it.</summary>
internal static class UtilityLines
{
    private const string Csv = MoneyCsv.MediaType;

    /// <exception cref="FormException">With every line of a CSV that can't be read.</exception>
    internal static async Task<IReadOnlyList<InvoiceLine>> ReadAsync(HttpContext http)
    {
        var body = await http.Request.ReadBodyAsync(OperationsWire.MaxBody, OperationsWire.Json, Csv);
        return http.Request.ContentType!.StartsWith(Csv, StringComparison.OrdinalIgnoreCase) ? Lines(Encoding.UTF8.GetString(body.Span)) : OperationsWire.Read<InvoiceBody>(body).Lines;
    }

    internal static IResult Answer(InvoiceComparison comparison, string? format) => format switch
    {
        null or "json" => OperationsWire.Answer(comparison),
        "csv" => Results.Text(MoneyCsv.Comparison(comparison), Csv),
        _ => throw new ProblemException(ErrorClass.SemanticCode, "format is json or csv.", "format"),
    };

    private static IReadOnlyList<InvoiceLine> Lines(string csv)
    {
        var lines = InvoiceCsv.Read(new StringReader(csv), out var faults);
        return faults.Count == 0 ? lines : throw new FormException([.. faults.Select(f => new ConfigFault(ErrorClass.SchemaInvalid, f.Column.Length == 0 ? $"/lines/{f.Line}" : $"/lines/{f.Line}/{f.Column}", f.ToString()))]);
    }
}
