using System.Collections.Immutable;
using System.Globalization;
using FsCheck;
using FsCheck.Fluent;
using GridServices.Tariffs.Invoices;
using NodaTime;

namespace GridServices.Tariffs.Tests.Invoices;

/// <summary>What holds for every invoice and every chain of them.</summary>
public sealed class InvoiceProperties
{
    private static readonly LocalDate Day = new(2026, 2, 3);

    [Fact]
    public void Every_invoice_pays_what_the_bill_says_and_sums_to_the_cent() => ForAll(300, seed =>
    {
        var basis = new RandomBill(seed).Basis();
        var invoice = Draft(basis);
        var digits = Currencies.MinorDigits(invoice.Currency);
        var vatOnTop = basis.Vat.InBill.IsEmpty ? invoice.Totals.Vat : 0;
        Assert.Equal(basis.Bill.Payable + vatOnTop, invoice.Totals.Payable);
        Assert.Equal(invoice.Totals.Payable, invoice.Totals.Net + invoice.Totals.Vat + invoice.Totals.Rounding);
        Assert.Equal(invoice.Totals.Net, invoice.Lines.Sum(l => l.Net));
        Assert.All(invoice.Lines, l => Assert.Equal(Math.Round(l.Net, digits), l.Net));
        Assert.All(invoice.Lines, l => Assert.True(l.Price >= 0 && Math.Abs(l.Quantity * l.Price / l.PriceBase - l.Net) <= 0.005m + 0.5m / Power(digits), l.ToString()));
    });

    [Fact]
    public void Every_document_that_is_written_as_UBL_keeps_the_rules_of_EN_16931()
    {
        var written = 0;
        ForAll(300, seed => written += Chain(seed).Count(IsWritten));
        Assert.True(written > 600, $"only {written} documents were checked");
    }

    [Fact]
    public void A_chain_comes_to_its_last_bill_to_the_cent_and_to_nothing_once_credited() => ForAll(300, seed =>
    {
        var chain = Chain(seed, (documents, later) =>
        {
            var due = documents.Sum(d => (d.Kind == InvoiceKind.CreditNote ? -1 : 1) * d.Totals.Payable);
            Assert.Equal(later?.Totals.Payable ?? 0, due);
            var lines = documents.SelectMany(d => d.Lines.Select(l => (l.Key, Net: d.Kind == InvoiceKind.CreditNote ? -l.Net : l.Net))).GroupBy(l => l.Key).ToDictionary(g => g.Key, g => g.Sum(l => l.Net));
            foreach (var line in later?.Lines ?? [])
            {
                Assert.Equal(line.Net, lines[line.Key]);
                lines.Remove(line.Key);
            }

            Assert.All(lines.Values, rest => Assert.Equal(0, rest));
        });
        Assert.Equal(chain.Length, chain.Select(d => d.Number).Distinct().Count());
        Assert.All(chain.Skip(1), d => Assert.NotEmpty(d.Preceding));
    });

    [Fact]
    public void A_document_is_read_back_as_it_was_stored() => ForAll(60, seed =>
    {
        foreach (var document in Chain(seed))
        {
            var stored = InvoiceJson.Write(document);
            Assert.Equal(stored, InvoiceJson.Write(InvoiceJson.Read<InvoiceDocument>(stored)));
        }
    });

    [Fact]
    public void The_amounts_of_the_CSV_sum_to_what_is_payable() => ForAll(60, seed =>
    {
        var invoice = Draft(new RandomBill(seed).Basis());
        var rows = InvoiceCsv.Write(invoice).Split("\r\n", StringSplitOptions.RemoveEmptyEntries).Skip(1).Select(r => r.Split(','));
        Assert.Equal(invoice.Totals.Payable, rows.Where(r => r[5] is "line" or "vat" or "rounding").Sum(r => decimal.Parse(r[13], CultureInfo.InvariantCulture)));
    });

    /// <summary>An invoice, then corrections and credits in an order that the seed chooses.</summary>
    private static ImmutableArray<InvoiceDocument> Chain(int seed, Action<ImmutableArray<InvoiceDocument>, InvoiceDocument?>? check = null)
    {
        var basis = new RandomBill(seed).Basis();
        var draft = Draft(basis);
        ImmutableArray<InvoiceDocument> chain = [Issued(draft, 1)];
        check?.Invoke(chain, draft);
        for (var step = 1; step <= 4; step++)
        {
            if ((seed + step) % 3 == 0 && !chain[^1].Position.IsEmpty)
            {
                chain = chain.Add(Issued(InvoiceChain.Credit(chain, "wrong buyer").OrThrow(), chain.Length + 1));
                check?.Invoke(chain, null);
            }
            else
            {
                basis = RandomBill.Later(basis, seed ^ (step * 7919));
                var later = Draft(basis);
                chain = chain.Add(Issued(InvoiceChain.Rebill(chain, later, null).OrThrow(), chain.Length + 1));
                check?.Invoke(chain, later);
            }
        }

        return chain;
    }

    /// <summary>Checked where it can be written; three decimals are refused only where an amount has them.</summary>
    private static bool IsWritten(InvoiceDocument document)
    {
        if (UblXml.Fault(document) is { } fault)
        {
            Assert.True(Currencies.MinorDigits(document.Currency) > 2, fault);
            Assert.Throws<InvalidOperationException>(() => UblXml.Write(document));
            return false;
        }

        var xml = UblXml.Write(document);
        var faults = En16931Rules.Faults(xml);
        Assert.True(faults.Count == 0, $"{string.Join(", ", faults.Distinct())}\n{xml}");
        var ubl = UblReader.Parse(xml);
        Assert.Equal(
            (document.Totals.Payable, document.Totals.Net, document.Totals.Vat, document.Totals.Rounding),
            (UblReader.Number(ubl.Totals, "PayableAmount"), UblReader.Number(ubl.Totals, "LineExtensionAmount"), UblReader.Number(ubl.TaxTotal, "TaxAmount"), UblReader.Number(ubl.Totals, "PayableRoundingAmount")));
        Assert.Equal(document.Lines.Select(l => l.Net), ubl.Lines.Select(l => UblReader.Number(l, "LineExtensionAmount")));
        return true;
    }

    private static InvoiceDocument Draft(InvoiceBasis basis) => InvoiceDraft.Create(basis).OrThrow();

    private static InvoiceDocument Issued(InvoiceDocument draft, int number) => InvoiceChain.Issue(draft, $"R-2026-{number}", Day);

    private static decimal Power(int digits) => digits == 0 ? 1 : 10 * Power(digits - 1);

    private static void ForAll(int tests, Action<int> holds) => Prop.ForAll(Gen.Choose(0, int.MaxValue - 1).ToArbitrary(), seed => holds(seed)).Check(Config.QuickThrowOnFailure.WithMaxTest(tests));
}
