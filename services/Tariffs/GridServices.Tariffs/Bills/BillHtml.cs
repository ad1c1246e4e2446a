using System.Globalization;
using System.Net;
using System.Text;
using NodaTime.Text;

namespace GridServices.Tariffs.Bills;

/// <summary>A bill as one HTML page that a person can read and print; no script, no outside resource.</summary>
public static class BillHtml
{
    private const string Style = """
        body{font:14px/1.4 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem}
        table{border-collapse:collapse;width:100%;margin:.5rem 0 1.5rem}th,td{padding:.25rem .5rem;text-align:left;border-bottom:1px solid #ddd}
        .n{text-align:right;font-variant-numeric:tabular-nums}.note{color:#555;font-size:.9em}tfoot td{font-weight:600}
        @media print{body{margin:0}section{break-inside:avoid}}
        """;

    public static string Write(Bill bill)
    {
        var html = new StringBuilder("<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><title>Bill ")
            .Append(Text(bill.TariffId)).Append("</title><style>").Append(Style).Append("</style></head><body><h1>")
            .Append(Text(bill.TariffId)).Append("</h1><p>").Append(bill.Provisional ? "<strong>Provisional.</strong> " : "")
            .Append("To pay: <strong>").Append(Money(bill.Payable, bill)).Append("</strong> (exact ").Append(BillCsv.Format(bill.Total)).Append(")</p>");
        foreach (var month in bill.Months)
        {
            Month(html, bill, month);
        }

        html.Append("<ul class=\"note\">");
        foreach (var note in bill.Notes)
        {
            html.Append("<li>").Append(Text(note)).Append("</li>");
        }

        return html.Append("</ul><p class=\"note\">Tariff ").Append(Text(string.Join(", ", bill.TariffHashes))).Append("; data ")
            .Append(Text(bill.DataHash ?? "not hashed")).Append("</p></body></html>").ToString();
    }

    private static void Month(StringBuilder html, Bill bill, BillPeriod month)
    {
        html.Append("<section><h2>").Append(LocalDatePattern.Iso.Format(month.From)).Append(" to ").Append(LocalDatePattern.Iso.Format(month.Until.PlusDays(-1))).Append("</h2><p>")
            .Append(CultureInfo.InvariantCulture, $"{month.ImportKwh:0.###} kWh, peak {month.PeakKw:0.###} kW")
            .Append(month.Provisional ? $"; provisional: {month.MissingIntervals} intervals missing, {month.EstimatedIntervals} estimated" : "")
            .Append("</p><table><thead><tr><th>Charge</th><th>Period</th><th class=\"n\">Quantity</th><th>Unit</th><th class=\"n\">Rate</th><th class=\"n\">Amount</th></tr></thead><tbody>");
        foreach (var line in month.LineItems)
        {
            html.Append("<tr><td>").Append(Text(line.Name ?? line.Charge)).Append(line.Note is null ? "" : $"<br><span class=\"note\">{Text(line.Note)}</span>")
                .Append("</td><td>").Append(Text(line.Period ?? "")).Append(line.Tier is { } tier ? $" block {tier}" : "")
                .Append("</td><td class=\"n\">").Append(line.Quantity.ToString("0.######", CultureInfo.InvariantCulture)).Append("</td><td>").Append(Text(line.Unit))
                .Append("</td><td class=\"n\">").Append(line.Rate.ToString("0.########", CultureInfo.InvariantCulture)).Append("</td><td class=\"n\">")
                .Append(Money(line.Amount, bill)).Append("</td></tr>");
        }

        html.Append("</tbody><tfoot><tr><td colspan=\"5\">Total</td><td class=\"n\">").Append(Money(month.Total, bill)).Append("</td></tr></tfoot></table></section>");
    }

    private static string Money(decimal amount, Bill bill) =>
        bill.Rounding.Round(amount, bill.Currency).ToString($"F{bill.Rounding.Scale ?? Currencies.MinorDigits(bill.Currency)}", CultureInfo.InvariantCulture) + " " + Text(bill.Currency);

    private static string Text(string text) => WebUtility.HtmlEncode(text);
}
