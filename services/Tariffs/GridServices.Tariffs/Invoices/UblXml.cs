using System.Text;
using System.Xml;
using System.Xml.Linq;
using GridServices.Contracts.Json;
using NodaTime;
using NodaTime.Text;

namespace GridServices.Tariffs.Invoices;

/// <summary>
/// An issued document as UBL 2.1 (ISO/IEC 19845) in the core of EN 16931: Invoice 380 and 384, CreditNote 381. Elements are in the order of the UBL
/// schemas; what each carries is said by its BT or BG number.
/// </summary>
public static class UblXml
{
    private const string Core = "urn:cen.eu:en16931:2017";
    private const int MostDecimals = 2;
    private static readonly XNamespace Cac = "urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2";
    private static readonly XNamespace Cbc = "urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2";

    /// <summary>Why a document cannot be written so that it conforms; null = it can.</summary>
    public static string? Fault(InvoiceDocument invoice)
    {
        if (invoice.Number is null)
        {
            return "A draft has no number and no issue date (BR-02, BR-03); issue it first.";
        }

        // BR-DEC-*: amounts have at most two decimals.
        var amounts = invoice.Lines.Select(l => l.Net).Concat(invoice.Vat.SelectMany(v => new[] { v.Taxable, v.Tax })).Append(invoice.Totals.Rounding).Append(invoice.Totals.Payable);
        return amounts.All(a => decimal.Round(a, MostDecimals) == a)
            ? null
            : $"EN 16931 allows two decimals in amounts (BR-DEC-09 to BR-DEC-24), and this one in {invoice.Currency} needs more; take json, csv or html.";
    }

    /// <exception cref="InvalidOperationException">It has a <see cref="Fault"/>.</exception>
    public static string Write(InvoiceDocument invoice)
    {
        if (Fault(invoice) is { } fault)
        {
            throw new InvalidOperationException(fault);
        }

        var settings = new XmlWriterSettings { Indent = true, Encoding = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false), NewLineChars = "\n" };
        using var written = new MemoryStream();
        using (var xml = XmlWriter.Create(written, settings))
        {
            new XDocument(Root(invoice)).Save(xml);
        }

