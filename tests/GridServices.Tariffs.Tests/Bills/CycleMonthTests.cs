using GridServices.Tariffs.Intervals;
using GridServices.Tariffs.Model;
using GridServices.Tariffs.Time;
using NodaTime;

namespace GridServices.Tariffs.Tests.Bills;

/// <summary>Which month a billing cycle bears: each once, whatever the day on which meters are read.</summary>
public sealed class CycleMonthTests
{
    [Fact]
    public void Each_month_of_a_year_is_one_cycles()
    {
        foreach (var day in Enumerable.Range(1, 28))
        {
            var first = new LocalDate(2025, 12, day);
            var months = Enumerable.Range(0, 24).Select(m => new BillingCycle(first.PlusMonths(m), first.PlusMonths(m + 1)).Month).ToArray();
            Assert.Equal(Enumerable.Range(0, 24).Select(m => months[0].OnDayOfMonth(1).PlusMonths(m).ToYearMonth()), months);
        }
    }

    [Fact]
    public void A_ratchet_knows_the_peak_of_the_cycle_before()
    {
        BillingCycle[] cycles = [new(new LocalDate(2026, 2, 16), new LocalDate(2026, 3, 16)), new(new LocalDate(2026, 3, 16), new LocalDate(2026, 4, 16))];
        var (high, low) = (Sample.Constant("Etc/UTC", cycles[0].From, cycles[0].Until, 60, 500), Sample.Constant("Etc/UTC", cycles[1].From, cycles[1].Until, 60, 100));
        var load = IntervalSeries.FromUnits(high.Start, Duration.FromHours(1), IntervalUnit.Kw, high.Scale, [.. high.Values.ToArray(), .. low.Values.ToArray()]);
        var tariff = Sample.Empty() with { Demand = [Loads.Demand(1) with { Ratchet = new Ratchet { Percent = 80, LookbackMonths = 1 } }] };
        var bill = Sample.Bill(tariff, load, [.. cycles]);
        Assert.Equal(80m / 100 * 500, bill.Months[1].Total);
    }
}
