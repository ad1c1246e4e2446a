using System.Globalization;
using System.Xml.Linq;

namespace GridServices.Tariffs.Tests.Invoices;

/// <summary>What rules ask of a UBL document, read by names alone.</summary>
internal sealed class UblReader(XDocument document)
{
    public static readonly XNamespace Cac = "urn:oasis:names:specification:ubl:schema:xsd:CommonAggregateComponents-2";
    public static readonly XNamespace Cbc = "urn:oasis:names:specification:ubl:schema:xsd:CommonBasicComponents-2";

    public XElement Root { get; } = document.Root!;

    public bool IsCredit => Root.Name.LocalName == "CreditNote";

    public XElement Seller => Root.Element(Cac + "AccountingSupplierParty")!.Element(Cac + "Party")!;

    public XElement Buyer => Root.Element(Cac + "AccountingCustomerParty")!.Element(Cac + "Party")!;

    public XElement Totals => Root.Element(Cac + "LegalMonetaryTotal")!;

    public XElement TaxTotal => Root.Elements(Cac + "TaxTotal").Single();

    public XElement[] Shares => [.. TaxTotal.Elements(Cac + "TaxSubtotal")];

    public XElement[] Lines => [.. Root.Elements(Cac + (IsCredit ? "CreditNoteLine" : "InvoiceLine"))];

    public static UblReader Parse(string xml) => new(XDocument.Load(new MemoryStream(System.Text.Encoding.UTF8.GetBytes(xml))));

    /// <summary>The value at a path of local names; null where there is none.</summary>
    public static string? Text(XElement holder, params string[] path)
    {
        var at = holder;
        for (var i = 0; i < path.Length && at is not null; i++)
        {
            at = at.Element((i == path.Length - 1 ? Cbc : Cac) + path[i]);
        }

        return at?.Value;
    }

    public static decimal Number(XElement holder, params string[] path) => decimal.Parse(Text(holder, path) ?? "0", CultureInfo.InvariantCulture);

    public static XElement LineCategory(XElement line) => line.Element(Cac + "Item")!.Element(Cac + "ClassifiedTaxCategory")!;

    public static XElement ShareCategory(XElement share) => share.Element(Cac + "TaxCategory")!;

    /// <summary>VAT identifiers (BT-31, BT-48) of a party.</summary>
    public static IEnumerable<string> VatIds(XElement party) => party.Elements(Cac + "PartyTaxScheme").Where(s => Text(s, "TaxScheme", "ID") == "VAT").Select(s => Text(s, "CompanyID")!);

    public static bool HasTaxId(XElement party) => party.Elements(Cac + "PartyTaxScheme").Any();
}
