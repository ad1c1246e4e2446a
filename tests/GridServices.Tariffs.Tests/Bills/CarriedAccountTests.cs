using System.Collections.Immutable;
using GridServices.Tariffs.Bills;
using GridServices.Tariffs.Intervals;
using GridServices.Tariffs.Model;
using GridServices.Tariffs.Time;
using NodaTime;

namespace GridServices.Tariffs.Tests.Bills;

/// <summary>Bills made one after the other come to what one bill over all their cycles does.</summary>
public sealed class CarriedAccountTests
{
    private static readonly ImmutableArray<BillingCycle> Months = BillingCycle.CalendarMonths(new LocalDate(2026, 1, 1), new LocalDate(2026, 4, 1));

    [Theory]
    [InlineData(ExportCredit.Kwh, ExportMode.NetMetering)]
    [InlineData(ExportCredit.Money, ExportMode.NetMetering)]
    [InlineData(ExportCredit.Money, ExportMode.NetBilling)]
    public void A_credit_moves_to_the_next_bill_and_is_taken_once(ExportCredit credit, ExportMode mode)
    {
        var tariff = Sample.Empty() with
        {
            Energy = [Sample.Flat(0.30m)],
            Export = new ExportTerms { Mode = mode, Credit = credit, SellPrice = 0.10m, TrueUpMonth = 3, TrueUp = TrueUpRule.Pay, TrueUpPrice = 0.05m },
        };
        var account = new Account { OpeningKwh = credit == ExportCredit.Kwh ? ImmutableDictionary<string, decimal>.Empty.Add("all", 50) : ImmutableDictionary<string, decimal>.Empty, OpeningCredit = 7 };

        // 744 kWh fed in in January, 224 drawn in February and 74 in March; 50 kWh or 7 EUR from before.
        var totals = credit == ExportCredit.Kwh ? new[] { 0, 0, (50 + 744 - 224 - 74) * -0.05m - 7 } : [0, 0, 74 * 0.30m - (7 + 744 * 0.10m - 224 * 0.30m)];
        Assert.Equal(totals, Calculate(tariff, Months, account).Months.Select(m => m.Total));
        Assert.Equal(totals, OneByOne(tariff, account).Select(b => b.Total));
    }

    [Fact]
    public void The_year_so_far_is_what_its_bills_were()
    {
        var tariff = Sample.Empty() with { Fixed = [new FixedCharge { Id = "f", Amount = 200 }], Adjustments = [new Adjustment { Id = "vat", Percent = 19 }] };
        var bills = OneByOne(tariff, Account.Plain);
        var april = new BillingCycle(Months[^1].Until, Months[^1].Until.PlusMonths(1));
        Assert.Equal(600, CarriedAccount.Compute(Account.Plain, [.. bills.Reverse()], april).BilledThisYear);
        Assert.Equal(400 + 100, CarriedAccount.Compute(new Account { BilledThisYear = 100 }, [bills[2], bills[1]], april).BilledThisYear);
        Assert.Equal(100, CarriedAccount.Compute(new Account { BilledThisYear = 100 }, [bills[0]], april).BilledThisYear);
        Assert.Equal(0, CarriedAccount.Compute(Account.Plain, [.. bills.Reverse()], new BillingCycle(new LocalDate(2027, 1, 1), new LocalDate(2027, 2, 1))).BilledThisYear);
    }

    [Fact]
    public void A_year_whose_first_bills_are_not_known_is_told_in_every_later_one()
    {
        var tariff = Sample.Empty() with { Fixed = [new FixedCharge { Id = "f", Amount = 100 }], Minimums = [new MinimumBill { Id = "least", Amount = 1200, Per = MinimumPer.Year }] };
        var halfYear = BillingCycle.CalendarMonths(new LocalDate(2026, 7, 1), new LocalDate(2027, 1, 1));
        Assert.Equal((700, true), December(Account.Plain));
        Assert.Equal((700, false), December(new Account { ServiceFrom = halfYear[0].From }));
        Assert.Equal((700, true), December(new Account { ServiceFrom = new LocalDate(2026, 5, 20) }));
        Assert.Equal((100, false), December(new Account { BilledThisYear = 600 }));

        // Half a year that came to nothing is known all the same.
        Assert.Equal((1200, false), December(new Account { ServiceFrom = halfYear[0].From }, tariff with { Fixed = [] }));

        (decimal, bool) December(Account account, Tariff? other = null) => OneByOne(other ?? tariff, account, months: halfYear)[^1] is var bill ? (bill.Total, bill.Provisional) : default;
    }

