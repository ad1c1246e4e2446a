using System.Globalization;
using System.Text;
using GridServices.Tariffs.Bills;
using NodaTime;
using NodaTime.Text;

namespace GridServices.Tariffs.Invoices;

/// <summary>A document as CSV: a row for each line, then VAT and rounding, so that the column of amounts sums to what is payable.</summary>
public static class InvoiceCsv
{
    private static readonly string[] Head =
    [
        "number", "kind", "issue_date", "due_date", "meter", "row", "name", "from", "until", "quantity", "unit", "price", "price_base", "amount", "currency",
        "vat_category", "vat_rate", "peak_start", "peak_kw", "formula", "note",
    ];

    public static string Write(InvoiceDocument invoice)
    {
        var csv = new StringBuilder();
        Row(csv, Head);
        foreach (var line in invoice.Lines)
        {
            Row(csv,
            [
                .. Document(invoice), "line", line.Name, Day(line.From), Day(line.Until), BillCsv.Format(line.Quantity), line.Unit, BillCsv.Format(line.Price),
                BillCsv.Format(line.PriceBase), Amount(line.Net, invoice), invoice.Currency,
                line.Category.ToString(), BillCsv.Format(line.VatRate), string.Join(' ', line.Peaks.Select(p => InstantPattern.General.Format(p.Start))),
                string.Join(' ', line.Peaks.Select(p => p.Kw).OfType<decimal>().Select(BillCsv.Format)), line.Formula, line.Note,
            ]);
        }

        foreach (var vat in invoice.Vat)
        {
            Row(csv,
            [
                .. Document(invoice), "vat", $"VAT {vat.Category} {BillCsv.Format(vat.Rate)} %", Day(invoice.From), Day(invoice.Until), null, null, null, null,
                Amount(vat.Tax, invoice), invoice.Currency,
                vat.Category.ToString(), BillCsv.Format(vat.Rate), null, null, $"{BillCsv.Format(vat.Rate)} % of {Amount(vat.Taxable, invoice)} {invoice.Currency}", vat.Reason,
            ]);
        }

        if (invoice.Totals.Rounding != 0)
        {
            Row(csv, [.. Document(invoice), "rounding", "Rounding", Day(invoice.From), Day(invoice.Until), null, null, null, null,
                Amount(invoice.Totals.Rounding, invoice), invoice.Currency, null, null, null, null, null, null]);
        }

        return csv.ToString();
    }

    internal static string Amount(decimal amount, InvoiceDocument invoice) => amount.ToString($"F{Currencies.MinorDigits(invoice.Currency)}", CultureInfo.InvariantCulture);

    private static string?[] Document(InvoiceDocument invoice) =>
    [
        invoice.Number ?? "draft", System.Text.Json.JsonNamingPolicy.CamelCase.ConvertName(invoice.Kind.ToString()), invoice.IssueDate is { } issued ? Day(issued) : null,
            invoice.DueDate is { } due ? Day(due) : null, invoice.MeterId,
    ];

    private static string Day(LocalDate day) => LocalDatePattern.Iso.Format(day);

    private static void Row(StringBuilder csv, string?[] fields) => csv.AppendJoin(',', fields.Select(BillCsv.Field)).Append("\r\n");
}
