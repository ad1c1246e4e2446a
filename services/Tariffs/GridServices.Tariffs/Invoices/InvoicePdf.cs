using System.Collections.Immutable;
using System.Globalization;
using GridServices.Contracts.Json;
using NodaTime;
using NodaTime.Text;

namespace GridServices.Tariffs.Invoices;

/// <summary>A document as PDF: what <see cref="InvoiceHtml"/> shows, on A4.</summary>
public sealed class InvoicePdf
{
    private const double Left = 50;
    private const double Right = PdfPages.Width - 50;
    private const double Bottom = PdfPages.Height - 50;
    private const double Size = 9;
    private const string Red = "0.73 0.11 0.11";
    private readonly InvoiceDocument invoice;
    private readonly DateTimeZone zone;
    private readonly PdfPages pages = new();
    private double y = double.MaxValue;

    private InvoicePdf(InvoiceDocument invoice)
    {
        this.invoice = invoice;
        zone = DateTimeZoneProviders.Tzdb.GetZoneOrNull(invoice.Seller.TimeZone ?? "Etc/UTC") ?? DateTimeZone.Utc;
    }

    /// <summary>Why a document cannot be written; null = it can.</summary>
    public static string? Fault(InvoiceDocument invoice) => Texts(invoice).FirstOrDefault(t => !PdfPages.CanWrite(t)) is { } text
        ? $"'{Contracts.SafeText.Short(text)}' has letters that the PDF's fonts lack (they have those of Western Europe); print the page (html) instead."
        : null;

    public static byte[] Write(InvoiceDocument invoice)
    {
        var pdf = new InvoicePdf(invoice);
        pdf.Head();
        pdf.Lines();
        pdf.Sums();
        pdf.Plot();
        pdf.Notes();
        return pdf.pages.Write();
    }

    private static IEnumerable<string> Texts(InvoiceDocument invoice) => new[] { invoice.Seller, invoice.Buyer }
        .SelectMany(p => new[] { p.Name, p.Address.Street, p.Address.City, p.Address.PostCode, p.Address.Region, p.LegalId, p.TaxId, p.Account, p.Payment?.Account, p.Payment?.Name, p.Payment?.Bank })
        .Concat(invoice.Lines.SelectMany(l => new[] { l.Name, l.Charge, l.Formula, l.Note, l.VatReason })).Concat(invoice.Notes).Append(invoice.BuyerReference).OfType<string>();

    private void Head()
    {
        EnsureSpace(200);
        var title = invoice.Kind switch { InvoiceKind.CreditNote => "Credit note", InvoiceKind.Correction => "Corrected invoice", _ => "Invoice" };
        pages.Text(Left, y, $"{title} {invoice.Number ?? "(draft, not an invoice)"}", 18, isBold: true);
        y += 22;
        if (invoice.Provisional)
        {
            Row(string.Create(CultureInfo.InvariantCulture, $"Provisional: {invoice.MissingIntervals} intervals are missing, {invoice.EstimatedIntervals} are estimated; a true-up follows."), isBold: true);
        }

        var top = y;
        var below = Party(invoice.Seller, Left, "From");
        y = top;
        y = Math.Max(below, Party(invoice.Buyer, Left + 260, "To")) + 8;
        Fact("Issued", invoice.IssueDate is { } issued ? Day(issued) : null);
        Fact("Due", invoice.DueDate is { } due ? Day(due) : null);
        Fact("Period", $"{Day(invoice.From)} to {Day(invoice.Until.PlusDays(-1))}");
        Fact("Meter", invoice.MeterId);
        Fact("Account", invoice.Buyer.Account);
        Fact("Your reference", invoice.BuyerReference);
        Fact("Tariff", invoice.TariffId);
        Fact("Refers to", invoice.Preceding.IsEmpty ? null : string.Join(", ", invoice.Preceding.Select(p => $"{p.Number} of {Day(p.IssueDate)}")));
        y += 8;
    }

    private double Party(InvoiceParty party, double x, string title)
    {
        pages.Text(x, y, title, Size, isBold: true);
        var address = party.Address;
        foreach (var line in new[]
        {
            party.Name, address.Street, $"{address.PostCode} {address.City}".Trim(), $"{address.Region} {address.Country}".Trim(),
            party.VatId is { } vat ? $"VAT id {vat}" : null, party.TaxId is { } tax ? $"Tax number {tax}" : null, party.LegalId is { } legal ? $"Register {legal}" : null,
        }.Where(l => !string.IsNullOrEmpty(l)).SelectMany(l => Wrap(l!, 240, Size)))
        {
            y += 12;
            pages.Text(x, y, line, Size);
        }

        return y + 12;
    }

