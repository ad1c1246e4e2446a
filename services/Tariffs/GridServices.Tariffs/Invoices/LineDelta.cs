using System.Collections.Immutable;

namespace GridServices.Tariffs.Invoices;

/// <summary>What must be added to lines that were invoiced to arrive at those of a later bill.</summary>
internal static class LineDelta
{
    public static ImmutableArray<InvoiceLine> Compute(ImmutableArray<InvoiceLine> invoiced, ImmutableArray<InvoiceLine> later)
    {
        var held = invoiced.ToDictionary(l => l.Key, StringComparer.Ordinal);
        var wanted = later.Select(l => l.Key).ToHashSet(StringComparer.Ordinal);
        return
        [
            .. later.SelectMany(line => held.TryGetValue(line.Key, out var before) ? Change(before, line) : [line]),
            .. invoiced.Where(l => !wanted.Contains(l.Key)).Select(Reverse),
        ];
    }

    /// <summary>At one price: the difference in quantity. Else the old line goes back and the new one comes.</summary>
    private static IEnumerable<InvoiceLine> Change(InvoiceLine before, InvoiceLine after)
    {
        if (IsSame(before, after))
        {
            return [];
        }

        return IsPricedAlike(before, after) ? [Difference(before, after)] : [Reverse(before), after];
    }

    private static bool IsSame(InvoiceLine a, InvoiceLine b) =>
        (a.Quantity, a.Net, a.Price, a.PriceBase, a.UnitCode, a.Category, a.VatRate) == (b.Quantity, b.Net, b.Price, b.PriceBase, b.UnitCode, b.Category, b.VatRate);

    private static bool IsPricedAlike(InvoiceLine a, InvoiceLine b) =>
        a.UnitCode != UnitCode.One && (a.Price, a.PriceBase, a.UnitCode, a.Category, a.VatRate) == (b.Price, b.PriceBase, b.UnitCode, b.Category, b.VatRate);

    private static InvoiceLine Difference(InvoiceLine before, InvoiceLine after) => after with
    {
        Name = $"{after.Name}: difference",
        Quantity = after.Quantity - before.Quantity,
        Net = after.Net - before.Net,
        Formula = $"now {after.Formula}; before {before.Formula}",
    };

    private static InvoiceLine Reverse(InvoiceLine line) => line with { Name = $"{line.Name}: taken back", Quantity = -line.Quantity, Net = -line.Net, Formula = $"taken back: {line.Formula}" };
}
