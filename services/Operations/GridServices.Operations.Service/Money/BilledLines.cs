using GridServices.Operations.Money;

namespace GridServices.Operations.Service.Money;

/// <summary>A meter's bills of a month as ledger lines: together they are always the last bill, however often the month was billed.</summary>
internal static class BilledLines
{
    /// <param name="made">In the order in which they were made. Of one that a provisional bill was resettled by, the whole is due: a provisional bill was never booked.</param>
    /// <param name="customer">Name or number.</param>
    /// <param name="account">Of the customer.</param>
    /// <param name="period">The month.</param>
    internal static IEnumerable<LedgerLine> Create(IEnumerable<MadeBill> made, string customer, string account, string period)
    {
        MadeBill? booked = null;
        foreach (var bill in made)
        {
            var document = $"{bill.RunId}/{bill.Meter}";
            if (booked is not null && booked.Currency != bill.Currency)
            {
                yield return new LedgerLine(customer, account, -booked.Payable, booked.Currency, period, document, "earlier bill taken back");
                booked = null;
            }

            yield return new LedgerLine(customer, account, bill.Payable - (booked?.Payable ?? 0), bill.Currency, period, document, booked is null ? "bill" : "difference to an earlier bill");
            booked = bill;
        }
    }
}