    private void Lines()
    {
        Cells(isBold: true, "What", "Quantity", "Price", "VAT", $"Net {invoice.Currency}");
        foreach (var line in invoice.Lines)
        {
            EnsureSpace(40);
            var unit = line.UnitCode == UnitCode.One ? "piece" : line.Unit;
            Cells(isBold: false, line.Name, $"{ExactDecimal.Text(line.Quantity)} {unit}",
                $"{ExactDecimal.Text(line.Price)}{(line.PriceBase == 1 ? "" : $" per {ExactDecimal.Text(line.PriceBase)}")}",
                    $"{line.Category} {ExactDecimal.Text(line.VatRate)} %", InvoiceCsv.Amount(line.Net, invoice));
            Row($"{Day(line.From)} to {Day(line.Until.PlusDays(-1))}: {line.Formula}{(line.Note is { } note ? $"; {note}" : "")}", 7.5);
            pages.Line((Left, y - 7), (Right, y - 7));
            y += 4;
        }
    }

    private void Sums()
    {
        EnsureSpace(90 + (invoice.Vat.Length * 13));
        foreach (var vat in invoice.Vat)
        {
            Sum($"VAT {vat.Category} {ExactDecimal.Text(vat.Rate)} % of {InvoiceCsv.Amount(vat.Taxable, invoice)}{(vat.Reason is { } reason ? $" ({reason})" : "")}", vat.Tax);
        }

        Sum("Net", invoice.Totals.Net);
        Sum("VAT", invoice.Totals.Vat);
        Sum("With VAT", invoice.Totals.Gross);
        if (invoice.Totals.Rounding != 0)
        {
            Sum("Rounding", invoice.Totals.Rounding);
        }

        Sum(invoice.Kind == InvoiceKind.CreditNote ? "To your credit" : invoice.Totals.Payable < 0 ? "In your favour" : "To pay", invoice.Totals.Payable, isBold: true);
        if (invoice is { Kind: not InvoiceKind.CreditNote, Seller.Payment: { } payment })
        {
            Row($"Pay to {payment.Account}{(payment.Bank is { } bank ? $" ({bank})" : "")}{(payment.Name is { } name ? $", {name}" : "")}; name {invoice.Number ?? "the number"}.");
        }
    }

    private void Plot()
    {
        ImmutableArray<InvoiceLine> holding = invoice.Position.IsEmpty ? invoice.Lines : invoice.Position;
        var peaks = holding.SelectMany(l => l.Peaks.Select(p => (l.Charge, Peak: p))).Distinct().ToArray();
        if (invoice.Load is { Kw.IsEmpty: false } load)
        {
            EnsureSpace(190);
            Row(string.Create(CultureInfo.InvariantCulture, $"Load, kW (highest of each {load.Minutes} min)"), isBold: true);
            Curve(load, [.. peaks.Select(p => p.Peak)]);
        }

        foreach (var (charge, peak) in peaks)
        {
            Row($"{charge}: set by {Stamp(peak.Start)}{(peak.End is { } end ? $" to {Stamp(end)}" : "")} ({zone.Id}){(peak.Kw is { } kw ? $", {ExactDecimal.Text(kw)} kW" : "")}");
        }
    }

