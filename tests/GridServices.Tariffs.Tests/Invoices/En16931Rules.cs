using System.Globalization;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using static GridServices.Tariffs.Tests.Invoices.UblReader;

namespace GridServices.Tariffs.Tests.Invoices;

/// <summary>
/// The business rules of EN 16931-1:2017 (chapter 6.4) that concern our documents, written from the rules' texts and independent of the writer:
/// each fault names its rule. VAT categories are in <see cref="En16931VatRules"/>.
/// </summary>
internal static partial class En16931Rules
{
    private static readonly string[] Units = ["KWH", "KWT", "KVA", "KVR", "K3", "DAY", "MON", "ANN", "HUR", "C62"];

    public static IReadOnlyList<string> Faults(string xml)
    {
        var ubl = Parse(xml);
        var faults = new List<string>(UblOrder.Faults(ubl.Root));
        void Rule(string rule, bool holds)
        {
            if (!holds)
            {
                faults.Add(rule);
            }
        }

        Document(ubl, Rule);
        Parties(ubl, Rule);
        Sums(ubl, Rule);
        Decimals(ubl, Rule);
        foreach (var line in ubl.Lines)
        {
            Line(ubl, line, Rule);
        }

        En16931VatRules.Check(ubl, Rule);
        return faults;
    }

    private static void Document(UblReader ubl, Action<string, bool> rule)
    {
        var root = ubl.Root;
        rule("BR-01", Text(root, "CustomizationID") is "urn:cen.eu:en16931:2017");
        rule("BR-02", Text(root, "ID") is { Length: > 0 });
        rule("BR-03", IsDay(Text(root, "IssueDate")));
        var type = Text(root, ubl.IsCredit ? "CreditNoteTypeCode" : "InvoiceTypeCode");
        rule("BR-04", type is not null);
        rule("BR-CL-01", ubl.IsCredit ? type is "381" : type is "380" or "384");
        rule("BR-05", Text(root, "DocumentCurrencyCode") is { Length: 3 });
        rule("BR-CL-03", root.DescendantsAndSelf().Attributes("currencyID").All(a => a.Value == Text(root, "DocumentCurrencyCode")));
        rule("BR-16", ubl.Lines.Length > 0);
        foreach (var period in root.Descendants(Cac + "InvoicePeriod"))
        {
            var (start, end) = (Text(period, "StartDate"), Text(period, "EndDate"));
            rule(period.Parent == root ? "BR-CO-19" : "BR-CO-20", IsDay(start) || IsDay(end));
            rule(period.Parent == root ? "BR-29" : "BR-30", string.CompareOrdinal(start, end) <= 0);
        }

        rule("BR-52", root.Elements(Cac + "AdditionalDocumentReference").All(r => Text(r, "ID") is { Length: > 0 }));
        rule("BR-55", root.Elements(Cac + "BillingReference").All(r => Text(r, "InvoiceDocumentReference", "ID") is { Length: > 0 }));
        rule("BR-CO-25", Number(ubl.Totals, "PayableAmount") <= 0 || IsDay(Text(root, "DueDate")) || Text(root, "PaymentTerms", "Note") is not null);
        foreach (var means in root.Elements(Cac + "PaymentMeans"))
        {
            rule("BR-49", Text(means, "PaymentMeansCode") is not null);
            rule("BR-CL-16", Text(means, "PaymentMeansCode") is "30" or "58");
            rule("BR-50", Text(means, "PayeeFinancialAccount", "ID") is { Length: > 0 }); // and BR-61
        }
    }

    private static void Parties(UblReader ubl, Action<string, bool> rule)
    {
        rule("BR-06", Text(ubl.Seller, "PartyLegalEntity", "RegistrationName") is { Length: > 0 });
        rule("BR-07", Text(ubl.Buyer, "PartyLegalEntity", "RegistrationName") is { Length: > 0 });
        rule("BR-08", ubl.Seller.Element(Cac + "PostalAddress") is not null);
        rule("BR-09", Text(ubl.Seller, "PostalAddress", "Country", "IdentificationCode") is { Length: 2 });
        rule("BR-10", ubl.Buyer.Element(Cac + "PostalAddress") is not null);
        rule("BR-11", Text(ubl.Buyer, "PostalAddress", "Country", "IdentificationCode") is { Length: 2 });
        foreach (var (party, name) in new[] { (ubl.Seller, "BR-62"), (ubl.Buyer, "BR-63") })
        {
            rule(name, party.Element(Cbc + "EndpointID") is not { } endpoint || endpoint.Attribute("schemeID") is { Value.Length: > 0 });
            rule("BR-CO-09", VatIds(party).All(v => VatPrefix().IsMatch(v)));
        }

        rule("BR-CO-26", VatIds(ubl.Seller).Any() || Text(ubl.Seller, "PartyLegalEntity", "CompanyID") is not null || Text(ubl.Seller, "PartyIdentification", "ID") is not null);
    }

