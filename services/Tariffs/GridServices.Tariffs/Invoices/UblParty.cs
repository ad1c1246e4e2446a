using System.Xml.Linq;

namespace GridServices.Tariffs.Invoices;

/// <summary>Seller (BG-4), buyer (BG-7) and where to pay (BG-16) in UBL.</summary>
internal static class UblParty
{
    public static XElement Write(InvoiceDocument invoice, InvoiceParty party, bool isSeller) => UblXml.Aggregate(
        isSeller ? "AccountingSupplierParty" : "AccountingCustomerParty",
        UblXml.Aggregate(
            "Party",
            party.Electronic is { } address ? Endpoint(address) : null,
            party.Account is { } account && !isSeller ? UblXml.Aggregate("PartyIdentification", UblXml.Basic("ID", account)) : null, // BT-46
            Address(party.Address),
            Taxes(invoice, party, isSeller),
            UblXml.Aggregate("PartyLegalEntity", UblXml.Basic("RegistrationName", party.Name), party.LegalId is { } legal ? UblXml.Basic("CompanyID", legal) : null),
            Contact(party.Contact)));

    public static XElement? Payment(InvoiceDocument invoice) => invoice.Seller.Payment is { } payment
        ? UblXml.Aggregate(
            "PaymentMeans",
            UblXml.Basic("PaymentMeansCode", payment.Means), // BT-81
            UblXml.Basic("PaymentID", invoice.Number), // BT-83
            UblXml.Aggregate(
                "PayeeFinancialAccount",
                UblXml.Basic("ID", payment.Account),
                payment.Name is { } name ? UblXml.Basic("Name", name) : null,
                payment.Bank is { } bank ? UblXml.Aggregate("FinancialInstitutionBranch", UblXml.Basic("ID", bank)) : null))
        : null;

    private static XElement Endpoint(ElectronicAddress address)
    {
        var endpoint = UblXml.Basic("EndpointID", address.Id);
        endpoint.SetAttributeValue("schemeID", address.Scheme); // BR-62, BR-63
        return endpoint;
    }

    private static XElement Address(PostalAddress address) => UblXml.Aggregate(
        "PostalAddress",
        address.Street is { } street ? UblXml.Basic("StreetName", street) : null,
        address.City is { } city ? UblXml.Basic("CityName", city) : null,
        address.PostCode is { } code ? UblXml.Basic("PostalZone", code) : null,
        address.Region is { } region ? UblXml.Basic("CountrySubentity", region) : null,
        UblXml.Aggregate("Country", UblXml.Basic("IdentificationCode", address.Country)));

    /// <summary>Outside the scope of VAT no VAT identifier may be named (BR-O-02).</summary>
    private static IEnumerable<XElement> Taxes(InvoiceDocument invoice, InvoiceParty party, bool isSeller)
    {
        var isOutside = invoice.Vat.Any(v => v.Category == VatCategory.O);
        if (party.VatId is { } vat && !isOutside)
        {
            yield return Scheme(vat, "VAT");
        }

        if (party.TaxId is { } tax && isSeller)
        {
            yield return Scheme(tax, "TAX"); // BT-32
        }
    }

    private static XElement Scheme(string id, string scheme) => UblXml.Aggregate("PartyTaxScheme", UblXml.Basic("CompanyID", id), UblXml.Aggregate("TaxScheme", UblXml.Basic("ID", scheme)));

    private static XElement? Contact(PartyContact? contact) => contact is null or { Name: null, Phone: null, Email: null } ? null : UblXml.Aggregate(
        "Contact",
        contact.Name is { } name ? UblXml.Basic("Name", name) : null,
        contact.Phone is { } phone ? UblXml.Basic("Telephone", phone) : null,
        contact.Email is { } email ? UblXml.Basic("ElectronicMail", email) : null);
}