    [Fact]
    public void Where_a_bill_is_missing_no_credit_is_taken_a_second_time()
    {
        var tariff = Sample.Empty() with { Energy = [Sample.Flat(0.30m)], Export = new ExportTerms { Mode = ExportMode.NetMetering, Credit = ExportCredit.Kwh, TrueUpMonth = 12 } };
        var account = new Account { OpeningKwh = ImmutableDictionary<string, decimal>.Empty.Add("all", 50) };
        var bills = OneByOne(tariff, account);
        var march = Calculate(tariff, [Months[2]], CarriedAccount.Compute(account, [bills[0]], Months[2]));
        Assert.Equal((74 * 0.30m, true), (march.Total, march.Provisional));
        Assert.Contains(march.Notes, n => n.Contains("no bill ends on 2026-03-01", StringComparison.Ordinal));
        Assert.NotNull(CarriedAccount.Compute(account, [Calculate(tariff, Months, account)], Months[1]).CreditDoubt);

        // The first bill ever takes the account's own, also when it is made again.
        Assert.Equal(account, CarriedAccount.Compute(account, [bills[2], bills[1]], Months[0]));
        Assert.All(bills, b => Assert.False(b.Provisional));

        // Another tariff's bills may have taken it.
        var after = CarriedAccount.Compute(account, [], Months[2], [bills[1]]);
        Assert.Equal((account.OpeningKwh, true), (after.OpeningKwh, Calculate(tariff, [Months[2]], after).Provisional));
        Assert.Null(CarriedAccount.Compute(Account.Plain, [], Months[2], [bills[1]]).CreditDoubt);
    }

    [Fact]
    public void Each_charge_begins_with_what_it_left_in_its_own_periods()
    {
        var tariff = Sample.Empty() with
        {
            Schedules = [Sample.OnOff(17, 21)],
            Energy = [Sample.Flat(0) with { Id = "network" }, new EnergyCharge { Id = "supply", Schedule = "tou", Rates = [Sample.Rate("on", 0.40m), Sample.Rate("off", 0.10m)] }],
            Export = new ExportTerms { Mode = ExportMode.NetMetering, Credit = ExportCredit.Kwh, TrueUpMonth = 3, TrueUp = TrueUpRule.Pay, TrueUpPrice = 0.05m },
        };

        // 100 kWh fed in on a night of January; 100 are drawn on an evening of February, and 30 on a night of March.
        static decimal Kw(int hour) => hour switch { 2 => -100, 744 + 18 => 100, 1416 + 2 => 30, _ => 0 };
        decimal[] totals = [0, 40, 0];
        Assert.Equal(totals, Calculate(tariff, Months, Account.Plain, Kw).Months.Select(m => m.Total));
        var bills = OneByOne(tariff, Account.Plain, Kw);
        Assert.Equal(totals, bills.Select(b => b.Total));
        Assert.Equal([("network/all", 100), ("supply/off", 100)], bills[0].KwhCarried.OrderBy(k => k.Key, StringComparer.Ordinal).Select(k => (k.Key, k.Value)));
    }

    private static ImmutableArray<Bill> OneByOne(Tariff tariff, Account account, Func<int, decimal>? kw = null, ImmutableArray<BillingCycle>? months = null)
    {
        var bills = ImmutableArray.CreateBuilder<Bill>();
        foreach (var month in months ?? Months)
        {
            bills.Add(Calculate(tariff, [month], CarriedAccount.Compute(account, [.. bills.AsEnumerable().Reverse()], month), kw));
        }

        return bills.ToImmutable();
    }

    private static Bill Calculate(Tariff tariff, ImmutableArray<BillingCycle> cycles, Account account, Func<int, decimal>? kw = null)
    {
        var start = Instant.FromUtc(2026, 1, 1, 0, 0);
        decimal Usual(int hour) => hour < 744 ? -1 : hour < 744 + 672 / 3 ? 1 : hour >= 1416 && hour < 1416 + 74 ? 1 : 0;
        var (from, until) = ((int)Period.DaysBetween(new LocalDate(2026, 1, 1), cycles[0].From) * 24, (int)Period.DaysBetween(new LocalDate(2026, 1, 1), cycles[^1].Until) * 24);
        var series = IntervalSeries.Create(start + Duration.FromHours(from), Duration.FromHours(1), IntervalUnit.Kw, [.. Enumerable.Range(from, until - from).Select(kw ?? Usual)]);
        return BillCalculator.Calculate(CompiledTariff.Compile(tariff), MeterData.From(series), cycles, account);
    }
}