    private static void Sums(UblReader ubl, Action<string, bool> rule)
    {
        var totals = ubl.Totals;
        foreach (var (name, element) in new[] { ("BR-12", "LineExtensionAmount"), ("BR-13", "TaxExclusiveAmount"), ("BR-14", "TaxInclusiveAmount"), ("BR-15", "PayableAmount") })
        {
            rule(name, Text(totals, element) is not null);
        }

        var (lines, net, gross, vat) = (Number(totals, "LineExtensionAmount"), Number(totals, "TaxExclusiveAmount"), Number(totals, "TaxInclusiveAmount"), Number(ubl.TaxTotal, "TaxAmount"));
        rule("BR-CO-10", lines == ubl.Lines.Sum(l => Number(l, "LineExtensionAmount")));
        rule("BR-CO-11", Text(totals, "AllowanceTotalAmount") is null && !ubl.Root.Elements(Cac + "AllowanceCharge").Any());
        rule("BR-CO-12", Text(totals, "ChargeTotalAmount") is null);
        rule("BR-CO-13", net == lines);
        rule("BR-CO-14", vat == ubl.Shares.Sum(s => Number(s, "TaxAmount")));
        rule("BR-CO-15", gross == net + vat);
        rule("BR-CO-16", Number(totals, "PayableAmount") == gross - Number(totals, "PrepaidAmount") + Number(totals, "PayableRoundingAmount"));
        rule("BR-CO-18", ubl.Shares.Length > 0);
    }

    /// <summary>BR-DEC-09, 12 to 14, 16 to 20 and 23; unit prices (BR-DEC does not bind them) at most four as in EN 16931-1, 6.5.3.</summary>
    private static void Decimals(UblReader ubl, Action<string, bool> rule)
    {
        foreach (var amount in ubl.Root.Descendants().Where(e => e.Attribute("currencyID") is not null))
        {
            var digits = amount.Value.Contains('.', StringComparison.Ordinal) ? amount.Value.Length - amount.Value.IndexOf('.', StringComparison.Ordinal) - 1 : 0;
            rule($"BR-DEC: {amount.Name.LocalName} {amount.Value}", digits <= (amount.Name.LocalName == "PriceAmount" ? 4 : 2));
        }
    }

    private static void Line(UblReader ubl, XElement line, Action<string, bool> rule)
    {
        var quantity = line.Element(Cbc + (ubl.IsCredit ? "CreditedQuantity" : "InvoicedQuantity"));
        rule("BR-21", Text(line, "ID") is { Length: > 0 });
        rule("BR-22", quantity is not null);
        rule("BR-23", quantity?.Attribute("unitCode") is { Value.Length: > 0 });
        rule("BR-CL-23", Units.Contains(quantity?.Attribute("unitCode")?.Value));
        rule("BR-24", Text(line, "LineExtensionAmount") is not null);
        rule("BR-25", Text(line, "Item", "Name") is { Length: > 0 });
        rule("BR-26", Text(line, "Price", "PriceAmount") is not null);
        rule("BR-27", Number(line, "Price", "PriceAmount") >= 0);
        rule("BR-CO-04", LineCategory(line) is not null);

        // BT-131 and BT-149: price / base quantity x quantity, within what rounding to the currency's unit leaves.
        var unit = Text(line, "LineExtensionAmount")!.Contains('.', StringComparison.Ordinal) ? 0.02m : 1m;
        var product = decimal.Parse(quantity!.Value, CultureInfo.InvariantCulture) * Number(line, "Price", "PriceAmount") / (Text(line, "Price", "BaseQuantity") is null ? 1 : Number(line, "Price", "BaseQuantity"));
        rule($"BT-131: {product} is not {Text(line, "LineExtensionAmount")}", Math.Abs(product - Number(line, "LineExtensionAmount")) <= unit);
        rule("BT-150", line.Element(Cac + "Price")!.Element(Cbc + "BaseQuantity") is not { } per || per.Attribute("unitCode")?.Value == quantity.Attribute("unitCode")?.Value);
    }

    private static bool IsDay(string? text) => NodaTime.Text.LocalDatePattern.Iso.Parse(text ?? string.Empty).Success;

    [GeneratedRegex("^[A-Z]{2}[A-Za-z0-9]+$", RegexOptions.None, matchTimeoutMilliseconds: 1_000)]
    private static partial Regex VatPrefix();
}