    private void Curve(LoadPlot load, ImmutableArray<PeakInterval> peaks)
    {
        const double height = 120;
        var (top, span) = (y, Duration.FromMinutes((long)load.Kw.Length * load.Minutes));
        var highest = (double)Math.Max(load.Kw.Max() ?? 0, peaks.Max(p => p.Kw) ?? 0);
        var lowest = (double)Math.Min(0, load.Kw.Min() ?? 0);
        highest = highest == lowest ? lowest + 1 : highest;
        double X(Instant at) => Left + 35 + ((at - load.Start) / span * (Right - Left - 35));
        double Y(double kw) => top + ((highest - kw) / (highest - lowest) * height);
        foreach (var kw in new[] { lowest, (lowest + highest) / 2, highest })
        {
            pages.Line((Left + 35, Y(kw)), (Right, Y(kw)));
            pages.TextRight(Left + 31, Y(kw) + 3, kw.ToString("0.##", CultureInfo.InvariantCulture), 7);
        }

        for (var i = 0; i < load.Kw.Length; i++)
        {
            if (load.Kw[i] is { } kw)
            {
                var (from, to) = (X(load.Start + Duration.FromMinutes((long)i * load.Minutes)), X(load.Start + Duration.FromMinutes((i + 1L) * load.Minutes)));
                pages.Line((from, Y((double)kw)), (to, Y((double)kw)), "0.11 0.3 0.85");
                if (i > 0 && load.Kw[i - 1] is { } before)
                {
                    pages.Line((from, Y((double)before)), (from, Y((double)kw)), "0.11 0.3 0.85");
                }
            }
        }

        foreach (var peak in peaks.Where(p => p.Start >= load.Start && p.Start < load.Start + span))
        {
            pages.Line((X(peak.Start), top), (X(peak.Start), top + height), Red);
            pages.Dot(X(peak.Start), Y((double)(peak.Kw ?? (decimal)highest)), Red);
        }

        pages.Text(Left + 35, top + height + 10, Day(load.Start.InZone(zone).Date), 7);
        pages.TextRight(Right, top + height + 10, Day((load.Start + span - Duration.Epsilon).InZone(zone).Date), 7);
        y = top + height + 24;
    }

    private void Notes()
    {
        y += 6;
        foreach (var note in invoice.Notes)
        {
            Row(note, 7.5);
        }
    }

    private void Cells(bool isBold, string what, string quantity, string price, string vat, string net)
    {
        EnsureSpace(14);
        pages.TextRight(Left + 290, y, quantity, Size, isBold);
        pages.TextRight(Left + 375, y, price, Size, isBold);
        pages.TextRight(Left + 425, y, vat, Size, isBold);
        pages.TextRight(Right, y, net, Size, isBold);
        foreach (var line in Wrap(what, 200, Size))
        {
            EnsureSpace(14);
            pages.Text(Left, y, line, Size, isBold);
            y += 12;
        }
    }

    private void Fact(string name, string? value)
    {
        if (value is not null)
        {
            EnsureSpace(13);
            pages.Text(Left, y, name, Size, isBold: true);
            foreach (var line in Wrap(value, Right - Left - 100, Size))
            {
                EnsureSpace(13);
                pages.Text(Left + 100, y, line, Size);
                y += 13;
            }
        }
    }

    private void Sum(string name, decimal amount, bool isBold = false)
    {
        EnsureSpace(13);
        pages.TextRight(Right, y, $"{InvoiceCsv.Amount(amount, invoice)} {invoice.Currency}", Size, isBold);
        foreach (var line in Wrap(name, 230, Size))
        {
            EnsureSpace(13);
            pages.Text(Left + 200, y, line, Size, isBold);
            y += 13;
        }
    }

    private void Row(string text, double size = Size, bool isBold = false)
    {
        foreach (var line in Wrap(text, Right - Left, size))
        {
            EnsureSpace(size + 3);
            pages.Text(Left, y, line, size, isBold);
            y += size + 3;
        }
    }

    /// <summary>Another page where so much is not left.</summary>
    private void EnsureSpace(double height)
    {
        if (y + height > Bottom)
        {
            pages.Add();
            y = 60;
        }
    }

    /// <summary>Lines at most so wide, broken at blanks, and within words that are wider.</summary>
    private static List<string> Wrap(string text, double width, double size)
    {
        var lines = new List<string> { string.Empty };
        foreach (var word in text.Replace('\n', ' ').Split(' '))
        {
            var longer = lines[^1].Length == 0 ? word : $"{lines[^1]} {word}";
            if (lines[^1].Length == 0 || PdfPages.MeasureWidth(longer, size) <= width)
            {
                lines[^1] = longer;
            }
            else
            {
                lines.Add(word);
            }

            while (PdfPages.MeasureWidth(lines[^1], size) > width && lines[^1].Length > 1)
            {
                var fits = lines[^1].Length;
                while (fits > 1 && PdfPages.MeasureWidth(lines[^1][..fits], size) > width)
                {
                    fits--;
                }

                var rest = lines[^1][fits..];
                lines[^1] = lines[^1][..fits];
                lines.Add(rest);
            }
        }

        return lines;
    }

    private string Stamp(Instant at) => at.InZone(zone).ToString("uuuu-MM-dd HH:mm", CultureInfo.InvariantCulture);

    private static string Day(LocalDate day) => LocalDatePattern.Iso.Format(day);
}
