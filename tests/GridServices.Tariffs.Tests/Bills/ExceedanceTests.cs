using GridServices.Tariffs.Model;

namespace GridServices.Tariffs.Tests.Bills;

/// <summary>What lies above contracted power: at a price of its own, or by the root of the sum of squares.</summary>
public sealed class ExceedanceTests
{
    [Fact]
    public void Three_quarter_hours_above_are_priced_by_the_root_of_their_squares()
    {
        // 100 kW contracted at 2 a month; quarter hours of 120, 160 and 190 kW in one period: root(20² + 60² + 90²) = 110; 110 x 0.5 x 3.
        var kw = new decimal[Loads.Count];
        (kw[5], kw[500], kw[2000]) = (120, 160, 190);
        var bill = Loads.Bill(Tariff(0.5m, 0.5m), Loads.Series(kw));
        Assert.Equal(2 * 100 * 2 + 110 * 0.5m * 3, bill.Total);
        var line = bill.Months[0].LineItems.Single(l => l.PeakAt.Length == 3);
        Assert.Equal((110m, 1.5m, "off"), (line.Quantity, line.Rate, line.Period));
        Assert.Contains("3 windows above 100 kW", line.Note, StringComparison.Ordinal);
    }

    [Fact]
    public void Every_period_has_its_own_root_and_coefficient()
    {
        foreach (var seed in Enumerable.Range(1, 6))
        {
            var kw = Loads.Any(seed);
            decimal SumSquares(Func<int, bool> isIn) => Enumerable.Range(0, Loads.Count).Where(i => isIn(i % Loads.PerDay / 4)).Sum(i => Math.Max(0, kw[i] - 100) * Math.Max(0, kw[i] - 100));
            bool IsOn(int hour) => hour is >= 8 and < 20;
            var counted = (Math.Sqrt((double)SumSquares(IsOn)) * 1 + Math.Sqrt((double)SumSquares(h => !IsOn(h))) * 0.5) * 3;
            var bill = Loads.Bill(Tariff(1, 0.5m), Loads.Series(kw));
            Assert.Equal(counted, (double)bill.Months[0].LineItems.Where(l => !l.PeakAt.IsEmpty).Sum(l => l.Amount), 6);
            Assert.Equal(bill.Total, bill.Replay());
        }
    }

    [Fact]
    public void Nothing_above_the_contract_costs_nothing_more() =>
        Assert.Equal(400, Loads.Bill(Tariff(1, 1), Loads.Constant(100)).Total);

    [Fact]
    public void A_version_of_half_the_days_pays_half_of_the_root()
    {
        var kw = new decimal[Loads.Count];
        (kw[5], kw[500]) = (130, 140);
        var change = Loads.First.PlusDays(10);
        var whole = Tariff(1, 1);
        var bill = Loads.Bill([whole with { Version = "a", EffectiveUntil = change }, whole with { Version = "b", EffectiveFrom = change }], Loads.Series(kw));
        Assert.Equal(Math.Round(Loads.Bill(whole, Loads.Series(kw)).Total, 12), Math.Round(bill.Total, 12));
    }

    /// <summary>The smaller meters' form: each kW above is due at twice the price, each day.</summary>
    [Fact]
    public void The_excess_of_a_maximeter_is_an_excess_price_per_day()
    {
        var tariff = Sample.Empty() with
        {
            ContractedPower = [new ContractedPower { Id = "p", Rule = ContractedPowerRule.Excess, PricePerDay = true, Rates = [new ContractedRate { Period = "all", ContractedKw = 100, Price = 0.1m, ExcessPrice = 0.2m }] }],
        };
        Assert.Equal(31 * (100 * 0.1m + 12 * 0.2m), Loads.Bill(tariff, Loads.Constant(112)).Total);
    }

    private static Tariff Tariff(decimal on, decimal off) => Sample.Empty() with
    {
        Schedules = [Sample.OnOff(8, 20)],
        ContractedPower = [new ContractedPower
        {
            Id = "p", Schedule = "tou", Window = new DemandWindow { Minutes = 15 }, Rule = ContractedPowerRule.SquareRootExcess,
            Rates =
            [
                new ContractedRate { Period = "on", ContractedKw = 100, Price = 2, ExcessPrice = 3, ExcessCoefficient = on },
                new ContractedRate { Period = "off", ContractedKw = 100, Price = 2, ExcessPrice = 3, ExcessCoefficient = off },
            ],
        }],
    };
}
