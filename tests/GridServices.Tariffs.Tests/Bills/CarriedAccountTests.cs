using System.Collections.Immutable;
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
        Assert.Equal(600, CarriedAccount.Of(Account.Plain, [.. bills.Reverse()], april).BilledThisYear);
        Assert.Equal(400 + 100, CarriedAccount.Of(new Account { BilledThisYear = 100 }, [bills[2], bills[1]], april).BilledThisYear);
        Assert.Equal(100, CarriedAccount.Of(new Account { BilledThisYear = 100 }, [bills[0]], april).BilledThisYear);
        Assert.Equal(0, CarriedAccount.Of(Account.Plain, [.. bills.Reverse()], new BillingCycle(new LocalDate(2027, 1, 1), new LocalDate(2027, 2, 1))).BilledThisYear);
    }

    private static ImmutableArray<Bill> OneByOne(Tariff tariff, Account account)
    {
        var bills = ImmutableArray.CreateBuilder<Bill>();
        foreach (var month in Months)
        {
            bills.Add(Calculate(tariff, [month], CarriedAccount.Of(account, [.. bills.AsEnumerable().Reverse()], month)));
        }

        return bills.ToImmutable();
    }

    private static Bill Calculate(Tariff tariff, ImmutableArray<BillingCycle> cycles, Account account)
    {
        var start = Instant.FromUtc(2026, 1, 1, 0, 0);
        decimal Kw(int hour) => hour < 744 ? -1 : hour < 744 + 672 / 3 ? 1 : hour >= 1416 && hour < 1416 + 74 ? 1 : 0;
        var (from, until) = ((int)Period.DaysBetween(new LocalDate(2026, 1, 1), cycles[0].From) * 24, (int)Period.DaysBetween(new LocalDate(2026, 1, 1), cycles[^1].Until) * 24);
        var series = IntervalSeries.Of(start + Duration.FromHours(from), Duration.FromHours(1), IntervalUnit.Kw, [.. Enumerable.Range(from, until - from).Select(Kw)]);
        return BillCalculator.Calculate(CompiledTariff.Compile(tariff), MeterData.Of(series), cycles, account);
    }
}