        return Encoding.UTF8.GetString(written.ToArray());
    }

    private static XElement Root(InvoiceDocument invoice)
    {
        var isCredit = invoice.Kind == InvoiceKind.CreditNote;
        XNamespace space = isCredit ? "urn:oasis:names:specification:ubl:schema:xsd:CreditNote-2" : "urn:oasis:names:specification:ubl:schema:xsd:Invoice-2";
        return new XElement(
            space + (isCredit ? "CreditNote" : "Invoice"),
            new XAttribute("xmlns", space.NamespaceName), new XAttribute(XNamespace.Xmlns + "cac", Cac.NamespaceName), new XAttribute(XNamespace.Xmlns + "cbc", Cbc.NamespaceName),
            Basic("CustomizationID", Core), // BT-24
            Basic("ID", invoice.Number),
            Basic("IssueDate", Day(invoice.IssueDate!.Value)),
            invoice.DueDate is { } due ? Basic("DueDate", Day(due)) : null,
            isCredit ? Basic("CreditNoteTypeCode", "381") : Basic("InvoiceTypeCode", invoice.Kind == InvoiceKind.Correction ? "384" : "380"), // BT-3
            invoice.Notes.IsEmpty ? null : Basic("Note", string.Join('\n', invoice.Notes)),
            Basic("DocumentCurrencyCode", invoice.Currency),
            invoice.BuyerReference is { } reference ? Basic("BuyerReference", reference) : null,
            Span("InvoicePeriod", invoice.From, invoice.Until), // BG-14
            invoice.Preceding.Select(p => new XElement(Cac + "BillingReference", new XElement(Cac + "InvoiceDocumentReference", Basic("ID", p.Number), Basic("IssueDate", Day(p.IssueDate))))), // BG-3
            new XElement(Cac + "AdditionalDocumentReference", Basic("ID", invoice.MeterId), Basic("DocumentTypeCode", "130")), // BT-18
            UblParty.Write(invoice, invoice.Seller, isSeller: true), // BG-4
            UblParty.Write(invoice, invoice.Buyer, isSeller: false), // BG-7
            isCredit ? null : UblParty.Payment(invoice),
            new XElement(Cac + "PaymentTerms", Basic("Note", invoice.DueDate is { } by ? $"Payable by {Day(by)}" : "Set off against what is due, else refunded")), // BT-20, BR-CO-25
            Vat(invoice), Totals(invoice),
            invoice.Lines.Select((line, i) => Line(invoice, line, i + 1, isCredit)));
    }

    private static XElement Vat(InvoiceDocument invoice) => new(
        Cac + "TaxTotal",
        Amount("TaxAmount", invoice.Totals.Vat, invoice),
        invoice.Vat.Select(v => new XElement(
            Cac + "TaxSubtotal",
            Amount("TaxableAmount", v.Taxable, invoice), Amount("TaxAmount", v.Tax, invoice),
            Category("TaxCategory", v.Category, v.Rate, v.Reason)))); // BG-23

    private static XElement Totals(InvoiceDocument invoice) => new(
        Cac + "LegalMonetaryTotal", // BG-22
        Amount("LineExtensionAmount", invoice.Totals.Net, invoice),
        Amount("TaxExclusiveAmount", invoice.Totals.Net, invoice),
        Amount("TaxInclusiveAmount", invoice.Totals.Gross, invoice),
        invoice.Totals.Rounding == 0 ? null : Amount("PayableRoundingAmount", invoice.Totals.Rounding, invoice),
        Amount("PayableAmount", invoice.Totals.Payable, invoice));

    private static XElement Line(InvoiceDocument invoice, InvoiceLine line, int number, bool isCredit) => new(
        Cac + (isCredit ? "CreditNoteLine" : "InvoiceLine"), // BG-25
        Basic("ID", number.ToString(System.Globalization.CultureInfo.InvariantCulture)),
        FindNote(line) is { } note ? Basic("Note", note) : null,
        Quantity(isCredit ? "CreditedQuantity" : "InvoicedQuantity", line.Quantity, line.UnitCode),
        Amount("LineExtensionAmount", line.Net, invoice),
        Span("InvoicePeriod", line.From, line.Until), // BG-26
        new XElement(
            Cac + "Item", // BG-31
            Basic("Description", line.Formula), Basic("Name", line.Name),
            new XElement(Cac + "SellersItemIdentification", Basic("ID", line.Charge)), // BT-155
            Category("ClassifiedTaxCategory", line.Category, line.VatRate, reason: null)), // BG-30
        new XElement(
            Cac + "Price", // BG-29
            new XElement(Cbc + "PriceAmount", new XAttribute("currencyID", invoice.Currency), ExactDecimal.Text(line.Price)),
            Quantity("BaseQuantity", line.PriceBase, line.UnitCode)));

    /// <summary>BT-127: the peaks that set the quantity, and what the bill says.</summary>
    private static string? FindNote(InvoiceLine line)
    {
        var peaks = line.Peaks.Select(p => $"Set by {InstantPattern.General.Format(p.Start)}{(p.End is { } end ? $" to {InstantPattern.General.Format(end)}" : "")}{(p.Kw is { } kw ? $" at {ExactDecimal.Text(kw)} kW" : "")}");
        var text = string.Join("; ", line.Note is null ? peaks : peaks.Append(line.Note));
        return text.Length == 0 ? null : text;
    }

    private static XElement Category(string name, VatCategory category, decimal rate, string? reason) => new(
        Cac + name,
        Basic("ID", category.ToString()),
        category == VatCategory.O ? null : Basic("Percent", ExactDecimal.Text(rate)), // BR-O-05
        reason is null ? null : Basic("TaxExemptionReason", reason),
        new XElement(Cac + "TaxScheme", Basic("ID", "VAT")));

    private static XElement Span(string name, LocalDate from, LocalDate until) => new(Cac + name, Basic("StartDate", Day(from)), Basic("EndDate", Day(until.PlusDays(-1))));

    private static XElement Quantity(string name, decimal quantity, string unit) => new(Cbc + name, new XAttribute("unitCode", unit), ExactDecimal.Text(quantity));

    private static XElement Amount(string name, decimal amount, InvoiceDocument invoice) => new(
        Cbc + name,
        new XAttribute("currencyID", invoice.Currency),
        amount.ToString($"F{Math.Min(MostDecimals, Currencies.MinorDigits(invoice.Currency))}", System.Globalization.CultureInfo.InvariantCulture));

    /// <summary>Text that XML can carry.</summary>
    internal static XElement Basic(string name, string? text) => new(Cbc + name, string.Concat((text ?? string.Empty).Where(c => XmlConvert.IsXmlChar(c) || char.IsSurrogate(c))));

    internal static XElement Aggregate(string name, params object?[] content) => new(Cac + name, content);

    private static string Day(LocalDate day) => LocalDatePattern.Iso.Format(day);
}
