using GridServices.Tariffs.Model;
using GridServices.Tariffs.Time;

namespace GridServices.Tariffs.Tests.Bills;

/// <summary>How prices per month are due for cycles that are no month.</summary>
public sealed class ProrationTests
{
    [Theory]
    [InlineData(ProrationRule.ThirtyDays, 31, 31, 30)]
    [InlineData(ProrationRule.ThirtyDays, 12, 12, 30)]
    [InlineData(ProrationRule.CalendarDays, 12, 12, 31)]
    [InlineData(ProrationRule.CalendarDays, 30, 30, 31)]
    [InlineData(ProrationRule.None, 12, 1, 1)]
    [InlineData(ProrationRule.None, 59, 1, 1)]
    [InlineData(ProrationRule.CalendarDays, 59, 2, 1)] // January and February
    [InlineData(null, 30, 1, 1)] // 25 to 35 days are one month where the tariff says nothing
    [InlineData(null, 12, 12, 31)]
    public void A_price_per_month_follows_the_rule(ProrationRule? rule, int days, int months, int of)
    {
        var tariff = Sample.Empty() with { Fixed = [new FixedCharge { Id = "f", Amount = 930 }], Demand = [Loads.Demand(93)], Proration = rule is { } r ? new Proration { Rule = r } : null };
        Assert.Equal(930m * months / of + 930, Total(tariff, days), 12);
        var both = tariff with { Proration = tariff.Proration is { } p ? p with { Demand = true } : null };
        Assert.Equal(rule is null ? 930m * months / of + 930 : 930m * months / of * 2, Total(both, days), 12);
    }

    [Theory]
    [InlineData(26, 26, 30)]
    [InlineData(27, 1, 1)]
    [InlineData(33, 1, 1)]
    [InlineData(34, 34, 30)]
    public void Cycles_of_about_a_month_pay_one(int days, int months, int of)
    {
        var tariff = Sample.Empty() with
        {
            Proration = new Proration { Rule = ProrationRule.ThirtyDays, WholeFromDays = 27, WholeUntilDays = 33 },
            Subscriptions = [new SubscriptionCharge { Id = "s", BlockKw = 5, BlockPrice = 10, OveragePerKw = 100, Blocks = 1 }],
            Minimums = [new MinimumBill { Id = "m", Amount = 900 }],
        };
        Assert.Equal(900m * months / of, Total(tariff, days), 12);
        Assert.Equal((10 + 500m) * months / of, Total(tariff with { Minimums = [] }, days), 12);
    }

    private static decimal Total(Tariff tariff, int days)
    {
        var cycle = new BillingCycle(Loads.First, Loads.First.PlusDays(days));
        return Loads.Bill(tariff, Sample.Constant("Etc/UTC", cycle.From, cycle.Until, 60, 10), cycles: [cycle]).Total;
    }
}
