using System.Collections.Immutable;
using System.Globalization;
using System.Net;
using System.Text;
using GridServices.Contracts.Json;
using NodaTime;
using NodaTime.Text;

namespace GridServices.Tariffs.Invoices;

/// <summary>A document as one page to read and print; no script, no outside resource.</summary>
public static class InvoiceHtml
{
    private const string Style = """
        body{font:13px/1.4 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color:#111}h1{margin-bottom:.2rem}
        table{border-collapse:collapse;width:100%;margin:.5rem 0 1.2rem}th,td{padding:.25rem .5rem;text-align:left;border-bottom:1px solid #ddd;vertical-align:top}
        .n{text-align:right;font-variant-numeric:tabular-nums;white-space:nowrap}.note{color:#555;font-size:.92em}tfoot td{font-weight:600}
        .two{display:grid;grid-template-columns:1fr 1fr;gap:1rem}.plot{display:grid;grid-template-columns:2fr 1fr;gap:1rem;align-items:start}.provisional{border:2px solid #b45309;padding:.4rem .6rem}
        svg text{font:11px system-ui,sans-serif;fill:#444}.grid{stroke:#ddd}.load{fill:none;stroke:#1d4ed8}line.peak{stroke:#b91c1c;stroke-dasharray:4 3}circle.peak{fill:#b91c1c}
        @page{size:A4;margin:18mm}@media print{body{margin:0;max-width:none}section,tr{break-inside:avoid}thead{display:table-header-group}}
        """;

    public static string Write(InvoiceDocument invoice)
    {
        var zone = DateTimeZoneProviders.Tzdb.GetZoneOrNull(invoice.Seller.TimeZone ?? "Etc/UTC") ?? DateTimeZone.Utc;
        var html = new StringBuilder("<!doctype html><html lang=\"en\"><head><meta charset=\"utf-8\"><title>").Append(Text($"{Title(invoice)} {invoice.Number ?? "(draft)"}"))
            .Append("</title><style>").Append(Style).Append("</style></head><body>");
        Head(html, invoice);
        Lines(html, invoice);
        Sums(html, invoice);
        Plot(html, invoice, zone);
        html.Append("<ul class=\"note\">");
        foreach (var note in invoice.Notes)
        {
            html.Append("<li>").Append(Text(note)).Append("</li>");
        }

        return html.Append("</ul></body></html>").ToString();
    }

    private static string Title(InvoiceDocument invoice) => invoice.Kind switch { InvoiceKind.CreditNote => "Credit note", InvoiceKind.Correction => "Corrected invoice", _ => "Invoice" };

    private static void Head(StringBuilder html, InvoiceDocument invoice)
    {
        html.Append("<h1>").Append(Title(invoice)).Append(' ').Append(Text(invoice.Number ?? "(draft, not an invoice)")).Append("</h1>");
        if (invoice.Provisional)
        {
            html.Append("<p class=\"provisional\"><strong>Provisional.</strong> ")
                .Append(CultureInfo.InvariantCulture, $"{invoice.MissingIntervals} intervals are missing, {invoice.EstimatedIntervals} are estimated; a true-up follows.</p>");
        }

        html.Append("<div class=\"two\"><div><strong>From</strong><br>");
        Party(html, invoice.Seller);
        html.Append("</div><div><strong>To</strong><br>");
        Party(html, invoice.Buyer);
        html.Append("</div></div><table><tbody>");
        Row(html, "Issued", invoice.IssueDate is { } issued ? Day(issued) : null);
        Row(html, "Due", invoice.DueDate is { } due ? Day(due) : null);
        Row(html, "Period", $"{Day(invoice.From)} to {Day(invoice.Until.PlusDays(-1))}");
        Row(html, "Meter", invoice.MeterId);
        Row(html, "Account", invoice.Buyer.Account);
        Row(html, "Your reference", invoice.BuyerReference);
        Row(html, "Tariff", invoice.TariffId);
        Row(html, "Refers to", invoice.Preceding.IsEmpty ? null : string.Join(", ", invoice.Preceding.Select(p => $"{p.Number} of {Day(p.IssueDate)}")));
        html.Append("</tbody></table>");
    }

    private static void Party(StringBuilder html, InvoiceParty party)
    {
        var address = party.Address;
        foreach (var line in new[] { party.Name, address.Street, $"{address.PostCode} {address.City}".Trim(), $"{address.Region} {address.Country}".Trim() }.Where(l => !string.IsNullOrEmpty(l)))
        {
            html.Append(Text(line!)).Append("<br>");
        }

        foreach (var (name, id) in new[] { ("VAT id", party.VatId), ("Tax number", party.TaxId), ("Register", party.LegalId) })
        {
            html.Append(id is null ? "" : $"{name} {Text(id)}<br>");
        }
    }

