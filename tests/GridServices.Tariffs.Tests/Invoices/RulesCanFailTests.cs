using System.Text.RegularExpressions;
using GridServices.Tariffs.Intervals;
using GridServices.Tariffs.Invoices;
using GridServices.Tariffs.Time;
using NodaTime;

namespace GridServices.Tariffs.Tests.Invoices;

/// <summary>A document that is made wrong in one place is found by the rule for that place: the checker is no rubber stamp.</summary>
public sealed class RulesCanFailTests
{
    private static readonly string Sound = UblXml.Write(InvoiceChain.Issue(InvoiceDraft.Create(Basis()).OrThrow(), "R-1", new LocalDate(2026, 2, 3)));

    [Fact]
    public void The_sound_document_has_no_fault() => Assert.Empty(En16931Rules.Faults(Sound));

    [Theory]
    [InlineData("<cbc:CustomizationID>[^<]*</cbc:CustomizationID>", "", "BR-01")]
    [InlineData("<cbc:InvoiceTypeCode>380", "<cbc:InvoiceTypeCode>381", "BR-CL-01")]
    [InlineData("<cbc:DueDate>.*?</cbc:DueDate>|<cac:PaymentTerms>.*?</cac:PaymentTerms>", "", "BR-CO-25")]
    [InlineData("<cbc:RegistrationName>Depot[^<]*</cbc:RegistrationName>", "", "BR-07")]
    [InlineData("<cbc:IdentificationCode>DE", "<cbc:IdentificationCode>DEU", "BR-09")]
    [InlineData("schemeID=\"EM\"", "", "BR-62")]
    [InlineData("<cbc:CompanyID>DE123456789", "<cbc:CompanyID>1", "BR-CO-09")]
    [InlineData("(<cac:PartyTaxScheme>.*?</cac:PartyTaxScheme>)", "", "BR-S-02")]
    [InlineData("<cbc:PriceAmount currencyID=\"EUR\">0.25", "<cbc:PriceAmount currencyID=\"EUR\">-0.25", "BR-27")]
    [InlineData("(InvoicedQuantity>\\s*<cbc:LineExtensionAmount currencyID=\"EUR\">)25.00", "${1}25.01", "BR-CO-10")]
    [InlineData("<cbc:TaxExclusiveAmount currencyID=\"EUR\">[^<]*", "<cbc:TaxExclusiveAmount currencyID=\"EUR\">1.00", "BR-CO-13")]
    [InlineData("<cbc:TaxInclusiveAmount currencyID=\"EUR\">[^<]*", "<cbc:TaxInclusiveAmount currencyID=\"EUR\">1.00", "BR-CO-15")]
    [InlineData("<cbc:PayableAmount currencyID=\"EUR\">[^<]*", "<cbc:PayableAmount currencyID=\"EUR\">1.00", "BR-CO-16")]
    [InlineData("<cbc:TaxAmount currencyID=\"EUR\">[^<]*", "<cbc:TaxAmount currencyID=\"EUR\">1.00", "BR-CO-17")]
    [InlineData("<cbc:TaxableAmount currencyID=\"EUR\">[^<]*", "<cbc:TaxableAmount currencyID=\"EUR\">1.00", "BR-S-08")]
    [InlineData("<cbc:Percent>19</cbc:Percent>", "<cbc:Percent>0</cbc:Percent>", "BR-S-05")]
    [InlineData("<cbc:TaxAmount currencyID=\"EUR\">4.75", "<cbc:TaxAmount currencyID=\"EUR\">4.750", "BR-DEC: TaxAmount 4.750")]
    [InlineData("unitCode=\"KWH\"", "unitCode=\"kWh\"", "BR-CL-23")]
    [InlineData("<cbc:EndDate>2026-01-31", "<cbc:EndDate>2025-12-31", "BR-29")]
    [InlineData("(<cbc:IssueDate>.*?</cbc:IssueDate>)(\\s*)(<cbc:DueDate>.*?</cbc:DueDate>)", "$3$2$1", "IssueDate is not expected here in Invoice")]
    [InlineData("<cac:Price>.*?</cac:Price>", "<cac:Price/>", "BR-26")]
    [InlineData("<cbc:Note>Payable by[^<]*", "<cbc:Note>", "Note is empty")]
    public void Each_rule_finds_what_breaks_it(string pattern, string with, string rule)
    {
        var broken = Regex.Replace(Sound, pattern, with, RegexOptions.Singleline, TimeSpan.FromSeconds(5));
        Assert.NotEqual(Sound, broken);
        Assert.Contains(rule, En16931Rules.Faults(broken));
    }

    /// <summary>100 kWh at 0.25, 19 % on top.</summary>
    private static InvoiceBasis Basis()
    {
        var january = new BillingCycle(new LocalDate(2026, 1, 1), new LocalDate(2026, 2, 1));
        var series = IntervalSeries.Create(Instant.FromUtc(2026, 1, 1, 0, 0), Duration.FromDays(1), IntervalUnit.Kwh, [100]);
        return new InvoiceBasis
        {
            Bill = Sample.Bill(Sample.Empty() with { Energy = [Sample.Flat(0.25m)] }, series, january),
            Seller = RandomBill.Seller,
            Buyer = RandomBill.Buyer,
            Vat = new VatTerms { Rules = [new VatRule { Category = VatCategory.S, Rate = 19 }] },
            MeterId = "m",
        };
    }
}
