using GridServices.Tariffs.Bills;
using GridServices.Tariffs.Model;
using GridServices.Tariffs.Time;
using NodaTime;

namespace GridServices.Tariffs.Tests.Bills;

/// <summary>Demand charges that are due in part: in the first cycles, over years, at low load factors.</summary>
public sealed class PhaseInTests
{
    private static readonly LocalDate Start = new(2026, 1, 15);

    [Theory]
    [InlineData(-1, 0)] // before service began
    [InlineData(2, 0)] // begins on 1 March, within three months
    [InlineData(3, 0)]
    [InlineData(4, 200)]
    public void The_first_cycles_of_service_pay_no_demand(int month, int total) =>
        Assert.Equal(total, ComputeTotal(Loads.Demand(10) with { GraceCycles = 3 }, month, new Account { ServiceFrom = Start }));

    [Theory]
    [InlineData(0, 0)]
    [InlineData(11, 0)]
    [InlineData(12, 0)] // begins on 1 January 2027, before 15 January
    [InlineData(13, 100)]
    [InlineData(24, 100)]
    [InlineData(25, 200)]
    public void A_phase_in_pays_a_share_by_months_of_service(int month, int total) => Assert.Equal(total, ComputeTotal(
        Loads.Demand(10) with { PhaseIn = [new PhaseInStep { UntilMonths = 12, Percent = 0 }, new PhaseInStep { UntilMonths = 24, Percent = 50 }] }, month, new Account { ServiceFrom = Start }));

    [Fact]
    public void Nobody_gets_a_share_whose_first_day_is_not_known()
    {
        var bill = Loads.Bill(Sample.Empty() with { Demand = [Loads.Demand(10) with { GraceCycles = 3 }] }, Loads.Constant(20));
        Assert.Equal(200, bill.Total);
        Assert.Contains(bill.Notes, n => n.Contains("account.serviceFrom", StringComparison.Ordinal));
    }

    [Fact]
    public void What_is_not_charged_stands_on_the_bill_with_its_reason()
    {
        var line = Loads.Bill(Sample.Empty() with { Demand = [Loads.Demand(10) with { GraceCycles = 3 }] }, Loads.Constant(20), account: new Account { ServiceFrom = Loads.First }).Months[0].LineItems[0];
        Assert.Equal((20m, 0m, 0m), (line.Quantity, line.Rate, line.Amount));
        Assert.Contains("month 1 of service", line.Note, StringComparison.Ordinal);
    }

    [Fact]
    public void The_load_factor_says_which_share_is_due()
    {
        var charge = Loads.Demand(10) with { LoadFactorShares = [new LoadFactorShare { UpTo = 0.10m, Percent = 25 }, new LoadFactorShare { UpTo = 0.25m, Percent = 50 }] };
        foreach (var (hours, percent) in new[] { (1, 25), (72, 25), (74, 25), (75, 50), (186, 50), (187, 100), (744, 100) })
        {
            // 100 kW for some hours of 744: 74 h are 9.9 %, 75 h 10.1 %, 186 h exactly 25 %.
            var kw = Enumerable.Range(0, Loads.Count).Select(i => i < hours * 4 ? 100m : 0).ToArray();
            Assert.Equal((hours, 100 * 10 * percent / 100m), (hours, Loads.Bill(Sample.Empty() with { Demand = [charge] }, Loads.Series(kw)).Total));
        }
    }

    private static decimal ComputeTotal(DemandCharge charge, int month, Account account)
    {
        var from = Loads.First.PlusMonths(month);
        var cycle = new BillingCycle(from, from.PlusMonths(1));
        return Loads.Bill(Sample.Empty() with { Demand = [charge] }, Sample.Constant("Etc/UTC", cycle.From, cycle.Until, 60, 20), account: account, cycles: [cycle]).Total;
    }
}