    private static void Lines(StringBuilder html, InvoiceDocument invoice)
    {
        html.Append("<table><thead><tr><th>#</th><th>What</th><th class=\"n\">Quantity</th><th>Unit</th><th class=\"n\">Price</th><th class=\"n\">VAT</th><th class=\"n\">Net ").Append(Text(invoice.Currency)).Append("</th></tr></thead><tbody>");
        var number = 0;
        foreach (var line in invoice.Lines)
        {
            html.Append("<tr><td>").Append(++number).Append("</td><td>").Append(Text(line.Name)).Append("<br><span class=\"note\">").Append(Day(line.From)).Append(" to ")
                .Append(Day(line.Until.PlusDays(-1))).Append(": ").Append(Text(line.Formula))
                .Append(line.Note is { } note ? $"<br>{Text(note)}" : "").Append("</span></td><td class=\"n\">").Append(ExactDecimal.Text(line.Quantity))
                .Append("</td><td>").Append(Text(line.UnitCode == UnitCode.One ? "piece" : line.Unit))
                .Append("</td><td class=\"n\">").Append(ExactDecimal.Text(line.Price)).Append(line.PriceBase == 1 ? "" : $" per {ExactDecimal.Text(line.PriceBase)}")
                .Append("</td><td class=\"n\">").Append(line.Category).Append(' ').Append(ExactDecimal.Text(line.VatRate))
                .Append(" %</td><td class=\"n\">").Append(InvoiceCsv.Amount(line.Net, invoice)).Append("</td></tr>");
        }

        html.Append("</tbody></table>");
    }

    private static void Sums(StringBuilder html, InvoiceDocument invoice)
    {
        html.Append("<section><table><thead><tr><th>VAT</th><th class=\"n\">On</th><th class=\"n\">VAT</th></tr></thead><tbody>");
        foreach (var vat in invoice.Vat)
        {
            html.Append("<tr><td>").Append(vat.Category).Append(' ').Append(ExactDecimal.Text(vat.Rate)).Append(" %")
                .Append(vat.Reason is { } reason ? $" ({Text(reason)})" : "").Append("</td><td class=\"n\">")
                .Append(InvoiceCsv.Amount(vat.Taxable, invoice)).Append("</td><td class=\"n\">").Append(InvoiceCsv.Amount(vat.Tax, invoice)).Append("</td></tr>");
        }

        html.Append("</tbody></table><table><tbody>");
        Row(html, "Net", InvoiceCsv.Amount(invoice.Totals.Net, invoice), isNumber: true);
        Row(html, "VAT", InvoiceCsv.Amount(invoice.Totals.Vat, invoice), isNumber: true);
        Row(html, "With VAT", InvoiceCsv.Amount(invoice.Totals.Gross, invoice), isNumber: true);
        Row(html, "Rounding", invoice.Totals.Rounding == 0 ? null : InvoiceCsv.Amount(invoice.Totals.Rounding, invoice), isNumber: true);
        html.Append("</tbody><tfoot><tr><td>").Append(invoice.Kind == InvoiceKind.CreditNote ? "To your credit" : invoice.Totals.Payable < 0 ? "In your favour"
            : "To pay").Append("</td><td class=\"n\">")
            .Append(InvoiceCsv.Amount(invoice.Totals.Payable, invoice)).Append(' ').Append(Text(invoice.Currency)).Append("</td></tr></tfoot></table>");
        if (invoice is { Kind: not InvoiceKind.CreditNote, Seller.Payment: { } payment })
        {
            html.Append("<p>Pay to ").Append(Text(payment.Account)).Append(payment.Bank is { } bank ? $" ({Text(bank)})" : "")
                .Append(payment.Name is { } name ? $", {Text(name)}" : "").Append("; name ").Append(Text(invoice.Number ?? "the number")).Append(".</p>");
        }

        html.Append("</section>");
    }

    private static void Plot(StringBuilder html, InvoiceDocument invoice, DateTimeZone zone)
    {
        ImmutableArray<InvoiceLine> holding = invoice.Position.IsEmpty ? invoice.Lines : invoice.Position;
        var peaks = holding.SelectMany(l => l.Peaks.Select(p => (Line: l, Peak: p))).DistinctBy(p => (p.Line.Charge, p.Peak.Start)).ToArray();
        if (invoice.Load is null && peaks.Length == 0)
        {
            return;
        }

        html.Append("<section>");
        if (invoice.Load is { } load)
        {
            html.Append(CultureInfo.InvariantCulture, $"<h2>Load, kW (highest of each {load.Minutes} min)</h2><div class=\"plot\">")
                .Append(LoadPlotSvg.Write(load, [.. peaks.Select(p => p.Peak)], zone));
        }

        html.Append("<table><thead><tr><th>Set the charge</th><th>Window (").Append(Text(zone.Id)).Append(")</th><th class=\"n\">kW</th></tr></thead><tbody>");
        foreach (var (line, peak) in peaks)
        {
            html.Append("<tr><td>").Append(Text(line.Charge)).Append("</td><td>").Append(Stamp(peak.Start, zone))
                .Append(peak.End is { } end ? $" to {Stamp(end, zone)}" : "").Append("</td><td class=\"n\">")
                .Append(peak.Kw is { } kw ? ExactDecimal.Text(kw) : "").Append("</td></tr>");
        }

        html.Append("</tbody></table>").Append(invoice.Load is null ? "" : "</div>").Append("</section>");
    }

    private static void Row(StringBuilder html, string name, string? value, bool isNumber = false)
    {
        if (value is not null)
        {
            html.Append("<tr><td>").Append(name).Append(isNumber ? "</td><td class=\"n\">" : "</td><td>").Append(Text(value)).Append("</td></tr>");
        }
    }

    private static string Stamp(Instant at, DateTimeZone zone) => at.InZone(zone).ToString("uuuu-MM-dd HH:mm", CultureInfo.InvariantCulture);

    private static string Day(LocalDate day) => LocalDatePattern.Iso.Format(day);

    private static string Text(string text) => WebUtility.HtmlEncode(text);
}
