namespace GridServices.Tariffs;

/// <summary>What earlier bills of a meter leave to the next: credits, and what was billed in the year.</summary>
public static class CarriedAccount
{
    /// <summary>Whether a tariff's next bill depends on the ones before in more than their peaks.</summary>
    public static bool Matters(CompiledTariff tariff) =>
        tariff.Source.Export is { Mode: not ExportMode.None, Credit: not ExportCredit.None } || tariff.Source.Minimums.Any(m => m.Per == MinimumPer.Year);

    /// <summary>
    /// The account of a bill that begins with a cycle. Credits are those of the bill that ends where it begins; without one they are the account's own, which is where
    /// the first bill starts from. The year's bills are those that follow each other up to it; where they do not begin with the year, the account's own amount comes before them.
    /// </summary>
    /// <param name="account">The account as it is registered.</param>
    /// <param name="earlier">Bills of the meter by the same tariff, the latest calculated first: of two for the same days the first counts.</param>
    /// <param name="first">The first cycle of the new bill.</param>
    public static Account Of(Account account, IReadOnlyList<Bill> earlier, BillingCycle first)
    {
        var carried = earlier.FirstOrDefault(b => b.Months.Length > 0 && b.Months[^1].Until == first.From) is { } last
            ? account with { OpeningCredit = last.CreditCarried, OpeningKwh = last.KwhCarried }
            : account;
        var (billed, next) = (0m, first);
        while (Before(earlier, next) is { } month && new BillingCycle(month.From, month.Until) is var cycle && cycle.Month.Year == first.Month.Year)
        {
            (billed, next) = (billed + BeforeTaxes(month), cycle);
        }

        return next == first ? carried : carried with { BilledThisYear = billed + (next.Month.Month == 1 ? 0 : account.BilledThisYear) };
    }

    private static BillPeriod? Before(IReadOnlyList<Bill> earlier, BillingCycle next) => earlier.SelectMany(b => b.Months).FirstOrDefault(m => m.Until == next.From);

    /// <summary>What a minimum looks at: all lines but riders, taxes and what a true-up paid out after it.</summary>
    private static decimal BeforeTaxes(BillPeriod month) => month.LineItems
        .Where(l => l.Kind is not (LineKind.Adjustment or LineKind.Tax) && (l.Charge != "true-up" || l.Note == BillRun.TurnedIntoCredit))
        .Sum(l => l.Amount);
}
