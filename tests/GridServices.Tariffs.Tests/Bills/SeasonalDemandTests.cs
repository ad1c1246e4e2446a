using GridServices.Tariffs.Bills;
using GridServices.Tariffs.Model;
using GridServices.Tariffs.Time;
using NodaTime;

namespace GridServices.Tariffs.Tests.Bills;

/// <summary>Demand of a cycle over the edge of a season: each season's price for its share of days, unless the charge says whole.</summary>
public sealed class SeasonalDemandTests
{
    private static readonly BillingCycle OverTheEdge = new(new LocalDate(2026, 5, 15), new LocalDate(2026, 6, 15));

    [Theory]
    [InlineData(null)]
    [InlineData(SeasonalDemand.ByDays)]
    public void Each_season_pays_for_its_days(SeasonalDemand? seasons) =>
        Assert.Equal(decimal.Round((17 * 10 + 14 * 20) * 100m / 31, 12), Total(Flat(seasons), OverTheEdge));

    [Fact]
    public void A_charge_that_says_whole_pays_each_season_whole() => Assert.Equal(3000, Total(Flat(SeasonalDemand.Whole), OverTheEdge));

    [Fact]
    public void A_cycle_inside_one_season_pays_it_whole()
    {
        Assert.Equal(2000, Total(Flat(null), new BillingCycle(new LocalDate(2026, 6, 1), new LocalDate(2026, 7, 1))));
        Assert.Equal(2000, Total(Flat(null), new BillingCycle(new LocalDate(2026, 6, 15), new LocalDate(2026, 7, 15))));
    }

    [Fact]
    public void A_period_of_all_seasons_is_whole_also_where_it_holds_on_workdays_only()
    {
        // The two days of May are a Saturday and a Sunday: the workday peak holds in no hour of them, and is no matter of season.
        var tariff = Sample.Empty() with
        {
            DayTypes = [new DayType { Id = "workday", Days = [.. Enumerable.Range(1, 5).Select(d => (IsoDayOfWeek)d)] }],
            Schedules = [new Schedule
            {
                Id = "s",
                Rules =
                [
                    new ScheduleRule { Period = "event", Event = "cpp" },
                    new ScheduleRule { Period = "peak", DayTypes = ["workday"], From = new DayTime(600), Until = new DayTime(1200) },
                    new ScheduleRule { Period = "summer", Months = [6, 7, 8] },
                    new ScheduleRule { Period = "winter" },
                ],
            }],
            Demand = [new DemandCharge { Id = "d", Schedule = "s", Rates = [Sample.PerKw("peak", 3.1m), Sample.PerKw("summer", 6.2m), Sample.PerKw("winter", 3.1m)] }],
        };
        Assert.Equal((3.1m + 6.2m * 29 / 31 + 3.1m * 2 / 31) * 100, Total(tariff, new BillingCycle(new LocalDate(2026, 5, 30), new LocalDate(2026, 6, 30))));
    }

    [Fact]
    public void A_least_demand_and_a_rider_per_kw_are_due_once()
    {
        var tariff = Flat(null) with { Riders = [new Rider { Id = "r", Per = RiderPer.Kw, Of = ["d"], Price = 1 }] };
        tariff = tariff with { Demand = [tariff.Demand[0] with { MinimumKw = 310, Rates = [Sample.PerKw("winter", 1), Sample.PerKw("summer", 1)] }] };
        Assert.Equal(310 + 310, Total(tariff, OverTheEdge));
    }

    [Fact]
    public void A_new_version_at_the_edge_pays_as_one_version_with_seasons()
    {
        var june = new LocalDate(2026, 6, 1);
        Tariff[] versions = [Flat(null) with { Version = "a", EffectiveUntil = june }, Flat(null) with { Version = "b", EffectiveFrom = june }];
        var series = Sample.Constant("Etc/UTC", OverTheEdge.From, OverTheEdge.Until, 60, 100);
        var bill = BillCalculator.Calculate(BillPlan.Create([.. versions.Select(CompiledTariff.Compile)], [OverTheEdge], series), MeterData.From(series));
        Assert.Equal(decimal.Round((17 * 10 + 14 * 20) * 100m / 31, 12), decimal.Round(bill.Total, 12));
    }

    private static Tariff Flat(SeasonalDemand? seasons) => Sample.Empty() with
    {
        Seasons = [new Season { Id = "summer", Ranges = [new YearRange(new AnnualDate(6, 1), new AnnualDate(10, 1))] }],
        Schedules = [new Schedule { Id = "s", Rules = [new ScheduleRule { Period = "summer", Seasons = ["summer"] }, new ScheduleRule { Period = "winter" }] }],
        Demand = [new DemandCharge { Id = "d", Schedule = "s", Seasons = seasons, Rates = [Sample.PerKw("winter", 10), Sample.PerKw("summer", 20)] }],
    };

    private static decimal Total(Tariff tariff, BillingCycle cycle) =>
        decimal.Round(Sample.Bill(tariff, Sample.Constant("Etc/UTC", cycle.From, cycle.Until, 60, 100), cycle).Total, 12);
}
