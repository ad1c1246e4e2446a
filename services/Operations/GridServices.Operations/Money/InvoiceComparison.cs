using System.Globalization;
using GridServices.Operations.Bulk;
using GridServices.Wire;

namespace GridServices.Operations.Money;

/// <summary>A line of a bill, ours or the utility's. Quantity, unit and rate are null where the paper does not say them.</summary>
public sealed record InvoiceLine
{
    /// <summary>A word of the bill's lines (<c>energy</c>, <c>demand</c>, <c>fixed</c>, <c>export</c>, <c>adjustment</c>, <c>tax</c>, <c>minimum</c>); null = not known.</summary>
    public string? Kind { get; init; }

    public required string Name { get; init; }

    /// <summary>Such as <c>on-peak</c>; null = none.</summary>
    public string? Period { get; init; }

    public decimal? Quantity { get; init; }
    public string? Unit { get; init; }
    public decimal? Rate { get; init; }
    public required decimal Amount { get; init; }
}

/// <summary>Why two lines differ.</summary>
public enum DifferenceReason
{
    Same,

    /// <summary>Within what rounding of lines can make.</summary>
    Rounding,

    Quantity,
    Rate,
    QuantityAndRate,

    /// <summary>Quantity and rate agree, or are not told.</summary>
    Amount,

    /// <summary>A tax or share of other lines: it follows their difference.</summary>
    FollowsOthers,

    OnlyOurs,
    OnlyTheirs,
}

/// <summary>A line of ours beside theirs; one of the two is null where nothing matches.</summary>
/// <param name="Ours">Several lines of one name are summed.</param>
/// <param name="Theirs">The same.</param>
/// <param name="Difference">Theirs less ours, in money: above 0 = the utility charges more.</param>
/// <param name="Reason">Why.</param>
/// <param name="ByQuantity">Of the difference, what another quantity makes at our rate; null = it can't be said.</param>
/// <param name="ByRate">What another rate makes of their quantity.</param>
/// <param name="Explanation">In one sentence.</param>
public sealed record ComparedLine(InvoiceLine? Ours, InvoiceLine? Theirs, decimal Difference, DifferenceReason Reason, decimal? ByQuantity, decimal? ByRate, string Explanation);

/// <summary>A bill held against the utility's own invoice, line by line.</summary>
/// <param name="Lines">Ours in their order, then what only the utility has.</param>
/// <param name="OursTotal">Sum of our lines.</param>
/// <param name="TheirsTotal">Sum of theirs.</param>
/// <param name="Difference">Theirs less ours; the lines' differences sum to it.</param>
public sealed record InvoiceComparison(ValueList<ComparedLine> Lines, decimal OursTotal, decimal TheirsTotal, decimal Difference)
{
    /// <param name="ours">Our bill's lines.</param>
    /// <param name="theirs">The invoice's lines.</param>
    /// <param name="rounding">What the rounding of one line can make, in money.</param>
    public static InvoiceComparison Compare(IEnumerable<InvoiceLine> ours, IEnumerable<InvoiceLine> theirs, decimal rounding = 0.01m)
    {
        var (left, right) = (InvoiceMatching.Summed(ours), InvoiceMatching.Summed(theirs));
        var pairs = InvoiceMatching.Pairs(left, right);
        var lines = left.Select(o => Compared(o, pairs.GetValueOrDefault(o), rounding))
            .Concat(right.Where(t => !pairs.ContainsValue(t)).Select(t => Compared(null, t, rounding))).ToValueList();
        var (oursTotal, theirsTotal) = (left.Sum(l => l.Amount), right.Sum(l => l.Amount));
        return new InvoiceComparison(lines, oursTotal, theirsTotal, theirsTotal - oursTotal);
    }

    private static ComparedLine Compared(InvoiceLine? ours, InvoiceLine? theirs, decimal rounding)
    {
        var difference = (theirs?.Amount ?? 0) - (ours?.Amount ?? 0);
        if (ours is null || theirs is null)
        {
            var reason = ours is null ? DifferenceReason.OnlyTheirs : DifferenceReason.OnlyOurs;
            return new ComparedLine(ours, theirs, difference, reason, null, null, ours is null ? "only on the utility's invoice: no charge of our tariff has this name" : "only on our bill: the utility did not charge it, or under another name");
        }

        var (byQuantity, byRate) = Parts(ours, theirs);
        var why = difference == 0 ? DifferenceReason.Same
            : Math.Abs(difference) <= rounding ? DifferenceReason.Rounding
            : ours.Kind == "tax" ? DifferenceReason.FollowsOthers
            : byQuantity is null ? DifferenceReason.Amount
            : (Math.Abs(byQuantity.Value) > rounding, Math.Abs(byRate!.Value) > rounding) switch
            {
                (true, true) => DifferenceReason.QuantityAndRate,
                (true, false) => DifferenceReason.Quantity,
                (false, true) => DifferenceReason.Rate,
                _ => DifferenceReason.Amount,
            };
        return new ComparedLine(ours, theirs, difference, why, byQuantity, byRate, Explained(ours, theirs, why));
    }

    private static (decimal? ByQuantity, decimal? ByRate) Parts(InvoiceLine ours, InvoiceLine theirs) =>
        ours.Quantity is { } q && ours.Rate is { } r && theirs.Quantity is { } tq && theirs.Rate is { } tr && HaveSameUnit(ours, theirs)
            ? ((tq - q) * r, (tr - r) * tq)
            : (null, null);

    private static bool HaveSameUnit(InvoiceLine ours, InvoiceLine theirs) =>
        ours.Unit is null || theirs.Unit is null || string.Equals(ours.Unit, theirs.Unit, StringComparison.OrdinalIgnoreCase);

    private static string Explained(InvoiceLine ours, InvoiceLine theirs, DifferenceReason why)
    {
        var quantity = string.Create(CultureInfo.InvariantCulture, $"{CsvText.Number(theirs.Quantity)} instead of {CsvText.Number(ours.Quantity)} {ours.Unit ?? theirs.Unit}").TrimEnd();
        var rate = $"rate {CsvText.Number(theirs.Rate)} instead of {CsvText.Number(ours.Rate)}";
        return why switch
        {
            DifferenceReason.Same => "the same",
            DifferenceReason.Rounding => "rounding",
            DifferenceReason.Quantity => $"another quantity: {quantity}; compare the meter's readings",
            DifferenceReason.Rate => $"another price: {rate}; compare the tariff's version",
            DifferenceReason.QuantityAndRate => $"another quantity and price: {quantity}, {rate}",
            DifferenceReason.FollowsOthers => "follows the difference of the lines that it is charged on",
            _ => ours.Quantity is null || theirs.Quantity is null || ours.Rate is null || theirs.Rate is null ? "quantity or rate is not told on both" : HaveSameUnit(ours, theirs) ? "quantity and rate agree and the amount does not: an error of addition, or a rule that the lines do not show" : $"in {theirs.Unit} instead of {ours.Unit}",
        };
    }
}
