using GridServices.Operations.Money;

namespace GridServices.Operations.Service.Console;

/// <summary>Our lines beside the utility's as they are drawn.</summary>
/// <param name="Comparison">The lines.</param>
/// <param name="Currency">ISO 4217.</param>
/// <param name="IsStatement">The utility pays (a statement), rather than charges (an invoice).</param>
internal sealed record ComparisonView(InvoiceComparison Comparison, string Currency, bool IsStatement = false)
{
    internal string OursKey => IsStatement ? "money.oursSettled" : "money.ours";

    internal string TheirsKey => IsStatement ? "money.theirStatement" : "money.theirs";

    /// <summary>Who has more, in one sentence.</summary>
    internal string Sentence(PageUi ui) => Comparison.Difference == 0 ? ui.T["money.noDifference"] : ui.T[
        (IsStatement, Comparison.Difference > 0) switch { (true, true) => "money.theyPayMore", (true, false) => "money.theyPayLess", (false, true) => "money.theyCharge", _ => "money.weCharge" },
        ui.N.Money(Math.Abs(Comparison.Difference), Currency, 6)];

    /// <summary>What differs in words of the reader's language, and the numbers that say by how much.</summary>
    internal string Explain(PageUi ui, ComparedLine line) => line.Reason switch
    {
        DifferenceReason.Quantity or DifferenceReason.QuantityAndRate or DifferenceReason.Rate => ui.T[
            $"money.why{line.Reason}", ui.N.Plain(line.Theirs!.Quantity), ui.N.Plain(line.Ours!.Quantity), line.Ours.Unit, ui.N.Plain(line.Theirs.Rate), ui.N.Plain(line.Ours.Rate)],
        DifferenceReason.OnlyOurs or DifferenceReason.OnlyTheirs when IsStatement => ui.T.Word("statementDifference", line.Reason),
        _ => ui.T.Word("difference", line.Reason),
    };
}
