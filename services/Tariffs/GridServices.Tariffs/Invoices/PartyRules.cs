using System.Collections.Immutable;
using GridServices.Contracts;
using GridServices.Wire;

namespace GridServices.Tariffs.Invoices;

/// <summary>Whether two parties can be on one invoice with its VAT categories.</summary>
internal static class PartyRules
{
    public static ImmutableArray<ReadError> Check(InvoiceParty seller, InvoiceParty buyer, IReadOnlySet<VatCategory> categories)
    {
        var refusals = ImmutableArray.CreateBuilder<ReadError>();
        void Require(bool holds, string at, string detail)
        {
            if (!holds)
            {
                refusals.Add(new ReadError(ErrorClass.SemanticReference, at, detail));
            }
        }

        Require(seller.TimeZone is not null, "/sellerId", "the seller has no timeZone: its days and years of invoices are those of a zone; put the party again with one");
        Require(seller.VatId is not null || seller.LegalId is not null, "/sellerId", "the seller has neither a vatId nor a legalId; an invoice says who the seller is (BR-CO-26)");
        Require(
            !categories.Overlaps([VatCategory.S, VatCategory.Z, VatCategory.E, VatCategory.AE]) || seller.VatId is not null || seller.TaxId is not null,
            "/sellerId", "the seller has neither a vatId nor a taxId; lines of category S, Z, E and AE need one (BR-S-02, BR-Z-02, BR-E-02, BR-AE-02)");
        Require(
            !categories.Contains(VatCategory.AE) || buyer.VatId is not null || buyer.LegalId is not null,
            "/buyerId", "the buyer has neither a vatId nor a legalId; reverse charge needs one (BR-AE-02)");
        Require(!categories.Contains(VatCategory.O) || categories.Count == 1, "/vat/rules", "a line outside the scope of VAT (O) stands with no other category on one invoice (BR-O-11)");
        Require(!categories.Contains(VatCategory.O) || seller.LegalId is not null, "/sellerId",
            "an invoice outside the scope of VAT names no VAT identifier (BR-O-02), so the seller needs a legalId (BR-CO-26)");
        return refusals.ToImmutable();
    }
}
