using GridServices.Contracts;
using GridServices.Hosting.Refusals;
using GridServices.Operations.Money;

namespace GridServices.Operations.Service.Money;

/// <summary>A bill of ours as lines to be held against the utility's.</summary>
internal static class InvoiceLines
{
    /// <exception cref="ProblemException">409: there is no bill to compare with.</exception>
    internal static InvoiceComparison Compare(BillAnswer answer, IReadOnlyList<InvoiceLine> theirs)
    {
        if (answer.Bill is not { } bill || answer.Currency is not { } currency)
        {
            throw new ProblemException(ErrorClass.Conflict, $"There is no bill of that month to compare with{(answer.Problem is null ? string.Empty : $": {answer.Problem}")}.");
        }

        var unit = LedgerLines.GetDigits(currency) switch { 0 => 1m, 3 => 0.001m, _ => 0.01m };
        return InvoiceComparison.Compare(bill.LineItems.Select(ToLine), theirs, unit);
    }

    private static InvoiceLine ToLine(MonthBillLine line) => new()
    {
        Kind = line.Kind,
        Name = line.Title,
        Period = line.Period,
        Quantity = line.Quantity,
        Unit = line.Unit,
        Rate = line.Rate,
        Amount = line.Amount,
    };
}
