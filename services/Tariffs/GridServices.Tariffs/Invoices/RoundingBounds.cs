using System.Collections.Immutable;
using GridServices.Tariffs.Bills;

namespace GridServices.Tariffs.Invoices;

/// <summary>By how much rounding can make an invoice differ from its bill, in the bill's currency; anything beyond is another price or another tax.</summary>
internal static class RoundingBounds
{
    /// <summary>Net and VAT against what the bill comes to: half a unit for each line and the VAT on it, for each VAT and for the sum, and what the bill rounded.</summary>
    public static decimal ForTotal(Bill bill, ImmutableArray<InvoiceLine> lines, int digits) =>
        (Unit(digits) / 2 * (lines.Length + 1)) + ForLinesVat(lines, digits) + (bill.Rounding.CashStep ?? 0) + (Step(bill, digits) * bill.Rounding.Level switch
        {
            RoundingLevel.Bill => 1,
            RoundingLevel.Period => bill.Months.Length + 1,
            _ => bill.Months.Sum(m => m.LineItems.Length) + 1,
        });

    /// <summary>VAT against the taxes of the bill that are the VAT: exact there, unless the bill rounds lines.</summary>
    public static decimal ForVat(Bill bill, ImmutableArray<InvoiceLine> lines, int digits) =>
        ForLinesVat(lines, digits) + (bill.Rounding.Level is RoundingLevel.Line or RoundingLevel.Kind ? Step(bill, digits) * bill.Months.Sum(m => m.LineItems.Length) : 0);

    private static decimal ForLinesVat(ImmutableArray<InvoiceLine> lines, int digits) =>
        Unit(digits) / 2 * lines.GroupBy(l => (l.Category, l.VatRate)).Sum(g => 1 + (g.Count() * g.Key.VatRate / 100));

    private static decimal Step(Bill bill, int digits) => Unit(Math.Min(digits, bill.Rounding.Scale ?? digits));

    private static decimal Unit(int digits) => digits <= 0 ? 1 : Unit(digits - 1) / 10;
}
