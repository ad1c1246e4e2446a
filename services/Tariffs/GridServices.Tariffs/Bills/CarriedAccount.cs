using System.Collections.Immutable;
using GridServices.Tariffs.Model;
using GridServices.Tariffs.Time;

namespace GridServices.Tariffs.Bills;

/// <summary>What earlier bills of a meter leave to the next: credits, and what was billed in the year.</summary>
public static class CarriedAccount
{
    /// <summary>Whether a tariff's next bill depends on the ones before in more than their peaks.</summary>
    public static bool IsNeeded(CompiledTariff tariff) =>
        tariff.Source.Export is { Mode: not ExportMode.None, Credit: not ExportCredit.None } || tariff.Source.Minimums.Any(m => m.Per == MinimumPer.Year);

    /// <summary>
    /// The account of a bill that begins with a cycle. Credits are those of the bill that ends where it begins; the account's own are where the meter's first bill starts from.
    /// Where bills were made before and none ends there, nobody knows what is left: it begins with none, and says so. The year's bills are those that follow each other up to it;
    /// where they do not begin with the year, the account's own amount comes before them.
    /// </summary>
    /// <param name="account">The account as it is registered.</param>
    /// <param name="earlier">Bills of the meter by the same tariff, the latest calculated first: of two for the same days the first counts.</param>
    /// <param name="first">The first cycle of the new bill.</param>
    /// <param name="others">Bills of the meter by other tariffs.</param>
    public static Account Compute(Account account, IReadOnlyList<Bill> earlier, BillingCycle first, IReadOnlyList<Bill>? others = null)
    {
        var carried = Credits(account, earlier, first, others ?? []);
        var (billed, next) = (0m, first);
        while (Before(earlier, next) is { } month && new BillingCycle(month.From, month.Until) is var cycle && cycle.Month.Year == first.Month.Year)
        {
            (billed, next) = (billed + BeforeTaxes(month), cycle);
        }

        return next == first ? carried : carried with
        {
            BilledThisYear = billed + (next.Month.Month == 1 ? 0 : account.BilledThisYear),
            KnowsYear = next.Month.Month == 1 || account.BilledThisYear != 0 || account.ServiceFrom >= next.From,
        };
    }

    private static Account Credits(Account account, IReadOnlyList<Bill> earlier, BillingCycle first, IReadOnlyList<Bill> others)
    {
        if (earlier.FirstOrDefault(b => b.Months.Length > 0 && b.Months[^1].Until == first.From) is { } last)
        {
            return account with { OpeningCredit = last.CreditCarried, OpeningKwh = last.KwhCarried };
        }

        if (earlier.Any(b => BeginsBefore(b, first)))
        {
            return account with
            {
                OpeningCredit = 0,
                OpeningKwh = ImmutableDictionary<string, decimal>.Empty,
                CreditDoubt = $"the meter was billed before by this tariff, but no bill ends on {first.From:uuuu-MM-dd}: what was left of its credits is not known, and the bill begins without any; run the cycles in between, then this one again",
            };
        }

        var opens = account.OpeningCredit != 0 || account.OpeningKwh.Values.Any(kwh => kwh != 0);
        return opens && others.FirstOrDefault(b => BeginsBefore(b, first)) is { } other
            ? account with { CreditDoubt = $"the bill begins with the account's opening credits, which bills by the tariff '{other.TariffId}' may have taken before: register what they left as openingCredit and openingKwh" }
            : account;
    }

    private static bool BeginsBefore(Bill bill, BillingCycle first) => bill.Months.Length > 0 && bill.Months[0].From < first.From;

    private static BillPeriod? Before(IReadOnlyList<Bill> earlier, BillingCycle next) => earlier.SelectMany(b => b.Months).FirstOrDefault(m => m.Until == next.From);

    /// <summary>What a minimum looks at: all lines but riders, taxes and what a true-up paid out after it.</summary>
    private static decimal BeforeTaxes(BillPeriod month) => month.LineItems
        .Where(l => l.Kind is not (LineKind.Adjustment or LineKind.Tax) && (l.Charge != "true-up" || l.Note == BillRun.TurnedIntoCredit))
        .Sum(l => l.Amount);
}
