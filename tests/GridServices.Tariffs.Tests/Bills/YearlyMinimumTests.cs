using GridServices.Tariffs.Bills;
using GridServices.Tariffs.Model;
using GridServices.Tariffs.Time;
using NodaTime;

namespace GridServices.Tariffs.Tests.Bills;

/// <summary>A minimum for the year knows what was billed in it, or says that it does not.</summary>
public sealed class YearlyMinimumTests
{
    private static readonly Tariff Least = Sample.Empty() with { Fixed = [new FixedCharge { Id = "f", Amount = 200 }], Minimums = [new MinimumBill { Id = "least", Amount = 1200, Per = MinimumPer.Year }] };

    [Fact]
    public void A_bill_without_the_years_first_months_is_provisional()
    {
        var bill = Calculate(new LocalDate(2026, 12, 1), Account.Plain);
        Assert.True(bill.Provisional);
        Assert.Contains(bill.Notes, n => n.Contains("'least'", StringComparison.Ordinal) && n.Contains("billedThisYear", StringComparison.Ordinal));
    }

    [Fact]
    public void What_is_known_of_the_year_counts()
    {
        Assert.Equal((12 * 200, false), Known(new LocalDate(2026, 1, 1), Account.Plain));
        Assert.Equal((200, false), Known(new LocalDate(2026, 12, 1), new Account { BilledThisYear = 2200 }));
        Assert.Equal((200 + 700, false), Known(new LocalDate(2026, 12, 1), new Account { BilledThisYear = 300 }));
        Assert.Equal((1200, false), Known(new LocalDate(2026, 12, 1), new Account { ServiceFrom = new LocalDate(2026, 12, 1) }));
    }

    private static (decimal Total, bool Provisional) Known(LocalDate from, Account account) => Calculate(from, account) is var bill ? (bill.Total, bill.Provisional) : default;

    private static Bill Calculate(LocalDate from, Account account)
    {
        var until = new LocalDate(2027, 1, 1);
        return Loads.Bill(Least, Sample.Constant("Etc/UTC", from, until, 60, 1), account: account, cycles: BillingCycle.CalendarMonths(from, until));
    }
}
