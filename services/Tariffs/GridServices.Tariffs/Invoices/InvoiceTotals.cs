using System.Collections.Immutable;

namespace GridServices.Tariffs.Invoices;

/// <summary>VAT of one category and rate (BG-23).</summary>
/// <param name="Category">BT-118.</param>
/// <param name="Rate">BT-119, percent.</param>
/// <param name="Taxable">BT-116: the lines' sum.</param>
/// <param name="Tax">BT-117: taxable x rate, rounded.</param>
/// <param name="Reason">BT-120.</param>
public sealed record VatShare(VatCategory Category, decimal Rate, decimal Taxable, decimal Tax, string? Reason = null);

/// <summary>The sums of a document (BG-22).</summary>
/// <param name="Net">BT-106 and BT-109: sum of the lines.</param>
/// <param name="Vat">BT-110.</param>
/// <param name="Gross">BT-112.</param>
/// <param name="Rounding">BT-114: what brings the sum of rounded parts to what the bill says.</param>
/// <param name="Payable">BT-115.</param>
public sealed record InvoiceTotals(decimal Net, decimal Vat, decimal Gross, decimal Rounding, decimal Payable)
{
    /// <summary>The breakdown of some lines, a share for each category, rate and reason.</summary>
    internal static ImmutableArray<VatShare> Breakdown(IEnumerable<InvoiceLine> lines, int digits) =>
    [
        .. lines.GroupBy(l => (l.Category, l.VatRate))
            .OrderBy(g => g.Key.Category).ThenByDescending(g => g.Key.VatRate)
            .Select(g =>
            {
                // One breakdown for each category and rate (BR-S-08 …): several reasons stand in it together.
                var taxable = g.Sum(l => l.Net);
                var reasons = string.Join("; ", g.Select(l => l.VatReason).OfType<string>().Distinct(StringComparer.Ordinal));
                return new VatShare(g.Key.Category, g.Key.VatRate, taxable, Tariffs.Rounding.Apply(taxable * g.Key.VatRate / 100, digits, RoundingMode.HalfUp), reasons.Length == 0 ? null : reasons);
            }),
    ];

    /// <param name="lines">The document's lines.</param>
    /// <param name="vat">Their breakdown.</param>
    /// <param name="payable">What is to be paid.</param>
    internal static InvoiceTotals Compute(IEnumerable<InvoiceLine> lines, ImmutableArray<VatShare> vat, decimal payable)
    {
        var (net, tax) = (lines.Sum(l => l.Net), vat.Sum(v => v.Tax));
        return new InvoiceTotals(net, tax, net + tax, payable - net - tax, payable);
    }
}
